"""DSNs: what they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxport.sources.dsn import parse_address, product_of, sqlite_path
from cxport.sources.mariadb import OPTIONS


@pytest.mark.parametrize(
    ("dsn", "product"),
    [
        ("postgresql://h/d", "postgresql"),
        ("postgres://h/d", "postgresql"),
        ("MariaDB://h/d", "mariadb"),
        ("mysql://h/d", "mariadb"),
        ("sqlite:///a.db", "sqlite"),
    ],
)
def test_a_scheme_names_a_product(dsn: str, product: str) -> None:
    """Schemes and their aliases are known in any case."""
    assert product_of(dsn) == product


def test_an_address_is_decoded() -> None:
    """Percent signs hide what a URL cannot hold, in user, password and database."""
    address = parse_address("mysql://a%40b:p%2Fw%3A%25@[::1]:3307/d%20b?ssl_ca=/ca.pem", OPTIONS)

    assert (address.user, address.password, address.database) == ("a@b", "p/w:%", "d b")
    assert (address.host, address.port) == ("::1", 3307)
    assert address.options == {"ssl_ca": "/ca.pem"}
    assert "p/w" not in repr(address)


def test_paths_of_sqlite(tmp_path: Path) -> None:
    """Four slashes are absolute, three are too where the first folder stands at the root."""
    assert sqlite_path(f"sqlite:///{tmp_path}/a b.db") == tmp_path / "a b.db"
    assert sqlite_path(f"sqlite://{tmp_path}/a.db") == tmp_path / "a.db"
    assert sqlite_path("sqlite:///ucs.db") == Path("ucs.db")
    assert sqlite_path("sqlite:///no-such-folder/ucs.db") == Path("no-such-folder/ucs.db")
    assert sqlite_path("sqlite:////no-such-folder/ucs.db") == Path("/no-such-folder/ucs.db")
    assert sqlite_path("sqlite:////tmp/a%25b.db") == Path("/tmp/a%b.db")
