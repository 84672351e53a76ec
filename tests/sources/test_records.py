"""Records: what a source reads is what the database holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cxport.domain.catalogue import (
    ENTITIES,
    ENTITY_CODES,
    OPTIONAL_INTERACTION_FIELDS,
    DataType,
    Entity,
    entity_fields,
)
from cxport.domain.selection import Slice
from cxport.sources.base import Source
from tests.sources.history import History, create, interaction
from tests.sources.reading import all_keys, all_records, interactions, records, source_of

_PLAIN = (
    "SELECT i.Id, i.Status, i.EntityTypeId, i.MediaTypeId, i.OwnerId, i.StartDate, i.EndDate,"
    " i.Subject, i.Text, i.CanBeParent, i.IsSpam, i.AllAttributes, e.FromAddress"
    " FROM Interaction i LEFT JOIN EmailIn e ON e.Id = i.Id"
)


def _truth(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _iso(value: Any) -> str | None:
    return None if value is None else f"{str(value).replace(' ', 'T')[:19]}.000Z"


def _plain(history: History) -> dict[str, dict[str, Any]]:
    """Read the interactions with a plain driver."""
    found = {}
    for row in history.rows(_PLAIN):
        found[row[0]] = {
            "id": row[0],
            "ixnId": row[0],
            "status": row[1],
            "entityTypeId": row[2],
            "mediaTypeId": row[3],
            "ownerId": row[4],
            "startDate": _iso(row[5]),
            "endDate": _iso(row[6]),
            "subject": row[7],
            "text": row[8],
            "canBeParent": _truth(row[9]),
            "isSpam": _truth(row[10]),
            "allAttributes": bytes(row[11]),
            "fromAddress": row[12],
        }
    return found


def test_rows_equal_an_independent_reader(filled: History, source: Source) -> None:
    """Every interaction comes out once, with the values that a plain driver reads."""
    expected = _plain(filled)
    with source.open() as reader:
        found = all_records(reader, interactions())

    assert len(found) == len(expected) == 500
    for record in found:
        wanted = expected[record["id"]]
        assert {"fromAddress": None, **record} == {"fromAddress": None, **record, **wanted}


def test_a_record_has_the_fields_of_its_entity_in_order(source: Source) -> None:
    """Fields come in the catalogue's order; optional ones only where the table has them."""
    absent = {field.name for field in OPTIONAL_INTERACTION_FIELDS}
    absent -= {"lang", "strAttribute1", "intAttribute1"}
    with source.open() as reader:
        for entity in ENTITIES[DataType.INTERACTION]:
            fields = reader.read(interactions(), Slice(entity=entity)).fields

            assert fields == tuple(f for f in entity_fields(entity) if f.name not in absent)


def test_types_are_those_of_the_kinds(source: Source) -> None:
    """Booleans are booleans and integers integers, whatever the database calls them."""
    with source.open() as reader:
        found = all_records(reader, interactions())

    assert {type(record["canBeParent"]) for record in found} == {bool}
    assert {type(record["isSpam"]) for record in found} == {bool, type(None)}
    assert {type(record["tenantId"]) for record in found} == {int}
    assert {type(record["ownerId"]) for record in found} == {int, type(None)}


def test_an_interaction_without_a_row_of_its_entity_is_not_lost(source: Source) -> None:
    """A missing EmailIn row gives nulls, not a missing interaction."""
    with source.open() as reader:
        found = records(reader, interactions(), Slice(entity=Entity.EMAIL_IN))

    assert {record["fromAddress"] is None for record in found} == {True, False}


def test_records_ascend_by_the_database_order_of_keys(filled: History, source: Source) -> None:
    """The order is that of the database, and the same in every slice."""
    expected = [
        row[0]
        for row in filled.rows("SELECT Id FROM Interaction WHERE EntityTypeId = 0 ORDER BY Id")
    ]
    with source.open() as reader:
        found = records(reader, interactions(), Slice(entity=Entity.EMAIL_IN))

    assert [record["id"] for record in found] == expected


def test_media_and_entities_narrow_a_selection(filled: History, source: Source) -> None:
    """Only interactions of the media come, each under its own entity."""
    expected = {
        row[0]
        for row in filled.rows("SELECT Id FROM Interaction WHERE MediaTypeId IN ('chat', 'email')")
    }
    with source.open() as reader:
        found = all_records(reader, interactions(media=("chat", "email")))

    assert {record["id"] for record in found} == expected
    codes = {record["entityTypeId"] for record in found}
    assert codes == {ENTITY_CODES[e] for e in (Entity.EMAIL_IN, Entity.EMAIL_OUT, Entity.CHAT)}


def test_a_stream_left_early_leaves_the_reader_usable(empty: History) -> None:
    """A part that reaches its size limit in the middle does not end the snapshot."""
    empty.insert("Interaction", [interaction(n, 7, None, Text="x" * 8_000) for n in range(4_000)])
    piece = Slice(entity=Entity.OPEN_MEDIA)
    if empty.product == "sqlite":
        empty.run("PRAGMA journal_mode = WAL")
    with source_of(empty.dsn).open() as reader:
        empty.run("DELETE FROM Interaction WHERE Id > '000000003000'")
        first = next(iter(reader.read(interactions(), piece)))
        rest = Slice(entity=Entity.OPEN_MEDIA, after=str(first[-1][0]))
        found = all_keys(reader, interactions())

        assert len(records(reader, interactions(), rest)) == 4_000 - len(first)
    assert 0 < len(first) < 4_000
    assert len(found) == 4_000


def test_mariadb_does_not_send_what_nobody_reads(mariadb_history: History) -> None:
    """Leaving a stream ends its query, rather than reading all the rest to throw it away."""
    rows = [interaction(n, 7, None, Text="x" * 8_000) for n in range(4_000)]
    mariadb_history.insert("Interaction", rows)
    query = "SHOW GLOBAL STATUS LIKE 'Bytes_sent'"
    with source_of(mariadb_history.dsn).open() as reader:
        before = int(mariadb_history.rows(query)[0][1])
        next(iter(reader.read(interactions(), Slice(entity=Entity.OPEN_MEDIA))))
        reader.estimate(interactions())
        sent = int(mariadb_history.rows(query)[0][1]) - before

    assert sent < 20_000_000


def test_text_is_kept_to_the_last_character(empty: History) -> None:
    """Non-Latin text, quotes, percent signs, line breaks and 5 MB come out unchanged."""
    texts = [
        "100 % \u00df\u6f22\u5b57 \U0001f642 \u0645\u0631\u062d\u0628\u0627",
        "a'b\"c\\d\n\r\t",
        "",
        "x" * 5_000_000,
    ]
    rows = [interaction(n, 7, "2024-01-01 00:00:00", Text=text) for n, text in enumerate(texts)]
    empty.insert("Interaction", rows)
    with source_of(empty.dsn).open() as reader:
        found = records(reader, interactions(), Slice(entity=Entity.OPEN_MEDIA))

    assert [record["text"] for record in found] == texts


def test_attributes_come_as_they_are(empty: History) -> None:
    """What may be a JSON object comes as it is: whether it is one is seen when it is written."""
    given = [b'{"a": {"b": [1, null]}}', b'{\n  "a": 1\n}\n', b"[1]", b"\x00\xff", b"{broken", None]
    rows = [interaction(n, 7, None, AllAttributes=value) for n, value in enumerate(given)]
    empty.insert("Interaction", rows)
    with source_of(empty.dsn).open() as reader:
        found = records(reader, interactions(), Slice(entity=Entity.OPEN_MEDIA))

    assert [record["allAttributes"] for record in found] == given


def test_large_rows_come_in_small_batches(empty: History) -> None:
    """A batch ends at about a MiB, so that large texts never add up in memory."""
    rows = [interaction(n, 7, None, Text="x" * 400_000) for n in range(12)]
    empty.insert("Interaction", rows)
    with source_of(empty.dsn).open() as reader:
        sizes = [len(b) for b in reader.read(interactions(), Slice(entity=Entity.OPEN_MEDIA))]

    assert sizes == [3, 3, 3, 3]


@pytest.mark.parametrize("product", ["sqlite", "mariadb"])
def test_text_in_no_encoding_does_not_end_a_run(
    product: str, new_dsn: Callable[[str], str]
) -> None:
    """Bytes that are not UTF-8 become U+FFFD; the rows around them are all there, once."""
    history = create(new_dsn(product))
    rows = [interaction(n, 7, None, Text="fine", QueueName=None) for n in range(3_000)]
    history.insert("Interaction", rows)
    if product == "sqlite":
        history.run("UPDATE Interaction SET Text = CAST(x'61ff62' AS TEXT) WHERE Id LIKE '%2500'")
    else:
        history.run("ALTER TABLE Interaction MODIFY Text LONGBLOB")
        history.run("UPDATE Interaction SET Text = x'61ff62' WHERE Id LIKE '%2500'")
    with source_of(history.dsn).open() as reader:
        found = records(reader, interactions(), Slice(entity=Entity.OPEN_MEDIA))

    assert len({record["id"] for record in found}) == len(found) == 3_000
    assert found[2500]["text"] == "a\ufffdb"
    assert {record["text"] for record in found} == {"fine", "a\ufffdb"}


def test_text_of_a_database_without_an_encoding(
    postgres_history: History,
) -> None:
    """PostgreSQL in SQL_ASCII may hold any bytes as text: they become U+FFFD."""
    name = postgres_history.dsn.rpartition("/")[2]
    postgres_history.run(
        f"CREATE DATABASE {name}a ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
    )
    history = create(f"{postgres_history.dsn}a")
    history.run(
        "INSERT INTO Interaction (Id, EntityTypeId, Text) VALUES ('1', 7, 'a' || E'\\xff' || 'b')"
    )
    with source_of(history.dsn).open() as reader:
        found = records(reader, interactions(), Slice(entity=Entity.OPEN_MEDIA))

    assert [record["text"] for record in found] == ["a\ufffdb"]


def test_names_may_be_folded_or_quoted(postgres_dsn: str) -> None:
    """Tables and columns are found in the case in which the database keeps them."""
    history = create(postgres_dsn, ["Interaction", "EmailIn", "Contact", "Chat", "PhoneCall"])
    history.run(
        'ALTER TABLE interaction RENAME TO "Interaction"',
        'ALTER TABLE "Interaction" RENAME startdate TO "StartDate"',
        'ALTER TABLE emailin RENAME fromaddress TO "FROM%ADDRESS"',
    )
    history.insert('"Interaction"', [{"Id": "1", "EntityTypeId": 0, '"StartDate"': "2024-01-01"}])
    history.insert("EmailIn", [{"Id": "1", '"FROM%%ADDRESS"': "a@b.example"}])
    mapping = """
        [interaction]
        table = "Interaction"
        key = "Id"
        entity = "EntityTypeId"
        media = "MediaTypeId"
        window = "StartDate"
        modified = "ModifiedDate"
        columns = { startDate = "STARTDATE", subject = "Subject" }
        [entities.EmailIn]
        code = 0
        table = "EmailIn"
        key = "Id"
        columns = { fromAddress = "from%address" }
    """
    with source_of(history.dsn, mapping).open() as reader:
        [found] = records(reader, interactions(), Slice(entity=Entity.EMAIL_IN))

    assert found["startDate"] == "2024-01-01T00:00:00.000Z"
    assert found["fromAddress"] == "a@b.example"
    assert found["theComment"] is None
