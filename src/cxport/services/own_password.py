"""Users change their own password; an administrator's way is in `administration`."""

from __future__ import annotations

from cxport.domain.access import Action
from cxport.domain.audit import Act
from cxport.domain.errors import InvalidInput, WrongState
from cxport.domain.said import Said
from cxport.domain.tenant import Caller
from cxport.services.access import require
from cxport.services.accounts import Accounts
from cxport.services.audit import Audit
from cxport.services.passwords import Passwords, check_chosen
from cxport.services.sessions import digest_of_session
from cxport.store import accounts
from cxport.store.database import Database

#: The fields that errors name.
CURRENT, NEW = "currentPassword", "newPassword"


class OwnPassword:
    """Changes the password of whoever calls."""

    def __init__(
        self, db: Database, accounts: Accounts, passwords: Passwords, audit: Audit
    ) -> None:
        self._db = db
        self._accounts = accounts
        self._passwords = passwords
        self._audit = audit

    def change(
        self, caller: Caller, current: str, new: str, *, address: str = "", session_id: str = ""
    ) -> None:
        """Replace the caller's password; all that the old one opened ends but `session_id`.

        Raises InvalidInput where the current one is wrong or the new one will not do, WrongState
        for a caller who has no password here (a client, a key, a provider's user), NotAllowed, and
        LimitReached after too many wrong ones, counted together with failed sign-ins.
        """
        require(caller, Action.PASSWORD_CHANGE)
        if not caller.subject.startswith("user:"):
            raise WrongState(
                Said("this account has no password here that could be changed"), "none"
            )
        check_chosen(NEW, new)
        user = self._accounts.confirmed(caller, current, address)
        if user is None:
            raise self._wrong(caller)
        kept, session = self._passwords.hash(new), digest_of_session(session_id)
        with self._audit.act(caller, Act.PASSWORD_CHANGE, user.name):
            if not accounts.replace_password(
                self._db, caller.tenant_id, user.name, user.stamp, kept, session
            ):
                raise InvalidInput.at(CURRENT, Said("it was changed at this moment"))

    def _wrong(self, caller: Caller) -> InvalidInput:
        self._audit.refused(caller.tenant_id, caller.subject, Act.PASSWORD_CHANGE)
        return InvalidInput.at(CURRENT, Said("it is not the password of this account"))
