"""Unpacking: every member, or none, and never outside the folder."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from cxport.domain.errors import Damaged, InvalidInput
from cxport.sealing.directory import contents, read_directory
from cxport.sealing.opener import unpack
from tests.sealing.samples import archive_of

_MEMBERS = {"a.json": b"a", "schema/a.schema.json": b"{}", "z.json": b"z" * 1_000_000}


def _zip(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "a.zip"
    path.write_bytes(archive_of(members))
    return path


def _foreign(folder: Path, names: list[str], method: int = zipfile.ZIP_STORED) -> Path:
    """Write an archive with any names, as our own encoder never would."""
    with zipfile.ZipFile(folder / "a.zip", "w", method) as archive:
        for name in names:
            archive.writestr(name, b"content of some length" * 10)
    return folder / "a.zip"


def _tree(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def test_all_members_are_unpacked(tmp_path: Path) -> None:
    """Each member is in its place, below a folder that is made, readable by its owner alone."""
    folder = tmp_path / "new" / "out"

    assert unpack(_zip(tmp_path, _MEMBERS), folder) == tuple(_MEMBERS)
    assert {name: data for name, data in _tree(folder).items() if data is not None} == _MEMBERS
    assert (folder / "a.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name",
    ["../x", "/x", "a/../../x", "a\\..\\x", "C:x", "a//b", "./x", "a/", "x\ny"],
)
def test_names_that_lead_outside_are_refused(name: str, tmp_path: Path) -> None:
    """An archive with one unsafe name unpacks nothing at all."""
    folder = tmp_path / "out"
    with pytest.raises(Damaged, match="name"):
        unpack(_foreign(tmp_path, ["good", name]), folder)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [["a", "a"], ["a", "a/b"], ["a/b", "a"]])
def test_two_members_in_one_place_are_refused(names: list[str], tmp_path: Path) -> None:
    """No member silently takes the place of another."""
    with pytest.raises(Damaged, match="same place"):
        unpack(_foreign(tmp_path, names), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_of_others_are_unpacked(method: int, tmp_path: Path) -> None:
    """Archives that another program packed unpack too."""
    assert unpack(_foreign(tmp_path, ["a", "b/c"], method), tmp_path / "out") == ("a", "b/c")
    assert (tmp_path / "out" / "b" / "c").read_bytes() == b"content of some length" * 10


def test_a_damaged_last_member_leaves_nothing(tmp_path: Path) -> None:
    """All or nothing: the members before the damaged one are not left behind either."""
    noise = random.Random(1).randbytes(100_000)
    archive = _zip(tmp_path, {**_MEMBERS, "noise": noise})
    data = bytearray(archive.read_bytes())
    data[-50_000] ^= 0x10
    archive.write_bytes(bytes(data))

    with pytest.raises(Damaged):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_in_the_way_is_kept(tmp_path: Path) -> None:
    """A file of the same name stays as it is, and nothing is unpacked beside it."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "z.json").write_bytes(b"mine")
    before = _tree(folder)

    with pytest.raises(InvalidInput, match=r"z\.json is in the folder already"):
        unpack(_zip(tmp_path, _MEMBERS), folder)
    assert _tree(folder) == before


def test_the_same_bytes_are_not_in_the_way(tmp_path: Path) -> None:
    """The parts of a set share their schemas: unpacking them into one folder loses nothing."""
    folder = tmp_path / "out"
    unpack(_zip(tmp_path, {"a-00001.json": b"1", "schema/a": b"{}"}), folder)
    unpack(_zip(tmp_path, {"a-00002.json": b"2", "schema/a": b"{}"}), folder)

    assert _tree(folder) == {
        "a-00001.json": b"1",
        "a-00002.json": b"2",
        "schema": None,
        "schema/a": b"{}",
    }


def test_overwriting_is_asked_for_and_undone(tmp_path: Path) -> None:
    """Told to, it replaces files; when it cannot finish, the replaced ones come back."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.json").write_bytes(b"mine")
    archive = _zip(tmp_path, _MEMBERS)
    (folder / "z.json").mkdir()
    before = _tree(folder)
    with pytest.raises(InvalidInput, match=r"z\.json"):
        unpack(archive, folder, overwrite=True)
    assert _tree(folder) == before

    (folder / "z.json").rmdir()
    unpack(archive, folder, overwrite=True)
    assert (folder / "a.json").read_bytes() == b"a"


def test_links_do_not_lead_outside(tmp_path: Path) -> None:
    """A link in the folder is not followed out of it, nor one in a file's place written to."""
    folder, outside = tmp_path / "out", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "schema").symlink_to(outside)
    archive = _zip(tmp_path, _MEMBERS)
    with pytest.raises(InvalidInput, match="link"):
        unpack(archive, folder, overwrite=True)
    assert not list(outside.iterdir())

    (folder / "schema").unlink()
    (folder / "a.json").symlink_to(outside / "a.json")
    unpack(archive, folder, overwrite=True)
    assert not list(outside.iterdir())
    assert not (folder / "a.json").is_symlink()


def test_a_member_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    """What inflates to more than the directory says stops there: no disk is filled."""
    data = bytearray(archive_of({"a": bytes(5_000_000)}))
    for mark, place in ((b"PK\x07\x08", 12), (b"PK\x01\x02", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = (1000).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(bytes(data))

    given: list[int] = []
    with (tmp_path / "a.zip").open("rb") as file:
        (entry,) = read_directory(file)
        with pytest.raises(Damaged, match="checksum"):
            given.extend(len(piece) for piece in contents(file, entry))
    assert sum(given) <= 1000
    with pytest.raises(Damaged, match="checksum"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_what_is_between_members_is_refused(tmp_path: Path) -> None:
    """The directory accounts for every byte of the archive."""
    good = archive_of({"a": b"1", "b": b"2"})
    for changed in (b"x" + good, good + b"x", good[:-22] + b"x" + good[-22:]):
        (tmp_path / "a.zip").write_bytes(changed)
        with pytest.raises(Damaged):
            unpack(tmp_path / "a.zip", tmp_path / "out")
    assert zipfile.ZipFile(io.BytesIO(good)).namelist() == ["a", "b"]
