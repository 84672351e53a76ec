"""The parent's side of a process that reads and exports."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from cxport.domain.errors import ExportFailed, RunCancelled, WorkerLost
from cxport.export.task import (
    Answer,
    Cancel,
    EstimateRun,
    ExportPart,
    Failed,
    NeedsNumbering,
    OpenReader,
    PartExported,
    PlanRun,
    Progress,
    ReaderOpened,
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
    """One child process with one reader: one connection, one snapshot.

    Every call raises what the child raised, as one of our errors, or WorkerLost where the child
    ended. Not to be used by two threads at once.
    """

    def __init__(self, opening: OpenReader) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cxport.export.child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,
                env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            )
        self._connection = Connection(ours.detach())
        self._send(opening)

    def opened(self) -> ReaderOpened:
        """Wait until it reads; to be called once, before anything else."""
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
            if not isinstance(message, Progress):
                return _expect(PartExported, message)
            progress(message.rows)

    def close(self) -> None:
        """End the process and its reader; calling it again does nothing."""
        self._connection.close()
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

    def _next(self, cancelled: Callable[[], bool]) -> Answer | Progress:
        while not self._connection.poll(_POLL_SECONDS):
            if cancelled():
                self._stop()
        return self._receive()

    def _stop(self) -> None:
        """Tell it to stop; one that hangs in a read is killed, which is as good."""
        self._send(Cancel())
        deadline = time.monotonic() + _CANCEL_SECONDS
        while time.monotonic() < deadline:
            if self._connection.poll(_POLL_SECONDS) and not isinstance(self._receive(), Progress):
                break
        else:
            self._process.kill()
        raise RunCancelled

    def _send(self, message: Request | Cancel) -> None:
        try:
            self._connection.send(message)
        except OSError:
            raise WorkerLost from None

    def _receive(self) -> Answer | Progress:
        try:
            message: Answer | Progress = self._connection.recv()
        except (EOFError, OSError):
            raise WorkerLost from None
        return message


Expected = TypeVar("Expected", ReaderOpened, RunEstimated, RunPlanned, PartExported)


def _expect(kind: type[Expected], message: Answer | Progress) -> Expected:
    """Give the answer that was waited for, or raise what was told instead."""
    if isinstance(message, Failed):
        if message.error == RunCancelled.__name__:
            raise RunCancelled
        raise ExportFailed(message.message, transient=message.transient, cause=message.error)
    if not isinstance(message, kind):
        raise WorkerLost
    return message
