"""Bad input ends in a clear message; nothing half-made shows, and the next run works."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.scenarios.opening import KeyPair
from tests.scenarios.running import Json, RunningService, cxport, job
from tests.servers import PostgresServer, free_port


@pytest.fixture
def client(embedded: RunningService, keys: KeyPair) -> Iterator[httpx.Client]:
    """Give a signed-in client with a certificate."""
    with embedded.client() as signed_in:
        embedded.upload(signed_in, keys.certificate)
        yield signed_in


def refused(service: RunningService, *words: str) -> str:
    """Run an administrator's command that must fail, and give what it said."""
    with pytest.raises(AssertionError) as failure:
        service.admin(*words)
    said = str(failure.value)
    assert "Traceback" not in said
    return said


def test_an_unreachable_source_says_so(embedded: RunningService) -> None:
    """A check of a database that does not answer names the problem, not the password."""
    dsn = f"postgresql://reader:hidden-word@127.0.0.1:{free_port()}/none"
    embedded.admin("source", "add", "away", "--kind", "ucs", "--dsn", dsn)

    said = refused(embedded, "source", "check", "away")

    assert "does not answer" in said or "refused" in said
    assert "hidden-word" not in said


def test_a_wrong_password_says_so(embedded: RunningService, postgres: PostgresServer) -> None:
    """A check with a wrong password says that the database refuses it."""
    dsn = postgres.new_database().replace("cxport-test-secret", "hidden-word")
    embedded.admin("source", "add", "locked", "--kind", "ucs", "--dsn", dsn)

    said = refused(embedded, "source", "check", "locked")

    assert "password" in said
    assert "hidden-word" not in said


def test_a_missing_table_is_named(embedded: RunningService, postgres: PostgresServer) -> None:
    """A check names the table that is missing, and the column."""
    dsn = postgres.new_database()
    cxport("sample", dsn, "--interactions", "20")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP TABLE phonecall")
        connection.execute("ALTER TABLE chat DROP COLUMN releaseddate")
    embedded.admin("source", "add", "incomplete", "--kind", "ucs", "--dsn", dsn)

    said = refused(embedded, "source", "check", "incomplete").lower()

    assert "phonecall" in said
    assert "chat.releaseddate" in said


def test_a_source_that_went_away_fails_the_run(
    running_service: Callable[..., RunningService], postgres: PostgresServer, keys: KeyPair
) -> None:
    """A run whose tables are gone by then fails, names them, and shows no file."""
    service = running_service()
    dsn = postgres.new_database()
    cxport("sample", dsn, "--interactions", "50")
    service.add_source("history", dsn)
    with service.client() as client, psycopg.connect(dsn, autocommit=True) as connection:
        service.upload(client, keys.certificate)
        connection.execute("ALTER TABLE interaction RENAME TO elsewhere")

        record = service.run_job(client)

        assert record["status"] == "Failed"
        assert service.files(client, record["id"]) == []
        connection.execute("ALTER TABLE elsewhere RENAME TO interaction")
        assert service.run_job(client)["status"].startswith("Completed")


def test_an_unknown_medium_is_named(
    embedded: RunningService, client: httpx.Client, sample_dsn: Callable[[str], str]
) -> None:
    """A job with a medium that the source does not know is refused, naming it."""
    if "sqlite" not in embedded.admin("source", "list"):
        embedded.add_source("sqlite", sample_dsn("sqlite"))

    answer = client.post(
        "/export/jobs", json=job({"media": ["email", "telepathy"]}, source="sqlite")
    )

    status = shape(answer, httpx.codes.BAD_REQUEST)
    assert status["detail"]["field"] == "jobParams.media"
    assert "telepathy" in status["message"]


def shape(answer: httpx.Response, code: int) -> Json:
    """Check that an answer has the one error shape, and give its status."""
    assert answer.status_code == code, answer.text
    status: Json = answer.json()["status"]
    assert set(status) == {"code", "message", "detail"}
    assert status["code"] == code
    return status


@pytest.mark.parametrize(
    ("algorithm", "word"), [("EC -pkeyopt ec_paramgen_curve:P-256", "RSA"), ("RSA:1024", "2048")]
)
def test_a_certificate_of_the_wrong_kind_is_refused(
    client: httpx.Client, tmp_path: Path, algorithm: str, word: str
) -> None:
    """An EC certificate, or a short RSA key, is refused with what would be right."""
    made = tmp_path / "made.pem"
    kind = algorithm.replace("RSA:1024", "rsa:1024").replace("EC ", "ec ")
    command = ["openssl", "req", "-x509", "-nodes", "-days", "9", "-subj", "/CN=x", "-newkey"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(made)]
    subprocess.run([*command, *kind.split(), *files], check=True, capture_output=True)

    answer = client.post("/cipher/made.pem", files={"file": made.read_bytes()})

    status = shape(answer, httpx.codes.BAD_REQUEST)
    assert word in status["message"] + status["detail"]["expected"]


def test_a_private_key_is_refused_and_never_stored(
    embedded: RunningService, client: httpx.Client, keys: KeyPair
) -> None:
    """A file with a private key in it is refused; its bytes are nowhere afterwards."""
    both = keys.key.read_bytes() + keys.certificate.read_bytes()

    answer = client.post("/cipher/both.pem", files={"file": both})

    assert "private key" in shape(answer, httpx.codes.BAD_REQUEST)["message"]
    secret = keys.key.read_bytes().splitlines()[5]
    for path in embedded.folder.rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes(), path


def test_a_job_without_a_certificate_says_to_upload_one(
    embedded: RunningService, sample_dsn: Callable[[str], str]
) -> None:
    """A tenant without a certificate is told to upload one first; nothing is stored."""
    made = embedded.admin("tenant", "create", "bare", "--json")
    embedded.admin(
        "source", "add", "history", "--kind", "ucs", "--dsn", sample_dsn("sqlite"),
        "--tenant", "bare",
    )  # fmt: skip
    embedded.admin("source", "check", "history", "--tenant", "bare")
    with embedded.client_of(made) as client:
        answer = client.post("/export/jobs", json=job())

        assert "certificate" in shape(answer, httpx.codes.BAD_REQUEST)["message"]
        assert client.get("/export/jobs").status_code == httpx.codes.NO_CONTENT
