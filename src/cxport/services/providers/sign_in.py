"""People sign in at a provider: OpenID Connect's authorization code flow, with PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from cxport.domain.errors import (
    GrantRefused,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    ProviderUnavailable,
    SetupError,
)
from cxport.domain.provider import Provider, claim, is_safe
from cxport.domain.said import Said
from cxport.domain.tenant import Caller
from cxport.domain.vault import SecretBox
from cxport.services.accounts import Accounts
from cxport.services.providers.directory import Providers
from cxport.services.providers.http import ProviderHttp

#: How long a person may take at the provider.
PATIENCE = timedelta(minutes=10)
_PURPOSE = "provider sign-in"
_AGAIN = Said("the sign-in has expired, or was begun elsewhere: begin it again")
_CODE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What a sign-in has to be finished with; the browser keeps it sealed."""

    provider: str
    redirect_uri: str
    state: str
    nonce: str
    verifier: str
    until: float


class ProviderSignIn:
    """Sends people to a provider, and receives them back."""

    def __init__(
        self,
        providers: Providers,
        accounts: Accounts,
        box: SecretBox,
        clock: Callable[[], datetime],
    ) -> None:
        self._providers = providers
        self._accounts = accounts
        self._box = box
        self._clock = clock

    def offered(self) -> tuple[Provider, ...]:
        """Give the providers that people can sign in at."""
        return tuple(one for one in self._providers.all() if one.client_id)

    def start(self, name: str, redirect_uri: str) -> tuple[str, str]:
        """Begin a sign-in: give the address to send the browser to, and what it has to keep.

        Keep that in a cookie that scripts cannot read (HttpOnly, SameSite=Lax); it is sealed, and
        serves for PATIENCE. `redirect_uri` is the address where the provider sends the browser
        back to, which its operator has registered there. Raises NotFound for a provider that is
        not offered, ProviderUnavailable where it does not answer.
        """
        provider = self._named(name)
        begun = Begun(
            provider=name,
            redirect_uri=redirect_uri,
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            until=(self._clock() + PATIENCE).timestamp(),
        )
        url: str = prepare_grant_uri(
            self._endpoint(provider, "authorization_endpoint"),
            provider.client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=provider.scopes,
            state=begun.state,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
        return url, self._sealed(begun)

    def finish(self, params: Mapping[str, str], kept: str, address: str = "") -> Caller:
        """Finish a sign-in with the query that came back, and what the browser kept.

        Raises GrantRefused where they do not belong together or the provider refuses,
        NotAuthenticated and NotAllowed where whom it names has no tenant or role here,
        ProviderUnavailable where it does not answer, LimitReached after too many failures from
        the address. A refusal is on record, and counts as a wrong password does.
        """
        self._accounts.check_address(address)
        begun = self._opened(kept)
        provider = self._named(begun.provider)
        try:
            return self._finished(provider, begun, params)
        except (GrantRefused, NotAuthenticated, NotAllowed) as error:
            named = error if isinstance(error, NotAllowed) else None
            self._accounts.refused_elsewhere(provider.name, address, named)
            raise

    def _finished(self, provider: Provider, begun: Begun, params: Mapping[str, str]) -> Caller:
        self._check(provider, begun, params)
        claims = self._claims(provider, begun, params["code"])
        identity = self._providers.identity(provider, claims)
        caller = self._accounts.caller(identity)
        if caller is None:  # roles are given, so there is one
            raise GrantRefused(_AGAIN)
        return caller

    def _named(self, name: str) -> Provider:
        found = next((one for one in self.offered() if one.name == name), None)
        if found is None:
            raise NotFound(Said("no identity provider of this name"))
        return found

    def _check(self, provider: Provider, begun: Begun, params: Mapping[str, str]) -> None:
        """Check that the answer is the one to this question (RFC 9700, sections 2.1 and 4.4)."""
        given = params.get("state", "")
        if not secrets.compare_digest(given.encode(), begun.state.encode()):
            raise GrantRefused(_AGAIN)
        metadata = self._providers.keys(provider).metadata()
        needed = metadata.get("authorization_response_iss_parameter_supported") is True
        if (needed or "iss" in params) and params.get("iss") != provider.issuer:
            raise GrantRefused(_AGAIN)
        if "error" in params or not params.get("code"):
            code = params.get("error", "")
            why = f": {code}" if _CODE.fullmatch(code) else ""
            raise GrantRefused(Said("the identity provider refused the sign-in{why}", why=why))

    def _claims(self, provider: Provider, begun: Begun, code: str) -> dict[str, Any]:
        """Redeem the code and check the ID token (OpenID Connect Core 1.0, section 3.1.3.7)."""
        answer = self._redeemed(provider, begun, code)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise GrantRefused(
                Said("the identity provider gave no ID token: the scope openid is needed")
            )
        claims = self._providers.claims(provider, token, provider.client_id)
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not secrets.compare_digest(
            nonce.encode(), begun.nonce.encode()
        ):
            raise GrantRefused(_AGAIN)
        if claims.get("azp", provider.client_id) != provider.client_id:
            raise GrantRefused(_AGAIN)
        return {**self._user_info(provider, claims, answer), **claims}

    def _redeemed(self, provider: Provider, begun: Begun, code: str) -> Mapping[str, Any]:
        """Redeem the code; the client signs in by Basic (RFC 6749, sections 2.3.1 and 4.1.3)."""
        auth, client = None, {"client_id": provider.client_id}
        if provider.client_secret:
            auth, client = (quote_plus(provider.client_id), quote_plus(provider.client_secret)), {}
        form: str = prepare_token_request(
            "authorization_code",
            redirect_uri=begun.redirect_uri,
            code=code,
            code_verifier=begun.verifier,
            **client,
        )
        endpoint = self._endpoint(provider, "token_endpoint")
        status, answer = ProviderHttp(provider).post(endpoint, form, auth)
        if status != HTTPStatus.OK:
            raise GrantRefused(Said("the identity provider refused the sign-in"))
        return answer

    def _user_info(
        self, provider: Provider, claims: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Ask for the claims where the ID token lacks one that is needed (section 5.3)."""
        needed = [provider.roles_claim, provider.tenant_claim]
        endpoint = self._providers.keys(provider).metadata().get("userinfo_endpoint")
        if not endpoint or all(claim(claims, one) is not None for one in needed if one):
            return {}
        bearer = {"Authorization": f"Bearer {answer.get('access_token', '')}"}
        found = ProviderHttp(provider).get(str(endpoint), bearer)
        return found if found.get("sub") == claims.get("sub") else {}

    def _endpoint(self, provider: Provider, name: str) -> str:
        found = str(self._providers.keys(provider).metadata().get(name, ""))
        if not is_safe(found):
            raise ProviderUnavailable(
                Said("the identity provider {name} has no {what}", name=provider.name, what=name)
            )
        return found

    def _sealed(self, begun: Begun) -> str:
        sealed = self._box.seal(json.dumps(asdict(begun)).encode(), _PURPOSE)
        return base64.urlsafe_b64encode(sealed).decode()

    def _opened(self, kept: str) -> Begun:
        try:
            sealed = base64.urlsafe_b64decode(kept.encode("ascii"))
            begun = Begun(**json.loads(self._box.open(sealed, _PURPOSE)))
        except (ValueError, SetupError):
            raise GrantRefused(_AGAIN) from None
        if begun.until <= self._clock().timestamp():
            raise GrantRefused(_AGAIN)
        return begun
