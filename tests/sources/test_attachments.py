"""Attachments: each once, with its interaction, and in constant memory."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from cxport.domain.catalogue import ATTACHMENT_FIELDS, Entity
from cxport.domain.selection import continue_after
from cxport.sources.base import Source
from tests.sources.history import History, interaction
from tests.sources.reading import (
    attachment_slice,
    content_of,
    interactions,
    source_of,
    window,
)

SELECTION = interactions(attachments=True)
EMAILS = attachment_slice(Entity.EMAIL_IN)

_PLAIN = (
    "SELECT a.InteractionId, a.Id, d.TheName, d.TheSize, d.Content FROM Attachment a"
    " JOIN Document d ON d.Id = a.DocumentId ORDER BY a.InteractionId, a.Id"
)


def _attach(history: History, contents: list[bytes | None], interaction_id: str = "1") -> None:
    history.insert("Interaction", [{**interaction(0, 0, "2024-01-01"), "Id": interaction_id}])
    for number, content in enumerate(contents):
        key = f"{interaction_id}{number:03d}"
        history.insert("Document", [{"Id": key, "TheName": "a.bin", "Content": content}])
        row = {"Id": key, "InteractionId": interaction_id, "DocumentId": key}
        history.insert("Attachment", [row])


def test_attachments_equal_an_independent_reader(filled: History, source: Source) -> None:
    """Every attachment comes once, in order, with its values and its bytes."""
    expected = [
        (*row[:4], None if row[4] is None else bytes(row[4])) for row in filled.rows(_PLAIN)
    ]
    with source.open() as reader:
        found = [
            (a.key, a.own_key, a.values[2], a.values[5], content_of(a))
            for a in reader.attachments(SELECTION, EMAILS)
        ]

    assert found == expected
    assert len(found) > 50
    assert {row[4] is None for row in found} == {True, False}


def test_values_stand_beside_their_fields(source: Source) -> None:
    """An attachment names itself and its interaction, and its size is a number."""
    with source.open() as reader:
        first = next(iter(reader.attachments(SELECTION, EMAILS)))
    names = [field.name for field in ATTACHMENT_FIELDS]
    values = dict(zip(names, first.values, strict=True))

    assert values["id"] == first.own_key
    assert values["entityid"] == first.key
    assert isinstance(values["size"], int)


def test_attachments_go_with_the_selection(source: Source) -> None:
    """Interactions outside of the window, the media or the entity take theirs with them."""
    narrow = interactions(attachments=True, window=window("2024-01-03", "2024-01-05"))
    chats = interactions(attachments=True, media=("chat",))
    with source.open() as reader:
        some = [a.own_key for a in reader.attachments(narrow, EMAILS)]
        every = [a.own_key for a in reader.attachments(SELECTION, EMAILS)]

        assert 0 < len(some) < len(every) / 4
        assert list(reader.attachments(chats, EMAILS)) == []
        assert list(reader.attachments(SELECTION, attachment_slice(Entity.CHAT))) == []


def test_a_slice_may_begin_between_two_attachments_of_one_mail(source: Source) -> None:
    """What follows any attachment is exactly the rest."""
    with source.open() as reader:
        keys = [(a.key, a.own_key) for a in reader.attachments(SELECTION, EMAILS)]
        for place, (key, own_key) in list(enumerate(keys))[:12]:
            rest = continue_after(EMAILS, key, own_key)
            found = [(a.key, a.own_key) for a in reader.attachments(SELECTION, rest)]

            assert found == keys[place + 1 :]


def test_contents_around_the_limits_of_chunks(empty: History) -> None:
    """Contents that are empty, short, large, compressible and not come out byte for byte."""
    _allow_large(empty)
    random = bytes((n * n * 31 + n // 7) % 256 for n in range(300_001))
    contents = [
        b"",
        b"x",
        b"a" * 262_144,
        b"a" * 262_145,
        None,
        random,
        random * 33,
        b"z" * (9 << 20),
    ]
    _attach(empty, contents)
    with source_of(empty.dsn).open() as reader:
        found = [content_of(a) for a in reader.attachments(SELECTION, EMAILS)]

    assert [c and len(c) for c in found] == [c and len(c) for c in contents]
    assert found == contents


def test_a_content_may_be_left_unread(empty: History) -> None:
    """Skipping a large content does not disturb those behind it."""
    _attach(empty, [b"a" * 5_000_000, b"b" * 5_000_000])
    with source_of(empty.dsn).open() as reader:
        both = [
            next(a.content) if a.content else b"" for a in reader.attachments(SELECTION, EMAILS)
        ]

    assert [chunk[:1] for chunk in both] == [b"a", b"b"]


def test_an_attachment_without_its_document_is_told(empty: History) -> None:
    """A link whose document is gone is an attachment without content, not a lost one."""
    _attach(empty, [b"x"])
    empty.run("DELETE FROM Document")
    with source_of(empty.dsn).open() as reader:
        [found] = reader.attachments(SELECTION, EMAILS)

    assert found.content is None
    assert found.own_key == "1000"


def test_contents_may_lie_in_the_table_of_the_attachments(sqlite_history: History) -> None:
    """A mapping without a document table reads everything from one, also without rowids."""
    sqlite_history.run(
        "CREATE TABLE Files (No TEXT PRIMARY KEY, Ixn TEXT, Name TEXT, Body BLOB) WITHOUT ROWID"
    )
    sqlite_history.insert("Interaction", [{**interaction(0, 0, None), "Id": "1"}])
    body = bytes(range(256)) * 8_000
    sqlite_history.insert("Files", [{"No": "f", "Ixn": "1", "Name": "n", "Body": body}])
    mapping = """
        [interaction]
        table = "Interaction"
        key = "Id"
        entity = "EntityTypeId"
        media = "MediaTypeId"
        window = "StartDate"
        modified = "ModifiedDate"
        [entities.EmailIn]
        code = 0
        [attachments]
        table = "Files"
        key = "No"
        interaction = "Ixn"
        columns = { name = "Name", content = "Body" }
    """
    with source_of(sqlite_history.dsn, mapping).open() as reader:
        [found] = reader.attachments(SELECTION, EMAILS)

        assert found.values == ("f", "1", "n", None, None, None, None)
        assert content_of(found) == body


_MEMORY = """
import hashlib, pathlib, sys
sys.path.insert(0, {root!r})
from tests.sources.reading import *
def peak():
    # not getrusage, which still knows the peak of the process that started this one
    return int(pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
def digest(after, upto):
    piece = attachment_slice(Entity.EMAIL_IN, after=after, upto=upto)
    with source_of({dsn!r}).open() as reader:
        [attachment] = reader.attachments(interactions(), piece)
        found = hashlib.sha256()
        for chunk in attachment.content:
            found.update(chunk)
        return found.hexdigest()
digest(None, "1")
before = peak()
print(digest("1", None), peak() - before)
"""


def test_a_large_content_is_streamed_in_constant_memory(
    empty: History, pytestconfig: pytest.Config
) -> None:
    """Reading 32 MB takes no more memory than reading 1 MB, beyond a few chunks."""
    _check_memory(empty, pytestconfig)


def test_a_content_that_is_not_compressed_is_streamed_too(
    postgres_history: History, pytestconfig: pytest.Config
) -> None:
    """PostgreSQL fetches the pieces of such a value alone."""
    postgres_history.run("ALTER TABLE Document ALTER Content SET STORAGE EXTERNAL")
    _check_memory(postgres_history, pytestconfig)


def _check_memory(history: History, pytestconfig: pytest.Config) -> None:
    _allow_large(history)
    large = b"0123456789abcdef" * 2_000_000
    _attach(history, [b"x" * 1_000_000])
    _attach(history, [large], "2")
    script = _MEMORY.format(root=str(pytestconfig.rootpath), dsn=history.dsn)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    digest, grown = done.stdout.split()

    assert digest == hashlib.sha256(large).hexdigest()
    assert int(grown) * 1024 < 20_000_000


def _allow_large(history: History) -> None:
    """Let the test write what MariaDB's default packet is too small for."""
    if history.product == "mariadb":
        history.run("SET GLOBAL max_allowed_packet = 268435456")
