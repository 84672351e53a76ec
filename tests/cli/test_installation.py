"""Commands that administer an installation, also while it is being served."""

from __future__ import annotations

import base64
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cxport.cli.exit_codes import ExitCode
from cxport.domain.catalogue import ENTITY_CODES
from cxport.sealing.vault import new_master_key
from tests.cli.commands import Cxport
from tests.client.served import SOURCE, Served
from tests.servers import PostgresServer, free_port

CREDENTIALS = ["tenant", "api_key", "client_id", "client_secret", "username", "password"]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of an installation that `init` makes in the first test that asks."""
    return tmp_path_factory.mktemp("installation") / "data"


@pytest.fixture
def data(once: Path, cxport: Cxport) -> Path:
    """Give the folder of an installation."""
    if not once.exists():
        cxport.done("init", "--data", once)
    return once


def test_init_makes_a_folder_for_its_owner_alone(cxport: Cxport, tmp_path: Path) -> None:
    """Folder 0700, master key 0600, and the credentials in the words that scripts read."""
    folder = tmp_path / "data"
    credentials = cxport.json("init", "--data", folder)

    assert list(credentials) == CREDENTIALS
    assert all(credentials.values())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "master.key").stat().st_mode & 0o777 == 0o600


def test_init_changes_nothing_that_is_there(cxport: Cxport, data: Path) -> None:
    """A second `init` is refused."""
    before = (data / "master.key").read_bytes()
    ended = cxport("init", "--data", data)

    assert ended.code == ExitCode.FAILED
    assert (data / "master.key").read_bytes() == before


def test_without_an_installation_the_way_to_one_is_named(cxport: Cxport, tmp_path: Path) -> None:
    """Every admin command says `cxport init` where there is nothing yet."""
    for words in (("tenant", "list"), ("source", "list"), ("key", "show"), ("worker",)):
        ended = cxport(*words, "--data", tmp_path / "none")

        assert ended.code == ExitCode.FAILED
        assert "cxport init" in ended.err


def test_a_spelling_mistake_in_a_setting_is_named(
    cxport: Cxport, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CXPORT_ variable that nothing reads is a warning; those of the client are none."""
    monkeypatch.setenv("CXPORT_RETENTON_DAYS", "1")
    for name in ("URL", "API_KEY", "CLIENT_ID", "CLIENT_SECRET", "PROFILE", "CA_FILE"):
        monkeypatch.setenv(f"CXPORT_{name}", "x")
    ended = cxport.done("tenant", "list", "--data", data)

    assert ended.err == "warning: the variable CXPORT_RETENTON_DAYS is no setting of cxport\n"


def test_a_wrong_setting_is_named(cxport: Cxport, data: Path) -> None:
    """A value out of range is refused by its name."""
    ended = cxport("serve", "--data", data, "--port", "70000")

    assert ended.code == ExitCode.FAILED
    assert "port" in ended.err


def test_other_hosts_are_served_by_tls_alone(cxport: Cxport, data: Path) -> None:
    """Serving to others in the clear is refused before anything listens."""
    ended = cxport("serve", "--data", data, "--host", "0.0.0.0")  # noqa: S104 - it must be refused

    assert ended.code == ExitCode.FAILED
    assert "--tls-cert" in ended.err


def test_tenants_are_made_and_listed(cxport: Cxport, data: Path) -> None:
    """A further tenant gets credentials of its own, and a name that is taken is refused."""
    credentials = cxport.json("tenant", "create", "Second", "--data", data)
    again = cxport("tenant", "create", "second", "--data", data)
    key = cxport.json("tenant", "key", "SECOND", "--data", data)
    listed = cxport.json("tenant", "list", "--data", data)["tenants"]

    assert list(credentials) == CREDENTIALS
    assert again.code == ExitCode.USAGE
    assert key["tenant"] == "Second"
    assert key["api_key"] != credentials["api_key"]
    assert [one["name"] for one in listed] == ["default", "Second"]


def test_an_unknown_tenant_is_refused(cxport: Cxport, data: Path) -> None:
    """What is not there ends with the code that says so."""
    for words in (
        ("tenant", "key", "nobody"),
        ("source", "list", "--tenant", "nobody"),
        ("source", "check", "nothing"),
        ("source", "remove", "nothing"),
    ):
        assert cxport(*words, "--data", data).code == ExitCode.REFUSED


def test_a_source_is_added_checked_and_removed_while_served(
    cxport: Cxport, as_user: Served
) -> None:
    """Entities, rows and times are told, with a sample record; the DSN is never shown again."""
    database = as_user.folder / "db.sqlite"
    cxport.done("source", "add", "again", "--kind", "ucs", "--dsn", f"sqlite:///{database}")
    report = cxport.json("source", "check", "AGAIN")
    shown = cxport.done("source", "check", "again").out
    listed = cxport.json("source", "list")["sources"]
    cxport.done("source", "remove", "again")
    left = cxport.json("source", "list")["sources"]

    with closing(sqlite3.connect(database)) as connection:
        (interactions,) = connection.execute("SELECT count(*) FROM Interaction").fetchone()
    entities = {one["entity"]: one for one in report["entities"]}
    contacts = entities.pop("Contact")
    assert sum(one["rows"] for one in entities.values()) == interactions
    assert contacts["rows"] > 0
    assert report["missing"] == []
    assert {one["entity"] for one in report["samples"]} == {*entities, "Contact"}
    assert re.search(r'^Chat: \{"id": "', shown, re.MULTILINE)
    assert [one["name"] for one in listed] == ["again", SOURCE]
    assert [one["name"] for one in left] == [SOURCE]
    assert str(database) not in str(listed) + shown


def test_what_a_database_lacks_is_named(cxport: Cxport, data: Path, tmp_path: Path) -> None:
    """A missing table is named, and the check fails, in JSON as well."""
    empty = tmp_path / "empty.sqlite"
    with closing(sqlite3.connect(empty)) as connection:
        connection.execute("CREATE TABLE Interaction (Id TEXT PRIMARY KEY)")
    cxport.done("source", "add", "empty", "--dsn", f"sqlite:///{empty}", "--data", data)
    ended = cxport("source", "check", "empty", "--data", data, "--json")

    assert ended.code == ExitCode.FAILED
    assert "Interaction.StartDate" in ended.document["missing"]
    assert "Interaction.StartDate" in ended.err
    assert "hint: give a mapping" in ended.err


def test_a_source_that_does_not_answer_may_be_tried_again(cxport: Cxport, data: Path) -> None:
    """An unreachable server has an exit code of its own; its password is not in the message."""
    dsn = f"postgresql://user:hidden@127.0.0.1:{free_port()}/db"
    cxport.done("source", "add", "away", "--dsn", dsn, "--data", data)
    ended = cxport("source", "check", "away", "--data", data)

    assert ended.code == ExitCode.UNREACHABLE
    assert "hidden" not in ended.err


def test_a_dsn_may_stay_in_a_variable(
    cxport: Cxport, data: Path, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --dsn-env nothing is stored: the variable is read when the source is."""
    cxport.done("source", "add", "by-env", "--dsn-env", "HISTORY_DSN", "--data", data)
    unset = cxport("source", "check", "by-env", "--data", data)
    monkeypatch.setenv("HISTORY_DSN", f"sqlite:///{served.folder / 'db.sqlite'}")
    cxport.done("source", "check", "by-env", "--data", data)

    assert unset.code == ExitCode.FAILED
    assert "HISTORY_DSN" in unset.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--dsn", "sqlite:///x", "--dsn-env", "X"),
        ("--dsn", "http://user:hidden@host/db"),
        ("--dsn", "postgresql://user:hidden@host/db", "--kind", "ledger"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused(
    cxport: Cxport, data: Path, words: tuple[str, ...]
) -> None:
    """A mistake in a source ends with the usage code and shows no password."""
    ended = cxport("source", "add", "wrong", *words, "--data", data)

    assert ended.code == ExitCode.USAGE
    assert "hidden" not in ended.err


def test_a_new_master_key_opens_everything(cxport: Cxport, tmp_path: Path) -> None:
    """After a rotation the sources and the signing key are what they were, by the new key alone."""
    data = tmp_path / "data"
    cxport.done("init", "--data", data)
    cxport.done("sample", f"sqlite:///{tmp_path / 'db'}", "--interactions", "20")
    cxport.done("source", "add", "s", "--dsn", f"sqlite:///{tmp_path / 'db'}", "--data", data)
    public = cxport.done("key", "show", "--data", data).out
    cxport.done("key", "rotate", "--data", data)
    new, old = (data / "master.key").read_text().split()
    (data / "master.key").write_text(new)

    assert new != old
    assert cxport.done("key", "show", "--data", data).out == public
    cxport.done("source", "check", "s", "--data", data)


def test_a_new_master_key_in_the_environment_is_brought_in(
    cxport: Cxport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`key rotate` says how, `key reseal` does it, `key list` shows when the old one can go."""
    data, dsn = tmp_path / "data", f"sqlite:///{tmp_path / 'db'}"
    old, new = (base64.b64encode(new_master_key()).decode() for _ in range(2))
    monkeypatch.setenv("CXPORT_MASTER_KEY", old)
    cxport.done("init", "--data", data)
    cxport.done("sample", dsn, "--interactions", "20")
    cxport.done("source", "add", "s", "--dsn", dsn, "--data", data)
    refused = cxport("key", "rotate", "--data", data)

    assert refused.code == ExitCode.FAILED
    assert "OLD,NEW" in refused.err
    assert "cxport key reseal" in refused.err
    monkeypatch.setenv("CXPORT_MASTER_KEY", f"{new},{old}")
    before = cxport.json("key", "list", "--data", data)["master"]
    resealed = cxport.json("key", "reseal", "--data", data)["resealed"]
    after = cxport.json("key", "list", "--data", data)["master"]
    assert [one["seals"] for one in before] == [0, resealed]
    assert after[0]["seals"] >= resealed >= 2
    assert after[1]["seals"] == 0
    assert cxport.json("key", "reseal", "--data", data)["resealed"] == 0
    monkeypatch.setenv("CXPORT_MASTER_KEY", new)
    cxport.done("source", "check", "s", "--data", data)
    monkeypatch.setenv("CXPORT_MASTER_KEY", old)
    lost = cxport("key", "reseal", "--data", data)
    assert lost.code == ExitCode.FAILED
    assert "not given" in lost.err


def test_a_shared_store_s_master_key_is_not_rotated_unawares(
    cxport: Cxport, tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With PostgreSQL other hosts may have a key file of their own: that there are none is said."""
    data = tmp_path / "data"
    monkeypatch.setenv("CXPORT_DATABASE", postgres.new_database())
    cxport.done("init", "--data", data)
    before = (data / "master.key").read_text()
    refused = cxport("key", "rotate", "--data", data)

    assert refused.code == ExitCode.FAILED
    assert "--one-host" in refused.err
    assert (data / "master.key").read_text() == before
    cxport.done("key", "rotate", "--one-host", "--data", data)
    assert len((data / "master.key").read_text().split()) == 2


def test_an_interrupted_rotation_can_be_finished(cxport: Cxport, tmp_path: Path) -> None:
    """A key file that was half written is not overwritten; one that was written is resealed by."""
    data = tmp_path / "data"
    cxport.done("init", "--data", data)
    (data / "master.new").touch()
    refused = cxport("key", "rotate", "--data", data)
    (data / "master.new").unlink()
    public = cxport.done("key", "show", "--data", data).out
    with (data / "master.key").open("r+") as file:
        kept = file.read()
        file.seek(0)
        file.write(base64.b64encode(new_master_key()).decode() + "\n" + kept)
    cxport.done("key", "reseal", "--data", data)

    assert refused.code == ExitCode.FAILED
    assert "master.new" in refused.err
    first = (data / "master.key").read_text().split()[0]
    (data / "master.key").write_text(first)
    assert cxport.done("key", "show", "--data", data).out == public


@pytest.mark.parametrize(
    "words", [("master", "--at-once"), ("tokens", "--one-host"), ("manifest",)]
)
def test_a_rotation_that_makes_no_sense_is_refused(
    cxport: Cxport, data: Path, words: tuple[str, ...]
) -> None:
    """Options that would do nothing are no options."""
    assert cxport("key", "rotate", *words, "--data", data).code == ExitCode.USAGE


def test_the_sample_refuses_a_database_that_has_its_tables(cxport: Cxport, tmp_path: Path) -> None:
    """What is there is left alone; the same seed gives the same rows."""
    first, second = (f"sqlite:///{tmp_path / name}" for name in ("a", "b"))
    made = cxport.json("sample", first, "--interactions", "50", "--seed", "7")
    same = cxport.json("sample", second, "--interactions", "50", "--seed", "7")
    again = cxport("sample", first)

    assert made == same
    assert sum(made["rows"][entity.value] for entity in ENTITY_CODES) == 50
    assert again.code == ExitCode.USAGE


def test_a_key_and_certificate_are_made(cxport: Cxport, tmp_path: Path) -> None:
    """The key is for its owner alone, and neither file is ever overwritten."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    words = ("cert", "new", "--key", key, "--cert", certificate, "--bits", "2048")
    found = cxport.json(*words)
    before = key.read_bytes()
    again = cxport(*words)

    assert found == {"key": str(key), "certificate": str(certificate)}
    assert key.stat().st_mode & 0o777 == 0o600
    assert b"BEGIN CERTIFICATE" in certificate.read_bytes()
    assert again.code == ExitCode.USAGE
    assert key.read_bytes() == before


def test_version_names_what_runs(cxport: Cxport) -> None:
    """The versions that a report of a problem needs are there, for people and for scripts."""
    found = cxport.json("version")

    assert {"cxport", "python", "openssl", "cryptography", "isal", "transcoder"} <= set(found)
    assert found["cxport"] in cxport.done("version").out
