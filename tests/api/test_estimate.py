"""`/cxport/v1/estimate`: what a job would export, before it is made."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cxport.blobs import BlobSettings
from cxport.bootstrap.measuring import measuring
from cxport.domain.catalogue import ENTITIES, DataType, Family
from cxport.domain.errors import SourceUnreachable
from cxport.domain.selection import Selection, Window
from cxport.domain.source import StoredSource
from cxport.sealing.vault import Vault, new_master_key
from cxport.services.estimates import Measure
from cxport.store.database import connect
from tests.api.installation import Account, error_of, job_body
from tests.sources.history import create, fill
from tests.sources.tables import plain_connection


def ask(account: Account, **changed: Any) -> httpx2.Response:
    """Ask for an estimate of a job."""
    return account.installation.client.post(
        "/cxport/v1/estimate", json=job_body(**changed), headers=account.headers
    )


def test_an_estimate_tells_rows_bytes_and_files(tenant: Account) -> None:
    """Of a job's body, as statistics give them; without any run before, no time."""
    found = ask(tenant, jobParams__media=[])

    assert found.status_code == 200, found.text
    assert found.json() == {
        "rows": 5000,
        "size": 6_250_000,
        "rawSize": 10_000_000,
        "parts": 2,
        "seconds": None,
    }
    assert tenant.get("/export/jobs").status_code == 204, "nothing was made"


def test_the_last_runs_tell_the_time(tenant: Account) -> None:
    """By the rows per second of runs of the same source and type."""
    tenant.finished_run(b"x" * 10)

    assert ask(tenant, jobParams__media=[]).json()["seconds"] > 0


def test_a_wrong_body_is_refused_as_with_a_job(tenant: Account) -> None:
    """With the same names; unknown fields are named in a header."""
    assert error_of(ask(tenant, source="nowhere"), 400)["detail"]["field"] == "source"
    assert error_of(ask(tenant, timeFrame={}), 400)["detail"]["field"] == "timeFrame"
    assert "more" in ask(tenant, jobParams__media=[], more=1).headers["Warning"]


def test_a_source_that_cannot_be_read_is_told(tenant: Account) -> None:
    """One that does not answer is 503 with Retry-After, one that does not fit 400."""
    away = ask(tenant, jobParams__media=["voice"])
    assert error_of(away, 503)["message"] == "the database does not answer"
    assert away.headers["Retry-After"]
    unfit = error_of(ask(tenant, jobParams__media=["chat"]), 400)
    assert unfit["detail"]["field"] == "source"
    assert "Interaction" in unfit["message"]


@dataclass(frozen=True)
class Asked:
    """A source, and what asks it."""

    source: StoredSource
    measure: Measure


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def history_dsn(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database of each product."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'history.db'}"
    name = {"postgresql": "postgres", "mariadb": "mariadb"}[request.param]
    dsn: str = request.getfixturevalue(name).new_database()
    return dsn


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Asked]:
    """Give what makes a source of a DSN."""

    def make(dsn: str, seconds: float = 60) -> Asked:
        monkeypatch.setenv("HISTORY_DSN", dsn)
        assert os.environ["HISTORY_DSN"] == dsn
        source = StoredSource(
            id="1",
            tenant_id="t",
            name="History",
            family=Family.UCS,
            sealed_dsn=b"",
            dsn_variable="HISTORY_DSN",
            mapping="",
            entities=(),
            media=(),
            created_at=datetime.now(UTC),
        )
        db = connect(f"sqlite:///{tmp_path / 'store.sqlite'}")
        objects = BlobSettings(url=(tmp_path / "objects").as_uri())
        return Asked(source, measuring(db, Vault([new_master_key()]), objects, 500, seconds))

    return make


def test_a_source_is_asked_for_its_statistics(
    history_dsn: str, asked: Callable[..., Asked]
) -> None:
    """Rows within a third, of all and of a window, on every product; files follow from them."""
    history = create(history_dsn)
    fill(history, 3000)
    history.analyze()
    one = asked(history_dsn)
    everything = Selection(
        data_type=DataType.INTERACTION, entities=ENTITIES[DataType.INTERACTION], attachments=True
    )
    start = datetime(2024, 2, 1, tzinfo=UTC)
    window = Selection(**{**vars(everything), "window": Window(start=start)})
    wanted = history.rows("SELECT count(*) FROM Interaction WHERE StartDate >= '2024-02-01'")

    whole = one.measure(one.source, everything, 100 << 20)
    part = one.measure(one.source, window, 100 << 20)

    assert whole.rows == pytest.approx(3000, rel=0.34)
    assert part.rows == pytest.approx(wanted[0][0], rel=0.34)
    assert whole.parts >= 4
    assert 0 < whole.sealed_bytes < whole.raw_bytes


def test_an_estimate_takes_bounded_time(postgres_dsn: str, asked: Callable[..., Asked]) -> None:
    """A database that does not answer is not waited for: here a table is locked."""
    create(postgres_dsn)
    one = asked(postgres_dsn, 3)
    selection = Selection(data_type=DataType.INTERACTION, entities=ENTITIES[DataType.INTERACTION])
    locking = plain_connection(postgres_dsn)
    locking.execute("BEGIN")
    locking.execute("LOCK TABLE Interaction IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(SourceUnreachable, match="within 3 seconds"):
        one.measure(one.source, selection, 1 << 20)
    locking.close()
