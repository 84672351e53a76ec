"""Reads DSN URLs. What they hold is secret: no message here repeats any of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from cxport.domain.errors import InvalidInput
from cxport.domain.places import Place
from cxport.domain.said import Said

#: What a DSN begins with, and the product it means.
SCHEMES = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mariadb": "mariadb",
    "mysql": "mariadb",
    "sqlite": "sqlite",
    "oracle": "oracle",
    "sqlserver": "sqlserver",
    "mssql": "sqlserver",
}

_EXPECTED = Said(
    "postgresql://user:password@host:5432/database, mariadb://..., "
    "mysql://..., or sqlite:///path/of/the/file.db"
)


@dataclass(frozen=True, kw_only=True)
class Address:
    """A DSN, taken apart; never printed, as it holds the password."""

    product: str
    host: str
    port: int | None
    user: str
    password: str = field(repr=False)
    database: str
    options: dict[str, str]


def malformed(problem: Said) -> InvalidInput:
    """Make the error for a DSN that cannot be used."""
    return InvalidInput(
        "dsn", Said("the DSN cannot be used: {problem}", problem=problem), _EXPECTED
    )


def product_of(dsn: str) -> str:
    """Tell the product a DSN means; raises InvalidInput (`dsn`) where there is none."""
    scheme, colon, _ = dsn.strip().partition("://")
    if not colon or scheme.lower() not in SCHEMES:
        raise malformed(
            Said("it must begin with one of {value}", value=", ".join(s + "://" for s in SCHEMES))
        )
    return SCHEMES[scheme.lower()]


def parse_address(dsn: str, options: frozenset[str]) -> Address:
    """Take a DSN of a database server apart; `options` are those its query may name.

    Raises InvalidInput (`dsn`).
    """
    product = product_of(dsn)
    try:
        parts = urlsplit(dsn.strip())
        port = parts.port
    except ValueError:
        raise malformed(Said("host or port are not valid")) from None
    if not parts.hostname:
        raise malformed(Said("it names no host"))
    if len(parts.path) <= 1:
        raise malformed(Said("it names no database"))
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(set(given) - options):
        raise malformed(
            Said(
                "unknown option {unknown}; known are {options}",
                unknown=repr(unknown[0]),
                options=", ".join(sorted(options)),
            )
        )
    return Address(
        product=product,
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path[1:]),
        options=given,
    )


#: A DSN that every parser reads alike: no options, one host, nothing quoted in the names.
_PLAIN = re.compile(
    r"[a-z]+://(?:[^@/?#\[\]\\,\s]*@)?"
    r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?/(?P<database>[A-Za-z0-9_$.-]{1,128})"
)
_PORTS = {"postgresql": 5432, "mariadb": 3306, "oracle": 1521, "sqlserver": 1433}


def place_of(dsn: str) -> Place:
    """Tell where a DSN leads; one that two parsers could read differently is refused.

    Raises InvalidInput (`dsn`).
    """
    product = product_of(dsn)
    if product == "sqlite":
        return Place(file=sqlite_path(dsn))
    plain = _PLAIN.fullmatch(dsn)
    if plain is None:
        raise malformed(Said("over the network it has one host, a database, and no options"))
    port = int(plain["port"] or _PORTS[product])
    return Place(host=plain["host"].strip("[]"), port=port, database=plain["database"])


#: Ends the DSN of a file that is read by the path it has: not where a link leads.
_NO_LINKS = "?links=none"


def dsn_without_links(file: Path) -> str:
    """Give the DSN of a file, by its absolute path, that is not read where a link leads to it."""
    return f"sqlite:///{quote(str(file))}{_NO_LINKS}"


def allows_links(dsn: str) -> bool:
    """Tell whether the file of a `sqlite:///` DSN may be reached through links."""
    return not dsn.strip().endswith(_NO_LINKS)


def sqlite_path(dsn: str) -> Path:
    """Give the file that a `sqlite:///` DSN names; raises InvalidInput (`dsn`).

    Four slashes begin an absolute path. After three, the path is absolute too where its first
    folder stands at the root (`sqlite:///srv/ucs.db`), and relative to the working folder
    otherwise (`sqlite:///ucs.db`).
    """
    if product_of(dsn) != "sqlite":
        raise malformed(Said("it is not one of SQLite"))
    rest = dsn.strip().removesuffix(_NO_LINKS).partition("://")[2]
    path = unquote(rest.partition("?")[0])
    if "?" in rest or not path.startswith("/") or not path.strip("/") or "\0" in path:
        raise malformed(Said("SQLite takes sqlite:/// and the path of a file, nothing else"))
    if path.startswith("//"):
        return Path(path[1:])
    first, *others = Path(path).parts[1:]
    return Path(path) if others and Path("/", first).is_dir() else Path(path[1:])
