"""The heart of a worker that is one of many: it beats, and takes over what the dead left.

The engine gives the work of a process that was killed back to nobody but that process. So each
worker looks who owns unfinished workflows and does not beat any more, and hands them back to the
queues. A worker that only seemed dead can change nothing afterwards: the store knows which start
of a part is the newest, and a run is published once.
"""

from __future__ import annotations

import structlog
from dbos import DBOS

from cxport.domain.errors import CxportError
from cxport.engine.rounds import Rounds
from cxport.store import beats
from cxport.store.database import Database
from cxport.telemetry import metrics

_log = structlog.get_logger()

#: Seconds between two beats, and after which one that does not beat is taken for dead.
_BEAT_SECONDS = 3.0
_DEAD_SECONDS = 15.0


class Heart:
    """Beats once by `beat`, and from `start` to `stop` again and again."""

    def __init__(self, db: Database, worker_id: str) -> None:
        self._db = db
        self._worker_id = worker_id
        self._rounds = Rounds("heart", _BEAT_SECONDS, self._round)

    def beat(self) -> None:
        """Say that the worker lives; to be done before it takes any work, and raises."""
        beats.beat(self._db, self._worker_id)

    def start(self) -> None:
        """Beat from now on, and take over; the engine must be launched."""
        self._rounds.start()

    def stop(self) -> None:
        """Beat no more, and say so."""
        self._rounds.stop(_BEAT_SECONDS)
        try:
            beats.forget(self._db, self._worker_id)
        except CxportError as error:
            _log.warning("store not reached", reason=error.message)

    def _round(self) -> None:
        self.beat()
        self._take_over()

    def _take_over(self) -> None:
        """Hand back to the queues what workers that do not beat have in hand."""
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        owners = {found.executor_id for found in pending if found.executor_id}
        dead = owners - beats.living(self._db, _DEAD_SECONDS) - {self._worker_id}
        if dead:
            _log.warning("taking over from workers that do not beat", workers=sorted(dead))
            metrics.WORKERS_REAPED.inc(len(dead))
            DBOS._recover_pending_workflows(sorted(dead))  # noqa: SLF001 - the engine's own recovery, for other ids
