"""Five unpackers of five makers agree on every name and every byte."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from cxport.formats.attachments import AttachmentEncoder
from cxport.sealing.archive import ZipEncoder
from cxport.sealing.directory import contents, read_directory
from cxport.sealing.unpack import unpack
from tests.sealing.samples import MODIFIED, archive_of

_EXTRACT = {
    "unzip": ["unzip", "-q", "{zip}"],
    "7z": ["7z", "x", "{zip}"],
    "bsdtar": ["bsdtar", "-xf", "{zip}"],
    "jar": ["jar", "xf", "{zip}"],
    "python": ["python3", "-m", "zipfile", "-e", "{zip}", "."],
}
_LIST = {
    "unzip": ["unzip", "-l", "{zip}"],
    "7z": ["7z", "l", "{zip}"],
    "bsdtar": ["bsdtar", "-tvf", "{zip}"],
    "jar": ["jar", "tvf", "{zip}"],
    "python": ["python3", "-m", "zipfile", "-l", "{zip}"],
}
_LARGE = 4 * 1024**3 + 5
_MANY = 65_600


def _run(commands: dict[str, list[str]], tool: str, archive: Path, folder: Path) -> str:
    command = [word.format(zip=archive) for word in commands[tool]]
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=True)
    return done.stdout.decode()


def _files(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def members() -> dict[str, bytes]:
    """Hold what an archive may hold: nested, non-Latin, empty, and large both ways."""
    return {
        "schema/EmailIn.schema.json": b"{}",
        "EmailIn-17.json": b'{"id": "1"}\n' * 100_000,
        "Протокол-17.json": "Здравствуйте\n".encode(),
        "資料/データ-17.json": b"{}\n",
        "noise-17.bin": random.Random(17).randbytes(300_000),
        "empty-17.json": b"",
    }


@pytest.mark.parametrize("tool", _EXTRACT)
def test_unpackers_agree_on_what_was_deflated_already(tool: str, tmp_path: Path) -> None:
    """Each unpacker reads attachments that do not compress, between such that do."""
    noise = random.Random(18).randbytes(700_000)
    contents = [noise, b"some text " * 50_000, noise[:20_000], noise[:100], noise[5:]]
    encoder, expected = ZipEncoder(modified=MODIFIED), b""
    out = encoder.begin("Chat-Attachment-17.json")
    for content in contents:
        for piece in AttachmentEncoder().encode((*"abcde", len(content), "f"), [content]):
            expected += piece.text
            if piece.deflated:
                out += encoder.write_deflated(piece.text, piece.deflated)
            else:
                out += encoder.write(piece.text)
    archive = tmp_path / "a.zip"
    archive.write_bytes(out + encoder.end() + encoder.finish())
    folder = tmp_path / "out"
    folder.mkdir()

    _run(_EXTRACT, tool, archive, folder)
    assert _files(folder) == {"Chat-Attachment-17.json": expected}


@pytest.mark.parametrize("tool", _EXTRACT)
def test_unpackers_agree(tool: str, members: dict[str, bytes], tmp_path: Path) -> None:
    """Each unpacker finds exactly the members that were written."""
    archive = tmp_path / "a.zip"
    archive.write_bytes(archive_of(members))
    folder = tmp_path / "out"
    folder.mkdir()

    _run(_EXTRACT, tool, archive, folder)
    assert members == _files(folder)


def test_our_own_agrees(members: dict[str, bytes], tmp_path: Path) -> None:
    """Our own unpacking finds them too."""
    (tmp_path / "a.zip").write_bytes(archive_of(members))

    assert unpack(tmp_path / "a.zip", tmp_path / "out") == tuple(members)
    assert members == _files(tmp_path / "out")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an archive with a member of more than 4 GiB between two small ones."""
    path = tmp_path_factory.mktemp("large") / "large.zip"
    encoder, zeros = ZipEncoder(modified=MODIFIED), bytes(16 * 1024**2)
    with path.open("wb") as file:
        file.write(encoder.begin("before") + encoder.write(b"b") + encoder.end())
        file.write(encoder.begin("zeros"))
        for _ in range(256):
            file.write(encoder.write(zeros))
        file.write(encoder.write(zeros[:5]) + encoder.end())
        file.write(encoder.begin("after") + encoder.write(b"behind it") + encoder.end())
        file.write(encoder.finish())
    return path


@pytest.mark.parametrize("tool", _LIST)
def test_a_member_over_4_gib_is_listed(tool: str, large: Path) -> None:
    """Each unpacker reads the size of a member that 32 bits cannot tell."""
    assert str(_LARGE) in _run(_LIST, tool, large, large.parent)


@pytest.mark.parametrize("tool", ["unzip", "7z", "bsdtar", "jar"])
def test_what_follows_4_gib_is_unpacked(tool: str, large: Path, tmp_path: Path) -> None:
    """The member behind the large one is found where the directory says."""
    with_name = {name: [*command, "after"] for name, command in _EXTRACT.items()}

    _run(with_name, tool, large, tmp_path)
    assert _files(tmp_path) == {"after": b"behind it"}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an archive of more members than 16 bits can count."""
    path = tmp_path_factory.mktemp("many") / "many.zip"
    encoder = ZipEncoder(modified=MODIFIED)
    with path.open("wb") as file:
        for number in range(_MANY):
            file.write(encoder.begin(f"member-{number}") + encoder.end())
        file.write(encoder.finish())
    return path


@pytest.mark.parametrize("tool", _LIST)
def test_more_members_than_16_bits_count(tool: str, many: Path) -> None:
    """Each unpacker finds all of 65,600 members."""
    assert _run(_LIST, tool, many, many.parent).count("member-") == _MANY


def test_our_own_reads_zip64(large: Path, many: Path) -> None:
    """Our own directory reader takes both kinds of zip64 archive."""
    with large.open("rb") as file:
        before, zeros, after = read_directory(file)
        assert (zeros.size, b"".join(contents(file, after))) == (_LARGE, b"behind it")
        assert b"".join(contents(file, before)) == b"b"
    with many.open("rb") as file:
        assert len(read_directory(file)) == _MANY
