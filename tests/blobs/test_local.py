"""The local folder: permissions, durability, full disks, and processes side by side."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxport.blobs import Blobs, BlobSettings, connect
from cxport.blobs.local import INCOMING, STALE_SECONDS
from cxport.domain.errors import SetupError, StorageError

FILL = str(Path(__file__).with_name("fill.py"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give the folder of the storage, which does not exist yet."""
    return tmp_path / "kept" / "blobs"


@pytest.fixture
def blobs(root: Path) -> Blobs:
    """Give a storage in that folder."""
    return connect(BlobSettings(url=root.as_uri()))


def files(root: Path) -> list[Path]:
    """Give every file below a folder, drafts included."""
    return [path for path in root.rglob("*") if path.is_file()]


def test_only_the_owner_may_read(blobs: Blobs, root: Path) -> None:
    """Folders are 0700 and files 0600, also while they grow, whatever the umask allows."""
    modes: dict[str, int] = {}

    def look() -> None:
        for path in [root, *root.rglob("*")]:
            modes[path.relative_to(root).parts[-1] if path != root else "root"] = stat.S_IMODE(
                path.stat().st_mode
            )

    def chunks() -> Iterator[bytes]:
        yield b"x"
        look()

    before = os.umask(0o000)
    try:
        blobs.put("t/r/x", chunks())
    finally:
        os.umask(before)
    look()
    folders = {modes.pop(name) for name in ("root", INCOMING, "t", "r")}

    assert folders == {0o700}
    assert len(modes) == 2
    assert set(modes.values()) == {0o600}


def test_an_object_is_durable_before_it_is_visible(
    blobs: Blobs, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is fsynced, then renamed, then every folder on the way to it is fsynced."""
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        done.append("draft" if path.parent.name == INCOMING else f"fsync {path.name}")
        fsync(descriptor)

    def noted_replace(source: Path, target: Path) -> None:
        done.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    blobs.put("t/r/x", [b"x"])
    at = done.index("rename")

    assert done[at:] == ["rename", "fsync r", "fsync t", f"fsync {root.name}"]
    # each new folder is durable in the one above it before the object counts on it
    assert done[:at] == [
        f"fsync {root.parent.parent.name}",
        f"fsync {root.parent.name}",
        f"fsync {root.name}",
        "draft",
        f"fsync {root.name}",
        "fsync t",
    ]


def test_a_failed_producer_leaves_no_draft(blobs: Blobs, root: Path) -> None:
    """Not even a hidden file stays behind when the producer raises."""

    def chunks() -> Iterator[bytes]:
        yield b"x"
        assert len(files(root)) == 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        blobs.put("t/r/x", chunks())

    assert files(root) == []


def test_drafts_of_killed_processes_are_removed(blobs: Blobs, root: Path) -> None:
    """A draft that nobody wrote to for a day goes with the next put; a younger one stays."""
    blobs.put("x", [b"x"])
    old, young = root / INCOMING / "old", root / INCOMING / "young"
    for draft, age in ((old, STALE_SECONDS + 60), (young, STALE_SECONDS - 60)):
        draft.write_bytes(b"half")
        os.utime(draft, (time.time() - age,) * 2)
    blobs.put("y", [b"y"])

    assert sorted(files(root)) == sorted([young, root / "x", root / "y"])


def test_deleting_leaves_no_empty_folders(blobs: Blobs, root: Path) -> None:
    """Folders go with their last object, the root stays."""
    blobs.put("t/r1/x", [b"x"])
    blobs.put("t/r2/x", [b"x"])
    blobs.delete("t/r1/x")
    assert [path.name for path in (root / "t").iterdir()] == ["r2"]
    blobs.delete("t/r2/x")

    assert [path.name for path in root.iterdir()] == [INCOMING]


def test_putting_and_deleting_side_by_side(blobs: Blobs) -> None:
    """A deletion that removes an empty folder never makes another put fail."""
    failed: list[Exception] = []

    def work(name: str) -> None:
        try:
            for _ in range(150):
                blobs.put(f"t/r/{name}", [b"x"])
                blobs.delete(f"t/r/{name}")
        except Exception as error:  # noqa: BLE001 - a thread's errors are told by the assertion
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []


@pytest.mark.parametrize("limit", ["tmpfs", "file-size"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, limit: str) -> None:
    """A disk that is full in the middle raises StorageFull and keeps nothing half-made.

    What was there before stays, and the space is there again for the next run.
    """
    user = ["--map-root-user"] if os.geteuid() else []
    inside = (
        f"mount -t tmpfs -o size=4m tmpfs {tmp_path} && exec {sys.executable} {FILL} {tmp_path}"
    )
    command = {
        "tmpfs": ["unshare", "--mount", *user, "sh", "-c", inside],
        "file-size": ["prlimit", f"--fsize={3 << 20}", sys.executable, FILL, str(tmp_path)],
    }[limit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "StorageFull: The storage of artifacts is full.",
        "kept: ['t/before', 't/next']",
        "files: 2",
    ]


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    """A refusal that no repetition mends is not called transient, and names no path."""
    blobs = connect(BlobSettings(url="file:///proc/cxport-blobs"))
    (tmp_path / "a").write_bytes(b"")
    blocked = connect(BlobSettings(url=(tmp_path / "a" / "b").as_uri()))
    for storage in (blobs, blocked):
        with pytest.raises(StorageError) as raised:
            storage.put("x", [b"x"])
        assert str(tmp_path) not in str(raised.value)
        assert "proc" not in str(raised.value)

    assert not raised.value.transient


@pytest.mark.parametrize(
    "url",
    [
        "",
        "blobs",
        "/var/lib/blobs",
        "file:blobs",
        "file:///",
        "file://host/blobs",
        "file:///a?x=1",
        "file:///a#b",
        "file:///a%00b",
        "http://host/bucket",
    ],
)
def test_urls_that_are_none_are_refused(url: str) -> None:
    """A URL that names no absolute folder is a fault of the setup."""
    with pytest.raises(SetupError):
        connect(BlobSettings(url=url))


def test_secrets_stay_out_of_the_settings_text() -> None:
    """Printing settings shows no key."""
    settings = BlobSettings(url="s3://b/p", access_key="AKIA", secret_key="hush")

    assert "AKIA" not in repr(settings)
    assert "hush" not in f"{settings}"
