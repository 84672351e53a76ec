"""The process that reads and exports: `python -m cxport.export.child FD`.

It is told everything over the socket FD and keeps nothing: no store, no engine, no environment.
It ends when its parent does.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from multiprocessing.connection import Connection

from cxport import blobs, sources
from cxport.domain.errors import CxportError, RunCancelled, SnapshotGone
from cxport.domain.said import as_said
from cxport.export.limits import with_undated
from cxport.export.part import PartExport, UnnumberedOverflow
from cxport.export.stopwatch import Stopwatch
from cxport.export.task import (
    Answer,
    Cancel,
    EstimateRun,
    ExportPart,
    Failed,
    MayRead,
    NeedsNumbering,
    OpenReader,
    PartExported,
    PlanRun,
    Progress,
    ReaderOpened,
    Request,
    RunEstimated,
    RunPlanned,
    Spent,
)
from cxport.sealing.certificate import read_recipients
from cxport.sources.base import Reader

_PROGRESS_SECONDS = 0.5


class Exporter:
    """Answers requests over one connection, one at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._blobs: blobs.Blobs
        self._reader: Reader
        self._alone = False
        self._limited = False
        self._next_progress = 0.0
        self._counted = 0

    def answer(self, request: Request) -> Answer:
        """Do what is asked; every error becomes an answer."""
        try:
            return self._do(request)
        except UnnumberedOverflow:
            return NeedsNumbering()
        except CxportError as error:
            return Failed(error=type(error).__name__, said=error.said, transient=error.transient)
        except Exception as error:  # noqa: BLE001 - a fault of ours fails one part, with no data in its text
            return Failed(error=type(error).__name__, said=as_said(_where(error)), transient=False)

    def _do(self, request: Request) -> Answer:
        match request:
            case OpenReader():
                return self._open(request)
            case EstimateRun():
                return RunEstimated(estimate=self._reader.estimate(request.selection))
            case PlanRun():
                plan = self._reader.plan(request.selection, request.limits)
                parts = with_undated(plan.parts, request.selection.fixed(plan.marks))
                return RunPlanned(
                    parts=parts, estimate=plan.estimate, marks=plan.marks, warnings=plan.warnings
                )
            case ExportPart():
                return self._export(request)

    def _open(self, request: OpenReader) -> ReaderOpened:
        source = sources.connect(request.source)
        self._blobs = blobs.connect(request.blobs)
        try:
            self._reader = source.open(request.token)
        except SnapshotGone:
            self._reader = source.open()
        snapshot = self._reader.snapshot
        most = source.max_readers if snapshot.token else 1
        self._alone = request.alone or most == 1
        self._limited = request.limited
        return ReaderOpened(snapshot=snapshot, max_readers=most)

    def _export(self, task: ExportPart) -> PartExported:
        self._counted = 0
        recipients = read_recipients(task.certificates)
        part = PartExport(task, self._reader, recipients, self._watch, alone=self._alone)
        sealing, began = Stopwatch(), time.monotonic()
        self._blobs.put(task.object_key, sealing.over(part))
        stored = time.monotonic() - began
        return PartExported(
            size_bytes=part.archive.size_bytes,
            sha256=part.archive.sha256,
            zip_sha256=part.archive.zip_sha256,
            counts=part.counts,
            rows=part.rows,
            remainder=part.remainder,
            snapshot_at=self._reader.snapshot.taken_at,
            # each is waited for by the next
            spent=Spent(
                read=part.reading.seconds,
                seal=sealing.seconds - part.reading.seconds,
                store=stored - sealing.seconds,
            ),
        )

    def _watch(self, rows: int) -> None:
        """Between two batches: stop if asked to, and tell how far it is."""
        if self._connection.poll() and isinstance(self._connection.recv(), Cancel):
            raise RunCancelled
        if time.monotonic() >= self._next_progress:
            self._next_progress = time.monotonic() + _PROGRESS_SECONDS
            self._connection.send(Progress(rows=rows))
        if self._limited and rows > self._counted:
            self._wait_for_turn(rows - self._counted)
            self._counted = rows

    def _wait_for_turn(self, rows: int) -> None:
        """Let the worker say when to read on: its readers share what the source allows."""
        self._connection.send(MayRead(rows=rows))
        if isinstance(self._connection.recv(), Cancel):
            raise RunCancelled


def _where(error: Exception) -> str:
    """Name the fault by its place in our code; its own text could hold data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f" ({trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno})" if trace else ""
    return f"internal error: {type(error).__name__}{line}"


def _end_with_parent() -> None:
    """Leave at once when the parent's end of standard input closes, whatever is being done."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def _tune() -> None:
    """Let threads take turns soon enough, and look for garbage seldom: rows make none in circles.

    Measured: the former makes reading ahead pay, the latter saves a twentieth of the time.
    """
    sys.setswitchinterval(0.001)
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


def main(descriptor: int) -> None:
    """Serve requests until the parent hangs up."""
    _tune()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection = Connection(descriptor)
    exporter = Exporter(connection)
    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        if not isinstance(request, Cancel):
            connection.send(exporter.answer(request))


if __name__ == "__main__":
    main(int(sys.argv[1]))
