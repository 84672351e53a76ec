"""The process that does the work: ticks become runs, and queued runs go into the engine."""

from __future__ import annotations

import fcntl
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from dbos import DBOS, DBOSConfig, EnqueueOptions
from dbos._serialization import DBOSPortableJSON

from cxport.domain.errors import SetupError
from cxport.domain.notice import Kind
from cxport.domain.pulse import Pulse
from cxport.engine.courier import ROUND_SECONDS as COURIER_SECONDS
from cxport.engine.courier import Courier
from cxport.engine.expiry import ROUND_SECONDS as WARNER_SECONDS
from cxport.engine.expiry import warn_of_expiry
from cxport.engine.heart import Heart
from cxport.engine.janitor import ROUND_SECONDS as JANITOR_SECONDS
from cxport.engine.janitor import clean_up
from cxport.engine.reaper import take_over
from cxport.engine.reconcile import ROUND_SECONDS as RECONCILE_SECONDS
from cxport.engine.reconcile import reconcile, workflow_id
from cxport.engine.resources import Resources
from cxport.engine.rounds import Rounds
from cxport.engine.ticker import Ticker
from cxport.engine.version import ENGINE_VERSION
from cxport.engine.workflows import PARTS_QUEUE, RUN_WORKFLOW, RUNS_QUEUE, register
from cxport.notices.outgoing import Sender
from cxport.store import work

#: On SQLite there is one worker.
_EMBEDDED = "sqlite"
_ONLY_WORKER = "local"

#: Runs that this process has in hand at most, and threads for them and for their parts: a run
#: waits for its parts in a thread of its own, so there must be more threads than runs.
_RUNS = 48
_THREADS = 64

#: Readers of a run whose parts are done elsewhere are ended after so many seconds.
_IDLE_SECONDS = 60.0

#: How often, in seconds, queued runs and workflows are looked for.
_POLL_SECONDS = 0.5


class Worker:
    """Takes up what is queued, and what an earlier process of the same data folder left undone.

    `pulse` beats as long as it looks for work.
    Exactly one worker may use a data folder: a second one raises SetupError.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a worker needs
        self,
        resources: Resources,
        engine_url: str,
        data: Path,
        wake: threading.Event,
        pulse: Pulse,
        senders: Mapping[Kind, Sender] | None = None,
    ) -> None:
        self._at = resources
        self._ticker = Ticker(resources.db, resources.clock)
        self._url = engine_url
        self._data = data
        self._pulse = pulse
        self._lock: IO[str] | None = None
        self._alone = engine_url.startswith(_EMBEDDED)
        self._heart: Heart | None = None
        # `wake` is set when a run was queued, so that it need not wait for the next look
        self._dispatching = Rounds("dispatch", _POLL_SECONDS, self._dispatch, wake)
        self._courier = Courier(resources, senders or {})
        self._post = Rounds("courier", COURIER_SECONDS, self._courier.turn)
        self._janitor = Rounds("janitor", JANITOR_SECONDS, lambda: clean_up(resources))
        self._warner = Rounds("certificates", WARNER_SECONDS, lambda: warn_of_expiry(resources))
        self._reconciling = Rounds("reconcile", RECONCILE_SECONDS, lambda: reconcile(resources.db))

    def start(self) -> None:
        """Begin to work; returns at once."""
        self._lock = _lock(self._data / "worker.lock")
        worker_id = _ONLY_WORKER if self._alone else _worker_id(self._data)
        self._heart = Heart(self._at.db, worker_id, ENGINE_VERSION, self._take_over(worker_id))
        self._heart.beat()
        _configure(self._url, worker_id, self._at.workers)
        register(self._at)
        DBOS.launch()
        # neither is cut by tenant: the order in which they are filled makes the tenants take turns
        DBOS.register_queue(
            RUNS_QUEUE, worker_concurrency=_RUNS, polling_interval_sec=_POLL_SECONDS
        )
        DBOS.register_queue(
            PARTS_QUEUE,
            worker_concurrency=self._at.workers,
            polling_interval_sec=_POLL_SECONDS / 2,
        )
        self._heart.start()
        self._dispatching.start()
        self._reconciling.start()
        self._janitor.start()
        self._warner.start()
        self._post.start()

    def stop(self) -> None:
        """Take nothing up any more and end; parts in hand are done again by the next start."""
        self._at.stopping.set()
        self._dispatching.stop(5)
        self._reconciling.stop(5)
        self._janitor.stop(JANITOR_SECONDS)
        self._warner.stop(5)
        self._post.stop(COURIER_SECONDS)
        self._courier.stop()
        self._at.readers.close()
        DBOS.destroy(destroy_registry=True)
        if self._heart:
            self._heart.stop()
        if self._lock:
            self._lock.close()

    def _take_over(self, worker_id: str) -> Callable[[], None]:
        """Give what takes over from other workers, where there can be any."""
        if self._alone:
            return lambda: None
        return lambda: take_over(self._at.db, worker_id)

    def _dispatch(self) -> None:
        self._pulse.beat()
        self._ticker.turn()
        self._submit_queued()
        self._at.readers.end_idle(_IDLE_SECONDS)

    def _submit_queued(self) -> None:
        """Hand queued runs to the engine; a run handed over twice is one workflow all the same."""
        for tenant_id, run_id, attempts in work.queued(self._at.db, self._at.clock()):
            options: EnqueueOptions = {
                "workflow_name": RUN_WORKFLOW,
                "queue_name": RUNS_QUEUE,
                # one workflow a stint: a run that was suspended and resumed has several
                "workflow_id": workflow_id(tenant_id, run_id, attempts),
                # otherwise workers of the newest version alone would take it
                "app_version": ENGINE_VERSION,
            }
            if self._alone:
                # it comes to this worker surely, after the engine's next look: a process takes
                # about as long to start
                self._at.readers.expect()
            DBOS.enqueue_workflow_with_options(options, tenant_id, run_id)
            work.mark_submitted(self._at.db, tenant_id, run_id, attempts)


def _configure(url: str, worker_id: str, workers: int) -> None:
    config: DBOSConfig = {
        "name": "cxport",
        "system_database_url": url,
        "application_version": ENGINE_VERSION,
        "executor_id": worker_id,
        "serializer": DBOSPortableJSON,
        "log_level": "WARNING",
        "max_executor_threads": _THREADS + workers,
    }
    # without a handler of its own it adds one that writes lines of another form than ours
    logging.getLogger("dbos").addHandler(logging.NullHandler())
    DBOS(config=config)


def _worker_id(data: Path) -> str:
    """Name one of several workers so that its next start finds what it left undone."""
    file = data / "worker-id"
    if not file.exists():
        file.write_text(str(uuid.uuid4()))
    return file.read_text()


def _lock(path: Path) -> IO[str]:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SetupError("another worker uses this data folder: give each its own") from None
    return file
