"""The sessions of the console as an administrator sees them: whose they are, and their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cxport.domain.access import Action
from cxport.domain.audit import Act
from cxport.domain.errors import NotFound
from cxport.domain.session import Session
from cxport.domain.tenant import Caller
from cxport.services.access import require
from cxport.services.audit import Audit
from cxport.services.sessions import digest_of_session
from cxport.store import sessions
from cxport.store.database import Database

#: Hex digits of a digest that name a session; its id cannot be told from them.
_HANDLE = 16


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A session that goes on; `handle` names it among those of its tenant."""

    handle: str
    session: Session
    #: Whether it is that of whoever asks.
    own: bool = False

    @property
    def user_name(self) -> str:
        """Who it is of."""
        return self.session.subject.partition(":")[2]


class OpenSessions:
    """Lists and ends sessions of the own tenant; every method raises NotAllowed for other roles."""

    def __init__(self, db: Database, clock: Callable[[], datetime], audit: Audit) -> None:
        self._db = db
        self._audit = audit
        self._clock = clock

    def list(self, caller: Caller, session_id: str = "") -> tuple[OpenSession, ...]:
        """Give the sessions that go on, the one that was used last first."""
        require(caller, Action.ACCOUNT_READ)
        own, now = digest_of_session(session_id), self._clock()
        return tuple(
            OpenSession(handle=_handle(digest), session=session, own=digest == own)
            for digest, session in sessions.list(self._db, caller.tenant_id)
            if session.alive(now)
        )

    def end(self, caller: Caller, handle: str) -> OpenSession:
        """End a session and give what it was, or raise NotFound."""
        require(caller, Action.ACCOUNT_CHANGE)
        for digest, session in sessions.list(self._db, caller.tenant_id):
            if _handle(digest) == handle:
                with self._audit.act(caller, Act.SESSION_END, session.subject):
                    sessions.end(self._db, caller.tenant_id, digest)
                return OpenSession(handle=handle, session=session)
        raise NotFound


def _handle(digest: bytes) -> str:
    return digest.hex()[:_HANDLE]
