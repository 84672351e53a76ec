"""Sources, as an administrator sets them up."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxport.domain.catalogue import Entity
from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.vault import dsn_purpose
from cxport.sealing.vault import Vault
from cxport.services import Services
from cxport.services.source_setup import SourceDraft
from cxport.store import sources
from cxport.store.database import Database
from tests.api.installation import EntityReport, SourceReport

DSN = "postgresql://reader:CANARY@db/ucs"
REPORT = SourceReport((EntityReport(Entity.CHAT), EntityReport(Entity.CONTACT, present=False)))


@pytest.fixture
def tenant_id(services: Services) -> str:
    """Give a tenant."""
    return services.tenants.named(services.tenants.create_tenant("Acme").tenant).id


def test_a_dsn_is_kept_sealed(
    services: Services, tenant_id: str, db: Database, vault: Vault, tmp_path: Path
) -> None:
    """Who reads the store's file does not read it; who has the master key does."""
    stored = services.source_setup.add(tenant_id, SourceDraft(name="crm", dsn=DSN), REPORT)

    assert vault.open(stored.sealed_dsn, dsn_purpose(tenant_id)).decode() == DSN
    assert stored.checked_at is not None
    db.close()
    assert b"CANARY" not in b"".join(file.read_bytes() for file in tmp_path.glob("store*"))
    assert "CANARY" not in repr(SourceDraft(name="crm", dsn=DSN))


def test_a_dsn_may_stay_in_the_environment(services: Services, tenant_id: str) -> None:
    """Then the store holds the variable's name alone."""
    stored = services.source_setup.add(tenant_id, SourceDraft(name="crm", dsn_variable="CRM_DSN"))
    assert (stored.sealed_dsn, stored.dsn_variable) == (b"", "CRM_DSN")
    assert (stored.entities, stored.checked_at) == ((), None)


def test_a_check_is_kept(services: Services, tenant_id: str, db: Database) -> None:
    """What was present, and the media."""
    services.source_setup.add(tenant_id, SourceDraft(name="crm", dsn=DSN))
    services.source_setup.checked(tenant_id, "CRM", REPORT)
    found = sources.by_name(db, tenant_id, "crm")

    assert found.entities == (Entity.CHAT,)
    assert found.media == REPORT.media
    assert found.checked_at is not None


@pytest.mark.parametrize(
    "draft",
    [
        SourceDraft(name="", dsn=DSN),
        SourceDraft(name=" crm", dsn=DSN),
        SourceDraft(name="a\nb", dsn=DSN),
        SourceDraft(name="x" * 65, dsn=DSN),
        SourceDraft(name="crm"),
        SourceDraft(name="crm", dsn=DSN, dsn_variable="CRM_DSN"),
    ],
)
def test_a_draft_that_will_not_do_is_refused(
    services: Services, tenant_id: str, draft: SourceDraft
) -> None:
    """By the field that is wrong; the DSN is not repeated."""
    with pytest.raises(InvalidInput) as caught:
        services.source_setup.add(tenant_id, draft)
    assert "CANARY" not in caught.value.message


def test_names_are_taken_once_and_freed(services: Services, tenant_id: str) -> None:
    """Whatever their case; a removed source is gone."""
    services.source_setup.add(tenant_id, SourceDraft(name="crm", dsn=DSN))
    with pytest.raises(InvalidInput):
        services.source_setup.add(tenant_id, SourceDraft(name="CRM", dsn=DSN))
    services.source_setup.remove(tenant_id, "Crm")
    with pytest.raises(NotFound):
        services.source_setup.remove(tenant_id, "crm")


def test_limits_are_set_and_refused(services: Services, tenant_id: str) -> None:
    """How a source may be read can be changed; what would starve or flood it is refused."""
    draft = SourceDraft(name="History", dsn="sqlite:////nowhere")
    services.source_setup.add(tenant_id, draft)

    found = services.source_setup.limit(tenant_id, "history", 4, 5000)

    assert (found.max_readers, found.max_rows_per_second) == (4, 5000)
    assert services.source_setup.limit(tenant_id, "history", 4, None).max_rows_per_second is None
    for readers, rows, field in ((0, None, "max_readers"), (2, 99, "max_rows_per_second")):
        with pytest.raises(InvalidInput) as caught:
            services.source_setup.limit(tenant_id, "history", readers, rows)
        assert caught.value.field == field
