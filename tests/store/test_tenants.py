"""Tenants and who signs in for them."""

from __future__ import annotations

import os
import uuid

import pytest

from cxport.domain.access import Role
from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.tenant import Tenant
from cxport.store import tenants
from cxport.store.database import Database

ROLES = frozenset({Role.UCS_EXPORTER, Role.VIEWER})


def test_a_tenant_is_found_by_id_and_by_name_in_any_case(db: Database) -> None:
    """A name is Unicode text, and its case does not matter."""
    made = tenants.create(db, name := f"Größe {uuid.uuid4()}")

    assert tenants.get(db, made.id) == made
    assert tenants.by_name(db, name.upper()) == made
    assert made in tenants.all(db)
    assert tenants.by_name(db, "nobody") is None


def test_a_tenant_name_is_taken_in_any_case(db: Database, tenant: Tenant) -> None:
    """Two tenants cannot differ by case alone; the error names the field."""
    with pytest.raises(InvalidInput) as caught:
        tenants.create(db, tenant.name.upper())

    assert caught.value.field == "name"


def test_a_key_names_its_tenant(db: Database, tenant: Tenant) -> None:
    """A key is found by its digest alone, with its roles, until it is removed."""
    digest = os.urandom(32)
    key = tenants.add_key(db, tenant.id, "nightly", digest, legacy_key_only=True, roles=ROLES)

    assert tenants.key_by_digest(db, digest) == key
    assert tenants.keys(db, tenant.id) == [key]

    tenants.remove_key(db, tenant.id, key.id)

    assert tenants.key_by_digest(db, digest) is None
    with pytest.raises(NotFound):
        tenants.remove_key(db, tenant.id, key.id)


def test_a_key_belongs_to_one_tenant(db: Database, tenant: Tenant, other: Tenant) -> None:
    """The same key cannot be added to a further tenant."""
    digest = os.urandom(32)
    tenants.add_key(db, tenant.id, "nightly", digest)

    with pytest.raises(InvalidInput, match="key"):
        tenants.add_key(db, other.id, "nightly", digest)


def test_a_client_signs_in_by_its_id(db: Database, tenant: Tenant, other: Tenant) -> None:
    """A client id names one client over all tenants."""
    client_id = str(uuid.uuid4())
    client = tenants.add_client(db, tenant.id, client_id, "script", "$argon2id$...", ROLES)

    assert tenants.client_by_id(db, client_id) == client
    assert tenants.client_by_id(db, client_id.upper()) is None
    with pytest.raises(InvalidInput, match="client"):
        tenants.add_client(db, other.id, client_id, "script", "$argon2id$...", ROLES)


def test_a_user_is_found_in_any_case(db: Database, tenant: Tenant, other: Tenant) -> None:
    """User names are one tenant's own and unique in it without regard to case."""
    user = tenants.add_user(db, tenant.id, "Jürgen", "$argon2id$...", ROLES)

    assert tenants.user_by_name(db, tenant.id, "JÜRGEN") == user
    assert tenants.user_by_name(db, other.id, "Jürgen") is None
    with pytest.raises(InvalidInput, match="user"):
        tenants.add_user(db, tenant.id, "jürgen", "$argon2id$...", ROLES)
    assert tenants.add_user(db, other.id, "jürgen", "$argon2id$...", ROLES).tenant_id == other.id
