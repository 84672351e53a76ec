"""Reader processes: shared by the parts of a run, replaced when they fail, ended with it."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxport.blobs.base import BlobSettings
from cxport.domain.catalogue import ENTITIES, DataType
from cxport.domain.errors import ExportFailed, RunCancelled, WorkerLost
from cxport.domain.sealing import Profile
from cxport.domain.selection import Selection
from cxport.export.process import ReaderProcess
from cxport.export.readers import Opening, ReadersByRun, RunReaders
from cxport.export.task import ExportPart, OpenReader, PartExported, PlanRun
from cxport.sealing.certificate import make_certificate
from cxport.sources.base import PlanLimits, SourceSettings
from cxport.sources.sample import write_sample
from tests.servers import PostgresServer

SELECTION = Selection(
    data_type=DataType.INTERACTION, entities=ENTITIES[DataType.INTERACTION], attachments=True
)
PLAN = PlanRun(selection=SELECTION, limits=PlanLimits(part_raw_bytes=1 << 30, part_rows=200))
CERTIFICATE = make_certificate("test", 30, 2048)[1]
RUN = ("tenant", 1, 1)


@pytest.fixture(scope="module")
def dsn(postgres: PostgresServer) -> str:
    """Give a source of a thousand interactions."""
    found = postgres.new_database()
    write_sample(found, interactions=1000, seed=1)
    return found


@pytest.fixture
def opening(dsn: str, tmp_path: Path) -> Opening:
    """Give what opens two readers of it."""
    storage = BlobSettings(url=(tmp_path / "objects").as_uri())
    return Opening(request=OpenReader(source=SourceSettings(dsn=dsn), blobs=storage), most=2)


@pytest.fixture
def readers(opening: Opening) -> Iterator[RunReaders]:
    """Give the readers of a run."""
    found = RunReaders(opening)
    yield found
    found.close()


def task(number: int, readers: RunReaders) -> ExportPart:
    """Give the description of a part of the run."""
    part = readers.plan(PLAN).parts[number - 1]
    return ExportPart(
        run_id=1,
        selection=SELECTION,
        part=part,
        numbered=True,
        object_key=f"run/part-{number}",
        split_bytes=1 << 29,
        profile=Profile.COMPAT,
        certificates=CERTIFICATE,
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def signalled(
    readers: RunReaders, piece: ExportPart, what: signal.Signals, *, cancelled: bool
) -> None:
    """Export with a reader that was sent a signal."""
    with readers.borrowed() as reader:
        os.kill(reader.pid, what)
        reader.export(piece, lambda _: None, lambda: cancelled)


def test_readers_share_one_snapshot(readers: RunReaders) -> None:
    """The second reader sees the moment of the first."""
    plan = readers.plan(PLAN)
    assert len(plan.parts) > 2
    pieces = [task(1, readers), task(2, readers)]
    both = threading.Barrier(2)
    seen: list[datetime] = []

    def export(piece: ExportPart) -> None:
        with readers.borrowed() as reader:
            both.wait(30)
            outcome = reader.export(piece, lambda _: None, lambda: False)
        assert isinstance(outcome, PartExported)
        seen.append(outcome.snapshot_at)

    threads = [threading.Thread(target=export, args=(piece,)) for piece in pieces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_a_killed_reader_is_lost_and_replaced(readers: RunReaders) -> None:
    """Killing a reader raises WorkerLost, which is transient; the next one works."""
    piece = task(1, readers)
    with pytest.raises(WorkerLost) as lost:
        signalled(readers, piece, signal.SIGKILL, cancelled=False)
    assert lost.value.transient

    with readers.borrowed() as reader:
        outcome = reader.export(piece, lambda _: None, lambda: False)
    assert isinstance(outcome, PartExported)


def test_a_stopped_reader_does_not_hold_a_cancel_up(readers: RunReaders) -> None:
    """A reader that answers nothing is killed within seconds once the run is cancelled."""
    piece = task(1, readers)
    begun = time.monotonic()
    with pytest.raises(RunCancelled):
        signalled(readers, piece, signal.SIGSTOP, cancelled=True)

    assert time.monotonic() - begun < 8


def test_what_the_child_refuses_is_told(readers: RunReaders) -> None:
    """An error of the child arrives in words, with no word of data, and is final."""
    piece = task(1, readers)
    wrong = ExportPart(**{**vars(piece), "object_key": "../outside"})
    with pytest.raises(ExportFailed) as failed, readers.borrowed() as reader:
        reader.export(wrong, lambda _: None, lambda: False)

    assert not failed.value.transient
    assert "outside" not in str(failed.value)


def test_closing_ends_the_processes(opening: Opening) -> None:
    """After close no process of the run is left, and nobody may borrow."""
    readers = RunReaders(opening)
    readers.plan(PLAN)
    pids = readers.pids
    assert len(pids) == 2

    readers.close()

    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    with pytest.raises(RunCancelled), readers.borrowed():
        pass


def test_processes_that_no_part_needs_are_gone(opening: Opening) -> None:
    """All processes start at once; after the plan only those that have a part to read live."""
    started: list[int] = []

    class Watched(ReaderProcess):
        def __init__(self) -> None:
            super().__init__()
            started.append(self.pid)

    whole = PlanRun(selection=SELECTION, limits=PlanLimits(part_raw_bytes=1 << 40, part_rows=10**9))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cxport.export.readers.ReaderProcess", Watched)
        readers = RunReaders(opening)
        plan = readers.plan(whole)

    assert len(plan.parts) == 1
    assert len(started) == 2
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == list(readers.pids)
    readers.close()


def test_a_run_that_was_expected_finds_its_process(opening: Opening) -> None:
    """What was started for the run that comes is its first reader, however often it was told."""
    found = ReadersByRun()
    found.expect()
    (first,) = _children()
    found.expect()

    readers = found.of(RUN, lambda: opening)
    readers.plan(PLAN)

    assert first in readers.pids
    assert set(readers.pids) == _children()
    found.close()
    assert not _children()


def test_a_process_whose_run_does_not_come_is_ended(opening: Opening) -> None:
    """It goes as idle readers do, or with its worker, and the next run has one all the same."""
    found = ReadersByRun()
    found.expect()

    found.end_idle(60)
    assert len(_children()) == 1
    found.end_idle(0)
    assert not _children()
    assert found.of(RUN, lambda: opening).plan(PLAN).parts
    found.expect()
    found.close()
    assert not _children()


def _children() -> set[int]:
    """Give the reader processes of this one that live."""
    reader = b"cxport.export.child"
    found = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
    return {pid for pid in found if _parent(pid) == os.getpid() and reader in _words(pid)}


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended since
        return 0


def _words(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_idle_readers_are_ended_but_held_ones_stay(opening: Opening) -> None:
    """Readers whose parts are done elsewhere go; those whose snapshot is shared stay."""
    held = ReadersByRun()
    held.of(RUN, lambda: opening, hold=True).plan(PLAN)
    passing = ReadersByRun()
    used = passing.of(RUN, lambda: opening)
    used.plan(PLAN)

    held.end_idle(0)
    passing.end_idle(0)

    assert held.of(RUN, lambda: opening).pids
    assert passing.of(RUN, lambda: opening) is not used
    held.close()
    passing.close()


@pytest.mark.parametrize("changed", [False, True])
def test_readers_of_a_file_that_changed_are_one(tmp_path: Path, *, changed: bool) -> None:
    """A second reader works beside the first where both see one commit; else parts wait for it."""
    file = tmp_path / "history.db"
    write_sample(f"sqlite:///{file}", interactions=50, seed=1)
    source = SourceSettings(dsn=f"sqlite:///{file}")
    storage = BlobSettings(url=(tmp_path / "objects").as_uri())
    readers = RunReaders(Opening(request=OpenReader(source=source, blobs=storage), most=2))
    got = threading.Event()

    def borrow() -> None:
        with readers.borrowed():
            got.set()

    second = threading.Thread(target=borrow)
    with closing(sqlite3.connect(file)) as writer, closing(readers):
        writer.execute("PRAGMA journal_mode = WAL")
        with readers.borrowed():
            if changed:
                writer.execute("UPDATE interaction SET subject = 'later'")
                writer.commit()
            second.start()
            assert got.wait(2 if changed else 20) is not changed
            assert len(readers.pids) == (1 if changed else 2)
        second.join(20)
        assert got.is_set()
