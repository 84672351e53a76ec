"""Who is calling: API keys name a tenant, tokens a user or client in it (OAuth 2, RFC 6749)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cxport.domain.audit import Act
from cxport.domain.errors import (
    ClientRefused,
    GrantRefused,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
)
from cxport.domain.said import Said
from cxport.domain.tenant import ApiKey, Caller, Client
from cxport.services.accounts import Accounts
from cxport.services.audit import Audit
from cxport.services.providers import Providers
from cxport.services.rate import RequestRate
from cxport.services.tokens import LIFETIME, Identity, Token, Tokens
from cxport.store import sign_ins, tenants
from cxport.store.database import Database

#: How long a refresh token is good for; each is used once.
REFRESH_LIFETIME = timedelta(days=30)
_KEY_ALONE = Said(
    "sign in first: an access token is needed, since this key is not "
    "allowed to stand alone (`cxport tenant key NAME --legacy-key-only "
    "--role ROLE` makes one that is)"
)
_UNKNOWN_KEY = Said("the API key is unknown")
GRANTS = ("client_credentials", "password", "refresh_token")


@dataclass(frozen=True, kw_only=True, repr=False)
class TokenRequest:
    """What a program sends to get a token; holds secrets, so it never shows itself."""

    grant_type: str
    client_id: str
    client_secret: str
    username: str = ""
    password: str = ""
    refresh_token: str = ""
    api_key: str = ""
    #: Where it comes from, for the limit on failures.
    address: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class TokenPair:
    """What it gets."""

    access_token: str
    refresh_token: str
    expires_in_seconds: int = int(LIFETIME.total_seconds())


def digest_of_key(key: str) -> bytes:
    """Give what is kept of an API key: SHA-256, enough since keys are random, not chosen."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


class SignIn:
    """Turns keys, secrets and tokens into callers."""

    def __init__(  # noqa: PLR0913, PLR0917 - each knows one kind of proof
        self,
        db: Database,
        tokens: Tokens,
        providers: Providers,
        accounts: Accounts,
        rate: RequestRate,
        clock: Callable[[], datetime],
        audit: Audit,
    ) -> None:
        self._db = db
        self._audit = audit
        self._tokens = tokens
        self._providers = providers
        self._accounts = accounts
        self._rate = rate
        self._clock = clock

    def caller(self, token: str, api_key: str) -> Caller:
        """Give who is behind a token; the key may be empty, since the token names the tenant.

        Raises NotAuthenticated where either is unknown or the token was revoked, NotAllowed where
        they name different tenants, LimitReached where the tenant asks too often, and
        ProviderUnavailable. Roles are the account's at this moment, not those of when the token
        was issued; an identity provider's token names them itself.
        """
        if not token:
            raise NotAuthenticated(Said("sign in first: an access token is needed"))
        read = self._read(token)
        if sign_ins.is_revoked(self._db, read.identity.tenant_id, _digest_of_id(read.id)):
            raise NotAuthenticated(Said("the access token was signed out"))
        caller = self._caller(read.identity)
        self._rate.take(caller.tenant_id)
        if api_key and self._key(api_key).tenant_id != caller.tenant_id:
            refusal = NotAllowed(
                Said("the API key and the access token belong to different tenants")
            )
            raise refusal.of(caller.tenant_id, caller.subject, Act.SIGN_IN)
        return caller

    def legacy_caller(self, token: str, api_key: str) -> Caller:
        """Give the same, also for a key without a token where an operator has allowed that.

        The roles are then the key's. Raises as `caller` does.
        """
        if token or not api_key:
            return self.caller(token, api_key)
        key = self._key(api_key)
        if not key.legacy_key_only:
            raise NotAuthenticated(_KEY_ALONE)
        self._rate.take(key.tenant_id)
        return Caller(
            tenant_id=key.tenant_id,
            tenant_name=tenants.get(self._db, key.tenant_id).name,
            subject=f"key:{key.id}",
            roles=key.roles,
        )

    def revoke(self, request: TokenRequest, token: str) -> None:
        """Refuse a refresh or access token from now on (RFC 7009); one that is none is no error.

        Raises ClientRefused, and LimitReached after too many failures. A client can revoke its
        own tenant's tokens only.
        """
        client = self._client(request)
        digest = _refresh_digest(client, token)
        with self._audit.by(client.tenant_id, f"client:{client.id}", Act.TOKEN_REVOKE):
            if not sign_ins.revoke_refresh_token(self._db, client.tenant_id, digest):
                with suppress(NotAuthenticated):
                    self._revoke(token, client.tenant_id)

    def sign_out(self, token: str) -> None:
        """Refuse the access token from now on; NotAuthenticated where it is none."""
        caller = self.caller(token, "")
        with self._audit.act(caller, Act.SIGN_OUT):
            self._revoke(token, caller.tenant_id)

    def _read(self, token: str) -> Token:
        """Read a token of a provider's, or one of ours."""
        return self._providers.read(token) or self._tokens.read(token, self._clock())

    def _revoke(self, token: str, tenant_id: str) -> None:
        read = self._read(token)
        if read.identity.tenant_id == tenant_id:
            digest = _digest_of_id(read.id)
            sign_ins.revoke_access_token(self._db, tenant_id, digest, read.expires_at)

    def token(self, request: TokenRequest) -> TokenPair:
        """Issue an access token and a refresh token.

        Raises ClientRefused, GrantRefused, InvalidInput (a grant that does not exist), or
        LimitReached after too many failures of the account or from the address.
        """
        if request.grant_type not in GRANTS:
            raise InvalidInput(
                "grant_type", Said("this grant is not supported"), expected=", ".join(GRANTS)
            )
        client = self._client(request)
        renewed = request.grant_type == "refresh_token"
        act = Act.TOKEN_REFRESH if renewed else Act.SIGN_IN
        return self._pair(client, self._granted(client, request), act)

    def _granted(self, client: Client, request: TokenRequest) -> Identity:
        if request.grant_type == "password":
            return self._user(client, request)
        if request.grant_type == "refresh_token":
            return self._refreshed(client, request.refresh_token)
        return _identity(client.tenant_id, f"client:{client.id}", client.stamp)

    def _client(self, request: TokenRequest) -> Client:
        client = self._accounts.client(request.client_id, request.client_secret, request.address)
        if client is None:
            raise ClientRefused
        self._check_key(request, client)
        return client

    def _check_key(self, request: TokenRequest, client: Client) -> None:
        """Let a key pass that names the client's tenant; it may be left out."""
        if not request.api_key:
            return
        found = tenants.key_by_digest(self._db, digest_of_key(request.api_key))
        if found is None or found.tenant_id != client.tenant_id:
            self._audit.refused(client.tenant_id, f"client:{client.id}", Act.SIGN_IN)
        if found is None:
            raise NotAuthenticated(_UNKNOWN_KEY)
        if found.tenant_id != client.tenant_id:
            raise ClientRefused(Said("the API key and the client belong to different tenants"))

    def _user(self, client: Client, request: TokenRequest) -> Identity:
        """Find the user in the client's own tenant; another tenant's name finds nobody."""
        tenant_name, _, name = request.username.rpartition("\\")
        tenant = tenants.get(self._db, client.tenant_id)
        if tenant_name and tenant_name.casefold() != tenant.name.casefold():
            name = ""
        user = self._accounts.user(tenant, name, request.password, request.address)
        if user is None:
            raise GrantRefused
        return _identity(user.tenant_id, f"user:{user.name}", user.stamp)

    def _refreshed(self, client: Client, token: str) -> Identity:
        used = sign_ins.use_refresh_token(self._db, _refresh_digest(client, token), self._clock())
        if used is None:
            self._audit.refused(client.tenant_id, f"client:{client.id}", Act.TOKEN_REFRESH)
            raise GrantRefused
        return _identity(used.tenant_id, used.subject, used.stamp)

    def _pair(self, client: Client, identity: Identity, act: Act) -> TokenPair:
        now = self._clock()
        refresh = secrets.token_urlsafe(32)
        try:
            with self._audit.by(client.tenant_id, identity.subject, act, client.id):
                self._keep(_refresh_digest(client, refresh), identity, now + REFRESH_LIFETIME)
        except GrantRefused:
            self._audit.refused(client.tenant_id, identity.subject, act, client.id)
            raise
        return TokenPair(access_token=self._tokens.issue(identity, now), refresh_token=refresh)

    def _keep(self, digest: bytes, identity: Identity, expires_at: datetime) -> None:
        """Keep a refresh token; GrantRefused where the account has another stamp by now."""
        kept = sign_ins.add_refresh_token(
            self._db,
            identity.tenant_id,
            digest,
            identity.subject,
            identity.stamp or "",
            expires_at,
        )
        if not kept:
            raise GrantRefused

    def _key(self, api_key: str) -> ApiKey:
        found = tenants.key_by_digest(self._db, digest_of_key(api_key))
        if found is None:
            raise NotAuthenticated(_UNKNOWN_KEY)
        return found

    def _caller(self, identity: Identity) -> Caller:
        found = self._accounts.caller(identity)
        if found is None:
            raise NotAuthenticated(
                Said("the account behind the access token has gone, or was changed")
            )
        return found


def _identity(tenant_id: str, subject: str, stamp: str) -> Identity:
    return Identity(tenant_id=tenant_id, subject=subject, stamp=stamp)


def _digest_of_id(token_id: str) -> bytes:
    return hashlib.sha256(token_id.encode("utf-8", "surrogatepass")).digest()


def _refresh_digest(client: Client, token: str) -> bytes:
    """Bind a refresh token to the client it was issued to (RFC 6749, section 6)."""
    return hashlib.sha256(f"{client.id}\0{token}".encode("utf-8", "surrogatepass")).digest()
