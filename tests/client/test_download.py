"""Downloads: resumed, checked, never half there, never outside their folder."""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxport.client import Client, ClientError, DownloadRefused, FileInfo, open_link
from cxport.client import download as download_module
from tests.client.scripted import Answer, Scripted
from tests.client.served import Served

CONTENT = b"sealed" * 1000
FILE = FileInfo(
    name="export-1.smime",
    size=len(CONTENT),
    type="UCS",
    source="s",
    job_title="t",
    job_id=1,
    history_id=2,
    upload_date="",
    expiration_date="",
    remaining_days=30,
    rows=1,
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    part=1,
    parts=1,
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(download_module, "_PAUSE_SECONDS", 0.01)


@pytest.fixture
def breaking(served: Served) -> Iterator[Served]:
    """Give a service whose connections break until the test is over."""
    yield served
    served.proxy.cuts = 0
    served.proxy.asked.clear()


def digest(path: Path) -> str:
    """Give the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_is_downloaded_and_checked(served: Served, client: Client, tmp_path: Path) -> None:
    """The file has the described bytes, its owner alone can read it, and nothing else is left."""
    told: list[tuple[int, int]] = []
    path = client.download(served.file, tmp_path, progress=lambda *at: told.append(at))

    assert digest(path) == served.file.sha256
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o077 == 0
    assert told[-1] == (served.file.size, served.file.size)


def test_an_interrupted_download_goes_on(breaking: Served, client: Client, tmp_path: Path) -> None:
    """After each break the rest is asked for, not the whole, with a new link."""
    breaking.proxy.cuts = 2
    path = client.download(breaking.file, tmp_path)

    assert digest(path) == breaking.file.sha256
    assert breaking.proxy.cuts == 0
    asked = breaking.proxy.asked.lower()
    assert asked.count(b"\r\nrange: bytes=") >= 2
    assert asked.count(f'\r\nif-range: "{breaking.file.sha256}"'.encode()) >= 2


def test_a_download_goes_on_in_another_process(
    breaking: Served, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came before everything broke is kept under a hidden name, and used the next time."""
    monkeypatch.setattr(download_module, "_TRIES", 1)
    breaking.proxy.cuts = 1
    with pytest.raises(ClientError) as broken:
        client.download(breaking.file, tmp_path)
    assert broken.value.transient
    (partial,) = tmp_path.iterdir()
    kept = partial.stat().st_size

    with breaking.client() as another:
        path = another.download(breaking.file, tmp_path)

    assert partial.name.startswith(".")
    assert kept > 0
    assert f"range: bytes={kept}-".encode() in breaking.proxy.asked.lower()
    assert list(tmp_path.iterdir()) == [path]
    assert digest(path) == breaking.file.sha256


def test_a_damaged_file_is_refused(served: Served, client: Client, tmp_path: Path) -> None:
    """One flipped bit in the storage: nothing is kept, and the message says what is wrong."""
    (stored,) = (
        path
        for path in (served.data / "objects").rglob("*")
        if path.is_file() and path.stat().st_size == served.file.size
    )
    whole = stored.read_bytes()
    stored.write_bytes(whole[:5000] + bytes((whole[5000] ^ 1,)) + whole[5001:])
    try:
        with pytest.raises(DownloadRefused, match="SHA-256") as refused:
            client.download(served.file, tmp_path)
    finally:
        stored.write_bytes(whole)

    assert not refused.value.transient
    assert list(tmp_path.iterdir()) == []


def scripted(content: bytes) -> Scripted:
    """Serve a file of this content behind a link."""
    link = {"Location": ""}
    server = Scripted(
        {
            "/udm/v10/files/export-1.smime": lambda _: (303, link, b""),
            "/link": lambda _: (200, {}, content),
        }
    )
    link["Location"] = f"{server.url}/link"
    return server


@pytest.mark.parametrize("content", [CONTENT + b"more", CONTENT[:-1] + b"X"])
def test_other_bytes_than_described_are_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is longer, or of the same length and other bytes, leaves nothing behind."""
    with (
        scripted(content) as server,
        server.client() as client,
        pytest.raises(DownloadRefused),
    ):
        client.download(FILE, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_stays_too_short_never_gets_its_name(tmp_path: Path) -> None:
    """A server that always gives too little ends in an error, not in a short file."""
    with (
        scripted(CONTENT[:100]) as server,
        server.client() as client,
        pytest.raises(ClientError, match="broke off"),
    ):
        client.download(FILE, tmp_path)

    assert not (tmp_path / FILE.name).exists()


def test_what_was_left_by_something_else_is_not_trusted(tmp_path: Path) -> None:
    """Wrong bytes under the hidden name end in a refusal, and the next try is a fresh one."""
    partial = tmp_path / f".{FILE.name}.{FILE.sha256[:16]}.part"
    partial.write_bytes(b"X" * len(CONTENT))
    with scripted(CONTENT) as server, server.client() as client:
        with pytest.raises(DownloadRefused):
            client.download(FILE, tmp_path)
        path = client.download(FILE, tmp_path)

    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", "a/b", "..", ".hidden", "", "a\0b", "a\\b", "x" * 300, "\u202egpj"],
)
def test_hostile_names_never_leave_the_folder(tmp_path: Path, name: str) -> None:
    """A name that would lead elsewhere, or hide, is refused before anything is asked for."""
    folder = tmp_path / "target"
    folder.mkdir()
    hostile = dataclasses.replace(FILE, name=name)
    with (
        scripted(CONTENT) as server,
        server.client() as client,
        pytest.raises(DownloadRefused, match="not safe"),
    ):
        client.download(hostile, folder)

    assert list(tmp_path.rglob("*")) == [folder]
    assert server.asked == []


def test_links_of_the_file_system_are_not_followed(tmp_path: Path) -> None:
    """Something that stands where the download is written is replaced, not written through."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    folder = tmp_path / "target"
    folder.mkdir()
    (folder / FILE.name).symlink_to(elsewhere)
    with scripted(CONTENT) as server, server.client() as client:
        path = client.download(FILE, folder)

    assert elsewhere.read_text() == "mine"
    assert path.read_bytes() == CONTENT
    assert not path.is_symlink()


def test_nothing_is_written_through_a_link_in_the_way(tmp_path: Path) -> None:
    """A link under the hidden name, put there by somebody else, is refused."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    (tmp_path / f".{FILE.name}.{FILE.sha256[:16]}.part").symlink_to(elsewhere)
    with scripted(CONTENT) as server, server.client() as client, pytest.raises(OSError):  # noqa: PT011 - whichever
        client.download(FILE, tmp_path)

    assert elsewhere.read_text() == "mine"


def test_two_downloads_of_one_file_do_not_mix(tmp_path: Path) -> None:
    """While one process writes a file, another one is told so."""
    partial = tmp_path / f".{FILE.name}.{FILE.sha256[:16]}.part"
    with partial.open("wb") as held, scripted(CONTENT) as server, server.client() as client:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ClientError, match="under way"):
            client.download(FILE, tmp_path)


def test_neither_key_nor_token_goes_with_a_link(tmp_path: Path) -> None:
    """What follows a link carries no credentials: it may lead to another host."""
    seen: list[dict[str, str]] = []

    def answer(given: dict[str, str]) -> Answer:
        seen.append(given)
        return 200, {}, CONTENT

    with Scripted({"/link": answer}) as other:
        link = {"Location": f"{other.url}/link"}
        script = {"/udm/v10/files/export-1.smime": lambda _: (303, link, b"")}
        with Scripted(script) as server, server.client() as client:
            client.download(FILE, tmp_path)

    assert [sorted({"Authorization", "x-api-key"} & set(given)) for given in seen] == [[]]


def test_the_manifest_is_fetched_as_it_was_signed(served: Served, client: Client) -> None:
    """A run's manifest comes by its name and names the file."""
    archive = served.file.name.removesuffix(".smime")

    assert served.file.sha256.encode() in client.manifest(f"{archive}.manifest.json")


def test_a_link_is_read_as_a_stream(served: Served, client: Client) -> None:
    """Whoever holds a link reads the file with it alone; its size is told."""
    with open_link(client.link(served.file.name)) as (stream, size):
        content = stream.read()

    assert size == served.file.size
    assert hashlib.sha256(content).hexdigest() == served.file.sha256


def test_a_broken_link_is_no_end_of_the_file(breaking: Served, client: Client) -> None:
    """A connection that breaks raises: it never looks like a file that has ended."""
    link = client.link(breaking.file.name)
    breaking.proxy.cuts = 1
    with pytest.raises(ClientError):
        _read_all(link)


def _read_all(link: str) -> None:
    with open_link(link) as (stream, _):
        while stream.read(65_536):
            pass
