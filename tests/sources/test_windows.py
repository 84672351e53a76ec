"""Windows: which rows a span of time takes, and how times are written."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from cxport.domain.catalogue import Entity
from cxport.domain.errors import SourceError
from cxport.domain.selection import Slice
from cxport.sources.base import Source
from tests.sources.history import History, interaction
from tests.sources.reading import all_keys, interactions, records, source_of, window

OPEN_MEDIA = Slice(entity=Entity.OPEN_MEDIA)


def _insert(history: History, *starts: str | None) -> None:
    history.insert("Interaction", [interaction(n, 7, at) for n, at in enumerate(starts)])


def _numbers(history: History, start: str | None, end: str | None) -> list[int]:
    with source_of(history.dsn).open() as reader:
        return [int(key) for key in all_keys(reader, interactions(window=window(start, end)))]


def _starts(history: History) -> list[str | None]:
    with source_of(history.dsn).open() as reader:
        return [record["startDate"] for record in records(reader, interactions(), OPEN_MEDIA)]


def test_a_window_is_half_open(empty: History) -> None:
    """Its start belongs to it, its end does not, to the millisecond."""
    _insert(
        empty,
        "2024-02-29 23:59:59.999",
        "2024-03-01 00:00:00",
        "2024-03-31 23:59:59.999",
        "2024-04-01 00:00:00",
    )

    assert _numbers(empty, "2024-03-01", "2024-04-01") == [1, 2]
    assert _numbers(empty, None, "2024-03-01") == [0]
    assert _numbers(empty, "2024-04-01", None) == [3]
    assert _numbers(empty, "2024-02-29T23:59:59.999", "2024-03-31T23:59:59.999") == [0, 1]


def test_adjacent_windows_share_nothing_and_lose_nothing(filled: History, source: Source) -> None:
    """Months side by side give every row once."""
    ends = ["2024-01-05T12:00", "2024-01-09T07:00", "2024-01-16T00:00"]
    with source.open() as reader:
        found = [
            key
            for pair in zip([None, *ends], [*ends, None], strict=True)
            for key in all_keys(reader, interactions(window=window(*pair)))
        ]

    assert sorted(found) == sorted(row[0] for row in filled.rows("SELECT Id FROM Interaction"))


def test_a_row_without_a_time_is_told_once_and_in_no_window(empty: History) -> None:
    """A null time is outside of every bounded window, named, and exported by everything."""
    _insert(empty, "2024-03-01 00:00:00", None, "2024-03-02 00:00:00", None)
    with source_of(empty.dsn).open() as reader:
        bounded = interactions(window=window("2024-01-01", None))

        assert all_keys(reader, bounded) == ["000000000000", "000000000002"]
        assert list(reader.undated(bounded, OPEN_MEDIA)) == ["000000000001", "000000000003"]
        piece = Slice(entity=Entity.OPEN_MEDIA, after="000000000001", upto="000000000003")
        assert list(reader.undated(bounded, piece)) == ["000000000003"]
        assert list(reader.undated(bounded, Slice(entity=Entity.CHAT))) == []
        assert list(reader.undated(interactions(), OPEN_MEDIA)) == []
        assert len(all_keys(reader, interactions())) == 4


def test_times_before_1970_and_in_year_one(empty: History) -> None:
    """Old times are written and found like new ones."""
    first = "0001-01-01 00:00:00" if empty.product != "mariadb" else "1000-01-01 00:00:00"
    _insert(empty, "1969-12-31 23:59:59.500", "1900-01-01 00:00:00", first)

    assert _starts(empty) == [
        "1969-12-31T23:59:59.500Z",
        "1900-01-01T00:00:00.000Z",
        f"{first[:10]}T00:00:00.000Z",
    ]
    assert _numbers(empty, "1899-12-31", "1970-01-01") == [0, 1]
    assert _numbers(empty, None, "1900-01-01") == [2]


def test_postgresql_times_with_a_zone_are_utc(postgres_history: History) -> None:
    """Times with a zone are converted, whatever zone the database lives in."""
    postgres_history.run(
        "ALTER TABLE Interaction ALTER StartDate TYPE timestamptz",
        f"ALTER DATABASE {postgres_history.dsn.rpartition('/')[2]} SET timezone = 'Asia/Tokyo'",
    )
    _insert(postgres_history, "2024-03-01 08:30:00+09", "2024-03-01 00:00:00.25+00")

    assert _starts(postgres_history) == ["2024-02-29T23:30:00.000Z", "2024-03-01T00:00:00.250Z"]
    assert _numbers(postgres_history, "2024-03-01", None) == [1]


def test_postgresql_times_that_iso_cannot_tell(postgres_history: History) -> None:
    """Infinity, and times outside of the years 1 to 9999, become the nearest time there is."""
    _insert(
        postgres_history, "infinity", "-infinity", "0044-03-15 00:00:00 BC", "12024-01-01 00:00:00"
    )
    latest, earliest = "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z"

    assert _starts(postgres_history) == [latest, earliest, earliest, latest]
    assert _numbers(postgres_history, "2024-01-01", None) == [0, 3]


def test_postgresql_dates_are_midnights(postgres_history: History) -> None:
    """A DATE column is compared as its midnight, also with a moment within the day."""
    postgres_history.run("ALTER TABLE Interaction ALTER StartDate TYPE date")
    _insert(postgres_history, "2024-03-01", "2024-03-02")

    assert _starts(postgres_history) == ["2024-03-01T00:00:00.000Z", "2024-03-02T00:00:00.000Z"]
    assert _numbers(postgres_history, "2024-03-01T12:00", None) == [1]


def test_mariadb_timestamps_are_utc(mariadb_history: History) -> None:
    """TIMESTAMP columns do not depend on the zone of the session."""
    mariadb_history.run(
        "ALTER TABLE Interaction MODIFY StartDate TIMESTAMP(6) NULL",
        "SET time_zone = '+00:00'",
    )
    with closing(mariadb_history.connection()) as connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+09:00'")
        cursor.execute(
            "INSERT INTO Interaction (Id, EntityTypeId, StartDate)"
            " VALUES ('1', 7, '2024-03-01 08:30:00.123456')"
        )

    assert _starts(mariadb_history) == ["2024-02-29T23:30:00.123Z"]
    assert _numbers(mariadb_history, "2024-03-01", None) == []


def test_a_zero_date_is_none(mariadb_history: History) -> None:
    """MariaDB's zero date says that there is no time."""
    with closing(mariadb_history.connection()) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        cursor.execute(
            "INSERT INTO Interaction (Id, EntityTypeId, StartDate)"
            " VALUES ('1', 7, '0000-00-00 00:00:00')"
        )

    assert _starts(mariadb_history) == [None]


@pytest.mark.parametrize(
    "values",
    [
        [
            "2024-02-29 23:30:00",
            "2024-03-01 00:00:00",
            "2024-03-31 23:59:59",
            "2024-04-01 00:00:00",
        ],
        [
            "2024-03-01T01:30:00+02:00",
            "2024-02-29T22:30:00-02:00",
            "2024-03-31T23:59:59.999Z",
            "2024-04-01",
        ],
        [1709249400, 1709251200, 1711929599.5, 1711929600],
        ["2024-02-29 23:30:00", 1709251200, "2024-03-31T23:59:59Z", 1711929600],
    ],
    ids=["text", "zones", "numbers", "mixed"],
)
@pytest.mark.parametrize("index", [True, False])
def test_sqlite_times_of_every_form(
    sqlite_history: History, values: list[str | float], *, index: bool
) -> None:
    """Text with and without a zone, numbers, and a mix of them mean the same moments."""
    if not index:
        sqlite_history.run("DROP INDEX ix0")
    rows = [{**interaction(n, 7, None), "StartDate": at} for n, at in enumerate(values)]
    sqlite_history.insert("Interaction", rows)

    assert _numbers(sqlite_history, "2024-03-01", "2024-04-01") == [1, 2]
    assert _numbers(sqlite_history, None, "2024-03-01") == [0]
    assert _numbers(sqlite_history, "2024-04-01", None) == [3]
    assert [str(start)[:10] for start in _starts(sqlite_history)] == [
        "2024-02-29",
        "2024-03-01",
        "2024-03-31",
        "2024-04-01",
    ]


def test_numbers_count_what_the_mapping_says(empty: History, milliseconds: str) -> None:
    """A number column counts seconds, or milliseconds where the mapping says so."""
    if empty.product == "postgresql":
        empty.run(
            "ALTER TABLE Interaction DROP StartDate", "ALTER TABLE Interaction ADD StartDate bigint"
        )
    elif empty.product == "mariadb":
        empty.run("ALTER TABLE Interaction MODIFY StartDate BIGINT")
    values = [1709251199999, 1709251200000, -500]
    rows = [{**interaction(n, 7, None), "StartDate": at} for n, at in enumerate(values)]
    empty.insert("Interaction", rows)
    with source_of(empty.dsn, milliseconds).open() as reader:
        found = records(reader, interactions(), OPEN_MEDIA)
        late = all_keys(reader, interactions(window=window("2024-03-01", None)))

    assert [record["startDate"] for record in found] == [
        "2024-02-29T23:59:59.999Z",
        "2024-03-01T00:00:00.000Z",
        "1969-12-31T23:59:59.500Z",
    ]
    assert late == ["000000000001"]


@pytest.fixture
def milliseconds() -> str:
    """Give a mapping whose start counts milliseconds."""
    from importlib import resources

    text = resources.files("cxport.sources").joinpath("mappings/ucs85.toml").read_text()
    given = 'startDate = { column = "StartDate", encoding = "milliseconds" }'
    return text.replace('startDate = "StartDate"', given)


def test_a_text_that_is_no_time_is_told(sqlite_history: History) -> None:
    """A bounded window names the row; reading it fails with the column, not the value."""
    _insert(sqlite_history, "2024-03-01 00:00:00", "last tuesday")
    with source_of(sqlite_history.dsn).open() as reader:
        bounded = interactions(window=window("2024-01-01", None))

        assert all_keys(reader, bounded) == ["000000000000"]
        assert list(reader.undated(bounded, OPEN_MEDIA)) == ["000000000001"]
        with pytest.raises(SourceError, match="StartDate") as caught:
            all_keys(reader, interactions())
    assert "tuesday" not in str(caught.value)


def test_sqlite_finds_a_window_by_its_index(sqlite_history: History) -> None:
    """The condition on times is one that SQLite answers from the index."""
    from cxport.sources import sql
    from cxport.sources.binding import bind
    from cxport.sources.dsn import sqlite_path
    from cxport.sources.mapping import read_mapping
    from cxport.sources.sqlite import SqliteConnection

    _insert(sqlite_history, *["2024-03-01 00:00:00"] * 50)
    connection = SqliteConnection(sqlite_path(sqlite_history.dsn))
    try:
        connection.begin(None)
        base = bind(connection, read_mapping()).relations[Entity.CHAT].base
        selection = interactions(window=window("2024-02-01", "2024-02-02"))
        condition = sql.in_window(connection.dialect, base, selection)
        assert condition is not None
        with closing(sqlite3.connect(sqlite_path(sqlite_history.dsn))) as plain:
            query = f"EXPLAIN QUERY PLAN SELECT 1 FROM Interaction b WHERE {condition.text}"
            steps = [row[3] for row in plain.execute(query, condition.params)]
    finally:
        connection.close()

    assert any("ix0 (StartDate>? AND StartDate<?)" in step for step in steps)
