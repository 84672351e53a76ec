"""Snapshots: what a reader sees never changes, and parts agree when it does."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from cxport.domain.errors import SnapshotGone
from cxport.domain.selection import Selection
from cxport.sources.base import PlanLimits, Reader, Source
from cxport.sources.sample import write_sample
from tests.sources.history import History, fill, interaction
from tests.sources.reading import all_keys, all_records, interactions, records, source_of

#: A writer would wait for a reader in SQLite's older journal.
_WAL = "PRAGMA journal_mode = WAL"


def _change_everything(history: History) -> None:
    """Do what a living contact centre does between two parts, and more."""
    new = [interaction(2_000_000 + n, n % 3, "2024-01-02 00:00:00") for n in range(50)]
    history.insert("Interaction", new)
    history.run(
        "UPDATE Interaction SET StartDate = '2031-01-01 00:00:00', ModifiedDate = NULL"
        " WHERE Status = 1",
        "UPDATE Interaction SET StartDate = NULL WHERE Status = 2",
        "DELETE FROM Interaction WHERE Status = 3 AND EntityTypeId = 6",
    )


def test_a_reader_sees_the_moment_it_began(empty: History) -> None:
    """Rows inserted, changed and deleted behind its back do not show."""
    if empty.product == "sqlite":
        empty.run(_WAL)
    fill(empty, 200)
    with source_of(empty.dsn).open() as reader:
        before = all_records(reader, interactions())
        _change_everything(empty)

        assert all_records(reader, interactions()) == before
    with source_of(empty.dsn).open() as reader:
        assert all_records(reader, interactions()) != before


def test_a_reader_sees_its_moment_even_if_it_has_not_read_yet(empty: History) -> None:
    """The snapshot is fixed when the reader is opened, not when it first reads."""
    if empty.product == "sqlite":
        empty.run(_WAL)
    fill(empty, 100)
    with source_of(empty.dsn).open() as reader:
        _change_everything(empty)

        assert len(all_keys(reader, interactions())) == 100


def test_postgresql_readers_share_a_snapshot(postgres_history: History) -> None:
    """A second reader with the first one's token sees the same, also of later changes."""
    fill(postgres_history, 200)
    source = source_of(postgres_history.dsn)
    with source.open() as first:
        _change_everything(postgres_history)
        with source.open(first.snapshot.token) as second:
            assert second.snapshot == first.snapshot
            assert all_records(second, interactions()) == all_records(first, interactions())
            assert len(all_keys(second, interactions())) == 200

    assert source.max_readers is None


def test_a_snapshot_ends_with_its_owner(postgres_history: History) -> None:
    """Afterwards, and for a token that never was, there is a clear error."""
    source = source_of(postgres_history.dsn)
    with source.open() as first:
        token = first.snapshot.token
    for gone in (token, "00000003-0000001B-1", "no token; DROP TABLE Interaction"):
        with pytest.raises(SnapshotGone):
            source.open(gone)


def _sqlite(folder: Path, journal: str) -> tuple[Source, sqlite3.Connection]:
    """Give a file with two rows that every commit of a writer changes together."""
    dsn = f"sqlite:///{folder / 'history.db'}"
    write_sample(dsn, interactions=50, seed=1)
    writer = sqlite3.connect(folder / "history.db", isolation_level=None, check_same_thread=False)
    writer.execute(f"PRAGMA journal_mode = {journal}")
    writer.execute("PRAGMA synchronous = OFF")
    writer.execute("UPDATE interaction SET subject = '0'")
    return source_of(dsn), writer


def _subjects(reader: Reader) -> set[object]:
    return {record["subject"] for record in all_records(reader, interactions())}


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_readers_of_a_file_see_one_commit(tmp_path: Path, journal: str) -> None:
    """A second reader joins the first where nothing was committed since, else it is refused."""
    source, writer = _sqlite(tmp_path, journal)
    with closing(writer), source.open() as first:
        with source.open(first.snapshot.token) as second:
            assert second.snapshot == first.snapshot
            assert all_records(second, interactions()) == all_records(first, interactions())
        if journal == "WAL":
            writer.execute("UPDATE interaction SET subject = '1'")
            with pytest.raises(SnapshotGone):
                source.open(first.snapshot.token)
            assert _subjects(first) == {"0"}
    assert source.max_readers is None


def test_readers_of_a_file_never_mix_commits(tmp_path: Path) -> None:
    """While somebody commits all the time, whoever joins sees exactly what the first one sees."""
    source, writer = _sqlite(tmp_path, "WAL")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.wait(0.002):
            number += 1
            writer.execute("UPDATE interaction SET subject = ?", (str(number),))

    thread = threading.Thread(target=write)
    thread.start()
    joined = refused = 0
    with ExitStack() as ending:
        ending.callback(writer.close)
        ending.callback(thread.join)
        ending.callback(stop.set)
        for _ in range(400):
            with source.open() as first:
                try:
                    second = source.open(first.snapshot.token)
                except SnapshotGone:
                    refused += 1
                    continue
                with second:
                    joined += 1
                    assert _subjects(second) == _subjects(first)
            if joined > 20 and refused > 20:
                break
    assert joined
    assert refused


def test_mariadb_has_a_single_reader(mariadb_history: History) -> None:
    """Where a snapshot cannot be shared, the source says so and refuses a token."""
    source = source_of(mariadb_history.dsn)
    with source.open() as reader:
        assert reader.snapshot.token is None

    assert source.max_readers == 1
    with pytest.raises(SnapshotGone):
        source.open("a token")


def test_the_moment_is_told_in_utc(empty: History) -> None:
    """A snapshot knows when it was taken, aware, to compare with windows."""
    with source_of(empty.dsn).open() as first, source_of(empty.dsn).open() as second:
        offset = first.snapshot.taken_at.utcoffset()

        assert offset is not None
        assert not offset
        assert abs(second.snapshot.taken_at - first.snapshot.taken_at).total_seconds() < 60


def test_parts_of_different_snapshots_lose_and_double_nothing(empty: History) -> None:
    """Each row that existed throughout comes once, though its times changed between parts."""
    if empty.product == "sqlite":
        empty.run(_WAL)
    fill(empty, 300)
    selection = Selection(
        data_type=interactions().data_type, entities=interactions().entities[:5], media=()
    )
    kept = {
        row[0] for row in empty.rows("SELECT Id FROM Interaction WHERE EntityTypeId NOT IN (6, 7)")
    }
    with source_of(empty.dsn).open() as reader:
        plan = reader.plan(selection, PlanLimits(part_raw_bytes=1 << 40, part_rows=30))
    found: list[str] = []
    for number, part in enumerate(plan.parts):
        if number == 2:
            _change_everything(empty)
        with source_of(empty.dsn).open() as reader:
            found += [
                record["id"]
                for piece in part.slices
                for record in records(reader, selection, piece)
            ]

    assert len(plan.parts) > 4
    assert sorted(key for key in found if key in kept) == sorted(kept)
