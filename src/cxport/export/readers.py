"""The reader processes of the runs that a worker has in hand.

A run's readers here see one snapshot as long as any of them lives, by a token that other workers
have as well: PostgreSQL exports a snapshot, and of an SQLite file the newest commit is compared.
MariaDB has one reader.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from cxport.domain.errors import CxportError, RunCancelled
from cxport.export.process import ReaderProcess
from cxport.export.row_limit import RowLimit
from cxport.export.task import OpenReader, PlanRun, ReaderOpened, RunPlanned
from cxport.sources.drivers import shares_snapshot


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How the readers of a run are opened, and how many the operator allows."""

    request: OpenReader
    most: int
    limit: RowLimit | None = None


class RunReaders:
    """The readers of one run; parts borrow them one at a time.

    `ready` is a process that was started before, to be its first.
    """

    def __init__(self, opening: Opening, ready: ReaderProcess | None = None) -> None:
        self._changed = threading.Condition()
        self._opening = threading.Lock()
        self._request = opening.request
        self._allowed = self._most = opening.most
        self._limit = opening.limit
        self._idle: list[ReaderProcess] = []
        self._living: list[ReaderProcess] = []
        self._spares: list[ReaderProcess] = [ready] if ready else []
        self._count = 0
        self._used_at = time.monotonic()
        self._closed = False

    def plan(self, request: PlanRun) -> RunPlanned:
        """Plan with the first reader, and begin as many more as the parts can use.

        The processes of all start at once, as that takes longer than to plan.
        """
        self._prepare()
        try:
            with self.borrowed() as reader:
                plan = reader.plan(request)
                more = [self._start() for _ in range(1, len(plan.parts)) if self._reserve()]
        finally:
            self._end_spares()
        for other in more:
            if other:
                self._give_back(other)
        return plan

    @contextmanager
    def borrowed(self) -> Iterator[ReaderProcess]:
        """Borrow a reader, waiting for one; a reader whose work fails is ended.

        Raises what opening a reader raises, and RunCancelled after `close`.
        """
        reader = self._take()
        try:
            yield reader
        except BaseException:
            self._discard(reader)
            raise
        self._give_back(reader)

    def close(self) -> None:
        """End every reader, also one that is working."""
        with self._changed:
            self._closed = True
            readers, self._living, self._idle = self._living, [], []
            self._changed.notify_all()
        self._end_spares()
        for reader in readers:
            reader.close()

    @property
    def token(self) -> str | None:
        """What lets readers elsewhere see the same, as long as the first reader lives."""
        with self._changed:
            return self._request.token

    @property
    def idle_seconds(self) -> float:
        """For how long no reader has been borrowed; 0 while one is."""
        with self._changed:
            working = self._count > len(self._idle)
            return 0.0 if working else time.monotonic() - self._used_at

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that live now, for measurements."""
        with self._changed:
            return tuple(reader.pid for reader in self._living)

    def _take(self) -> ReaderProcess:
        while True:
            with self._changed:
                while not self._idle and not self._closed:
                    if self._reserve():
                        break
                    self._changed.wait()
                if self._closed:
                    raise RunCancelled
                if self._idle:
                    return self._idle.pop()
            if started := self._start():
                return started

    def _reserve(self) -> bool:
        """Take the right to start one more reader, if there may be one."""
        with self._changed:
            free = self._count < self._most
            self._count += free
            return free

    def _prepare(self) -> None:
        """Start the processes of all readers, where there may be several and is none yet."""
        several = shares_snapshot(self._request.source.dsn)
        with self._changed:
            if several and not self._count and not self._closed:
                missing = self._most - len(self._spares)
                self._spares += [ReaderProcess() for _ in range(missing)]

    def _end_spares(self) -> None:
        with self._changed:
            spares, self._spares = self._spares, []
        for spare in spares:
            spare.close()

    def _start(self) -> ReaderProcess | None:
        """Start a reader for which there is a reservation; None where it would see another moment.

        One after the other: each begins with what the ones before it see.
        """
        with self._changed:
            spare = self._spares.pop(0) if self._spares else None
        reader = spare or ReaderProcess()
        reader.keep_to(self._limit)
        with self._opening:
            try:
                opened = reader.open(replace(self._request, alone=self._most == 1))
            except CxportError:
                self._discard(reader)
                raise
            joined = self._joins(reader, opened)
        if joined:
            return reader
        self._discard(reader)
        return None

    def _joins(self, reader: ReaderProcess, opened: ReaderOpened) -> bool:
        """Take a reader in, unless those that live see something else: then they are all."""
        with self._changed:
            if self._closed:
                return False
            if self._living and opened.snapshot.token != self._request.token:
                self._most = len(self._living)
                return False
            self._request = replace(self._request, token=opened.snapshot.token)
            self._most = min(self._allowed, opened.max_readers or self._allowed)
            self._living.append(reader)
            return True

    def _discard(self, reader: ReaderProcess) -> None:
        with self._changed:
            self._count -= 1
            self._used_at = time.monotonic()
            if reader in self._living:
                self._living.remove(reader)
            self._changed.notify_all()
        reader.close()

    def _give_back(self, reader: ReaderProcess) -> None:
        with self._changed:
            self._used_at = time.monotonic()
            if not self._closed:
                self._idle.append(reader)
                self._changed.notify_all()


#: A run in one of its attempts: tenant, id, attempt.
RunKey = tuple[str, int, int]


class ReadersByRun:
    """The readers of every run that this process has in hand."""

    def __init__(self) -> None:
        self._readers: dict[RunKey, RunReaders] = {}
        self._held: set[RunKey] = set()
        self._lock = threading.Lock()
        self._ready: ReaderProcess | None = None
        self._ready_since = 0.0

    def expect(self) -> None:
        """Start a process for a run that is about to come, unless one waits already."""
        with self._lock:
            if self._ready is None:
                self._ready = ReaderProcess()
                self._ready_since = time.monotonic()

    def of(self, run: RunKey, opening: Callable[[], Opening], *, hold: bool = False) -> RunReaders:
        """Give a run's readers, opening the first where this process has none yet.

        Those that are to be held stay until `end`, idle or not: others share their snapshot.
        """
        with self._lock:
            if hold:
                self._held.add(run)
            if run not in self._readers:
                opened = opening()
                ready, self._ready = self._ready, None
                self._readers[run] = RunReaders(opened, ready)
            return self._readers[run]

    def end(self, run: RunKey) -> None:
        """End a run's readers, if there are any."""
        with self._lock:
            self._held.discard(run)
            readers = self._readers.pop(run, None)
        if readers:
            readers.close()

    def end_idle(self, seconds: float) -> None:
        """End the readers of runs that are not held and have not been used for so long.

        So ends a process whose run has not come.
        """
        with self._lock:
            idle = [
                run
                for run, readers in self._readers.items()
                if run not in self._held and readers.idle_seconds > seconds
            ]
            if self._ready and time.monotonic() - self._ready_since > seconds:
                self._end_ready()
        for run in idle:
            self.end(run)

    def _end_ready(self) -> None:
        if self._ready:
            self._ready.close()
            self._ready = None

    def close(self) -> None:
        """End all readers."""
        with self._lock:
            self._end_ready()
        for run in list(self._readers):
            self.end(run)
