"""R7: whatever happens in which order, replaying the increments gives the contact history."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cxport.domain.catalogue import DataType, Entity
from cxport.domain.selection import Content, Selection, Slice, Snapshot, Window
from cxport.domain.table_set import TableMark
from cxport.export.limits import with_undated
from cxport.sources.base import Plan, PlanLimits
from cxport.sources.binding import bind
from cxport.sources.drivers import opener
from cxport.sources.mapping import read_mapping
from cxport.sources.ucs import UcsReader
from tests.sources.conftest import PRODUCTS
from tests.sources.history import History, create, interaction
from tests.sources.reading import CONTACTS, interactions, records

START = datetime(2024, 5, 6, 23, 0, tzinfo=UTC)
SETTLE_SECONDS = 60
ALL = PlanLimits(part_raw_bytes=1 << 30, part_rows=1_000_000)


class Reading:
    """A reader of contact history that sees what is there, at a moment of the test's choice."""

    def __init__(
        self, history: History, taken_at: datetime, *, settle: int = SETTLE_SECONDS, old: str = ""
    ) -> None:
        mapping = read_mapping(mapped(settle, old))
        connection = opener(history.dsn)[0]()
        snapshot = connection.begin(None)
        moment = Snapshot(taken_at=taken_at, token=snapshot.token)
        self.reader = UcsReader(connection, bind(connection, mapping), moment)

    def run(
        self, selection: Selection, limits: PlanLimits = ALL
    ) -> tuple[Plan, list[dict[str, Any]], list[object]]:
        """Do what a run does: plan, read each part, name what has no time."""
        with self.reader as reader:
            plan = reader.plan(selection, limits)
            fixed = selection.fixed(plan.marks)
            parts = with_undated(plan.parts, fixed)
            pieces = [piece for part in parts for piece in part.slices]
            rows = [
                row
                for piece in pieces
                if piece.content is Content.RECORDS
                for row in records(reader, fixed, piece)
            ]
            unnamed = [piece for piece in pieces if piece.content is Content.UNDATED]
            return plan, rows, [key for piece in unnamed for key in reader.undated(fixed, piece)]


def mapped(settle: int, old: str = "") -> str:
    """Give the usual mapping with another delay, or with another column of changes."""
    from importlib import resources

    text = resources.files("cxport.sources").joinpath("mappings/ucs85.toml").read_text()
    text = text.replace("settle_seconds = 300", f"settle_seconds = {settle}")
    return text.replace('modified = "ModifiedDate"', f'modified = "{old}"', 1) if old else text


def increment(*marks: TableMark, start: datetime | None = None) -> Selection:
    """Select what was changed in interactions."""
    return interactions(incremental=True, marks=marks, window=Window(start=start))


def text_of(moment: datetime) -> str:
    """Write a moment as the databases take it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}"


def numbers(rows: list[dict[str, Any]]) -> list[int]:
    """Give the numbers of interactions."""
    return sorted(int(row["id"]) for row in rows)


@dataclass
class Change:
    """A row as a transaction leaves it, which commits later."""

    row: dict[str, object]
    new: bool
    commit_at: datetime


@dataclass
class World:
    """Writers with clocks that differ and transactions that take their time; and a replica."""

    history: History
    settle: int
    choice: random.Random
    now: datetime = START
    made: int = 0
    stored: dict[int, dict[str, object]] = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)
    marks: tuple[TableMark, ...] = ()
    replica: dict[int, dict[str, Any]] = field(default_factory=dict)
    read: int = 0

    def live(self) -> None:
        """Let time pass, begin a change, and commit those that are due."""
        self.now += timedelta(seconds=self.choice.choice([0, 1, 7, 30, 100]))
        self.begin()
        for one in [one for one in self.pending if one.commit_at <= self.now]:
            self.commit(one)

    def begin(self) -> None:
        """Change a row, or make one; clock and commit together are late by the delay at most."""
        free = set(self.stored) - {int(str(one.row["Id"])) for one in self.pending}
        late = self.choice.uniform(0, SETTLE_SECONDS - 2)
        behind = self.choice.uniform(0, late)
        at = text_of((self.now - timedelta(seconds=behind)).replace(microsecond=0))
        commit_at = self.now + timedelta(seconds=self.choice.choice([0, late - behind]))
        if free and self.choice.random() < 0.5:
            number = self.choice.choice(sorted(free))
            changed = {"Subject": f"changed {self.choice.random()}", "ModifiedDate": at}
            self.pending.append(Change({**self.stored[number], **changed}, False, commit_at))
        else:
            modified = self.choice.choice([at, None])
            row = interaction(self.made, 7, at, ModifiedDate=modified)
            self.pending.append(Change(row, True, commit_at))
            self.made += 1

    def commit(self, one: Change) -> None:
        """Make a change visible."""
        self.pending.remove(one)
        if not one.new:
            self.history.run(f"DELETE FROM Interaction WHERE Id = '{one.row['Id']}'")
        self.history.insert("Interaction", [one.row])
        self.stored[int(str(one.row["Id"]))] = one.row

    def increment(self, *, fails: bool) -> None:
        """Read what was changed; a run that fails is not published, and leaves no trace."""
        reading = Reading(self.history, self.now, settle=self.settle)
        limits = PlanLimits(part_raw_bytes=1 << 30, part_rows=self.choice.choice([3, 1000]))
        plan, rows, _ = reading.run(increment(*self.marks), limits)
        if not fails:
            assert len(rows) == len(set(numbers(rows))), "a row came twice in one run"
            self.replica.update({int(row["id"]): row for row in rows})
            self.marks, self.read = plan.marks, self.read + len(rows)

    def gaps(self) -> set[int]:
        """Give the rows that the replica lacks or holds in an older form."""
        _, whole, _ = Reading(self.history, self.now).run(interactions())
        return {int(row["id"]) for row in whole if self.replica.get(int(row["id"])) != row}


def lived(history: History, seed: int, settle: int) -> World:
    """Live through a history with an increment now and then, and one when all is settled."""
    world = World(history, settle, random.Random(seed))
    for step in range(80):
        world.live()
        if step % 8 == 7:
            world.increment(fails=world.choice.random() < 0.3)
    for one in list(world.pending):
        world.commit(one)
    world.now += timedelta(seconds=2 * SETTLE_SECONDS)
    world.increment(fails=False)
    return world


@pytest.mark.promise("R7")
@pytest.mark.parametrize("seed", range(2))
def test_replaying_the_increments_gives_the_history(empty: History, seed: int) -> None:
    """R7: inserts, updates, equal times, late commits, clocks that differ, failed runs: no gap."""
    world = lived(empty, seed, SETTLE_SECONDS)

    assert world.gaps() == set()
    assert len(world.replica) > 20
    assert world.read < 2 * 80, "each change was exported about once"


@pytest.mark.parametrize("product", PRODUCTS)
def test_without_a_delay_the_checker_finds_gaps(
    new_dsn: Callable[[str], str], product: str
) -> None:
    """What the test above lives through does lose changes where nothing settles."""
    history = create(new_dsn(product))
    found: set[int] = set()
    for seed in range(4):
        history.run("DELETE FROM Interaction")
        found |= lived(history, seed, 0).gaps()

    assert found


@pytest.mark.promise("R7")
@pytest.mark.parametrize("settle", [SETTLE_SECONDS, 0])
@pytest.mark.parametrize("product", PRODUCTS)
def test_what_commits_while_a_run_reads_is_in_the_next_one(
    new_dsn: Callable[[str], str], product: str, settle: int
) -> None:
    """R7: a transaction that is open during a run is not lost; without a delay it would be."""
    history = create(new_dsn(product))
    if product == "sqlite":
        history.run("PRAGMA journal_mode = WAL")
    history.insert("Interaction", [interaction(1, 7, text_of(START))])
    with closing(history.connection()) as late, closing(late.cursor()) as cursor:
        cursor.execute("BEGIN")
        row = interaction(2, 7, text_of(START))
        marks = ", ".join([history.mark] * len(row))
        query = f"INSERT INTO Interaction ({', '.join(row)}) VALUES ({marks})"
        cursor.execute(query, tuple(row.values()))
        reading = Reading(history, START + timedelta(seconds=30), settle=settle)
        plan, first, _ = reading.run(increment())
        cursor.execute("COMMIT")
    later = Reading(history, START + timedelta(seconds=90), settle=settle)
    _, second, _ = later.run(increment(*plan.marks))

    found = numbers(first) + numbers(second)
    assert found == ([1, 2] if settle else [1])


def test_an_increment_is_half_open_and_begins_where_the_last_one_ended(empty: History) -> None:
    """Its end is the next one's start: a row with just that time is in one of the two."""
    end = START - timedelta(seconds=SETTLE_SECONDS)
    times = [end - timedelta(milliseconds=1), end, end + timedelta(milliseconds=1)]
    empty.insert("Interaction", [interaction(n, 7, text_of(at)) for n, at in enumerate(times)])

    plan, first, _ = Reading(empty, START + timedelta(milliseconds=700)).run(increment())
    again, second, _ = Reading(empty, START + timedelta(seconds=1)).run(increment(*plan.marks))

    assert (numbers(first), numbers(second)) == ([0], [1, 2])
    assert [one.value for one in plan.marks] == [one.since for one in again.marks]


def test_a_row_that_is_changed_later_is_exported_again(empty: History) -> None:
    """By the time of its change, also where it was exported without one; others are not."""
    rows = [interaction(n, 7, "2024-01-01 00:00:00", ModifiedDate=None) for n in range(5)]
    empty.insert("Interaction", rows)
    plan, first, _ = Reading(empty, START).run(increment())
    empty.run(
        f"UPDATE Interaction SET ModifiedDate = '{text_of(START)}', Subject = 'new'"
        " WHERE Id = '000000000003'"
    )

    _, second, _ = Reading(empty, START + timedelta(hours=1)).run(increment(*plan.marks))

    assert numbers(first) == [0, 1, 2, 3, 4]
    assert [(row["id"], row["subject"]) for row in second] == [("000000000003", "new")]


def test_rows_without_any_time_come_first_and_are_named_later(empty: History) -> None:
    """The first increment exports them; afterwards they are counted and named as skipped."""
    empty.insert("Interaction", [interaction(1, 7, None), interaction(2, 7, "2024-01-01 00:00:00")])

    plan, first, unnamed = Reading(empty, START).run(increment())
    _, second, named = Reading(empty, START + timedelta(hours=1)).run(increment(*plan.marks))

    assert (numbers(first), unnamed) == ([1, 2], [])
    assert (second, named) == ([], ["000000000001"])


def test_the_first_increment_may_begin_at_a_date(empty: History) -> None:
    """What was changed before it is left out, for ever; what has no time is named."""
    times = ["2023-12-31 23:59:59", "2024-01-01 00:00:00", None]
    empty.insert("Interaction", [interaction(n, 7, at) for n, at in enumerate(times)])
    start = datetime(2024, 1, 1, tzinfo=UTC)

    plan, first, named = Reading(empty, START).run(increment(start=start))
    later = Reading(empty, START + timedelta(hours=1)).run(increment(*plan.marks, start=start))

    assert (numbers(first), named) == ([1], ["000000000002"])
    assert later[1] == []


def test_runs_that_follow_within_the_delay_lose_nothing(empty: History) -> None:
    """Where nothing has settled since, an increment is empty and the mark stays."""
    empty.insert("Interaction", [interaction(1, 7, text_of(START - timedelta(seconds=5)))])
    plan, _, _ = Reading(empty, START).run(increment())
    longer = Reading(empty, START + timedelta(seconds=1), settle=600)

    again, rows, _ = longer.run(increment(*plan.marks))

    assert rows == []
    assert again.marks[0].value == again.marks[0].since == plan.marks[0].value


def test_days_are_not_cut(new_dsn: Callable[[str], str]) -> None:
    """A column of dates tells no time of day: the day that goes on comes whole, the day after."""
    history = create(new_dsn("postgresql"))
    for column in ("StartDate", "ModifiedDate"):
        history.run(f"ALTER TABLE Interaction ALTER {column} TYPE date")
    history.insert(
        "Interaction", [interaction(1, 7, "2024-05-05"), interaction(2, 7, "2024-05-06")]
    )
    plan, first, _ = Reading(history, START - timedelta(hours=4)).run(increment())
    history.insert("Interaction", [interaction(3, 7, "2024-05-06")])

    _, second, _ = Reading(history, START + timedelta(days=1)).run(increment(*plan.marks))

    assert (numbers(first), numbers(second)) == ([1], [2, 3])


def test_days_that_sqlite_keeps_as_text_are_not_cut(sqlite_history: History) -> None:
    """What it declares says nothing, so its values are looked at."""
    rows = [interaction(1, 7, "2024-05-05"), interaction(2, 7, "2024-05-06")]
    sqlite_history.insert("Interaction", rows)

    plan, first, _ = Reading(sqlite_history, START).run(increment())

    assert numbers(first) == [1]
    assert plan.marks[0].value == "2024-05-06T00:00:00+00:00"


def test_a_mark_of_another_column_is_not_used(empty: History) -> None:
    """After the mapping named another column the history is exported whole, once."""
    empty.insert("Interaction", [interaction(1, 7, "2024-01-01 00:00:00")])
    plan, _, _ = Reading(empty, START, old="EndDate").run(increment())

    _, rows, _ = Reading(empty, START + timedelta(hours=1)).run(increment(*plan.marks))

    assert numbers(rows) == [1]


def test_contacts_have_increments_of_their_own(empty: History) -> None:
    """By the change of the contact, or its creation where it has none."""
    empty.insert(
        "Contact",
        [
            {"Id": "a", "CreatedDate": "2024-01-01 00:00:00", "ModifiedDate": None},
            {"Id": "b", "CreatedDate": None, "ModifiedDate": "2024-01-01 00:00:00"},
        ],
    )
    chosen = Selection(**{**vars(CONTACTS), "incremental": True})
    plan, first, _ = Reading(empty, START).run(chosen)
    empty.run(f"UPDATE Contact SET ModifiedDate = '{text_of(START)}' WHERE Id = 'a'")
    further = Selection(**{**vars(chosen), "marks": plan.marks})

    _, second, _ = Reading(empty, START + timedelta(hours=1)).run(further)

    assert plan.marks[0].table == DataType.CONTACT
    assert [row["contactId"] for row in first] == ["a", "b"]
    assert [row["contactId"] for row in second] == ["a"]


def test_a_part_that_is_read_again_keeps_its_window(empty: History) -> None:
    """What was changed since the plan has left the window, and comes with the next increment."""
    empty.insert("Interaction", [interaction(n, 7, "2024-01-01 00:00:00") for n in (1, 2)])
    plan, _, _ = Reading(empty, START).run(increment())
    empty.run(f"UPDATE Interaction SET ModifiedDate = '{text_of(START)}' WHERE Id = '000000000001'")
    fixed = increment().fixed(plan.marks)

    with Reading(empty, START + timedelta(hours=1)).reader as reader:
        again = records(reader, fixed, Slice(entity=Entity.OPEN_MEDIA))
    _, second, _ = Reading(empty, START + timedelta(hours=2)).run(increment(*plan.marks))

    assert (numbers(again), numbers(second)) == ([2], [1])


def test_sqlite_finds_an_increment_by_its_indexes(sqlite_history: History) -> None:
    """Both columns' indexes are used: the table is not read for a few changes."""
    from cxport.sources import sql
    from cxport.sources.dsn import sqlite_path
    from cxport.sources.sqlite import SqliteConnection

    rows = [interaction(n, 7, "2024-03-01 00:00:00") for n in range(50)]
    sqlite_history.insert("Interaction", rows)
    with closing(SqliteConnection(sqlite_path(sqlite_history.dsn))) as connection:
        connection.begin(None)
        base = bind(connection, read_mapping()).relations[Entity.CHAT].base
        changed = Selection(
            **{**vars(increment()), "window": Window(start=START, end=START + timedelta(hours=1))}
        )
        condition = sql.in_window(connection.dialect, base, changed)
        assert condition is not None
        with closing(sqlite3.connect(sqlite_path(sqlite_history.dsn))) as plain:
            query = f"EXPLAIN QUERY PLAN SELECT 1 FROM Interaction b WHERE {condition.text}"
            steps = [row[3] for row in plain.execute(query, condition.params)]

    assert any("MULTI-INDEX OR" in step for step in steps), steps
