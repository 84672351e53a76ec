"""`/data`: statuses, sources, types and sub-types."""

from __future__ import annotations

import pytest

from cxport.domain.catalogue import Entity
from cxport.services.source_setup import SourceDraft
from tests.api.installation import (
    EVERYTHING,
    Account,
    EntityReport,
    Installation,
    SourceReport,
    error_of,
    names_of,
)


@pytest.fixture
def two_sources(bare: Account) -> Account:
    """Add a second source that holds chats alone."""
    chats = SourceReport((EntityReport(Entity.CHAT), EntityReport(Entity.CONTACT, present=False)))
    setup = bare.installation.services.source_setup
    setup.add(bare.tenant_id, SourceDraft(name="archive", dsn_variable="ARCHIVE_DSN"), chats)
    return bare


def test_job_statuses(bare: Account) -> None:
    """Every status, as label and value."""
    found = bare.get("/data/job-statuses").json()
    assert {"label": "In Progress", "value": "inProgress"} in found
    assert len(found) == 11


def test_sources_are_listed_by_name(two_sources: Account) -> None:
    """Label and value are the name that an administrator gave."""
    found = two_sources.get("/data/sources").json()
    assert found == [
        {"label": "archive", "value": "archive"},
        {"label": "History", "value": "History"},
    ]


def test_types_are_those_that_a_source_holds(two_sources: Account) -> None:
    """Of one source, in any case, or of all."""
    history = [{"name": name, "source": "History"} for name in ("Interaction", "Contact")]
    archive = [{"name": "Interaction", "source": "archive"}]

    assert two_sources.get("/data/types?source=HISTORY").json() == history
    assert two_sources.get("/data/types?source=archive").json() == archive
    assert two_sources.get("/data/types").json() == archive + history
    assert two_sources.get("/data/types?source=none").status_code == 204


def test_sub_types_tell_what_a_source_holds(two_sources: Account) -> None:
    """Every entity of an interaction, enabled where the source has it."""
    found = two_sources.get("/data/sub-types?dataType=interaction&source=archive").json()

    assert len(found) == 7
    assert found[0] == {
        "name": "EmailIn",
        "displayName": "Email In",
        "source": "archive",
        "dataType": "Interaction",
        "enabled": False,
    }
    assert [one["name"] for one in found if one["enabled"]] == ["Chat"]
    assert len(two_sources.get("/data/sub-types").json()) == 14


def test_sub_types_of_contacts_are_none(bare: Account) -> None:
    """A contact has no entity types: 204; an unknown type is 400."""
    assert bare.get("/data/sub-types?dataType=Contact").status_code == 204
    assert bare.get("/data/sub-types?source=none").status_code == 204
    error = error_of(bare.get("/data/sub-types?dataType=Mail"), 400)
    assert error["detail"] == {"field": "dataType", "expected": "Interaction, Contact"}


def test_without_sources_there_is_nothing(installation: Installation) -> None:
    """204, as printed."""
    account = installation.new_tenant(source=False)
    for path in ("/data/sources", "/data/types", "/data/sub-types"):
        assert account.get(path).status_code == 204


def test_a_new_check_changes_what_is_offered(two_sources: Account) -> None:
    """The catalogue is what the last check found."""
    setup = two_sources.installation.services.source_setup
    setup.checked(two_sources.tenant_id, "ARCHIVE", EVERYTHING)
    found = two_sources.get("/data/types?source=archive").json()
    assert names_of(found, "name") == ["Interaction", "Contact"]
    setup.remove(two_sources.tenant_id, "archive")
    assert two_sources.get("/data/types?source=archive").status_code == 204
