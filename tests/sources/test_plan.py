"""Plans: parts cover a selection, each row once, and are made without reading the rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxport.domain.catalogue import ENTITIES, DataType, Entity
from cxport.domain.selection import Content, Key, Part, Selection, Slice, Window
from cxport.sources.base import PlanLimits, Reader, Source
from cxport.sources.dsn import sqlite_path
from cxport.sources.plan import chosen, slices
from tests.sources.history import History, create, fill, interaction
from tests.sources.reading import (
    CONTACTS,
    attachment_slice,
    interactions,
    records,
    source_of,
    window,
)

WINDOWS = [
    Window(),
    window("2024-01-06", "2024-01-15"),
    window("2024-01-06", None),
    window(None, "2024-01-15"),
]


def _limits(rows: int) -> PlanLimits:
    return PlanLimits(part_raw_bytes=1 << 40, part_rows=rows)


def _keys(reader: Reader, selection: Selection, parts: tuple[Part, ...]) -> list[str]:
    pieces = [s for part in parts for s in part.slices if s.content is Content.RECORDS]
    return [record["id"] for piece in pieces for record in records(reader, selection, piece)]


@pytest.mark.parametrize("span", WINDOWS, ids=["all", "closed", "from", "to"])
def test_parts_cover_a_selection_once(source: Source, span: Window) -> None:
    """The records of all parts are those of the selection, each once."""
    selection = interactions(window=span)
    with source.open() as reader:
        plan = reader.plan(selection, _limits(40))
        whole = _keys(reader, selection, slices([], [Slice(entity=e) for e in selection.entities]))
        found = _keys(reader, selection, plan.parts)

    assert sorted(found) == sorted(whole)
    assert len(plan.parts) >= len(whole) / 40 / 2
    assert plan.parts[0].slices[0].after is None
    assert plan.parts[-1].slices[-1].upto is None


def test_parts_are_about_even(filled: History, source: Source) -> None:
    """No part is many times larger than its limit."""
    with source.open() as reader:
        plan = reader.plan(interactions(), _limits(100))
        sizes = [len(_keys(reader, interactions(), (part,))) for part in plan.parts]

    assert sum(sizes) == 500
    assert max(sizes) <= 250, (filled.product, sizes)


def test_a_part_reads_each_entity_and_then_its_attachments(source: Source) -> None:
    """Slices come in the order of the entities, attachments right behind their records."""
    selection = interactions(attachments=True)
    with source.open() as reader:
        [part] = reader.plan(selection, _limits(10_000)).parts

    both = (Content.RECORDS, Content.ATTACHMENTS)
    expected = [(e, c) for e in ENTITIES[DataType.INTERACTION] for c in both]
    assert [(piece.entity, piece.content) for piece in part.slices] == expected
    assert part.number == 1


def test_contacts_are_cut_too(source: Source) -> None:
    """Contacts have parts of their own, without attachments."""
    with source.open() as reader:
        plan = reader.plan(CONTACTS, _limits(10))
        found = [
            record["contactId"]
            for part in plan.parts
            for piece in part.slices
            for record in records(reader, CONTACTS, piece)
        ]

    assert sorted(found) == [f"c{n:06d}" for n in range(50)]
    assert len(plan.parts) >= 3
    assert {piece.entity for part in plan.parts for piece in part.slices} == {Entity.CONTACT}


@pytest.fixture(scope="session")
def readers(filled: History) -> Iterator[tuple[Reader, list[str]]]:
    """Give a reader and all keys in the database's order."""
    keys = [row[0] for row in filled.rows("SELECT Id FROM Interaction ORDER BY Id")]
    with source_of(filled.dsn).open() as reader:
        yield reader, keys


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(places=st.sets(st.integers(0, 499), max_size=6), span=st.sampled_from(WINDOWS))
def test_any_cuts_partition_the_rows(
    readers: tuple[Reader, list[str]], places: set[int], span: Window
) -> None:
    """Whatever keys a selection is cut at, each row lies in exactly one part."""
    reader, keys = readers
    selection = Selection(
        data_type=DataType.INTERACTION, entities=(Entity.CHAT, Entity.EMAIL_IN), window=span
    )
    contents = [Slice(entity=entity) for entity in selection.entities]
    cuts: list[Key] = [keys[place] for place in sorted(places)]
    whole = _keys(reader, selection, slices([], contents))

    assert sorted(_keys(reader, selection, slices(cuts, contents))) == sorted(whole)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(places=st.sets(st.integers(0, 499), max_size=6))
def test_any_cuts_partition_the_attachments(
    readers: tuple[Reader, list[str]], places: set[int]
) -> None:
    """Attachments go with their interaction, and each into exactly one part."""
    reader, keys = readers
    selection = interactions(attachments=True)
    ends: list[Key | None] = [None, *(keys[place] for place in sorted(places)), None]
    pieces = [
        attachment_slice(Entity.EMAIL_IN, after=after, upto=upto) for after, upto in pairwise(ends)
    ]
    found = [a.own_key for piece in pieces for a in reader.attachments(selection, piece)]
    whole = [a.own_key for a in reader.attachments(selection, attachment_slice(Entity.EMAIL_IN))]

    assert found == whole


@given(count=st.integers(0, 400), parts=st.integers(1, 50))
def test_cuts_are_even(count: int, parts: int) -> None:
    """Cuts are sorted, distinct, fewer than the parts, and no part gets more than its share."""
    cuts = [int(str(key)) for key in chosen([str(n) for n in range(count)], parts)]

    assert cuts == sorted(set(cuts))
    assert len(cuts) < parts or not cuts
    ends = [0, *cuts, count]
    assert max(b - a for a, b in pairwise(ends)) <= count / parts + 1


def test_keys_that_scatter_over_time_are_cut_evenly_in_a_window(
    new_dsn: Callable[[str], str],
) -> None:
    """The parts of a window hold like shares of it where keys cluster by time."""
    history = create(new_dsn("sqlite"))
    rows = [
        interaction(
            n if n < 4000 else 1_000_000 + n,
            7,
            f"2024-{1 + n // 400:02d}-{1 + n // 20 % 20:02d} {n % 20:02d}:00:00",
        )
        for n in range(4800)
    ]
    history.insert("Interaction", rows)
    selection = interactions(window=window("2024-10-10", "2024-12-01"))
    with source_of(history.dsn).open() as reader:
        plan = reader.plan(selection, _limits(100))
        sizes = [len(_keys(reader, selection, (part,))) for part in plan.parts]

    assert sum(sizes) == 620
    assert max(sizes) <= 200, sizes


def test_unanalyzed_tables_get_a_sane_plan(empty: History) -> None:
    """Without statistics, with one row or none at all, there is a plan and it covers all."""
    with source_of(empty.dsn).open() as reader:
        nothing = reader.plan(interactions(attachments=True), _limits(10))
        assert len(nothing.parts) == 1
        assert nothing.estimate.rows >= 0
    empty.insert("Interaction", [interaction(n, 2, "2024-01-01 10:00:00") for n in range(200)])
    with source_of(empty.dsn).open() as reader:
        plan = reader.plan(interactions(), _limits(20))

        assert len(_keys(reader, interactions(), plan.parts)) == 200
        assert plan.estimate.rows > 0


def test_estimates_come_close(filled: History, source: Source) -> None:
    """Rows and bytes are of the right order, for all, a window, a medium and attachments."""
    with source.open() as reader:
        everything = reader.estimate(interactions())
        some = reader.estimate(interactions(window=window("2024-01-06", "2024-01-11")))
        chats = reader.estimate(interactions(media=("chat",)))
        attached = reader.estimate(interactions(attachments=True))
        contacts = reader.estimate(CONTACTS)

    assert 300 <= everything.rows <= 700, filled.product
    assert 60 <= some.rows <= 250, filled.product
    assert 30 <= chats.rows <= 150, filled.product
    assert 500 * 800 <= everything.raw_bytes <= 500 * 2_500
    assert attached.raw_bytes > everything.raw_bytes + 10_000
    assert 25 <= contacts.rows <= 100


def test_sqlite_plans_without_reading_the_table(tmp_path: Path) -> None:
    """Planning 20,000 rows takes a small fraction of the steps of counting them."""
    history = create(f"sqlite:///{tmp_path / 'ucs.db'}")
    fill(history, 20_000)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with closing(sqlite3.connect(sqlite_path(history.dsn))) as plain:
        plain.set_progress_handler(step, 100)
        plain.execute("SELECT count(Text), count(Subject) FROM Interaction").fetchall()
    counting, steps = steps, 0
    from cxport.sources.sqlite import SqliteConnection

    original = SqliteConnection.begin
    with pytest.MonkeyPatch.context() as patch:

        def begin(self: SqliteConnection, token: str | None) -> object:
            self._db.set_progress_handler(step, 100)
            return original(self, token)

        patch.setattr(SqliteConnection, "begin", begin)
        with source_of(history.dsn).open() as reader:
            plan = reader.plan(interactions(window=window("2024-01-05", "2024-01-07")), _limits(50))

    assert len(plan.parts) > 1
    assert steps < counting / 2


def test_postgresql_plans_without_reading_the_table(postgres_history: History) -> None:
    """Planning reads a small share of the rows, by PostgreSQL's own count."""
    postgres_history.run(
        "INSERT INTO Interaction (Id, EntityTypeId, StartDate, Text)"
        " SELECT lpad(n::text, 12, '0'), 2, timestamp '2024-01-01' + n * interval '1 min',"
        " repeat('x', 200) FROM generate_series(1, 40000) n",
        "ANALYZE",
    )
    before = _rows_read(postgres_history)
    with source_of(postgres_history.dsn).open() as reader:
        plans = [
            reader.plan(interactions(window=span), _limits(1_000))
            for span in (Window(), window("2024-01-05", "2024-01-25"))
        ]
    read = _rows_read(postgres_history) - before

    assert [len(plan.parts) > 10 for plan in plans] == [True, True]
    assert 0 < read < 20_000


def _rows_read(history: History) -> int:
    history.run("SELECT pg_stat_force_next_flush()")
    query = (
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'interaction'"
    )
    return int(history.rows(query)[0][0])
