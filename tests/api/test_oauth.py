"""`POST /auth/v3/oauth/token`: the grants that scripts use, and the refusals of RFC 6749."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import pytest

from cxport.domain.access import Role
from cxport.services import ServiceSettings
from tests.api.installation import PUBLIC_URL, Account, Installation

TOKEN = "/auth/v3/oauth/token"


def _password(account: Account, **changed: str) -> httpx2.Response:
    found = account.credentials
    form = {"grant_type": "password", "username": found.username, "password": found.password}
    return account.sign_in(**{**form, "scope": "*", **changed})


def _refused(answer: httpx2.Response, status: int, code: str) -> None:
    """Check the one shape of RFC 6749, section 5.2."""
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == code
    assert answer.headers["cache-control"] == "no-store"


def test_client_credentials_by_basic_and_in_the_form(bare: Account) -> None:
    """A program signs in either way; what it gets is printed in the contract, and uncached."""
    found = bare.credentials
    form = {
        "grant_type": "client_credentials",
        "client_id": found.client_id,
        "client_secret": found.client_secret,
    }
    by_form = bare.installation.client.post(TOKEN, data=form)
    by_basic = bare.sign_in(grant_type="client_credentials", scope="*")

    for answer in (by_form, by_basic):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["pragma"] == "no-cache"
        pair = answer.json()
        assert (pair["token_type"], pair["expires_in"], pair["scope"]) == ("bearer", 3600, "*")
        bare.token = pair["access_token"]
        assert bare.get("/data/sources").status_code == 200


@pytest.mark.parametrize("form", ["{user}", "{tenant}\\{user}", "{TENANT}\\{USER}"])
def test_the_password_grant_takes_both_forms_of_a_name(bare: Account, form: str) -> None:
    r"""A user signs in as `tenant\user` or bare, in any case."""
    found = bare.credentials
    name = form.format(
        user=found.username,
        tenant=found.tenant,
        USER=found.username.upper(),
        TENANT=found.tenant.upper(),
    )
    answer = _password(bare, username=name)

    assert answer.status_code == 200
    bare.token = answer.json()["access_token"]
    assert bare.get("/data/sources").status_code == 200


def test_a_refresh_token_serves_once(bare: Account) -> None:
    """Each use gives a new pair and ends the old refresh token."""
    first = _password(bare).json()["refresh_token"]
    second = bare.sign_in(grant_type="refresh_token", refresh_token=first)

    assert second.status_code == 200
    assert second.json()["refresh_token"] != first
    bare.token = second.json()["access_token"]
    assert bare.get("/data/sources").status_code == 200
    again = bare.sign_in(grant_type="refresh_token", refresh_token=first)
    _refused(again, 400, "invalid_grant")


def test_a_refresh_token_is_its_clients_own(bare: Account) -> None:
    """Another client of the same tenant cannot use it, nor use it up."""
    token = _password(bare).json()["refresh_token"]
    tenants = bare.installation.services.tenants
    other = tenants.add_client(bare.credentials.tenant, "other", frozenset({Role.VIEWER}))
    form = {"grant_type": "refresh_token", "refresh_token": token}

    _refused(bare.installation.client.post(TOKEN, data=form, auth=other), 400, "invalid_grant")
    assert bare.sign_in(**form).status_code == 200


def test_a_refresh_token_expires(own: Installation) -> None:
    """It is good for 30 days."""
    account = own.new_tenant()
    token = _password(account).json()["refresh_token"]
    own.clock.advance(days=30, seconds=1)

    _refused(account.sign_in(grant_type="refresh_token", refresh_token=token), 400, "invalid_grant")


def test_wrong_secrets_and_unknown_names_are_answered_alike(
    bare: Account, installation: Installation
) -> None:
    """Nobody learns from an answer which clients, users or tenants there are."""
    client, secret = bare.credentials.client_id, bare.credentials.client_secret
    form = {"grant_type": "client_credentials"}
    wrong = installation.client.post(TOKEN, data=form, auth=(client, "wrong"))
    unknown = installation.client.post(TOKEN, data=form, auth=("nobody", secret))
    nothing = installation.client.post(TOKEN, data=form)
    _refused(wrong, 401, "invalid_client")
    assert wrong.headers["www-authenticate"] == 'Basic realm="cxport"'
    assert wrong.content == unknown.content == nothing.content

    other = installation.new_tenant().credentials
    answers = [
        _password(bare, password="wrong"),
        _password(bare, username="nobody"),
        _password(bare, username=""),
        _password(bare, username=f"nowhere\\{bare.credentials.username}"),
        _password(bare, username=f"{other.tenant}\\{other.username}", password=other.password),
        bare.sign_in(grant_type="refresh_token", refresh_token="wrong"),
        bare.sign_in(grant_type="refresh_token"),
    ]
    for answer in answers:
        _refused(answer, 400, "invalid_grant")
        assert answer.content == answers[0].content


def test_a_key_of_another_tenant_does_not_go_with_the_client(
    bare: Account, installation: Installation
) -> None:
    """Where a key is sent along it must name the client's tenant."""
    found = bare.credentials
    form = {"grant_type": "client_credentials"}

    def ask(key: str) -> httpx2.Response:
        basic = (found.client_id, found.client_secret)
        headers = {"x-api-key": key}
        return installation.client.post(TOKEN, data=form, auth=basic, headers=headers)

    assert ask(found.api_key).status_code == 200
    _refused(ask(installation.new_tenant().credentials.api_key), 401, "invalid_client")
    _refused(ask("cxp_unknown"), 401, "invalid_client")


def test_an_unknown_grant_is_named_so(bare: Account) -> None:
    """A grant that we do not have is `unsupported_grant_type`."""
    _refused(bare.sign_in(grant_type="implicit"), 400, "unsupported_grant_type")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"grant_type=",
        b"scope=*",
        b"grant_type=password&grant_type=password",
        b"grant_type=password&username=%00",
        b"grant_type=password&username=%ff",
        b"grant_type=\xff",
        b"&".join(b"a%d=1" % n for n in range(30)),
    ],
)
def test_a_malformed_request_is_named_so(bare: Account, content: bytes) -> None:
    """Missing, doubled and unreadable parameters are `invalid_request`."""
    answer = bare.installation.client.post(
        TOKEN,
        content=content,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        auth=("client", "secret"),
    )
    _refused(answer, 400, "invalid_request")


@pytest.mark.parametrize("credentials", ["!", base64.b64encode(b"\xff:x").decode(), "YTpiAA=="])
def test_malformed_basic_is_named_so(bare: Account, credentials: str) -> None:
    """A header that is no HTTP Basic is `invalid_request`."""
    answer = bare.installation.client.post(
        TOKEN,
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {credentials}"},
    )
    _refused(answer, 400, "invalid_request")


def test_other_bodies_and_double_sign_in_are_refused(bare: Account) -> None:
    """The body is a form, and a client signs in one way."""
    answer = bare.installation.client.post(TOKEN, json={"grant_type": "password"})
    _refused(answer, 400, "invalid_request")
    _refused(
        bare.sign_in(grant_type="client_credentials", client_secret="x"), 400, "invalid_request"
    )


def test_a_body_over_the_cap_is_cut_off(bare: Account) -> None:
    """Nobody fills the memory of the one endpoint that is open to all."""
    answer = bare.sign_in(grant_type="password", password="x" * 2_000_000)
    assert answer.status_code == 413


def test_after_too_many_failures_an_account_waits(own: Installation) -> None:
    """The right password does not help either, until the oldest failure is 15 minutes old."""
    account = own.new_tenant()
    for _ in range(10):
        _refused(_password(account, password="wrong"), 400, "invalid_grant")

    answer = _password(account)
    _refused(answer, 429, "temporarily_unavailable")
    assert 890 <= int(answer.headers["retry-after"]) <= 901
    own.clock.advance(minutes=15, seconds=1)
    assert _password(account).status_code == 200


def test_a_success_forgives_an_accounts_failures(own: Installation) -> None:
    """Nine wrong passwords, the right one, and nine wrong ones again: no wait."""
    account = own.new_tenant()
    for _ in range(2):
        for _ in range(9):
            _refused(_password(account, password="wrong"), 400, "invalid_grant")
        assert _password(account).status_code == 200


def test_an_address_that_guesses_names_waits(
    install: Callable[..., AbstractContextManager[Installation]],
) -> None:
    """Failures of many accounts from one address add up."""
    settings = ServiceSettings(public_url=PUBLIC_URL, failures_per_address=5)
    with install(settings) as found:
        account = found.new_tenant()
        for number in range(5):
            _refused(_password(account, username=f"user{number}"), 400, "invalid_grant")
        _refused(_password(account), 429, "temporarily_unavailable")


def test_a_token_dies_after_an_hour(own: Installation) -> None:
    """It works in its last minute, and not in the next."""
    account = own.new_tenant()
    own.clock.advance(minutes=59)
    assert account.get("/data/sources").status_code == 200
    own.clock.advance(minutes=1)
    assert account.get("/data/sources").status_code == 401


def test_tokens_survive_a_restart_and_not_another_installation(
    install: Callable[..., AbstractContextManager[Installation]], installation: Installation
) -> None:
    """The key is the installation's, from its store; a foreign token is nobody's."""
    stranger = installation.new_tenant()
    with install() as found:
        account = found.new_tenant()
        account.token = stranger.token
        assert account.get("/data/sources").status_code == 401


def test_scopes_and_unknown_parameters_change_nothing(bare: Account) -> None:
    """Scripts send what they like; the scope is always all of the roles."""
    answer: dict[str, Any] = _password(bare, scope="read write", audience="x").json()
    assert answer["scope"] == "*"
