"""Accounts as those who sign in know them: is the secret right, and who is behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cxport.domain.access import Role
from cxport.domain.audit import INSTALLATION, Act
from cxport.domain.errors import NotAllowed
from cxport.domain.tenant import Caller, Client, Tenant, User
from cxport.services.audit import Audit
from cxport.services.failures import FailedSignIns
from cxport.services.passwords import Passwords
from cxport.services.settings import ServiceSettings
from cxport.services.tokens import Identity
from cxport.store import tenants
from cxport.store.database import Database


class Accounts:
    """Verifies secrets within the limits on failures, wherever they are typed."""

    def __init__(
        self,
        db: Database,
        passwords: Passwords,
        settings: ServiceSettings,
        clock: Callable[[], datetime],
        audit: Audit,
    ) -> None:
        self._db = db
        self._audit = audit
        self._passwords = passwords
        self._settings = settings
        self._failures = FailedSignIns(db, clock)

    def client(self, client_id: str, secret: str, address: str) -> Client | None:
        """Give the client whose secret this is; LimitReached after too many failures."""
        found = tenants.client_by_id(self._db, client_id) if client_id else None
        kept = found.secret_hash if found else None
        if self._verified(f"client:{client_id}", address, kept, secret):
            return found
        self._refused(
            found.tenant_id if found else INSTALLATION, f"client:{found.id}" if found else ""
        )
        return None

    def user(self, tenant: Tenant | None, name: str, password: str, address: str) -> User | None:
        """Give the tenant's user whose password this is; LimitReached as above.

        Without a tenant there is none, found out as slowly.
        """
        found = None
        if tenant and name and name.isprintable():
            found = tenants.user_by_name(self._db, tenant.id, name)
        if self._owns(found, tenant.id if tenant else "", name, password, address):
            return found
        self._refused(tenant.id if tenant else INSTALLATION, f"user:{found.name}" if found else "")
        return None

    def confirmed(self, caller: Caller, password: str, address: str) -> User | None:
        """Give the user who calls where the password is theirs; LimitReached as above.

        None for a wrong one, which counts as a failed sign-in does, and where there is no user.
        """
        kind, _, name = caller.subject.partition(":")
        found = tenants.user_by_name(self._db, caller.tenant_id, name) if kind == "user" else None
        owns = self._owns(found, caller.tenant_id, name, password, address)
        return found if owns else None

    def check_address(self, address: str) -> None:
        """Raise LimitReached after too many failures from an address."""
        self._failures.check(f"address:{address}", self._settings.failures_per_address)

    def refused_elsewhere(self, provider: str, address: str, refusal: NotAllowed | None) -> None:
        """Record that somebody came back from an identity provider and was refused, and count it.

        A refusal that names somebody stands in their tenant's record, any other in the
        installation's.
        """
        self._failures.failed(f"address:{address}")
        if refusal is not None and refusal.refused is not None:
            self._audit.not_allowed(refusal)
        else:
            self._audit.refused(INSTALLATION, "unknown", Act.SIGN_IN, provider)

    def caller(self, identity: Identity) -> Caller | None:
        """Give who that is at this moment.

        None where the account has gone, or got a new secret since it signed in. Roles are
        another authority's word, where there is one; there is no account then.
        """
        held = self._roles(identity) if identity.roles is None else identity.roles
        if held is None:
            return None
        return Caller(
            tenant_id=identity.tenant_id,
            tenant_name=tenants.get(self._db, identity.tenant_id).name,
            subject=identity.subject,
            roles=held,
        )

    def _refused(self, tenant_id: str, actor: str) -> None:
        """Record a refusal; a name that nobody has is not kept, it may be a secret."""
        self._audit.refused(tenant_id, actor or "unknown", Act.SIGN_IN)

    def _roles(self, identity: Identity) -> frozenset[Role] | None:
        kind, _, name = identity.subject.partition(":")
        account: Client | User | None
        if kind == "client":
            account = tenants.client_by_id(self._db, name)
        else:
            account = tenants.user_by_name(self._db, identity.tenant_id, name)
        if account is None or identity.stamp not in {None, account.stamp}:
            return None
        return account.roles

    def _owns(
        self, user: User | None, tenant_id: str, name: str, password: str, address: str
    ) -> bool:
        kept = user.password_hash if user else None
        return self._verified(f"user:{tenant_id}:{name.casefold()}", address, kept, password)

    def _verified(self, account: str, address: str, kept: str | None, secret: str) -> bool:
        source = f"address:{address}"
        self._failures.check(account, self._settings.failures_per_account)
        self._failures.check(source, self._settings.failures_per_address)
        if self._passwords.verify(kept, secret):
            self._failures.succeeded(account)
            return True
        self._failures.failed(account, source)
        return False
