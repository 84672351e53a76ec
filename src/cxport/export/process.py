"""The parent's side of a process that reads and exports."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import TypeVar

from cxport.domain.errors import ExportFailed, RunCancelled, WorkerLost
from cxport.export.row_limit import RowLimit
from cxport.export.task import (
    Cancel,
    EstimateRun,
    ExportPart,
    Failed,
    MayRead,
    Message,
    NeedsNumbering,
    OpenReader,
    PartExported,
    PlanRun,
    Progress,
    ReaderOpened,
    ReadOn,
    Request,
    RunEstimated,
    RunPlanned,
)

#: How long a process may take to come to the next batch after it was told to stop.
_CANCEL_SECONDS = 3.0
_POLL_SECONDS = 0.25

#: All that a child sees of the environment: no secret of ours among it.
_INHERITED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR")


class ReaderProcess:
    """One child process, to be given one reader: one connection, one snapshot.

    It starts at once, and `open` waits for it. Every call raises what the child raised, as one of
    our errors, or WorkerLost where the child ended. Not to be used by two threads at once.
    """

    def __init__(self) -> None:
        self._limit: RowLimit | None = None
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cxport.export.child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,
                env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            )
        self._connection = Connection(ours.detach())
        self._opened = False

    def keep_to(self, limit: RowLimit | None) -> None:
        """Let it read as fast as a limit says; to be called before `open`."""
        self._limit = limit

    def open(self, request: OpenReader) -> ReaderOpened:
        """Let it begin to read, and wait until it does; to be called once, before anything else."""
        self._opened = True
        self._send(replace(request, limited=self._limit is not None))
        return _expect(ReaderOpened, self._receive())

    def estimate(self, request: EstimateRun) -> RunEstimated:
        """Let it estimate what a run would read."""
        self._send(request)
        return _expect(RunEstimated, self._receive())

    def plan(self, request: PlanRun) -> RunPlanned:
        """Let it plan a run."""
        self._send(request)
        return _expect(RunPlanned, self._receive())

    def export(
        self,
        task: ExportPart,
        progress: Callable[[int], None],
        cancelled: Callable[[], bool],
    ) -> PartExported | NeedsNumbering:
        """Let it export a part; raises RunCancelled soon after `cancelled` says so."""
        self._send(task)
        while True:
            message = self._next(cancelled)
            if isinstance(message, NeedsNumbering):
                return message
            if isinstance(message, MayRead):
                self._wait_for_turn(message.rows, cancelled)
            elif isinstance(message, Progress):
                progress(message.rows)
            else:
                return _expect(PartExported, message)

    def _wait_for_turn(self, rows: int, cancelled: Callable[[], bool]) -> None:
        """Let it read on when the limit allows; a cancel need not wait for that."""
        end = time.monotonic() + (self._limit.take(rows) if self._limit else 0.0)
        while (left := end - time.monotonic()) > 0:
            if cancelled():
                self._stop()
            time.sleep(min(left, _POLL_SECONDS))
        self._send(ReadOn())

    def close(self) -> None:
        """End the process and its reader; calling it again does nothing."""
        self._connection.close()
        if not self._opened:
            # it may not even listen yet, and holds nothing
            self._process.kill()
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=_CANCEL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """End the process at once; whoever waits for its answer is told WorkerLost."""
        self._process.kill()

    @property
    def pid(self) -> int:
        """The process id, for measurements."""
        return self._process.pid

    def _next(self, cancelled: Callable[[], bool]) -> Message:
        while not self._connection.poll(_POLL_SECONDS):
            if cancelled():
                self._stop()
        return self._receive()

    def _stop(self) -> None:
        """Tell it to stop; one that hangs in a read is killed, which is as good."""
        self._send(Cancel())
        deadline = time.monotonic() + _CANCEL_SECONDS
        while time.monotonic() < deadline:
            if self._connection.poll(_POLL_SECONDS) and not isinstance(
                self._receive(), Progress | MayRead
            ):
                break
        else:
            self._process.kill()
        raise RunCancelled

    def _send(self, message: Request | Cancel | ReadOn) -> None:
        try:
            self._connection.send(message)
        except OSError:
            raise WorkerLost from None

    def _receive(self) -> Message:
        try:
            message: Message = self._connection.recv()
        except (EOFError, OSError):
            raise WorkerLost from None
        return message


Expected = TypeVar("Expected", ReaderOpened, RunEstimated, RunPlanned, PartExported)


def _expect(kind: type[Expected], message: Message) -> Expected:
    """Give the answer that was waited for, or raise what was told instead."""
    if isinstance(message, Failed):
        if message.error == RunCancelled.__name__:
            raise RunCancelled
        raise ExportFailed(message.said, transient=message.transient, cause=message.error)
    if not isinstance(message, kind):
        raise WorkerLost
    return message
