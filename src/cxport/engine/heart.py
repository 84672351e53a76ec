"""The heart of a worker that is one of many: it beats, and takes over what the dead left.

The engine gives the work of a process that was killed back to nobody but that process. So each
worker looks who owns unfinished workflows and does not beat any more, and hands them back to the
queues. A worker that only seemed dead can change nothing afterwards: the store knows which start
of a part is the newest, and a run is published once.
"""

from __future__ import annotations

import threading

import structlog
from dbos import DBOS

from cxport.domain.errors import CxportError
from cxport.store import beats
from cxport.store.database import Database

_log = structlog.get_logger()

#: Seconds between two beats, and after which one that does not beat is taken for dead.
_BEAT_SECONDS = 3.0
_DEAD_SECONDS = 15.0


class Heart:
    """Beats in a thread of its own from `start` to `stop`."""

    def __init__(self, db: Database, worker_id: str) -> None:
        self._db = db
        self._worker_id = worker_id
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="heart", daemon=True)

    def start(self) -> None:
        """Beat once, and from then on; raises what the store raises the first time."""
        beats.beat(self._db, self._worker_id)
        self._thread.start()

    def stop(self) -> None:
        """Beat no more, and say so."""
        self._stopping.set()
        self._thread.join(timeout=_BEAT_SECONDS)
        try:
            beats.forget(self._db, self._worker_id)
        except CxportError as error:
            _log.warning("store not reached", reason=error.message)

    def _beat_on(self) -> None:
        while not self._stopping.wait(_BEAT_SECONDS):
            try:
                beats.beat(self._db, self._worker_id)
                self._take_over()
            except CxportError as error:
                _log.warning("store not reached", reason=error.message)
            except Exception as error:  # noqa: BLE001 - the heart outlives whatever the engine's database does
                _log.warning("engine not reached", error=type(error).__name__)

    def _take_over(self) -> None:
        """Hand back to the queues what workers that do not beat have in hand."""
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        owners = {found.executor_id for found in pending if found.executor_id}
        dead = owners - beats.living(self._db, _DEAD_SECONDS) - {self._worker_id}
        if dead:
            _log.warning("taking over from workers that do not beat", workers=sorted(dead))
            DBOS._recover_pending_workflows(sorted(dead))  # noqa: SLF001 - the engine's own recovery, for other ids
