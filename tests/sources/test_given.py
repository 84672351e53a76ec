"""Rows of SQLite's and MariaDB's drivers: compiled code writes what Python writes of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymysql.cursors import Cursor

from cxport.domain.catalogue import DataType, Entity, Field, Kind
from cxport.domain.errors import CxportError, SourceError
from cxport.domain.selection import Selection, Slice
from cxport.formats.copied import copy_encoder
from cxport.formats.jsonl import LineEncoder
from cxport.sources.binding import BASE, Base, Relation, Value
from cxport.sources.dialect import Connection
from cxport.sources.dsn import parse_address
from cxport.sources.mariadb import MariaConnection
from cxport.sources.records import Records
from cxport.sources.sqlite import SqliteConnection
from tests.sources.copied_columns import not_json, objects, texts, whole

SELECTION = Selection(data_type=DataType.INTERACTION, entities=(Entity.OPEN_MEDIA,))

many = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

times = st.datetimes().map(str) | st.sampled_from(
    [
        "2024-02-29",
        "1900-02-29 00:00:00",
        "0000-00-00 00:00:00",
        "2024-00-10 00:00:00",
        "0001-01-01T00:00:00.000",
        "9999-12-31 23:59:59.999999",
        "1969-12-31 23:59:59.9995",
        "2024-05-06 07:08:09.12",
        "2024-05-06 24:00:00",
        "2024-05-06 07:08:09+02:00",
        "2024-05-06T07:08:09Z",
        " 2024-05-06 07:08:09",
        "",
    ]
)
#: What an SQLite column may hold, whatever its type says.
values = (
    st.none()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.integers(-3, 3)
    | st.floats()
    | texts.filter(lambda text: len(text) < 9_000)
    | st.sampled_from(
        ["0", "1", "-1", "007", "-0", " 7 ", "1.0", "1.5", "true", "no", "\0", "a\0b"]
    )
    | times
    | objects
    | not_json
    | st.binary(max_size=20)
)
KINDS = (Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.TIME, Kind.OBJECT, Kind.BYTES)


def records(connection: Connection, names: Sequence[str], kinds: Sequence[Kind]) -> Records:
    """Give the records that a source reads of the table `t`."""
    table = connection.describe("", ["t"])["t"]
    key = Value(alias=BASE, column=table.columns["id"])
    base = Base(
        data_type=DataType.INTERACTION,
        table=table,
        key=key,
        window=key,
        modified=key,
        entity=None,
        media=None,
    )
    fields = (Field(f"{n} ü", kind) for n, kind in enumerate(kinds))
    relation = Relation(
        entity=Entity.OPEN_MEDIA,
        base=base,
        code=None,
        own=None,
        own_key=None,
        fields=(Field("id"), *fields),
        values=(key, *(Value(alias=BASE, column=table.columns[name]) for name in names)),
    )
    return Records(connection, SELECTION, relation, Slice(entity=Entity.OPEN_MEDIA))


def by_python(stream: Records) -> tuple[bytes, int] | str:
    """Give lines and their number, or the kind of the error, of the Python way."""
    encoder = LineEncoder(stream.fields)
    try:
        found = [encoder.encode(rows) for rows in stream]
    except CxportError as error:
        return type(error).__name__
    return b"".join(one.data for one in found), sum(one.rows for one in found)


def compiled(stream: Records) -> tuple[bytes, int] | str:
    """Give the same of the compiled way."""
    given_rows = stream.copied()
    assert given_rows
    encoder = copy_encoder(given_rows.form, stream.fields, given_rows.types, given_rows.rows)
    assert encoder
    try:
        found = [encoder.encode(piece) for piece in given_rows]
    except CxportError as error:
        return type(error).__name__
    return b"".join(one.data for one in found), sum(one.rows for one in found)


@many
@given(st.lists(st.lists(values, min_size=7, max_size=7), max_size=6))
def test_any_value_of_sqlite_is_written_alike(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[object]]
) -> None:
    """Whatever an untyped column holds, as whatever kind: the same bytes, or the same error."""
    path = tmp_path_factory.mktemp("given") / "any.db"
    _fill(path, rows)
    with closing(SqliteConnection(path)) as connection:
        connection.begin(None)
        for kind in KINDS:
            stream = records(connection, [f"c{n}" for n in range(7)], [kind] * 7)
            assert compiled(stream) == by_python(stream)


def _fill(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        names = ", ".join(f"c{n}" for n in range(7))
        database.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {names})")
        marks = ", ".join("?" * 7)
        database.executemany(f"INSERT INTO t ({names}) VALUES ({marks})", rows)


def test_a_text_in_no_encoding_ends_no_stream_of_sqlite(tmp_path: Path) -> None:
    """Rows from the one on that cannot be decoded are read again, with U+FFFD, each once."""
    path = tmp_path / "any.db"
    _fill(path, [["x"] * 7] * 2_500)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE t SET c3 = CAST(x'C328' AS TEXT) WHERE id = 2400")
    with closing(SqliteConnection(path)) as connection:
        connection.begin(None)
        stream = records(connection, ["c0", "c3"], [Kind.TEXT] * 2)
        found = compiled(stream)

        assert found == by_python(stream)
        assert found[1] == 2_500
        assert "\ufffd(".encode() in found[0]


@dataclass(frozen=True, eq=False)
class Column:
    """A column of MariaDB, what it becomes, and its values."""

    type: str
    kind: Kind
    values: st.SearchStrategy[object]


clocks = st.datetimes().map(lambda moment: moment.isoformat(" ")) | st.just("0000-00-00 00:00:00")
MARIADB = (
    Column("varchar(50)", Kind.TEXT, st.text(max_size=40)),
    Column("longtext", Kind.TEXT, texts),
    Column("varchar(40) CHARACTER SET latin1", Kind.TEXT, st.text('äöü"\\\0x', max_size=30)),
    Column("longblob", Kind.TEXT, st.binary(max_size=30)),
    Column("enum('a', 'ü')", Kind.TEXT, st.sampled_from("aü")),
    Column("bigint", Kind.TEXT, whole(64)),
    Column("int(8) ZEROFILL", Kind.TEXT, st.integers(0, 1 << 31)),
    Column("int(8) ZEROFILL", Kind.INTEGER, st.integers(0, 1 << 31)),
    Column("tinyint", Kind.INTEGER, whole(8)),
    Column("bigint unsigned", Kind.INTEGER, st.integers(0, (1 << 64) - 1)),
    Column("decimal(30,0)", Kind.INTEGER, st.integers(-(10**29), 10**29)),
    Column("decimal(30,4)", Kind.INTEGER, st.integers(-(10**20), 10**20)),
    Column("mediumint", Kind.NUMBER, whole(24)),
    Column("tinyint(1)", Kind.BOOLEAN, whole(8)),
    Column("datetime(6)", Kind.TIME, clocks),
    Column("datetime(3)", Kind.TIME, clocks),
    Column("datetime", Kind.TIME, clocks),
    Column("date", Kind.TIME, clocks),
    Column("datetime", Kind.TEXT, clocks),
    Column("varchar(40)", Kind.TIME, times),
    Column("longtext", Kind.OBJECT, objects | not_json),
    Column("longblob", Kind.OBJECT, objects | not_json | st.binary(max_size=30)),
    Column("json", Kind.OBJECT, st.sampled_from(["{}", '{"a": 1}', "[1]", "7"])),
    Column("varbinary(60)", Kind.BYTES, st.binary(max_size=50)),
    Column("longtext", Kind.BYTES, texts),
)
PLACES = {one: f"c{n}" for n, one in enumerate(MARIADB)}


@pytest.fixture(scope="module")
def writer(request: pytest.FixtureRequest) -> Iterator[tuple[pymysql.Connection[Cursor], str]]:
    """Give a connection to a database with a table of all the columns, and its DSN."""
    dsn = request.getfixturevalue("mariadb").new_database()
    address = parse_address(dsn, frozenset())
    with pymysql.connect(
        host=address.host,
        port=address.port or 0,
        user=address.user,
        password=address.password,
        database=address.database,
        autocommit=True,
    ) as connection:
        columns = ", ".join(f"{PLACES[one]} {one.type}" for one in MARIADB)
        _run(connection, f"CREATE TABLE t (id int PRIMARY KEY, {columns}) CHARACTER SET utf8mb4")
        _run(connection, "SET sql_mode = ''")
        yield connection, dsn


def _run(connection: pymysql.Connection[Cursor], query: str, bound: Sequence[object] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, bound)


Drawn = tuple[list[Column], list[list[object]]]


@st.composite
def drawn_columns(draw: st.DrawFn) -> Drawn:
    """Draw columns in any order, and rows of them."""
    chosen = draw(st.lists(st.sampled_from(MARIADB), min_size=1, max_size=10, unique=True))
    row = st.tuples(*(one.values | st.none() for one in chosen))
    return chosen, [list(found) for found in draw(st.lists(row, max_size=6))]


@many
@given(drawn_columns())
def test_any_column_of_mariadb_is_written_alike(
    writer: tuple[pymysql.Connection[Cursor], str], drawn: Drawn
) -> None:
    """Whatever columns hold: the same bytes from packets as from PyMySQL's values, or its error."""
    connection, dsn = writer
    chosen, rows = drawn
    _run(connection, "DELETE FROM t")
    for number, row in enumerate(rows):
        names = "".join(f", {PLACES[one]}" for one in chosen)
        marks = ", %s" * len(chosen)
        _run(connection, f"INSERT INTO t (id{names}) VALUES (%s{marks})", (number, *row))
    with closing(MariaConnection(parse_address(dsn, frozenset()))) as reader:
        reader.begin(None)
        stream = records(reader, [PLACES[one] for one in chosen], [one.kind for one in chosen])

        assert compiled(stream) == by_python(stream)


def test_closing_early_leaves_the_reader_of_mariadb_as_it_was(
    writer: tuple[pymysql.Connection[Cursor], str],
) -> None:
    """A part that is full stops its answer; the reader reads on in the same transaction."""
    connection, dsn = writer
    _run(connection, "DELETE FROM t")
    for number in range(60):
        _run(connection, f"INSERT INTO t (id, c1) VALUES ({number}, REPEAT('x', 100000))")
    with closing(MariaConnection(parse_address(dsn, frozenset()))) as reader:
        reader.begin(None)
        stream = records(reader, ["c1"], [Kind.TEXT])
        copied = stream.copied()
        assert copied
        pieces = iter(copied)
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]  # what a loop that is left does

        found = by_python(stream)
        assert found[1] == 60


def test_half_a_row_of_mariadb_is_refused(writer: tuple[pymysql.Connection[Cursor], str]) -> None:
    """A row that is cut, goes on, or has another width is an error, never other data."""
    connection, dsn = writer
    _run(connection, "DELETE FROM t")
    _run(connection, "INSERT INTO t (id, c1) VALUES (1, 'some text')")
    with closing(MariaConnection(parse_address(dsn, frozenset()))) as reader:
        reader.begin(None)
        stream = records(reader, ["c1"], [Kind.TEXT])
        copied = stream.copied()
        assert copied
        encoder = copy_encoder(copied.form, stream.fields, copied.types, copied.rows)
        assert encoder
        (piece,) = copied
        assert isinstance(piece, bytes)
    row = piece[4:]
    for damaged in (row[:-1], row + b"x", row + b"\x01x", row[:2]):
        with pytest.raises(SourceError, match="no rows"):
            encoder.encode(len(damaged).to_bytes(4, "big") + damaged)
    with pytest.raises(SourceError, match="no rows"):
        encoder.encode(piece[:-1])
