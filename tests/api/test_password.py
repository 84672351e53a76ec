"""Users change their own password: the current one is asked, and what it opened ends."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from cxport.domain.access import Role
from cxport.domain.errors import InvalidInput, WrongState
from cxport.domain.tenant import Caller
from cxport.services import ServiceSettings
from cxport.services.accounts import Accounts
from tests.api.installation import PUBLIC_URL, Account, error_of
from tests.api.test_administration import made, signs_in, token_status
from tests.api.test_audit import entries

FIRST, SECOND = "the first password", "the second password"


def a_user(account: Account, name: str = "ann") -> Account:
    """Make a viewer and sign them in."""
    made(account, "/users", name=name, roles=["viewer"], password=FIRST)
    token = _pair(account, name, FIRST)["access_token"]
    return Account(account.installation, account.credentials, account.tenant_id, token)


def _pair(account: Account, name: str, password: str) -> dict[str, Any]:
    form = {"grant_type": "password", "username": name, "password": password}
    found: dict[str, Any] = account.sign_in(**form).json()
    return found


def change(account: Account, current: str, new: str) -> httpx2.Response:
    """Ask for a new password."""
    body = {"currentPassword": current, "newPassword": new}
    client = account.installation.client
    return client.put("/cxport/v1/password", headers=account.headers, json=body)


def test_a_user_of_any_role_changes_the_own_password(bare: Account) -> None:
    """The new one signs in, the old one does not; one entry on record holds neither."""
    ann = a_user(bare)

    assert change(ann, FIRST, SECOND).status_code == 204

    assert entries(bare)[-1] == ("user:ann", "password.change", "done", "ann")
    assert signs_in(bare, "ann", SECOND)
    assert not signs_in(bare, "ann", FIRST)


def test_what_the_old_password_opened_ends(bare: Account) -> None:
    """Every token and session of that user but the session that asks, and nobody else's."""
    ann, bob = a_user(bare), a_user(bare, "bob")
    services, tenant = bare.installation.services, bare.credentials.tenant
    kept, caller = services.sessions.sign_in(tenant, "ann", FIRST)
    other, _ = services.sessions.sign_in(tenant, "ann", FIRST)
    theirs, _ = services.sessions.sign_in(tenant, "bob", FIRST)
    refresh = _pair(bare, "ann", FIRST)["refresh_token"]

    services.own_password.change(caller, FIRST, SECOND, session_id=kept)

    assert services.sessions.resume(kept, touch=True) == caller
    assert services.sessions.resume(other, touch=True) is None
    assert services.sessions.resume(theirs, touch=True)
    assert (token_status(bare, ann.token), token_status(bare, bob.token)) == (401, 200)
    assert bare.sign_in(grant_type="refresh_token", refresh_token=refresh).status_code == 400


def test_a_wrong_current_password_changes_nothing(bare: Account) -> None:
    """400 that names the field; the refusal is on record, and nothing ends."""
    ann = a_user(bare)

    answer = change(ann, SECOND, SECOND)

    assert error_of(answer, 400)["detail"]["field"] == "currentPassword"
    assert entries(bare)[-1] == ("user:ann", "password.change", "refused", "")
    assert signs_in(bare, "ann", FIRST)
    assert token_status(bare, ann.token) == 200


@pytest.mark.parametrize("new", ["", "eleven char", "x" * 257])
def test_the_rule_is_that_of_new_users(bare: Account, new: str) -> None:
    """12 to 256 characters."""
    error = error_of(change(a_user(bare), FIRST, new), 400)

    assert error["detail"] == {"field": "newPassword", "expected": "12 to 256 characters"}
    assert signs_in(bare, "ann", FIRST)


def test_guessing_is_limited_as_at_sign_in(bare: Account) -> None:
    """Whoever holds a token cannot try passwords with it: 429, also for the right one."""
    ann = a_user(bare)
    limit = ServiceSettings(public_url=PUBLIC_URL).failures_per_account
    answers = [change(ann, "wrong", SECOND).status_code for _ in range(limit)]

    assert set(answers) == {400}
    assert int(change(ann, FIRST, SECOND).headers["retry-after"]) > 0


def test_who_has_no_password_is_told(bare: Account) -> None:
    """A client has a secret, and a provider's user has a password elsewhere."""
    error_of(change(bare, FIRST, SECOND), 400)
    provided = Caller(
        tenant_id=bare.tenant_id,
        tenant_name=bare.credentials.tenant,
        subject="provider:corporate:4711",
        roles=frozenset({Role.ADMINISTRATOR}),
    )
    with pytest.raises(WrongState):
        bare.installation.services.own_password.change(provided, FIRST, SECOND)


def test_an_administrator_s_reset_at_that_moment_holds(
    bare: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever knows the old password cannot take the account back from the reset."""
    a_user(bare)
    services, tenant = bare.installation.services, bare.credentials.tenant
    session, caller = services.sessions.sign_in(tenant, "ann", FIRST)
    admin = services.sessions.sign_in(tenant, "admin", bare.credentials.password)[1]
    confirmed = Accounts.confirmed

    def overtaken(*given: Any) -> Any:
        found = confirmed(*given)
        services.administration.update_user(admin, "ann", password="the reset password")
        return found

    monkeypatch.setattr(Accounts, "confirmed", overtaken)
    with pytest.raises(InvalidInput):
        services.own_password.change(caller, FIRST, SECOND, session_id=session)

    assert signs_in(bare, "ann", "the reset password")
    assert services.sessions.resume(session, touch=True) is None
