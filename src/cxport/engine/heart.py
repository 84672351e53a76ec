"""The heart of a service or worker: it beats, so that the others know who lives, of which release.

It tells its process, too, when an upgrade was finished without it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import structlog

from cxport.domain.errors import CxportError, SetupError
from cxport.engine.rounds import Rounds
from cxport.store import beats
from cxport.store.database import Database

_log = structlog.get_logger()

#: Seconds between two beats.
_BEAT_SECONDS = 3.0


class Heart:
    """Beats once by `beat`, and from `start` to `stop` again and again.

    `engine` is the version of the workflows that a worker goes on with, and empty of a service;
    `then` is done after each further beat.
    """

    def __init__(
        self,
        db: Database,
        process_id: str,
        engine: str = beats.NO_ENGINE,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._id = process_id
        self._engine = engine
        self._then = then
        self._rounds = Rounds("heart", _BEAT_SECONDS, self._round)

    def beat(self) -> None:
        """Say that the process lives; to be done before it takes any work.

        Raises SetupError where the store does not admit it: an upgrade was finished meanwhile.
        """
        beats.beat(self._db, self._id, self._engine)
        # in this order: who finishes an upgrade sees the beat, or is seen here
        self._db.check_admitted()

    def start(self) -> None:
        """Beat from now on."""
        self._rounds.start()

    def stop(self) -> None:
        """Beat no more, and say so."""
        self._rounds.stop(_BEAT_SECONDS)
        try:
            beats.forget(self._db, self._id)
        except CxportError as error:
            _log.warning("store not reached", reason=error.message)

    def _round(self) -> None:
        try:
            self.beat()
        except SetupError as error:
            _log.error("ending", reason=error.message)
            os.kill(os.getpid(), signal.SIGTERM)
            return
        self._then()
