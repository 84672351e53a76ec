"""The API takes the access tokens of the operator's identity provider, and nobody else's."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from cxport.domain.errors import NotAuthenticated
from cxport.services import ServiceSettings
from cxport.services.providers import Providers
from tests.api.installation import PUBLIC_URL, Installation, error_of, job_body
from tests.identity.provider import AUDIENCE, IdentityProvider, new_key, set_up


def who(own: Installation, token: str) -> httpx2.Response:
    """Ask who is behind a token."""
    return own.client.get("/auth/v3/userinfo", headers={"Authorization": f"Bearer {token}"})


def test_a_program_of_the_provider_s_is_signed_in(
    own: Installation, provider: IdentityProvider
) -> None:
    """Its claims name the tenant, whatever its case, and the roles that were mapped."""
    for client, role in (("exporter", "administrator"), ("viewer", "viewer")):
        found = who(own, provider.token(client)).json()

        assert found["contactCenterId"] == "Acme"
        assert found["roles"] == [role]
        assert found["sub"] == f"provider:corporate:{client}"


def test_its_roles_are_the_one_table(own: Installation, provider: IdentityProvider) -> None:
    """A viewer reads and changes nothing, as with a token of ours."""
    headers = {"Authorization": f"Bearer {provider.token('viewer')}"}
    reading = own.client.get("/udm/v10/export/jobs", headers=headers)
    writing = own.client.post("/udm/v10/export/jobs", headers=headers, json=job_body())

    assert reading.status_code in {200, 204}
    error_of(writing, 403)


def test_tokens_of_ours_stay_good(own: Installation) -> None:
    """Beside those of the provider."""
    account = own.new_tenant(source=False)

    assert account.token
    assert who(own, account.token).status_code == 200


def test_who_has_no_place_here_is_told_what_would_be_right(
    own: Installation, provider: IdentityProvider
) -> None:
    """No role is 403, no tenant 401; which tenants there are is not told."""
    no_role = error_of(who(own, provider.token("stranger")), 403)
    no_tenant = error_of(who(own, provider.token("elsewhere")), 401)

    assert "realm_access.roles" in no_role["message"]
    assert no_tenant["message"] == "the claim tenant must name a tenant of this service"


def test_a_key_of_another_tenant_does_not_go_with_it(
    own: Installation, provider: IdentityProvider
) -> None:
    """A token of one tenant with the API key of another is 403, as with tokens of ours."""
    key = own.services.tenants.add_key("Other", "key")
    headers = {"Authorization": f"Bearer {provider.token('exporter')}", "x-api-key": key}

    error_of(own.client.get("/udm/v10/export/jobs", headers=headers), 403)


def test_signing_out_ends_a_token(own: Installation, provider: IdentityProvider) -> None:
    """That one, here; another of the same program stays."""
    token, other = provider.token("exporter"), provider.token("exporter")
    headers = {"Authorization": f"Bearer {token}"}

    assert own.client.post("/auth/v3/sign-out", headers=headers).status_code == 204
    error_of(who(own, token), 401)
    assert who(own, other).status_code == 200


#: What makes a token worthless although the provider's own key signed it.
FORGED: dict[str, dict[str, Any]] = {
    "wrong issuer": {"iss": "https://elsewhere.example"},
    "issuer with a slash": {"iss": "http://127.0.0.1:1/"},
    "no issuer": {"iss": ...},
    "issuer is a list": {"iss": ["https://elsewhere.example"]},
    "wrong audience": {"aud": "https://else.example"},
    "no audience": {"aud": ...},
    "audience of the console": {"aud": "console"},
    "expired": {"exp": 1_700_000_000},
    "expires never": {"exp": ...},
    "expires at no moment": {"exp": "tomorrow"},
    "expires beyond time": {"exp": 10**30},
    "not yet": {"nbf": 4_000_000_000},
    "no subject": {"sub": ...},
    "subject is a number": {"sub": 5},
    "subject with NUL": {"sub": "ann\0"},
    "no tenant": {"tenant": ...},
    "tenant is a list": {"tenant": ["Acme"]},
    "tenant with NUL": {"tenant": "Acme\0"},
}


@pytest.mark.parametrize("what", FORGED)
def test_a_token_that_says_something_wrong_is_401(
    own: Installation, provider: IdentityProvider, what: str
) -> None:
    """Whatever it is, and although its signature is the provider's."""
    assert who(own, provider.minted()).status_code == 200

    error_of(who(own, provider.minted(**FORGED[what])), 401)


def test_clocks_may_differ_by_a_minute(own: Installation, provider: IdentityProvider) -> None:
    """Not by more."""
    token = provider.minted()
    own.clock.advance(seconds=650)
    assert who(own, token).status_code == 200
    own.clock.advance(seconds=30)
    error_of(who(own, token), 401)


def test_the_issuer_counts_beside_the_key(own: Installation, provider: IdentityProvider) -> None:
    """A token that is handed in by the provider itself, as at sign-in, has to name it too."""
    known = set_up(provider)
    providers = Providers(own.db, (known,), own.clock)

    assert providers.claims(known, provider.minted(), AUDIENCE)["iss"] == provider.issuer
    for iss in ("https://elsewhere.example", ..., [provider.issuer, "https://elsewhere.example"]):
        with pytest.raises(NotAuthenticated):
            providers.claims(known, provider.minted(iss=iss), AUDIENCE)


@pytest.mark.parametrize("no_role", [..., None, [], {}, "", {"roles": 5}, {"roles": [{}]}])
def test_a_token_without_a_role_is_403(
    own: Installation, provider: IdentityProvider, no_role: Any
) -> None:
    """There is no role that everybody has."""
    error_of(who(own, provider.minted(realm_access=no_role)), 403)


def _unsigned(claims: str, **header: Any) -> str:
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return f"{head}.{claims}."


def _hmac(token: str, secret: bytes) -> str:
    """Sign as RFC 7515 says, whatever a library would refuse to take for a secret."""
    signed = hmac.digest(secret, token.rstrip(".").encode(), "sha256")
    return token + base64.urlsafe_b64encode(signed).decode().rstrip("=")


def test_a_token_that_somebody_else_signed_is_401(
    own: Installation, provider: IdentityProvider
) -> None:
    """Not at all, by HMAC with the public key, by another key of the same id, by another kind."""
    good, kid = provider.minted(), provider.keys[0].kid
    head, claims, signature = good.split(".")
    public = provider.keys[0].as_pem(private=False)
    body = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forger, curve = new_key(), ECKey.generate_key("P-256")
    changed = base64.urlsafe_b64encode(json.dumps({**body, "sub": "root"}).encode()).decode()
    forged = [
        _unsigned(claims, alg="none", kid=kid),
        _unsigned(claims, alg="None"),
        _hmac(_unsigned(claims, alg="HS256", kid=kid), public),
        jwt.encode({"alg": "RS256", "kid": kid}, body, forger, algorithms=["RS256"]),
        jwt.encode({"alg": "ES256", "kid": kid}, body, curve, algorithms=["ES256"]),
        jwt.encode(
            {"alg": "RS256", "kid": kid, "jwk": forger.as_dict(private=False)},
            body,
            forger,
            algorithms=["RS256"],
        ),
        f"{head}.{changed.rstrip('=')}.{signature}",
        f"{head}.{claims}.{signature[:-4]}",
        f"{head}.{claims}.",
        f"{_unsigned(claims, alg='RS256', kid=[kid])}{signature}",
        f"{_unsigned(claims, alg=['RS256'], kid=kid)}{signature}",
        f"{_unsigned(claims, alg='RS256', kid=kid, crit=['x'], x=1)}{signature}",
    ]
    for token in forged:
        error_of(who(own, token), 401)


def test_an_id_token_is_no_access_token(own: Installation, provider: IdentityProvider) -> None:
    """A token of another type, or for another audience, was made for something else."""
    for kind in ("logout+jwt", "secevent+jwt", "dpop+jwt"):
        error_of(who(own, provider.minted(header={"typ": kind})), 401)


def test_unknown_keys_ask_the_provider_seldom(
    own: Installation, provider: IdentityProvider
) -> None:
    """A thousand tokens of made-up key ids are refused, and it is asked twice at most."""
    assert who(own, provider.minted()).status_code == 200
    forger, before = new_key(), provider.asked("/jwks")
    body = {"iss": provider.issuer, "aud": AUDIENCE}
    for number in range(1000):
        head = {"alg": "RS256", "kid": f"made up {number}"}
        token = jwt.encode(head, body, forger, algorithms=["RS256"]) if number < 2 else ""
        token = token or _unsigned(
            base64.urlsafe_b64encode(json.dumps(body).encode()).decode(), **head
        )
        assert who(own, token).status_code == 401

    assert provider.asked("/jwks") - before <= 2
    assert who(own, provider.minted()).status_code == 200


def test_a_key_rotation_is_followed(own: Installation, provider: IdentityProvider) -> None:
    """Tokens of the old key and of the new one are good, and nobody has to do anything."""
    old = provider.minted()
    assert who(own, old).status_code == 200
    provider.rotate()
    own.clock.advance(seconds=11)
    new = provider.token("exporter")

    assert who(own, new).status_code == 200
    assert who(own, old).status_code == 200


def test_an_outage_of_the_provider_delays_nobody(
    own: Installation, provider: IdentityProvider
) -> None:
    """Its keys are kept for a day; after that, and where they never came, it is 503."""
    token = provider.minted(exp=4_000_000_000)
    assert who(own, token).status_code == 200
    provider.stop()
    try:
        own.clock.advance(hours=23)
        for _ in range(20):
            assert who(own, token).status_code == 200
        own.clock.advance(hours=2)
        answer = who(own, token)
        error_of(answer, 503)
        assert answer.headers["Retry-After"]
    finally:
        provider.start()
    own.clock.advance(seconds=11)
    for thread in threading.enumerate():
        if thread.daemon and thread.name.endswith("(_renewed)"):
            thread.join(10)
    assert who(own, token).status_code == 200


def test_only_the_tenants_that_are_named_are_served(
    install: Callable[..., AbstractContextManager[Installation]], provider: IdentityProvider
) -> None:
    """With `tenants`, a provider speaks for those alone, under its own names for them."""
    known = set_up(provider, tenants={"cc-1": "Acme"})
    with install(ServiceSettings(public_url=PUBLIC_URL, providers=(known,))) as own:
        own.services.tenants.create_tenant("Acme")
        own.services.tenants.create_tenant("Other")

        assert who(own, provider.minted(tenant="cc-1")).json()["contactCenterId"] == "Acme"
        for name in ("Acme", "Other", "cc-2"):
            error_of(who(own, provider.minted(tenant=name)), 401)


def test_a_provider_for_the_console_alone_signs_no_program_in(
    install: Callable[..., AbstractContextManager[Installation]], provider: IdentityProvider
) -> None:
    """Without an audience the API takes none of its tokens."""
    known = set_up(provider, audience="")
    with install(ServiceSettings(public_url=PUBLIC_URL, providers=(known,))) as own:
        own.services.tenants.create_tenant("Acme")

        error_of(who(own, provider.minted()), 401)
        error_of(who(own, provider.minted(aud="")), 401)
