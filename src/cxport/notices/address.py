"""Where a webhook may go: to public addresses over https, and where the operator allows more.

What a URL says is checked when it is given; what its host resolves to is checked each time, on
the very addresses that are then connected to. So a name that changes its mind leads nowhere.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cxport.domain.errors import InvalidInput, SetupError
from cxport.domain.said import Said

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Gives the addresses of a host, in the order in which they are to be tried.
Resolver = Callable[[str, int], Sequence[str]]

_EXPECTED = Said("https://host[:port]/path, without a user, with a public host")
_LONGEST = 2000
_PORTS = {"https": 443, "http": 80}
#: Ports of receivers that the operator did not name.
_PUBLIC_PORTS = frozenset({443, 8443})
_PRINTABLE = re.compile(r"[!-~]+")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
#: A name; its last label is none that other programs read as a part of an address.
_NAME = re.compile(rf"(?:{_LABEL}\.)*(?!0x)(?=[a-z0-9-]*[a-z]){_LABEL}")
_LONGEST_NAME = 253

#: What Python takes for public in one of its versions, and is not: protocol assignments, relays
#: and translations into IPv4, examples (IANA's registries of special addresses).
_SPECIAL: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
)
#: All of IPv6 that is given out as public (RFC 4291, section 2.4; IANA).
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")


class Forbidden(Exception):
    """The receiver must not be reached; `said` says why, and holds no address."""

    def __init__(self, said: Said) -> None:
        self.said = said
        super().__init__(said)


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """A URL, taken apart."""

    scheme: str
    host: str
    port: int
    #: Path and query, as they are sent.
    target: str

    @property
    def host_header(self) -> str:
        """The Host header (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Receivers:
    """Which receivers may be reached; `hosts` and `networks` are those the operator named."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def named(cls, text: str) -> Receivers:
        """Read host names and networks (CIDR), separated by commas; SetupError for others."""
        hosts, networks = set[str](), list[Network]()
        for word in filter(None, (word.strip().lower() for word in text.split(","))):
            try:
                networks.append(ipaddress.ip_network(word))
            except ValueError:
                if not _is_name(word):
                    raise SetupError(
                        "webhook_receivers: names of hosts, and networks as 10.1.0.0/16"
                    ) from None
                hosts.add(word)
        return cls(hosts=frozenset(hosts), networks=tuple(networks))

    def check(self, url: str) -> Receiver:
        """Take a URL apart, or raise InvalidInput where it can lead nowhere that is allowed."""
        receiver = _parsed(url)
        literal = _address(receiver.host)
        try:
            if literal is not None:
                self._check_address(receiver, literal)
            elif not (self.hosts or self.networks):
                _check_public(receiver)
        except Forbidden as error:
            raise InvalidInput.at("url", error.said, _EXPECTED) from None
        return receiver

    def addresses(self, receiver: Receiver, resolve: Resolver) -> list[str]:
        """Resolve a receiver, once, and give the addresses to connect to.

        Raises Forbidden where one of them is not allowed: no name is public in part.
        """
        try:
            found = resolve(receiver.host, receiver.port)
        except (OSError, UnicodeError):
            raise Forbidden(Said("the name of the host cannot be resolved")) from None
        addresses = [_address(text) for text in found]
        if not addresses:
            raise Forbidden(Said("the host has no address"))
        for address in addresses:
            self._check_address(receiver, address)
        return [str(address) for address in addresses]

    def _check_address(self, receiver: Receiver, address: Address | None) -> None:
        if address is None:
            raise Forbidden(Said("the host has an address that is none"))
        if receiver.host in self.hosts or any(address in network for network in self.networks):
            return
        _check_public(receiver)
        if not is_public(address):
            raise Forbidden(Said("the host is not public, and the operator has not allowed it"))


def resolved(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: Address) -> bool:
    """Tell whether an address is given out to somebody on the public internet."""
    if address.version == 6 and address not in _PUBLIC_IPV6:  # noqa: PLR2004 - the version itself
        return False
    special = any(address in network for network in _SPECIAL if network.version == address.version)
    return address.is_global and not (address.is_multicast or address.is_reserved or special)


def _check_public(receiver: Receiver) -> None:
    if receiver.scheme != "https":
        raise Forbidden(Said("http is only for receivers that the operator has allowed"))
    if receiver.port not in _PUBLIC_PORTS:
        raise Forbidden(
            Said("ports other than 443 and 8443 are only for receivers that are allowed")
        )


def _parsed(url: str) -> Receiver:
    if len(url) > _LONGEST or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise _refused(Said("not a URL, or too long"))
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError:
        raise _refused(Said("not a URL")) from None
    if parts.scheme not in _PORTS:
        raise _refused(Said("neither https nor http"))
    if "@" in parts.netloc or "#" in url:
        raise _refused(Said("holds a user, a password or a fragment"))
    if port == 0 or parts.netloc.endswith(":"):
        raise _refused(Said("the port is none"))
    if _address(host) is None and not _is_name(host):
        raise _refused(Said("the host is neither a name nor an address in its usual form"))
    if (":" in host) != parts.netloc.startswith("["):
        raise _refused(Said("the host is not written as one"))
    query = f"?{parts.query}" if parts.query else ""
    return Receiver(
        scheme=parts.scheme,
        host=host,
        port=port or _PORTS[parts.scheme],
        target=(parts.path or "/") + query,
    )


def _refused(why: Said) -> InvalidInput:
    return InvalidInput.at("url", why, _EXPECTED)


def _is_name(host: str) -> bool:
    return len(host) <= _LONGEST_NAME and bool(_NAME.fullmatch(host))


def _address(text: str) -> Address | None:
    """Read an address in its one usual form: dotted decimal, or IPv6 without a zone."""
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
