"""Sessions of people at the console: kept in the store, so that they can be ended there."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from cxport.domain.access import Role
from cxport.domain.audit import Act
from cxport.domain.errors import GrantRefused
from cxport.domain.session import Session
from cxport.domain.tenant import Caller, Tenant
from cxport.services.accounts import Accounts
from cxport.services.audit import Audit
from cxport.services.rate import RequestRate
from cxport.services.settings import ServiceSettings
from cxport.services.tokens import Identity
from cxport.store import sessions, tenants
from cxport.store.database import Database

#: How long a session lasts, used or not, where its person asked to be remembered.
REMEMBERED = timedelta(days=30)
#: A use is noted once in this time: looking at pages need not write each time.
_NOTED = timedelta(minutes=1)


class Sessions:
    """Begins, resumes and ends sessions; an id is 256 random bits, and only its digest is kept."""

    def __init__(  # noqa: PLR0913, PLR0917 - what sessions need
        self,
        db: Database,
        accounts: Accounts,
        rate: RequestRate,
        settings: ServiceSettings,
        clock: Callable[[], datetime],
        audit: Audit,
    ) -> None:
        self._db = db
        self._audit = audit
        self._accounts = accounts
        self._rate = rate
        self._settings = settings
        self._clock = clock

    def sign_in(
        self, tenant: str, user: str, password: str, *, address: str = "", remember: bool = False
    ) -> tuple[str, Caller]:
        r"""Begin a session for a password; the user may be written as `tenant\user` too.

        Raises GrantRefused, the same for whatever is wrong, and LimitReached after too many
        failures of the account or from the address, counted together with those of tokens.
        """
        named, _, name = user.rpartition("\\")
        account = self._accounts.user(self._named(tenant, named), name, password, address)
        if account is None:
            raise GrantRefused
        subject = f"user:{account.name}"
        caller = self._accounts.caller(Identity(tenant_id=account.tenant_id, subject=subject))
        if caller is None:  # removed in this very moment
            raise GrantRefused
        return self._begin(caller, stamp=account.stamp, remember=remember), caller

    def admit(self, caller: Caller) -> str:
        """Begin a session for whom an identity provider has named, with the roles that it named."""
        return self._begin(caller, roles=caller.roles)

    def resume(self, session_id: str, *, touch: bool) -> Caller | None:
        """Give who is behind a session, with the account's roles of this moment.

        None where it was ended, has expired, lay idle for too long, or its account has gone.
        With `touch` this counts as use; a page that refreshes itself asks without. Raises
        LimitReached where the tenant asks too often.
        """
        digest = digest_of_session(session_id)
        found = sessions.find(self._db, digest)
        now = self._clock()
        if found is None or not found.alive(now):
            return None
        self._rate.take(found.tenant_id)
        if touch and now - found.used_at >= _NOTED:
            sessions.touch(self._db, found.tenant_id, digest, now)
        return self._accounts.caller(
            Identity(tenant_id=found.tenant_id, subject=found.subject, roles=found.roles)
        )

    def end(self, session_id: str) -> None:
        """End a session; one that is none is no error."""
        digest = digest_of_session(session_id)
        found = sessions.find(self._db, digest)
        if found is not None:
            with self._audit.by(found.tenant_id, found.subject, Act.SIGN_OUT):
                sessions.end(self._db, found.tenant_id, digest)

    def others(self, caller: Caller, session_id: str) -> int:
        """Count the caller's sessions that go on elsewhere."""
        own, now = digest_of_session(session_id), self._clock()
        return sum(
            one.subject == caller.subject and digest != own and one.alive(now)
            for digest, one in sessions.list(self._db, caller.tenant_id)
        )

    def end_others(self, caller: Caller, session_id: str) -> int:
        """End the caller's sessions but for this one, and tell how many there were."""
        with self._audit.act(caller, Act.SIGN_OUT):
            return sessions.end_others(
                self._db, caller.tenant_id, caller.subject, digest_of_session(session_id)
            )

    def _named(self, tenant: str, named: str) -> Tenant | None:
        """Find the tenant that is named in one place, or alike in both."""
        wanted = tenant or named
        if wanted.casefold() != (named or wanted).casefold() or not wanted.isprintable():
            return None
        return tenants.by_name(self._db, wanted)

    def _begin(
        self,
        caller: Caller,
        *,
        roles: frozenset[Role] | None = None,
        stamp: str | None = None,
        remember: bool = False,
    ) -> str:
        """Keep a session; GrantRefused where the account has another stamp by now."""
        session_id, now = secrets.token_urlsafe(32), self._clock()
        lasting = REMEMBERED if remember else timedelta(hours=self._settings.session_hours)
        idle = timedelta(minutes=self._settings.session_idle_minutes)
        session = Session(
            tenant_id=caller.tenant_id,
            subject=caller.subject,
            roles=roles,
            used_at=now,
            idle=REMEMBERED if remember else idle,
            expires_at=now + lasting,
        )
        try:
            with self._audit.act(caller, Act.SIGN_IN):
                self._keep(session_id, session, stamp)
        except GrantRefused:
            self._audit.refused(caller.tenant_id, caller.subject, Act.SIGN_IN)
            raise
        return session_id

    def _keep(self, session_id: str, session: Session, stamp: str | None) -> None:
        if not sessions.add(
            self._db, session.tenant_id, digest_of_session(session_id), session, stamp
        ):
            raise GrantRefused


def digest_of_session(session_id: str) -> bytes:
    """Give what is kept of a session's id."""
    return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).digest()
