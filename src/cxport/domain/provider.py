"""An identity provider of the operator's, and how its claims name tenants and roles here."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cxport.domain.access import Role

#: Signatures whose key the provider alone has. HMAC is not among them: a provider's public key
#: would do for its secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One issuer (OpenID Connect Discovery 1.0) and what is taken from it.

    A claim is named as it stands in the token, or by a path of names with dots between them.
    Raises ValueError saying what would be right.
    """

    name: str
    issuer: str
    #: The roles here of each role there; what is not named gives none.
    roles: Mapping[str, Role]
    roles_claim: str = "roles"
    #: What access tokens for the API must be meant for; empty: it takes none of this provider's.
    audience: str = ""
    #: The tenant of everybody, or the claim that names it; of `tenants`, if any are given.
    tenant: str = ""
    tenant_claim: str = ""
    tenants: Mapping[str, str] = field(default_factory=dict)
    subject_claim: str = "sub"
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256", "EdDSA")
    #: By which the console signs people in; empty: it does not offer this provider.
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scopes: str = "openid profile"
    #: What the console's button says.
    label: str = ""
    #: Certificates (PEM) that the provider's TLS is checked against, beside the usual ones.
    ca_file: str = ""

    def __post_init__(self) -> None:
        """Refuse what could let in somebody who was not meant."""
        for right, message in (
            (_NAME.fullmatch(self.name), "name: lower-case letters, digits and dashes"),
            (is_safe(self.issuer), "issuer: an https:// URL, or http:// on this host"),
            (self.roles and self.roles_claim, "roles: at least one role there, and its role here"),
            (
                bool(self.tenant) != bool(self.tenant_claim),
                "tenant: either a tenant's name, or tenant_claim",
            ),
            (not self.tenants or self.tenant_claim, "tenants: only with tenant_claim"),
            (self.audience or self.client_id, "audience or client_id: at least one of them"),
            (
                self.algorithms and set(self.algorithms) <= set(ALGORITHMS),
                f"algorithms: of {', '.join(ALGORITHMS)}",
            ),
        ):
            if not right:
                raise ValueError(message)


def is_safe(url: str) -> bool:
    """Tell whether nobody on the way can change what a URL gives: https, or this very host."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host)))


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def claim(claims: Mapping[str, object], name: str) -> object:
    """Give a claim by its name, else by its path; None where there is none."""
    if name in claims:
        return claims[name]
    found: object = claims
    for word in name.split("."):
        found = found.get(word) if isinstance(found, Mapping) else None
    return found
