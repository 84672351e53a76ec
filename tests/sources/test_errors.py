"""Errors: each says what is wrong, is of the right kind, and keeps secrets."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxport.domain.catalogue import Entity
from cxport.domain.errors import (
    InvalidInput,
    MappingMismatch,
    SourceError,
    SourceRefused,
    SourceUnreachable,
)
from cxport.domain.selection import Slice
from tests.servers import MariaServer, PostgresServer
from tests.sources.history import History, create, interaction
from tests.sources.reading import interactions, source_of

OPEN_MEDIA = Slice(entity=Entity.OPEN_MEDIA)


@pytest.fixture(params=["postgres", "mariadb"])
def served(request: pytest.FixtureRequest) -> History:
    """Give tables of one's own on each database server."""
    history: History = request.getfixturevalue(f"{request.param}_history")
    return history


def _with(dsn: str, **changes: str) -> str:
    scheme, rest = dsn.split("://")
    credentials, place = rest.split("@")
    user, _, password = credentials.partition(":")
    host, _, database = place.partition("/")
    parts = {"user": user, "password": password, "host": host, "database": database, **changes}
    return f"{scheme}://{parts['user']}:{parts['password']}@{parts['host']}/{parts['database']}"


def test_a_wrong_password_is_refused(served: History) -> None:
    """User, password and database are refused for good, and the password is not told."""
    for changes in (
        {"password": "wr0ng-s3cret"},
        {"user": "nobody", "password": "wr0ng-s3cret"},
        {"database": "no_such_database"},
    ):
        with pytest.raises(SourceRefused) as caught:
            source_of(_with(served.dsn, **changes)).check()

        assert not caught.value.transient
        assert "s3cret" not in str(caught.value)


def test_nobody_listens(served: History) -> None:
    """A port where nobody listens is worth another try."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(SourceUnreachable) as caught:
        source_of(_with(served.dsn, host=f"127.0.0.1:{port}")).open()

    assert caught.value.transient


def test_a_server_that_does_not_answer(served: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that takes connections and says nothing is given up after the time for it."""
    from cxport.sources import mariadb, postgres

    monkeypatch.setattr(mariadb, "_CONNECT_SECONDS", 2)
    monkeypatch.setitem(postgres.DEFAULTS, "connect_timeout", "2")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(SourceUnreachable):
            source_of(_with(served.dsn, host=host)).open()


def _many(history: History) -> None:
    rows = [interaction(n, 7, "2024-01-01 00:00:00", Text="x" * 4_000) for n in range(4_000)]
    history.insert("Interaction", rows)


def _read_until(cut: Callable[[], None], history: History) -> int:
    """Read, cut after the first batch, and count what still comes."""
    found = 0
    with source_of(history.dsn).open() as reader:
        for number, batch in enumerate(reader.read(interactions(), OPEN_MEDIA)):
            found += len(batch)
            if number == 0:
                cut()
    return found


def test_a_connection_lost_in_the_middle_is_an_error(served: History) -> None:
    """A stream that breaks raises, and never looks like one that ended."""
    _many(served)

    def cut() -> None:
        if served.product == "postgresql":
            served.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'cxport' AND datname = current_database()"
            )
            return
        query = (
            "SELECT id FROM information_schema.processlist"
            " WHERE id <> CONNECTION_ID() AND db = DATABASE()"
        )
        for (number,) in served.rows(query):
            served.run(f"KILL {number}")

    with pytest.raises(SourceUnreachable):
        _read_until(cut, served)


@pytest.mark.parametrize("product", ["postgres", "mariadb"])
def test_a_server_that_stops_in_the_middle_is_an_error(
    product: str, request: pytest.FixtureRequest
) -> None:
    """So does a server that is shut down; the next run works once it is back."""
    server: PostgresServer | MariaServer = request.getfixturevalue(product)
    history = create(server.new_database())
    _many(history)
    try:
        with pytest.raises(SourceUnreachable):
            _read_until(server.kill, history)
        with pytest.raises(SourceUnreachable):
            source_of(history.dsn).check()
    finally:
        server.start()

    assert _read_until(lambda: None, history) == 4_000


def test_a_table_dropped_behind_a_reader_is_named(served: History) -> None:
    """What vanishes after the reader began is an error that names it."""
    with source_of(served.dsn).open() as reader:
        served.run("DROP TABLE Chat")
        with pytest.raises(SourceError) as caught:
            list(reader.read(interactions(), Slice(entity=Entity.CHAT)))

    if isinstance(caught.value, MappingMismatch):
        assert caught.value.missing[0].lower() == "chat"


def test_a_reader_can_be_closed_twice_and_says_so_when_used(served: History) -> None:
    """Closing again does nothing; reading from a closed one is an error."""
    reader = source_of(served.dsn).open()
    reader.close()
    reader.close()
    with pytest.raises(SourceError):
        list(reader.read(interactions(), OPEN_MEDIA))


def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    """An SQLite file that is not there stays so."""
    path = tmp_path / "none.db"
    with pytest.raises(SourceUnreachable) as caught:
        source_of(f"sqlite:///{path}").check()

    assert str(tmp_path) not in str(caught.value)
    assert not path.exists()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough", b"SQLite format 3\0" + b"x" * 200]
)
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is no database is told from one that is."""
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        source_of(f"sqlite:///{path}").check()

    assert not caught.value.transient
    assert path.read_bytes() == content


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """Nor is a folder, or an empty file a contact history."""
    with pytest.raises(SourceUnreachable):
        source_of(f"sqlite:///{tmp_path}").check()
    (tmp_path / "empty.db").touch()

    assert "Interaction" in source_of(f"sqlite:///{tmp_path / 'empty.db'}").check().missing


def test_a_locked_file_is_worth_another_try(
    sqlite_history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that holds the file makes the source unreachable for now."""
    from cxport.sources import sqlite

    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.1)
    connection: Any = sqlite_history.connection()
    connection.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(SourceUnreachable, match="SQLITE_BUSY"):
            source_of(sqlite_history.dsn).open()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("scheme", "extra"), [("oracle", "oracle"), ("sqlserver", "sqlserver"), ("mssql", "sqlserver")]
)
def test_a_driver_that_is_not_installed_names_its_extra(
    scheme: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Databases whose driver is optional say what to install."""
    for name in ("oracledb", "pymssql"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SourceError, match=rf"pip install 'cxport\[{extra}\]'"):
        source_of(f"{scheme}://u:s3cret@h/d")


def test_an_unfit_value_names_its_column(sqlite_history: History) -> None:
    """A text in a column of numbers fails with the column's name and without the value."""
    row = {**interaction(1, 7, None), "OwnerId": "Jane Doe"}
    sqlite_history.insert("Interaction", [row])
    with (
        source_of(sqlite_history.dsn).open() as reader,
        pytest.raises(SourceError, match=r"Interaction\.OwnerId \(ownerId\).*integer") as caught,
    ):
        list(reader.read(interactions(), OPEN_MEDIA))

    assert "Jane" not in str(caught.value)


BAD_DSNS = [
    "",
    "ucs.db",
    "ftp://u:s3cret@h/d",
    "postgresql://u:s3cret@h:port/d",
    "postgresql://u:s3cret@h",
    "postgresql://u:s3cret@h/d?no_such_option=1",
    "mariadb://u:s3cret@h:99999/d",
    "mariadb://u:s3cret@/d",
    "mysql://u:s3cret@h/",
    "mariadb://u:s3cret@[h/d",
    "mariadb://u:s3cret@h/d?init_command=DROP",
    "sqlite://",
    "sqlite:///",
    "sqlite://host/ucs.db?s3cret",
    "sqlite:///ucs.db?mode=rw",
]


@pytest.mark.parametrize("dsn", BAD_DSNS)
def test_a_malformed_dsn_is_refused_without_its_secret(dsn: str) -> None:
    """The field is named, and nothing of the DSN is repeated."""
    with pytest.raises(InvalidInput) as caught:
        source_of(dsn)

    assert caught.value.field == "dsn"
    assert "s3cret" not in str(caught.value) + caught.value.expected
