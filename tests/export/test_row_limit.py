"""Read limits: rows a second of one source, whatever reads it in this worker."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxport.blobs.base import BlobSettings
from cxport.domain.catalogue import ENTITIES, DataType
from cxport.domain.errors import RunCancelled
from cxport.domain.sealing import Profile
from cxport.domain.selection import Part, Selection
from cxport.export.readers import Opening, RunReaders
from cxport.export.row_limit import RowLimit, RowLimits
from cxport.export.task import ExportPart, OpenReader, PartExported, PlanRun
from cxport.sealing.certificate import make_certificate
from cxport.sources.base import PlanLimits, SourceSettings
from cxport.sources.sample import write_sample
from tests.servers import PostgresServer

SELECTION = Selection(
    data_type=DataType.INTERACTION, entities=ENTITIES[DataType.INTERACTION], attachments=False
)
CERTIFICATE = make_certificate("test", 30, 2048)[1]
ROWS = 4000


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Give them."""
        return self.now


def test_a_limit_is_kept_over_any_time() -> None:
    """Whatever the batches, waiting as told never reads more than the rate allows."""
    clock = Clock()
    limit, read = RowLimit(100, clock), 0
    for rows in [1, 250, 30, 30, 30, 1000, 7] * 50:
        read += rows
        clock.now += limit.take(rows)

    assert read == pytest.approx((clock.now - 100.0) * 100)


def test_a_pause_saves_up_one_second_at_most() -> None:
    """After an hour without reading there is no burst."""
    clock = Clock()
    limit = RowLimit(100, clock)
    clock.now += 3600

    assert limit.take(100) == 0
    assert limit.take(50) == pytest.approx(0.5)


def test_a_changed_rate_counts_from_now_on() -> None:
    """What is owed by then stays owed, at the new rate; each source has its own limit."""
    limits = RowLimits()
    first = limits.of("a", 100)
    assert first is not None
    assert first.take(1000) == pytest.approx(10, abs=0.5)

    assert limits.of("a", 1000) is first
    assert first.take(0) == pytest.approx(1, abs=0.5)
    assert limits.of("b", 100) is not first
    assert limits.of("a", None) is None


@pytest.fixture
def opening(postgres: PostgresServer, tmp_path: Path) -> Opening:
    """Give what opens two readers of a source."""
    dsn = postgres.new_database()
    write_sample(dsn, interactions=ROWS, seed=1)
    storage = BlobSettings(url=(tmp_path / "objects").as_uri())
    request = OpenReader(source=SourceSettings(dsn=dsn), blobs=storage)
    return Opening(request=request, most=2)


def planned(readers: RunReaders) -> list[ExportPart]:
    """Give the parts of a run over all rows."""
    limits = PlanLimits(part_raw_bytes=1 << 30, part_rows=ROWS // 3)
    return [task(part) for part in readers.plan(PlanRun(selection=SELECTION, limits=limits)).parts]


def task(part: Part) -> ExportPart:
    """Give the description of a part."""
    return ExportPart(
        run_id=1,
        selection=SELECTION,
        part=part,
        numbered=True,
        object_key=f"run/part-{part.number}",
        split_bytes=1 << 29,
        profile=Profile.COMPAT,
        certificates=CERTIFICATE,
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def exported(readers: RunReaders, piece: ExportPart) -> int:
    """Export a part, and give its rows."""
    with readers.borrowed() as reader:
        found = reader.export(piece, lambda _: None, lambda: False)
    assert isinstance(found, PartExported)
    return found.counts.selected


def test_two_runs_of_a_source_share_its_limit(opening: Opening) -> None:
    """Two runs, two readers each: together they read as fast as the limit says, and no faster."""
    limit = RowLimit(1000)
    limited = replace(opening, limit=limit)
    runs = [RunReaders(limited) for _ in range(2)]
    parts = [(one, piece) for one in runs for piece in planned(one)]
    begun = time.monotonic()
    with ThreadPoolExecutor(4) as threads:
        rows = sum(threads.map(lambda given: exported(*given), parts))
    took = time.monotonic() - begun
    for one in runs:
        one.close()

    assert rows == 2 * ROWS
    assert rows / took <= 1000 * 1.15
    assert rows / took >= 1000 * 0.7, "it waited longer than it had to"


def test_a_cancel_does_not_wait_for_the_limit(opening: Opening) -> None:
    """A part that would wait for a minute is cancelled within five seconds."""
    readers = RunReaders(replace(opening, limit=RowLimit(10)))
    cancelled = threading.Event()
    (piece, *_) = planned(readers)
    threading.Timer(1.0, cancelled.set).start()
    begun = time.monotonic()

    with pytest.raises(RunCancelled), readers.borrowed() as reader:
        reader.export(piece, lambda _: None, cancelled.is_set)
    took = time.monotonic() - begun
    readers.close()

    assert 1 <= took < 5
