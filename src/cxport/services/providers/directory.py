"""The installation's providers: which of them issued a token, and whom it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cxport.domain.audit import Act
from cxport.domain.errors import NotAllowed, NotAuthenticated
from cxport.domain.provider import Provider
from cxport.domain.said import Said
from cxport.services.providers import tokens
from cxport.services.providers.keys import ProviderKeys
from cxport.services.tokens import Identity, Token
from cxport.store import tenants
from cxport.store.database import Database


class Providers:
    """Reads the tokens of any number of providers."""

    def __init__(
        self, db: Database, providers: Sequence[Provider], clock: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._clock = clock
        self._providers = tuple(providers)
        self._keys = {one.name: ProviderKeys(one, clock) for one in providers}

    def all(self) -> tuple[Provider, ...]:
        """Give the providers, as they were set up."""
        return self._providers

    def keys(self, provider: Provider) -> ProviderKeys:
        """Give what a provider publishes."""
        return self._keys[provider.name]

    def read(self, token: str) -> Token | None:
        """Give whom an access token names; None where none of the providers issued it.

        Raises NotAuthenticated, NotAllowed where the token gives no role, and
        ProviderUnavailable.
        """
        issuer = tokens.issuer_of(token) if self._providers else ""
        provider = next((p for p in self._providers if p.issuer == issuer and p.audience), None)
        if provider is None:
            return None
        claims = self.claims(provider, token, provider.audience)
        return Token(
            identity=self.identity(provider, claims), id=token, expires_at=tokens.expiry(claims)
        )

    def claims(self, provider: Provider, token: str, audience: str) -> dict[str, Any]:
        """Give the claims of a provider's token that is meant for the audience."""
        return tokens.checked(provider, self.keys(provider), token, audience, self._clock())

    def identity(self, provider: Provider, claims: Mapping[str, Any]) -> Identity:
        """Give whom checked claims name here; raises NotAuthenticated and NotAllowed."""
        tenant = tenants.by_name(self._db, tokens.tenant_name(provider, claims))
        if tenant is None:
            where = provider.tenant_claim or "tenant"
            raise NotAuthenticated(
                Said("the claim {where} must name a tenant of this service", where=where)
            )
        subject = tokens.subject(provider, claims)
        try:
            roles = tokens.roles(provider, claims)
        except NotAllowed as error:
            raise error.of(tenant.id, subject, Act.SIGN_IN) from None
        return Identity(tenant_id=tenant.id, subject=subject, roles=roles)
