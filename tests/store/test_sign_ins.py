"""What a sign-in leaves behind, and that a new secret keeps it from doing so."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cxport.domain.access import Role
from cxport.domain.session import Session
from cxport.domain.tenant import Tenant
from cxport.store import accounts, sessions, sign_ins, tenants
from cxport.store.database import Database
from tests.store.samples import LATER, NOON

ROLES = frozenset({Role.VIEWER})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})


def test_a_refresh_token_serves_once(db: Database, tenant: Tenant) -> None:
    """Of several that use a token at the same time one succeeds."""
    digest, user = os.urandom(32), tenants.add_user(db, tenant.id, "ann", "kept", ROLES)
    sign_ins.add_refresh_token(db, tenant.id, digest, "user:ann", user.stamp, LATER)
    found: list[sign_ins.Refreshed | None] = []

    def use() -> None:
        found.append(sign_ins.use_refresh_token(db, digest, NOON))

    programs = [threading.Thread(target=use) for _ in range(4)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()

    whose = sign_ins.Refreshed(tenant_id=tenant.id, subject="user:ann", stamp=user.stamp)
    assert sorted(found, key=str) == [None, None, None, whose]


def test_an_expired_refresh_token_is_refused_and_forgotten(db: Database, tenant: Tenant) -> None:
    """At its time of expiry a token serves no more."""
    digest, user = os.urandom(32), tenants.add_user(db, tenant.id, "ann", "kept", ROLES)
    sign_ins.add_refresh_token(db, tenant.id, digest, "user:ann", user.stamp, LATER)

    assert sign_ins.use_refresh_token(db, digest, LATER) is None
    assert sign_ins.use_refresh_token(db, digest, LATER - timedelta(days=1)) is None


def _changed(db: Database, tenant: Tenant) -> None:
    accounts.update_user(db, tenant.id, "ann", password_hash="another")


def _removed(db: Database, tenant: Tenant) -> None:
    tenants.add_user(db, tenant.id, "boss", "kept", frozenset({Role.ADMINISTRATOR}))
    accounts.remove_user(db, tenant.id, "ann")


def _made_anew(db: Database, tenant: Tenant) -> None:
    _removed(db, tenant)
    tenants.add_user(db, tenant.id, "ANN", "kept", ROLES)


@pytest.mark.parametrize("overtaking", [_changed, _removed, _made_anew])
def test_a_sign_in_that_was_overtaken_leaves_nothing(
    db: Database, tenant: Tenant, overtaking: Callable[[Database, Tenant], None]
) -> None:
    """Whoever had shown the old secret at the moment when it changed is not signed in by it."""
    user = tenants.add_user(db, tenant.id, "ann", "kept", ADMINISTRATOR)
    verified, refresh, session = user.stamp, os.urandom(32), os.urandom(32)

    overtaking(db, tenant)

    assert not sign_ins.add_refresh_token(db, tenant.id, refresh, "user:ann", verified, LATER)
    assert sign_ins.use_refresh_token(db, refresh, NOON) is None
    assert not sessions.add(db, tenant.id, session, _session(tenant), verified)
    assert sessions.find(db, session) is None


def test_a_client_s_new_secret_counts_alike(db: Database, tenant: Tenant) -> None:
    """What its program had begun with the old one leaves no refresh token."""
    client = tenants.add_client(db, tenant.id, str(uuid4()), "script", "kept", ADMINISTRATOR)
    subject = f"client:{client.id}"
    accounts.update_client(db, tenant.id, client.id, secret_hash="another")

    assert not sign_ins.add_refresh_token(db, tenant.id, b"1", subject, client.stamp, LATER)
    now = tenants.client_by_id(db, client.id)
    assert now is not None
    assert sign_ins.add_refresh_token(db, tenant.id, b"1", subject, now.stamp, LATER)


def test_a_refresh_token_is_used_with_the_stamp_of_that_moment(
    db: Database, tenant: Tenant
) -> None:
    """A password that changes between use and renewal leaves nothing to go on with."""
    user, digest = tenants.add_user(db, tenant.id, "ann", "kept", ADMINISTRATOR), os.urandom(32)
    sign_ins.add_refresh_token(db, tenant.id, digest, "user:ann", user.stamp, LATER)
    used = sign_ins.use_refresh_token(db, digest, NOON)
    accounts.update_user(db, tenant.id, "ann", password_hash="another")

    assert used is not None
    assert not sign_ins.add_refresh_token(db, tenant.id, digest, used.subject, used.stamp, LATER)


def _session(tenant: Tenant) -> Session:
    return Session(
        tenant_id=tenant.id,
        subject="user:ann",
        roles=None,
        used_at=LATER,
        idle=timedelta(hours=1),
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
