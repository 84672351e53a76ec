"""R7: whatever happens in which order, replaying the increments gives the source table."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cxport.domain.table_set import TableMark, TableSet
from cxport.sources.base import PlanLimits
from tests.sources.conftest import PRODUCTS
from tests.sources.tables import Reading, Tables

START = datetime(2024, 5, 6, 23, 0, tzinfo=UTC)
LAG_SECONDS = 60
LAG_KEYS = 5

MAPPING = """
[[set]]
name = "Items"
settle_seconds = {seconds}
settle_keys = {keys}
  [[set.table]]
  table = "items"
  key = "id"
  mark = {{ {mark} }}
  deleted = "gone"
"""
TIMES = {"sqlite": "TEXT", "postgresql": "timestamptz(3)", "mariadb": "DATETIME(3)"}


@pytest.fixture(params=PRODUCTS)
def tables(request: pytest.FixtureRequest, new_dsn: Callable[[str], str]) -> Iterator[Tables]:
    """Give an empty table in a database of each product."""
    found = made(new_dsn(request.param), request.param)
    yield found
    found.close()


def made(dsn: str, product: str) -> Tables:
    """Make the empty table."""
    found = Tables(dsn, product)
    found.run(
        "CREATE TABLE items (id INTEGER PRIMARY KEY, body VARCHAR(40),"
        f" changed {TIMES[product]}, gone INTEGER)"
    )
    found.run("CREATE INDEX items_changed ON items (changed)")
    return found


def frozen(tables: Tables, mark: str, *, lag: bool = True) -> TableSet:
    """Freeze the set with a kind of mark."""
    named = {"key": 'key = "id"', "time": 'time = "changed"'}[mark]
    seconds, keys = (LAG_SECONDS, LAG_KEYS) if lag else (0, 0)
    return tables.frozen(MAPPING.format(mark=named, seconds=seconds, keys=keys))


@dataclass
class Change:
    """A change that was made and becomes visible when its transaction commits."""

    row: int
    statement: str
    values: tuple[object, ...]
    #: When it commits: a moment, or how many keys may be taken before.
    commit_at: datetime
    last_key: int


@dataclass
class World:
    """Writers with clocks that differ and transactions that take their time; and a replica."""

    tables: Tables
    frozen: TableSet
    mark: str
    choice: random.Random
    now: datetime = START
    next_id: int = 1
    ids: list[int] = field(default_factory=list)
    pending: list[Change] = field(default_factory=list)
    marks: tuple[TableMark, ...] = ()
    replica: dict[int, dict[str, Any]] = field(default_factory=dict)
    #: Rows that were read, and that were there, over all increments that were published.
    read: int = 0
    held: int = 0

    def live(self) -> None:
        """Let one thing happen."""
        self.choice.choice([self.advance, self.insert, self.insert, self.change, self.change])()
        self.commit()

    def advance(self) -> None:
        """Let time pass: whole seconds, so that many marks are equal."""
        self.now += timedelta(seconds=self.choice.choice([0, 1, 7, 30, 100, 4000]))

    def insert(self) -> None:
        """Begin a transaction that adds a row; it may commit behind later keys."""
        row, self.next_id = self.next_id, self.next_id + 1
        statement = "INSERT INTO items (id, body, changed, gone) VALUES (?, ?, ?, 0)"
        self.begin(row, statement, (row, f"made {self.now}"))

    def change(self) -> None:
        """Begin one that updates a row, or flags it as deleted."""
        free = set(self.ids) - {one.row for one in self.pending}
        if not free:
            return
        row = self.choice.choice(sorted(free))
        if self.mark == "key" or self.choice.random() < 0.3:
            flag = "UPDATE items SET gone = 1, body = body WHERE id = ?"
            if self.mark == "key":
                self.begin(row, flag, (row,), marked=False)
                return
            self.begin(row, "UPDATE items SET body = ?, changed = ?, gone = 1 WHERE id = ?", ("-",))
        else:
            text = f"changed {self.choice.random()}"
            self.begin(row, "UPDATE items SET body = ?, changed = ? WHERE id = ?", (text,))

    def begin(
        self, row: int, statement: str, values: tuple[object, ...], *, marked: bool = True
    ) -> None:
        """Give a change its mark now; clock and commit together are late by the lag at most."""
        late = self.choice.uniform(0, LAG_SECONDS)
        behind = self.choice.uniform(0, late)
        ahead = self.choice.choice([0.0, 0.0, LAG_SECONDS * self.choice.random()])
        stamp = self.now - timedelta(seconds=behind) + timedelta(seconds=ahead)
        if marked:
            text = f"{stamp:%Y-%m-%d %H:%M:%S}.{stamp.microsecond // 1000:03}"
            if self.tables.product == "postgresql":
                text += "+00"
            values = (*values, text)
        if statement.startswith("UPDATE") and marked:
            values = (*values, row)
        wait = timedelta(seconds=self.choice.choice([0.0, late - behind]))
        self.pending.append(
            Change(row, statement, values, self.now + wait, row + self.choice.randint(0, LAG_KEYS))
        )

    def commit(self) -> None:
        """Commit what is due by now."""
        for one in list(self.pending):
            by_key = self.next_id - 1 > one.last_key
            if by_key if self.mark == "key" else self.now >= one.commit_at:
                self.apply(one)

    def apply(self, one: Change) -> None:
        """Make a change visible."""
        self.pending.remove(one)
        self.tables.run(one.statement, *one.values)
        if one.row not in self.ids:
            self.ids.append(one.row)

    def increment(self, *, fails: bool) -> None:
        """Read what is new; a run that fails is not published, and leaves no trace."""
        limits = PlanLimits(part_raw_bytes=1 << 30, part_rows=self.choice.choice([3, 1000]))
        with Reading(
            self.tables,
            self.frozen,
            marks=self.marks,
            incremental=True,
            taken_at=self.now,
        ) as reading:
            plan = reading.plan(limits)
            rows = reading.all(plan)["items"]
        if not fails:
            keys = [int(row["id"]) for row in rows]
            assert len(keys) == len(set(keys)), "a row came twice in one run"
            self.replica.update(zip(keys, rows, strict=True))
            self.marks = plan.marks
            self.read += len(rows)
            self.held += self.tables.rows("SELECT COUNT(*) FROM items")[0][0]

    def gaps(self) -> set[int]:
        """Give the rows that the replica lacks or holds in an older form."""
        with Reading(self.tables, self.frozen) as reading:
            whole = {int(row["id"]): row for row in reading.all(reading.plan())["items"]}
        assert set(whole) == {row[0] for row in self.tables.rows("SELECT id FROM items")}
        assert set(self.replica) <= set(whole)
        return {key for key, row in whole.items() if self.replica.get(key) != row}


def lived(tables: Tables, mark: str, seed: int, *, lag: bool) -> tuple[World, set[int]]:
    """Live through a history, with an increment now and then; give all gaps there ever were."""
    world = World(tables, frozen(tables, mark, lag=lag), mark, random.Random(seed))
    gaps: set[int] = set()
    for step in range(120):
        world.live()
        if step % 12 == 11:
            failed = world.choice.random() < 0.3
            world.increment(fails=failed)
            gaps |= set() if failed else world.gaps()
    for one in list(world.pending):
        world.apply(one)
    world.increment(fails=False)
    return world, gaps | world.gaps()


@pytest.mark.promise("R7")
@pytest.mark.parametrize("mark", ["key", "time"])
@pytest.mark.parametrize("seed", range(3))
def test_replaying_the_increments_gives_the_table(tables: Tables, mark: str, seed: int) -> None:
    """R7: inserts, updates, soft deletes, equal marks, late commits, clocks that differ: no gap."""
    world, gaps = lived(tables, mark, seed, lag=True)

    assert gaps == set()
    assert len(world.replica) > 20
    assert world.read < world.held, "every increment was the whole table"


@pytest.mark.parametrize("mark", ["key", "time"])
def test_without_a_lag_the_checker_finds_gaps(tmp_path: Path, mark: str) -> None:
    """What the test above lives through does lose changes where nothing is read again."""
    tables = made(f"sqlite:///{tmp_path / 'tables.db'}", "sqlite")
    found = set()
    for seed in range(6):
        tables.run("DELETE FROM items")
        found |= lived(tables, mark, seed, lag=False)[1]
    tables.close()
    assert found


@pytest.mark.promise("R7")
@pytest.mark.parametrize("mark", ["key", "time"])
def test_a_transaction_that_is_open_during_a_run_is_not_lost(postgres_dsn: str, mark: str) -> None:
    """R7: what PostgreSQL commits after a run, with a mark from before it, is in the next one."""
    tables = Tables(postgres_dsn, "postgresql")
    tables.run(
        "CREATE TABLE items (id INTEGER PRIMARY KEY, body TEXT,"
        " changed timestamptz NOT NULL DEFAULT now(), gone INTEGER)"
    )
    chosen = frozen(tables, mark)
    with psycopg.connect(postgres_dsn) as late:
        late.execute("INSERT INTO items (id, body) VALUES (1, 'late')")
        tables.run("INSERT INTO items (id, body) VALUES (2, 'early')")
        with Reading(tables, chosen, incremental=True) as reading:
            plan = reading.plan()
            assert [row["id"] for row in reading.all(plan)["items"]] == ["2"]
        late.commit()
    with Reading(tables, chosen, incremental=True, marks=plan.marks) as reading:
        again = reading.all(reading.plan())["items"]
    tables.close()

    assert {row["id"] for row in again} >= {"1"}


def test_a_row_without_a_mark_is_in_every_increment(tables: Tables) -> None:
    """Nothing tells when a row without a mark changed, so it comes every time."""
    chosen = frozen(tables, "time")
    tables.run("INSERT INTO items VALUES (1, 'a', NULL, 0), (2, 'b', '2020-01-01 00:00:00', 0)")
    tables.run("INSERT INTO items VALUES (3, 'c', '2024-01-01 00:00:00', 0)")
    with Reading(tables, chosen, incremental=True) as reading:
        first = reading.plan()
    with Reading(tables, chosen, incremental=True, marks=first.marks) as reading:
        second = reading.all(reading.plan())["items"]

    assert [str(row["id"]) for row in second] == ["1", "3"]


def test_a_mark_of_another_column_is_not_used(tables: Tables) -> None:
    """After a refresh that names another mark the table is read whole, once."""
    tables.run("INSERT INTO items VALUES (1, 'a', '2020-01-01 00:00:00', 0)")
    tables.run("INSERT INTO items VALUES (99, 'b', '2024-01-01 00:00:00', 0)")
    with Reading(tables, frozen(tables, "key"), incremental=True) as reading:
        by_key = reading.plan()

    with Reading(tables, frozen(tables, "time"), incremental=True, marks=by_key.marks) as reading:
        assert len(reading.all(reading.plan())["items"]) == 2
