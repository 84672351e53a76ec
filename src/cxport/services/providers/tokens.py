"""A provider's tokens: is one good, and whom does it name here."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from cxport.domain.access import Role
from cxport.domain.errors import NotAllowed, NotAuthenticated
from cxport.domain.provider import Provider, claim
from cxport.domain.said import Said
from cxport.services.providers.keys import ProviderKeys

#: Seconds by which the provider's clock and ours may differ.
LEEWAY_SECONDS = 60
#: Longer texts are no token and are not looked at.
LONGEST = 16 * 1024
_INVALID = Said("the identity provider's token is not valid here, or has expired")
#: RFC 7519 and RFC 9068; a token of another type was made for something else.
_TYPES = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})


def issuer_of(token: str) -> str:
    """Give the issuer that a token names, believing nothing yet; empty where it names none."""
    if len(token) > LONGEST or token.count(".") != 2:  # noqa: PLR2004 - RFC 7515, section 3.1
        return ""
    return str(_part(token, 1).get("iss", ""))


def checked(
    provider: Provider, keys: ProviderKeys, token: str, audience: str, now: datetime
) -> dict[str, Any]:
    """Give the claims of a token after checking all that makes it one (RFC 8725).

    Signature by one of the provider's keys and the algorithms allowed, issuer, audience, expiry,
    not-before. Raises NotAuthenticated, or ProviderUnavailable where its keys are not to be had.
    """
    header = _part(token, 0) if len(token) <= LONGEST else {}
    kid = header.get("kid")
    usable = header.get("alg") in provider.algorithms and isinstance(kid, str | None)
    if not usable or str(header.get("typ", "")).lower() not in _TYPES:
        raise NotAuthenticated(_INVALID)
    key = keys.key(kid)
    if key is None:
        raise NotAuthenticated(_INVALID)
    try:
        claims = jwt.decode(token, key, algorithms=list(provider.algorithms)).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise NotAuthenticated(_INVALID) from error
    return claims


def expiry(claims: Mapping[str, Any]) -> datetime:
    """Give when a checked token expires; NotAuthenticated where that is no moment."""
    try:
        return datetime.fromtimestamp(int(claims["exp"]) + LEEWAY_SECONDS, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotAuthenticated(_INVALID) from error


def subject(provider: Provider, claims: Mapping[str, Any]) -> str:
    """Give whom the claims name, as `provider:<name>:<subject>`."""
    found = claim(claims, provider.subject_claim)
    if not isinstance(found, str) or not found.isprintable() or not 0 < len(found) <= 255:  # noqa: PLR2004 - OpenID Connect Core 1.0, section 2
        raise NotAuthenticated(
            Said("the claim {subject_claim} names nobody", subject_claim=provider.subject_claim)
        )
    return f"provider:{provider.name}:{found}"


def tenant_name(provider: Provider, claims: Mapping[str, Any]) -> str:
    """Give the name of the tenant here; NotAuthenticated where the claims name none."""
    if provider.tenant:
        return provider.tenant
    found = claim(claims, provider.tenant_claim)
    named = found if isinstance(found, str) and found.isprintable() else ""
    name = provider.tenants.get(named, "") if provider.tenants else named
    if not name:
        raise NotAuthenticated(
            Said(
                "the claim {tenant_claim} must name a tenant of this service",
                tenant_claim=provider.tenant_claim,
            )
        )
    return name


def roles(provider: Provider, claims: Mapping[str, Any]) -> frozenset[Role]:
    """Give the roles here; NotAllowed where the claims name none that has one."""
    found = claim(claims, provider.roles_claim)
    names = found.split() if isinstance(found, str) else found
    known = provider.roles
    held = [
        known[name] for name in (names if isinstance(names, list) else []) if _known(known, name)
    ]
    if not held:
        raise NotAllowed(
            Said(
                "the claim {roles_claim} must name a role that this service knows",
                roles_claim=provider.roles_claim,
            )
        )
    return frozenset(held)


def _known(known: Mapping[str, Role], name: object) -> bool:
    return isinstance(name, str) and name in known


def _part(token: str, number: int) -> dict[str, Any]:
    """Read one of a token's JSON objects without believing it; empty where it is none."""
    try:
        text = token.split(".")[number]
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, IndexError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
