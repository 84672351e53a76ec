"""COPY BINARY: the compiled way, and the Python way to read its rows, write what a cursor gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxport.domain.catalogue import DataType, Entity, Field, Kind
from cxport.domain.errors import SourceError, SourceUnreachable
from cxport.domain.selection import Selection, Slice
from cxport.formats.copied import COMPILED, copy_encoder
from cxport.formats.jsonl import LineEncoder
from cxport.sources import postgres_copy
from cxport.sources.binding import BASE, Base, Relation, Value
from cxport.sources.dialect import Sql
from cxport.sources.postgres import PostgresConnection
from cxport.sources.records import CopiedRows, Records
from cxport.sources.values import UnfitValue
from tests.servers import PASSWORD
from tests.sources.copied_columns import KNOWN, UNKNOWN, Given

SELECTION = Selection(data_type=DataType.INTERACTION, entities=(Entity.OPEN_MEDIA,))


@pytest.fixture(scope="module")
def writer(request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    """Give a connection to a database with a table of all the columns."""
    dsn = request.getfixturevalue("postgres").new_database()
    with psycopg.connect(dsn, autocommit=True) as connection:
        names = ", ".join(f"c{n} {one.type}" for n, one in enumerate((*KNOWN, *UNKNOWN)))
        connection.execute(f"CREATE TABLE t (id int PRIMARY KEY, {names})".encode())
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


Filled = tuple[Sequence[Given | None], list[list[str | None]]]


@st.composite
def filled(draw: st.DrawFn, columns: Sequence[Given] = KNOWN) -> Filled:
    """Draw columns in any order, None for a field without one, and rows of them."""
    chosen = draw(st.lists(st.sampled_from(columns) | st.none(), min_size=1, max_size=12))
    row = st.tuples(*(one.values | st.none() if one else st.none() for one in chosen))
    return chosen, [list(values) for values in draw(st.lists(row, max_size=6))]


PLACES = {one: f"c{n}" for n, one in enumerate((*KNOWN, *UNKNOWN))}


def write(writer: psycopg.Connection, drawn: Filled) -> None:
    """Write rows with keys 0, 1, 2...; a column that was drawn twice holds its last value."""
    chosen, rows = drawn
    writer.execute("TRUNCATE t")
    for number, row in enumerate(rows):
        values = {one: value for one, value in zip(chosen, row, strict=True) if one}
        names = "".join(f", {PLACES[one]}" for one in values)
        marks = "".join(f", {_mark(one)}" for one in values)
        bound = (_bound(one, value) for one, value in values.items())
        insert = f"INSERT INTO t (id{names}) VALUES (%s{marks})"
        writer.execute(insert.encode(), (number, *bound))


@contextmanager
def reader_of(writer: psycopg.Connection) -> Iterator[PostgresConnection]:
    """Give a connection that reads what was written."""
    with closing(PostgresConnection(writer.info.dsn + f" password={PASSWORD}")) as reader:
        reader.begin(None)
        yield reader


@contextmanager
def records(writer: psycopg.Connection, chosen: Sequence[Given | None]) -> Iterator[Records]:
    """Give the records that a source reads of the columns."""
    with reader_of(writer) as reader:
        columns = reader.describe("", ["t"])["t"].columns
        key = Value(alias=BASE, column=columns["id"])
        values = [Value(alias=BASE, column=columns[PLACES[one]]) if one else None for one in chosen]
        base = Base(
            data_type=DataType.INTERACTION,
            table=reader.describe("", ["t"])["t"],
            key=key,
            window=key,
            modified=key,
            entity=None,
            media=None,
        )
        relation = Relation(
            entity=Entity.OPEN_MEDIA,
            base=base,
            code=None,
            own=None,
            own_key=None,
            fields=(Field("id"), *map(_field, range(len(chosen)), chosen)),
            values=(key, *values),
        )
        yield Records(reader, SELECTION, relation, Slice(entity=Entity.OPEN_MEDIA))


def _field(number: int, one: Given | None) -> Field:
    return Field(f"{number} {one.name} ü", one.kind) if one else Field(f"{number}", Kind.TIME)


def _mark(one: Given) -> str:
    return "%s" if one.type == "bytea" else f"%s::text::{one.type}"


def _bound(one: Given, value: str | None) -> object:
    if value is None or one.type != "bytea":
        return value
    return bytes.fromhex(value[2:]) if value.startswith("\\x") else value.encode()


def by_cursor(stream: Records) -> bytes:
    """Encode what a cursor gives."""
    encoder = LineEncoder(stream.fields)
    return b"".join(encoder.encode(rows).data for rows in stream)


many = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(filled())
def test_the_ways_write_the_same_bytes(writer: psycopg.Connection, drawn: Filled) -> None:
    """Whatever a column holds, compiled code, Python on the same rows, and a cursor agree."""
    write(writer, drawn)
    with records(writer, drawn[0]) as stream:
        copied = stream.copied()
        assert isinstance(copied, CopiedRows)
        encoder = copy_encoder(copied.form, stream.fields, copied.types, copied.rows)
        assert encoder
        pieces = list(copied)

        expected = by_cursor(stream)

        compiled = [encoder.encode(piece) for piece in pieces]
        python = [LineEncoder(stream.fields).encode(copied.rows(piece)) for piece in pieces]
    assert b"".join(one.data for one in compiled) == expected
    assert b"".join(one.data for one in python) == expected
    assert sum(one.rows for one in compiled) == len(drawn[1])


@many
@given(filled((*KNOWN, *UNKNOWN)))
def test_the_binary_form_of_values_changes_none(writer: psycopg.Connection, drawn: Filled) -> None:
    """A stream beside other queries, binary or not, gives the values of one that comes as text."""
    write(writer, drawn)
    with reader_of(writer) as reader:
        for place in {PLACES[one] for one in drawn[0] if one}:
            query = Sql(f"SELECT {place}, NULL FROM t ORDER BY id")

            aside = list(reader.side_stream(query))
            assert repr(aside) == repr(list(reader.stream(query)))


@many
@given(filled((*UNKNOWN, *KNOWN[:3])).filter(lambda drawn: not set(UNKNOWN).isdisjoint(drawn[0])))
def test_unknown_columns_go_the_python_way(writer: psycopg.Connection, drawn: Filled) -> None:
    """A stream with a column that the compiled code does not know is left to Python alone."""
    write(writer, drawn)
    with records(writer, drawn[0]) as stream:
        copied = stream.copied()

        assert not copied or (
            copy_encoder(copied.form, stream.fields, copied.types, copied.rows) is None
        )


def test_the_compiled_code_is_what_is_tested() -> None:
    """The tests run with the compiled code: `make dev` builds it where gcc and headers are."""
    assert COMPILED


NUMBER = next(one for one in KNOWN if (one.type, one.kind) == ("numeric", Kind.INTEGER))
TEXT = KNOWN[0]


@pytest.mark.parametrize("unfit", ["1.5", "NaN", "-Infinity"])
def test_an_unfit_value_is_refused_alike(writer: psycopg.Connection, unfit: str) -> None:
    """A number that is not whole ends the compiled way with the error of the Python way."""
    write(writer, ([NUMBER], [["1"], [unfit]]))
    with records(writer, [NUMBER]) as stream:
        copied = stream.copied()
        assert isinstance(copied, CopiedRows)
        encoder = copy_encoder(copied.form, stream.fields, copied.types, copied.rows)
        assert encoder

        with pytest.raises(UnfitValue, match="integer") as by_python:
            by_cursor(stream)
        with pytest.raises(UnfitValue) as compiled:
            [encoder.encode(piece) for piece in copied]
    assert compiled.value.message == by_python.value.message


@pytest.mark.parametrize("cut", [1, 5, 9])
def test_what_is_no_row_is_refused(writer: psycopg.Connection, cut: int) -> None:
    """Half a row, another width and a text that PostgreSQL would never send are errors."""
    write(writer, ([TEXT], [["some text"]]))
    with records(writer, [TEXT]) as stream:
        copied = stream.copied()
        assert isinstance(copied, CopiedRows)
        encoder = copy_encoder(copied.form, stream.fields, copied.types, copied.rows)
        assert encoder
        (piece,) = copied
    damaged = (
        piece[:-cut],
        piece + piece[:cut],
        b"\x00\x03" + piece[2:],
        piece[:-1] + b"\xff",
        piece[:-1] + b"\0",
    )
    for data in damaged:
        with pytest.raises(SourceError, match="no rows"):
            encoder.encode(data)


def test_closing_early_leaves_the_reader_as_it_was(writer: psycopg.Connection) -> None:
    """A part that is full stops its copy; the reader reads on in the same transaction."""
    write(writer, ([TEXT], [["x" * 100_000]] * 50))
    with records(writer, [TEXT]) as stream:
        copied = stream.copied()
        assert isinstance(copied, CopiedRows)
        pieces = iter(copied)
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]  # what a loop that is left does

        assert by_cursor(stream).count(b"\n") == 50


def test_an_end_without_its_trailer_is_no_end(
    writer: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are all there only where the trailer is, and the command's own count says the same."""
    write(writer, ([TEXT], [["x"]] * 3))
    with records(writer, [TEXT]) as stream:
        copied = stream.copied()
        assert isinstance(copied, CopiedRows)
        monkeypatch.setattr(postgres_copy, "_TRAILER", b"something else")
        with pytest.raises(SourceUnreachable, match="too early"):
            list(copied)
        monkeypatch.undo()
        monkeypatch.setattr(psycopg.ClientCursor, "rowcount", 2)
        with pytest.raises(SourceUnreachable, match="too early"):
            list(copied)
