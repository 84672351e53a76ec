"""A tenant's accounts as its administrator changes them; secrets are given once."""

from __future__ import annotations

from cxport.domain.access import Action, Role
from cxport.domain.audit import Act
from cxport.domain.tenant import ApiKey, Caller, Client, User
from cxport.services.access import require
from cxport.services.audit import Audit
from cxport.services.passwords import Passwords, check_chosen
from cxport.services.signin import digest_of_key
from cxport.services.tenants import check_name, new_client_id, new_key, new_secret
from cxport.store import accounts, tenants
from cxport.store.database import Database


class Administration:
    """What an administrator may do with users, keys and clients of the own tenant.

    Every method raises NotAllowed for another role; those that name an account NotFound. Those that
    take a role or an account away raise WrongState where no administrator would be left.
    """

    def __init__(self, db: Database, passwords: Passwords, audit: Audit) -> None:
        self._db = db
        self._audit = audit
        self._passwords = passwords

    def users(self, caller: Caller) -> tuple[User, ...]:
        """Give the users, by name."""
        require(caller, Action.ACCOUNT_READ)
        return tuple(accounts.all_users(self._db, caller.tenant_id))

    def create_user(
        self, caller: Caller, name: str, roles: frozenset[Role], password: str = ""
    ) -> tuple[User, str]:
        """Add a user and give the password, made where none is given.

        Raises InvalidInput where the name is taken, or it or the password will not do.
        """
        require(caller, Action.ACCOUNT_CHANGE)
        check_name("name", name)
        secret = _chosen(password) if password else new_secret()
        kept = self._passwords.hash(secret)
        with self._audit.act(caller, Act.USER_ADD, name):
            return tenants.add_user(self._db, caller.tenant_id, name, kept, roles), secret

    def update_user(
        self,
        caller: Caller,
        name: str,
        roles: frozenset[Role] | None = None,
        password: str | None = None,
    ) -> User:
        """Change roles or password; a new password ends the user's sessions and tokens."""
        require(caller, Action.ACCOUNT_CHANGE)
        kept = None if password is None else self._passwords.hash(_chosen(password))
        with self._audit.act(caller, Act.USER_UPDATE) as doing:
            changed = accounts.update_user(self._db, caller.tenant_id, name, roles, kept)
            doing.to(changed.name)
        return changed

    def reset_password(self, caller: Caller, name: str) -> tuple[User, str]:
        """Give a user a new password that is made, and give it; it ends what the old one opened."""
        require(caller, Action.ACCOUNT_CHANGE)
        secret = new_secret()
        kept = self._passwords.hash(secret)
        with self._audit.act(caller, Act.USER_UPDATE, name):
            changed = accounts.update_user(self._db, caller.tenant_id, name, None, kept)
        return changed, secret

    def remove_user(self, caller: Caller, name: str) -> None:
        """Remove a user, whose tokens and sessions end with it; what they made stays."""
        require(caller, Action.ACCOUNT_CHANGE)
        with self._audit.act(caller, Act.USER_REMOVE, name):
            accounts.remove_user(self._db, caller.tenant_id, name)

    def keys(self, caller: Caller) -> tuple[ApiKey, ...]:
        """Give the API keys, oldest first; what they are cannot be shown again."""
        require(caller, Action.ACCOUNT_READ)
        return tuple(tenants.keys(self._db, caller.tenant_id))

    def create_key(
        self, caller: Caller, name: str, legacy_roles: frozenset[Role] = frozenset()
    ) -> tuple[ApiKey, str]:
        """Add an API key; with `legacy_roles`, versions 4 and 3 take it without a token."""
        require(caller, Action.ACCOUNT_CHANGE)
        check_name("name", name)
        key = new_key()
        with self._audit.act(caller, Act.KEY_ADD) as doing:
            made = tenants.add_key(
                self._db,
                caller.tenant_id,
                name,
                digest_of_key(key),
                legacy_key_only=bool(legacy_roles),
                roles=legacy_roles,
            )
            doing.to(made.id)
        return made, key

    def remove_key(self, caller: Caller, key_id: str) -> None:
        """Refuse a key from now on."""
        require(caller, Action.ACCOUNT_CHANGE)
        with self._audit.act(caller, Act.KEY_REMOVE, key_id):
            tenants.remove_key(self._db, caller.tenant_id, key_id)

    def clients(self, caller: Caller) -> tuple[Client, ...]:
        """Give the clients, oldest first."""
        require(caller, Action.ACCOUNT_READ)
        return tuple(accounts.all_clients(self._db, caller.tenant_id))

    def create_client(
        self, caller: Caller, name: str, roles: frozenset[Role]
    ) -> tuple[Client, str]:
        """Add a client and give its secret."""
        require(caller, Action.ACCOUNT_CHANGE)
        check_name("name", name)
        client_id, secret = new_client_id(), new_secret()
        kept = self._passwords.hash(secret)
        with self._audit.act(caller, Act.CLIENT_ADD, client_id):
            made = tenants.add_client(self._db, caller.tenant_id, client_id, name, kept, roles)
        return made, secret

    def update_client(
        self,
        caller: Caller,
        client_id: str,
        roles: frozenset[Role] | None = None,
        *,
        new_secret_wanted: bool = False,
    ) -> tuple[Client, str]:
        """Change roles, or make a new secret and give it (else an empty text)."""
        require(caller, Action.ACCOUNT_CHANGE)
        secret = new_secret() if new_secret_wanted else ""
        kept = self._passwords.hash(secret) if secret else None
        with self._audit.act(caller, Act.CLIENT_UPDATE, client_id):
            made = accounts.update_client(self._db, caller.tenant_id, client_id, roles, kept)
        return made, secret

    def remove_client(self, caller: Caller, client_id: str) -> None:
        """Remove a client; its tokens end with it."""
        require(caller, Action.ACCOUNT_CHANGE)
        with self._audit.act(caller, Act.CLIENT_REMOVE, client_id):
            accounts.remove_client(self._db, caller.tenant_id, client_id)


def _chosen(password: str) -> str:
    check_chosen("password", password)
    return password
