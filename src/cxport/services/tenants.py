"""Tenants and their accounts: what an administrator makes on the host, secrets shown once."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from cxport.domain.access import Role
from cxport.domain.audit import INSTALLATION, Act
from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.said import Said
from cxport.domain.tenant import Limits, Tenant
from cxport.services.audit import Audit
from cxport.services.passwords import Passwords
from cxport.services.signin import digest_of_key
from cxport.store import limits, tenants
from cxport.store.database import Database

#: The user and client that a new tenant begins with.
FIRST_USER = "admin"
#: Runs of one tenant at the same time at most.
MOST_RUNS = 48
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}[A-Za-z0-9]|[A-Za-z0-9]")
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, kw_only=True, repr=False)
class Credentials:
    """What a new tenant signs in with; the secrets are not kept and cannot be shown again."""

    tenant: str
    api_key: str
    client_id: str
    client_secret: str
    username: str
    password: str


class Tenants:
    """The acts of the host's administrator; nobody reaches them over the network."""

    def __init__(self, db: Database, passwords: Passwords, audit: Audit) -> None:
        self._db = db
        self._audit = audit
        self._passwords = passwords

    def create_tenant(self, name: str) -> Credentials:
        """Make a tenant with a key, a client and a user, both administrators.

        Raises InvalidInput where the name will not do or is taken.
        """
        check_name("name", name)
        password, secret = new_secret(), new_secret()
        key, client_id = new_key(), new_client_id()
        accounts = tenants.FirstAccounts(
            key_name="first key",
            key_digest=digest_of_key(key),
            client_id=client_id,
            client_name="first client",
            client_secret_hash=self._passwords.hash(secret),
            user_name=FIRST_USER,
            user_password_hash=self._passwords.hash(password),
            roles=_ADMINISTRATOR,
        )
        with self._audit.on_host(INSTALLATION, Act.TENANT_CREATE) as doing:
            tenant = tenants.create(self._db, name, accounts)
            doing.to(tenant.id)
        return Credentials(
            tenant=tenant.name,
            api_key=key,
            client_id=client_id,
            client_secret=secret,
            username=FIRST_USER,
            password=password,
        )

    def add_key(
        self, tenant_name: str, name: str, legacy_roles: frozenset[Role] = frozenset()
    ) -> str:
        """Add an API key to a tenant and return it.

        With `legacy_roles`, versions 4 and 3 take the key alone, without a token, with them.
        """
        key, tenant = new_key(), self.named(tenant_name)
        with self._audit.on_host(tenant.id, Act.KEY_ADD) as doing:
            made = tenants.add_key(
                self._db,
                tenant.id,
                name,
                digest_of_key(key),
                legacy_key_only=bool(legacy_roles),
                roles=legacy_roles,
            )
            doing.to(made.id)
        return key

    def add_client(self, tenant_name: str, name: str, roles: frozenset[Role]) -> tuple[str, str]:
        """Add a client to a tenant and return its id and secret."""
        client_id, secret = new_client_id(), new_secret()
        tenant = self.named(tenant_name)
        kept = self._passwords.hash(secret)
        with self._audit.on_host(tenant.id, Act.CLIENT_ADD, client_id):
            tenants.add_client(self._db, tenant.id, client_id, name, kept, roles)
        return client_id, secret

    def add_user(self, tenant_name: str, name: str, roles: frozenset[Role]) -> str:
        """Add a user to a tenant and return the password."""
        check_name("username", name)
        password = new_secret()
        tenant = self.named(tenant_name)
        kept = self._passwords.hash(password)
        with self._audit.on_host(tenant.id, Act.USER_ADD, name):
            tenants.add_user(self._db, tenant.id, name, kept, roles)
        return password

    def named(self, name: str) -> Tenant:
        """Give the tenant of that name, whatever its case, or raise NotFound."""
        found = tenants.by_name(self._db, name)
        if found is None:
            raise NotFound(Said("no tenant has this name"))
        return found

    def limits(self, name: str) -> Limits:
        """Give what a tenant may have at the same time, or raise NotFound."""
        return limits.of_tenant(self._db, self.named(name).id)

    def set_limits(self, name: str, found: Limits) -> None:
        """Set it, for runs that have not begun yet.

        Raises NotFound, and InvalidInput for less than one, more than MOST_RUNS runs at the same
        time, and fewer parts than runs.
        """
        _check_limits(found)
        tenant = self.named(name)
        with self._audit.on_host(tenant.id, Act.TENANT_LIMIT):
            limits.change(self._db, tenant.id, found)

    def list(self) -> tuple[Tenant, ...]:
        """Give every tenant, by name."""
        return tuple(tenants.all(self._db))


def _check_limits(limits: Limits) -> None:
    for name, value in vars(limits).items():
        if value is not None and value < 1:
            raise InvalidInput.at(name, Said("too small"), Said("1 or more"))
    if limits.parallel_runs > MOST_RUNS:
        raise InvalidInput.at(
            "parallel_runs", Said("too many"), Said("1 to {most_runs}", most_runs=MOST_RUNS)
        )
    if limits.parallel_parts is not None and limits.parallel_parts < limits.parallel_runs:
        expected = Said(
            "at least parallel_runs, {runs}: each run has one part", runs=limits.parallel_runs
        )
        raise InvalidInput.at("parallel_parts", Said("fewer than runs"), expected)


def new_secret() -> str:
    """Make a password or secret of 192 random bits."""
    return secrets.token_urlsafe(24)


def new_key() -> str:
    """Make an API key."""
    return f"cxp_{new_secret()}"


def new_client_id() -> str:
    """Make the id of a client."""
    return f"client-{secrets.token_hex(8)}"


def check_name(field: str, name: str) -> None:
    """Raise InvalidInput where a name will not do."""
    if not _NAME.fullmatch(name):
        raise InvalidInput.at(
            field,
            Said("not a name"),
            Said(
                "1 to 64 letters, digits, spaces, dots, dashes and underscores, a "
                "letter or digit at both ends"
            ),
        )
