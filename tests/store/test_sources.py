"""Sources and certificates of a tenant."""

from __future__ import annotations

import pytest

from cxport.domain.catalogue import Entity, Family
from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.source import StoredSource
from cxport.domain.tenant import Tenant
from cxport.store import certificates, sources
from cxport.store.database import Database
from tests.store.samples import LATER, NOON, a_certificate


def _add(db: Database, tenant: Tenant, name: str) -> StoredSource:
    return sources.add(
        db,
        tenant.id,
        name=name,
        family=Family.UCS,
        sealed_dsn=b"\x00sealed\xff",
        mapping="[tables]\n",
        entities=[Entity.CHAT],
        media=["chat", "sms"],
        checked_at=NOON,
        max_readers=4,
    )


def test_a_source_comes_back_as_it_was_added(db: Database, tenant: Tenant) -> None:
    """By its id, and by its name in any case."""
    source = _add(db, tenant, "Straße")

    assert sources.get(db, tenant.id, source.id) == source
    assert sources.by_name(db, tenant.id, "STRASSE") == source
    assert (source.entities, source.media) == ((Entity.CHAT,), ("chat", "sms"))


def test_source_names_are_unique_in_a_tenant(db: Database, tenant: Tenant, other: Tenant) -> None:
    """Without regard to case; another tenant may use the name."""
    _add(db, tenant, "History")

    with pytest.raises(InvalidInput) as caught:
        _add(db, tenant, "HISTORY")

    assert caught.value.field == "name"
    assert _add(db, other, "history").tenant_id == other.id


def test_sources_are_listed_by_name(db: Database, tenant: Tenant) -> None:
    """Without regard to case."""
    for name in ("beta", "Alpha", "Ärger", "gamma"):
        _add(db, tenant, name)

    listed = [source.name for source in sources.list(db, tenant.id)]

    assert listed == ["Alpha", "beta", "gamma", "Ärger"]


def test_a_check_is_kept(db: Database, tenant: Tenant) -> None:
    """What a check found replaces what the last one found."""
    source = _add(db, tenant, "History")

    sources.update_checked(db, tenant.id, source.id, [Entity.CALLBACK], (), LATER)

    checked = sources.get(db, tenant.id, source.id)
    assert (checked.entities, checked.media, checked.checked_at) == ((Entity.CALLBACK,), (), LATER)


def test_a_removed_source_is_gone(db: Database, tenant: Tenant) -> None:
    """And its name is free again."""
    source = _add(db, tenant, "History")

    sources.remove(db, tenant.id, source.id)

    with pytest.raises(NotFound):
        sources.get(db, tenant.id, source.id)
    with pytest.raises(NotFound):
        sources.by_name(db, tenant.id, "History")
    assert _add(db, tenant, "History").name == "History"


def test_the_last_certificate_is_in_force(db: Database, tenant: Tenant) -> None:
    """The history holds every upload, the newest first."""
    assert certificates.in_force(db, tenant.id) is None

    first = a_certificate(db, tenant, "a" * 64)
    second = a_certificate(db, tenant, "b" * 64)

    assert certificates.in_force(db, tenant.id) == second
    assert certificates.history(db, tenant.id) == [second, first]
    assert (first.not_before, first.not_after) == (NOON, LATER)


def test_an_older_certificate_is_found_by_its_fingerprint(db: Database, tenant: Tenant) -> None:
    """The newest upload of it; an unknown one is NotFound."""
    a_certificate(db, tenant, "a" * 64)
    again = a_certificate(db, tenant, "a" * 64)
    a_certificate(db, tenant, "b" * 64)

    assert certificates.by_fingerprint(db, tenant.id, "a" * 64) == again
    with pytest.raises(NotFound):
        certificates.by_fingerprint(db, tenant.id, "c" * 64)
