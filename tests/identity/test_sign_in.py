"""People sign in at the identity provider, by authorization code and PKCE."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import parse_qs, urlsplit

import pytest

from cxport.domain.access import Role
from cxport.domain.errors import (
    GrantRefused,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    ProviderUnavailable,
)
from cxport.services import ServiceSettings
from tests.api.installation import PUBLIC_URL, Installation
from tests.identity.provider import REDIRECT, IdentityProvider, set_up


def test_a_person_signs_in(own: Installation, provider: IdentityProvider) -> None:
    """With tenant and roles of their claims; a session of the console carries them."""
    service = own.services.provider_sign_in
    url, kept = service.start("corporate", REDIRECT)
    asked = parse_qs(urlsplit(url).query)
    caller = service.finish(provider.sign_in(url, "ann"), kept)

    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert caller.tenant_name == "Acme"
    assert caller.subject == "provider:corporate:ann"
    assert caller.roles == {Role.VIEWER}
    session = own.services.sessions.admit(caller)
    assert own.services.sessions.resume(session, touch=True) == caller


@pytest.mark.usefixtures("userinfo_only")
def test_claims_may_come_from_userinfo(own: Installation, provider: IdentityProvider) -> None:
    """Where the ID token has none, as many providers do it."""
    url, kept = own.services.provider_sign_in.start("corporate", REDIRECT)
    caller = own.services.provider_sign_in.finish(provider.sign_in(url, "ann"), kept)

    assert caller.roles == {Role.VIEWER}
    assert provider.asked("/me") == 1


def test_who_has_no_role_or_tenant_is_not_let_in(
    own: Installation, provider: IdentityProvider
) -> None:
    """As with access tokens."""
    service = own.services.provider_sign_in
    for person, refusal in (("stranger", NotAllowed), ("elsewhere", NotAuthenticated)):
        url, kept = service.start("corporate", REDIRECT)
        with pytest.raises(refusal):
            service.finish(provider.sign_in(url, person), kept)


def test_an_answer_serves_once_and_in_one_browser(
    own: Installation, provider: IdentityProvider
) -> None:
    """Another browser's answer, a second use, another verifier, a changed cookie: all refused."""
    service = own.services.provider_sign_in
    url, kept = service.start("corporate", REDIRECT)
    other_url, other_kept = service.start("corporate", REDIRECT)
    params = provider.sign_in(url, "ann")
    for wrong, state in (
        (params, other_kept),
        (params, ""),
        (params, "not-ours"),
        (params, kept[:-8] + "AAAAAAA="),
        ({**params, "state": ""}, kept),
        ({key: value for key, value in params.items() if key != "state"}, kept),
        ({**params, "iss": "https://elsewhere.example"}, kept),
        ({**params, "code": ""}, kept),
        ({"state": params["state"], "iss": params["iss"], "error": "access_denied"}, kept),
    ):
        with pytest.raises(GrantRefused):
            service.finish(wrong, state)
    swapped = {**provider.sign_in(other_url, "ann"), "state": params["state"]}
    with pytest.raises(GrantRefused):
        service.finish(swapped, kept)

    assert service.finish(params, kept)
    with pytest.raises(GrantRefused):
        service.finish(params, kept)


def test_a_sign_in_has_to_be_finished_soon(own: Installation, provider: IdentityProvider) -> None:
    """After ten minutes it is begun again."""
    service = own.services.provider_sign_in
    url, kept = service.start("corporate", REDIRECT)
    params = provider.sign_in(url, "ann")
    own.clock.advance(minutes=10)

    with pytest.raises(GrantRefused, match="begin it again"):
        service.finish(params, kept)


def test_only_a_provider_with_a_client_is_offered(
    install: Callable[..., AbstractContextManager[Installation]], provider: IdentityProvider
) -> None:
    """The others sign programs in; one that does not exist is not found."""
    known = (set_up(provider), set_up(provider, name="programs", client_id="", client_secret=""))
    with install(ServiceSettings(public_url=PUBLIC_URL, providers=known)) as own:
        service = own.services.provider_sign_in

        assert [one.name for one in service.offered()] == ["corporate"]
        for name in ("programs", "nobody"):
            with pytest.raises(NotFound):
                service.start(name, REDIRECT)


def test_an_outage_is_told(own: Installation, provider: IdentityProvider) -> None:
    """Before the browser is sent away, and when it comes back."""
    service = own.services.provider_sign_in
    url, kept = service.start("corporate", REDIRECT)
    params = provider.sign_in(url, "ann")
    provider.stop()
    try:
        with pytest.raises(ProviderUnavailable):
            service.finish(params, kept)
    finally:
        provider.start()
