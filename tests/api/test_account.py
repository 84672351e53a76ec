"""Who is signed in, signing out, and how often one may ask."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from cxport.domain.access import Role
from cxport.services import ServiceSettings
from tests.api.installation import PUBLIC_URL, Account, Installation, error_of


def _revoke(account: Account, token: str, secret: str = "") -> int:
    credentials = account.credentials
    basic = (credentials.client_id, secret or credentials.client_secret)
    return account.installation.client.post(
        "/auth/v3/oauth/revoke", data={"token": token}, auth=basic
    ).status_code


def test_userinfo_says_who_is_signed_in(bare: Account) -> None:
    """The account, its tenant and its roles; nothing without a token."""
    account = bare.as_role(Role.VIEWER)
    answer = bare.installation.client.get("/auth/v3/userinfo", headers=account.headers)

    info = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert info["sub"] == f"client:{info['userName']}"
    assert info["contactCenterId"] == bare.credentials.tenant
    assert info["roles"] == info["authorities"] == ["viewer"]
    error_of(bare.installation.client.get("/auth/v3/userinfo"), 401)


def test_a_signed_out_token_is_refused(bare: Account) -> None:
    """It alone: another token of the same account stays good."""
    other = bare.sign_in(grant_type="client_credentials").json()["access_token"]
    client = bare.installation.client
    answer = client.post("/auth/v3/sign-out", headers=bare.headers)

    assert (answer.status_code, answer.content) == (204, b"")
    assert "signed out" in error_of(bare.get("/data/sources"), 401)["message"]
    error_of(client.post("/auth/v3/sign-out", headers=bare.headers), 401)
    error_of(client.post("/auth/v3/sign-out"), 401)
    bare.token = other
    assert bare.get("/data/sources").status_code == 200


def test_both_tokens_can_be_revoked(bare: Account) -> None:
    """RFC 7009: by the client they belong to; again, and for what is none, answered alike."""
    pair = bare.sign_in(grant_type="client_credentials").json()
    for token in (pair["refresh_token"], pair["access_token"], pair["access_token"], "none"):
        assert _revoke(bare, token) == 200
    refreshed = bare.sign_in(grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    bare.token = pair["access_token"]
    error_of(bare.get("/data/sources"), 401)


def test_nobody_revokes_anothers_tokens(bare: Account, installation: Installation) -> None:
    """Answered alike, without effect; a wrong secret and a missing token are errors."""
    other = installation.new_tenant()
    pair = bare.sign_in(grant_type="client_credentials").json()
    for token in (pair["refresh_token"], pair["access_token"]):
        assert _revoke(other, token) == 200
    assert _revoke(bare, pair["refresh_token"], "wrong") == 401
    assert _revoke(bare, "") == 400
    bare.token = pair["access_token"]
    assert bare.get("/data/sources").status_code == 200
    again = bare.sign_in(grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert again.status_code == 200


def test_a_tenant_that_asks_too_often_waits(
    install: Callable[..., AbstractContextManager[Installation]],
) -> None:
    """429 with Retry-After, in every version; another tenant is not delayed; then it goes on."""
    settings = ServiceSettings(public_url=PUBLIC_URL, requests_per_minute=6)
    with install(settings) as installation:
        tenant, other = installation.new_tenant(), installation.new_tenant()
        for _ in range(6):
            assert tenant.get("/data/sources").status_code == 200
        refused = tenant.get("/data/sources")
        assert error_of(refused, 429)["detail"] == {"retryAfter": 10}
        assert refused.headers["retry-after"] == "10"
        old = installation.client.get("/udm/v3/data/sources", headers=tenant.headers)
        error_of(old, 429)
        assert other.get("/data/sources").status_code == 200
        installation.clock.advance(seconds=10)
        assert tenant.get("/data/sources").status_code == 200
        error_of(tenant.get("/data/sources"), 429)
