"""Access tokens: signed JWTs (RFC 7519, HS256) that this installation alone issues and reads."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OctKey

from cxport.domain.access import Role
from cxport.domain.errors import NotAuthenticated
from cxport.domain.said import Said
from cxport.services.key_ring import KeyRing

#: How long an access token is good for.
LIFETIME = timedelta(hours=1)
_AUDIENCE = "cxport"
_ALGORITHM = "HS256"
#: Longer texts are no token of ours and are not looked at.
_LONGEST = 2048


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whom a token names: a tenant, and `user:<name>` or `client:<id>` in it.

    An identity provider names `provider:<name>:<subject>`, and the roles. `stamp` is the
    account's when it signed in (`domain.tenant`); None where no account of ours stands behind.
    """

    tenant_id: str
    subject: str
    roles: frozenset[Role] | None = None
    stamp: str | None = None


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token that is ours: whom it names, its own id and when it expires."""

    identity: Identity
    id: str
    expires_at: datetime


class Tokens:
    """Issues and reads access tokens with a ring of keys of at least 32 bytes."""

    def __init__(self, ring: KeyRing, issuer: str) -> None:
        self._ring = ring
        self._issuer = issuer

    def issue(self, identity: Identity, now: datetime) -> str:
        """Sign a token that expires after LIFETIME."""
        key = _imported(self._ring.current())
        claims = {
            "iss": self._issuer,
            "aud": _AUDIENCE,
            "sub": identity.subject,
            "tenant": identity.tenant_id,
            "stamp": identity.stamp,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "jti": secrets.token_hex(8),
        }
        header = {"alg": _ALGORITHM, "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[_ALGORITHM])

    def read(self, token: str, now: datetime) -> Token:
        """Check signature, key id, issuer, audience and expiry; NotAuthenticated if any fails."""
        try:
            claims = self._claims(token, int(now.timestamp()))
            return Token(
                identity=Identity(
                    tenant_id=str(claims["tenant"]),
                    subject=str(claims["sub"]),
                    stamp=str(claims["stamp"]),
                ),
                id=str(claims["jti"]),
                expires_at=datetime.fromtimestamp(int(str(claims["exp"])), UTC),
            )
        except (JoseError, ValueError) as error:
            raise NotAuthenticated(Said("the access token is not valid or has expired")) from error

    def _claims(self, token: str, now: int) -> dict[str, object]:
        if len(token) > _LONGEST:
            raise ValueError("too long")
        found = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
        jwt.JWTClaimsRegistry(
            now=now,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": _AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
            tenant={"essential": True},
            stamp={"essential": True},
            jti={"essential": True},
        ).validate(found.claims)
        return found.claims

    def _key(self, token: GuestProtocol) -> OctKey:
        """Give the key that a token names, if it is of our ring."""
        named = token.headers().get("kid")
        key = self._ring.find(lambda one: kid(one) == named)
        if key is None:
            raise ValueError("signed with another key")
        return _imported(key)


def _imported(key: bytes) -> OctKey:
    return OctKey.import_key(key, {"kid": kid(key)})


def kid(key: bytes) -> str:
    """Give the id of a key, from which nothing of it can be told."""
    return hashlib.sha256(b"cxport token key" + key).hexdigest()[:16]
