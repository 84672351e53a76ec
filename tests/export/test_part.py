"""A part holds each of its rows once, keeps its limit, and leaves what does not fit."""

from __future__ import annotations

import io
import json
import random
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxport.domain.catalogue import Entity
from cxport.domain.sealing import Profile
from cxport.domain.selection import Content, Part, Selection, Slice
from cxport.export.part import PartExport, UnnumberedOverflow
from cxport.export.task import ExportPart
from cxport.sealing.certificate import Recipient, make_certificate, read_recipients
from cxport.sources.base import Row
from tests.export.memory_source import MemoryReader

MADE_AT = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
SELECTION = Selection(data_type="Interaction", entities=())


class Key:
    """A key pair in a folder, and what opens with it."""

    def __init__(self, folder: Path) -> None:
        self._key = folder / "key.pem"
        key, certificate = make_certificate("test", 30, 2048)
        self._key.write_bytes(key)
        self.recipients: tuple[Recipient, ...] = read_recipients(certificate)

    def open(self, sealed: bytes) -> zipfile.ZipFile:
        """Open with OpenSSL alone."""
        command = ["openssl", "smime", "-decrypt", "-inkey", str(self._key)]
        opened = subprocess.run(command, input=sealed, capture_output=True, check=True)
        return zipfile.ZipFile(io.BytesIO(opened.stdout))


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    """Give a key pair."""
    return Key(tmp_path_factory.mktemp("key"))


def task(part: Part, limit: int, *, numbered: bool = True) -> ExportPart:
    """Give the description of a part of run 17."""
    return ExportPart(
        run_id=17,
        selection=SELECTION,
        part=part,
        numbered=numbered,
        object_key="unused",
        split_bytes=limit,
        profile=Profile.COMPAT,
        certificates=b"",
        made_at=MADE_AT,
    )


def export_all(
    reader: MemoryReader, slices: tuple[Slice, ...], limit: int, key: Key
) -> Iterator[tuple[PartExport, bytes]]:
    """Export a part, its remainder, and so on to the end."""
    number = 1
    while slices:
        part = PartExport(
            task(Part(number=number, slices=slices), limit), reader, key.recipients, lambda _: None
        )
        yield part, b"".join(part)
        slices, number = part.remainder, number + 1


def lines(archive: zipfile.ZipFile, prefix: str) -> list[dict[str, object]]:
    """Give the objects of every member whose name begins so."""
    names = [name for name in archive.namelist() if name.startswith(prefix)]
    return [json.loads(line) for name in names for line in archive.read(name).splitlines()]


def noise(count: int, size: int, seed: int = 1) -> list[Row]:
    """Give rows that do not compress, keys growing."""
    bytes_of = random.Random(seed)
    return [(f"{n:08}", f"text {n}", bytes_of.randbytes(size)) for n in range(count)]


def test_rows_come_once_and_no_file_passes_the_limit(key: Key) -> None:
    """A set of files holds every row exactly once, and each file is within its limit."""
    reader = MemoryReader(rows={Entity.CHAT: noise(900, 2000), Entity.EMAIL_IN: noise(40, 30_000)})
    slices = (Slice(entity=Entity.EMAIL_IN), Slice(entity=Entity.CHAT))

    found: Counter[str] = Counter()
    sizes = []
    for part, sealed in export_all(reader, slices, 1 << 20, key):
        archive = key.open(sealed)
        found.update(f"Chat {row['id']}" for row in lines(archive, "Chat-"))
        found.update(f"EmailIn {row['id']}" for row in lines(archive, "EmailIn-"))
        sizes.append(len(sealed))
        assert part.counts.exported == sum(part.rows.values())
        assert part.archive.size_bytes == len(sealed)

    assert len(sizes) >= 4
    assert max(sizes) <= 1 << 20
    assert min(sizes[:-1]) > (1 << 20) * 0.9, "a file that ends early wastes no more than a tenth"
    assert set(found.values()) == {1}
    assert len(found) == 940


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 900_000), max_size=25),
    batch=st.integers(1, 7),
    attached=st.lists(st.integers(0, 600_000), max_size=8),
)
def test_any_sizes_are_complete(
    key: Key, sizes: list[int], batch: int, attached: list[int]
) -> None:
    """Whatever the sizes, the files together hold the rows and attachments in order, once."""
    bytes_of = random.Random(7)
    rows: list[Row] = [(f"{n:04}", "t", bytes_of.randbytes(s)) for n, s in enumerate(sizes)]
    held: list[tuple[Row, bytes | None]] = [
        ((f"a{n:03}", f"{n // 3:04}", "f", None, None, size, None), bytes_of.randbytes(size))
        for n, size in enumerate(attached)
    ]
    reader = MemoryReader(
        rows={Entity.CHAT: rows},
        held={Entity.CHAT: held},
        without_time={Entity.CHAT: ["0001x", "0002x"]},
        batch=batch,
    )
    slices = tuple(Slice(entity=Entity.CHAT, content=content) for content in Content)

    got_rows: list[object] = []
    got_attachments: list[object] = []
    skipped: list[object] = []
    for part, sealed in export_all(reader, slices, 1 << 20, key):
        archive = key.open(sealed)
        parts_rows = lines(archive, "Chat-17-")
        parts_attachments = lines(archive, "Chat-Attachment-")
        got_rows += [row["id"] for row in parts_rows]
        got_attachments += [row["id"] for row in parts_attachments]
        skipped += [row["id"] for row in lines(archive, "errors-")]
        alone = len(parts_rows) + len(parts_attachments) == 1
        assert len(sealed) <= 1 << 20 or (alone and part.counts.warnings)
        assert part.counts.selected == part.counts.exported + part.counts.skipped

    assert got_rows == [row[0] for row in rows]
    assert got_attachments == [values[0] for values, _ in held]
    assert skipped == ["0001x", "0002x"]


def test_a_single_file_that_overflows_stores_nothing(key: Key) -> None:
    """A part without a number raises instead of leaving a remainder."""
    reader = MemoryReader(rows={Entity.CHAT: noise(900, 2000)})
    only = Part(number=1, slices=(Slice(entity=Entity.CHAT),))

    with pytest.raises(UnnumberedOverflow):
        list(PartExport(task(only, 1 << 20, numbered=False), reader, key.recipients, print))


def test_members_of_a_single_file_carry_no_number(key: Key) -> None:
    """A run of one file has members `Chat-17.json` and `schema/Chat.schema.json`."""
    reader = MemoryReader(rows={Entity.CHAT: noise(3, 10)})
    only = Part(number=1, slices=(Slice(entity=Entity.CHAT), Slice(entity=Entity.EMAIL_OUT)))

    part = PartExport(task(only, 1 << 30, numbered=False), reader, key.recipients, lambda _: None)

    assert key.open(b"".join(part)).namelist() == ["schema/Chat.schema.json", "Chat-17.json"]
    assert part.rows == {"Chat-17.json": 3}


def test_a_watch_that_raises_stops_the_part(key: Key) -> None:
    """An error of the watch goes through, so that the storage drops what it has."""
    reader = MemoryReader(rows={Entity.CHAT: noise(500, 100)})

    def stop(rows: int) -> None:
        if rows >= 100:
            raise InterruptedError

    part = PartExport(
        task(Part(number=1, slices=(Slice(entity=Entity.CHAT),)), 1 << 30),
        reader,
        key.recipients,
        stop,
    )
    with pytest.raises(InterruptedError):
        list(part)


def test_an_attachment_without_content_is_a_warning(key: Key) -> None:
    """An attachment whose content is gone is written with null, counted and warned of."""
    values: Row = ("a1", "0001", "gone.txt", None, None, 5, None)
    reader = MemoryReader(held={Entity.EMAIL_IN: [(values, None)]})
    piece = Slice(entity=Entity.EMAIL_IN, content=Content.ATTACHMENTS)

    ((part, sealed),) = export_all(reader, (piece,), 1 << 20, key)

    (line,) = lines(key.open(sealed), "EmailIn-Attachment-")
    assert line["content"] is None
    (warning,) = lines(key.open(sealed), "warnings-")
    assert warning == {
        "entity": "EmailIn",
        "id": "a1",
        "reason": "the source holds no content for it",
    }
    assert part.counts.warnings == 1
    assert part.counts.exported == 1
