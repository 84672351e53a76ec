"""Asks a source what a selection holds, in a process of its own and in bounded time."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cxport.blobs.base import BlobSettings
from cxport.domain.errors import SourceUnreachable, WorkerLost
from cxport.domain.said import Said
from cxport.domain.selection import Selection
from cxport.domain.source import StoredSource
from cxport.domain.vault import SecretBox
from cxport.engine.resources import source_settings
from cxport.export.limits import plan_limits, sealed_bytes
from cxport.export.process import ReaderProcess
from cxport.export.task import EstimateRun, OpenReader
from cxport.services.estimates import Measure, Measured
from cxport.store.database import Database

#: A source that has not answered by then is not waited for.
_SECONDS = 20.0


def measuring(
    db: Database, box: SecretBox, blobs: BlobSettings, part_rows: int, seconds: float = _SECONDS
) -> Measure:
    """Give what asks a source; SourceUnreachable where it takes more seconds than that."""

    def measure(source: StoredSource, selection: Selection, split_bytes: int) -> Measured:
        settings = source_settings(db, source, box, os.environ)
        with _reading(OpenReader(source=settings, blobs=blobs), seconds) as reader:
            expected = reader.estimate(EstimateRun(selection=selection)).estimate
        return Measured(
            rows=expected.rows,
            raw_bytes=expected.raw_bytes,
            sealed_bytes=sealed_bytes(expected),
            parts=plan_limits(split_bytes, part_rows).parts(expected),
        )

    return measure


@contextmanager
def _reading(opening: OpenReader, seconds: float) -> Iterator[ReaderProcess]:
    """Open a reader that is killed when the time is over: a driver may hang for ever."""
    reader = ReaderProcess()
    over = threading.Event()

    def end() -> None:
        over.set()
        reader.kill()

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        reader.open(opening)
        yield reader
    except WorkerLost:
        if over.is_set():
            raise SourceUnreachable(
                Said("the source did not answer within {seconds} seconds", seconds=round(seconds))
            ) from None
        raise
    finally:
        timer.cancel()
        reader.close()
