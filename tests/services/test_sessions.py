"""Sessions of the console: how long they last, and what ends them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cxport.domain.access import Role
from cxport.domain.errors import GrantRefused
from cxport.domain.tenant import Caller
from cxport.services import Services
from cxport.services.tenants import Credentials
from cxport.store.database import Database
from tests.api.installation import Clock


@pytest.fixture
def acme(services: Services) -> Credentials:
    """Give a tenant and its administrator."""
    return services.tenants.create_tenant("Acme")


def signed_in(services: Services, acme: Credentials, *, remember: bool = False) -> str:
    """Sign the administrator in."""
    return services.sessions.sign_in(acme.tenant, acme.username, acme.password, remember=remember)[
        0
    ]


def test_a_password_begins_a_session(services: Services, acme: Credentials) -> None:
    r"""The tenant by itself or before the name, in any case; every process knows the session."""
    for tenant, user in (("Acme", "admin"), ("acme", "ADMIN"), ("", "Acme\\admin")):
        session, caller = services.sessions.sign_in(tenant, user, acme.password)

        assert (caller.tenant_name, caller.subject) == ("Acme", "user:admin")
        assert services.sessions.resume(session, touch=True) == caller


@pytest.mark.parametrize(
    ("tenant", "user", "password"),
    [
        ("Acme", "admin", "wrong"),
        ("Acme", "nobody", "right"),
        ("Other", "admin", "right"),
        ("", "admin", "right"),
        ("Acme", "Other\\admin", "right"),
        ("Acme", "", "right"),
        ("\0", "admin", "right"),
        ("Acme", "\ud800", "right"),
    ],
)
def test_whatever_is_wrong_is_refused_alike(
    services: Services, acme: Credentials, tenant: str, user: str, password: str
) -> None:
    """Nobody learns which of the three was wrong."""
    services.tenants.create_tenant("Other")
    given = acme.password if password == "right" else password
    with pytest.raises(GrantRefused, match="user name, password or refresh token"):
        services.sessions.sign_in(tenant, user, given)


def test_a_session_ends_when_it_lies_idle(
    services: Services, acme: Credentials, clock: Clock
) -> None:
    """Use prolongs it; a page that refreshes itself does not."""
    session = signed_in(services, acme)
    for _ in range(4):
        clock.advance(minutes=20)
        assert services.sessions.resume(session, touch=True)
    for _ in range(5):
        clock.advance(minutes=5)
        assert services.sessions.resume(session, touch=False)
    clock.advance(minutes=6)

    assert services.sessions.resume(session, touch=False) is None
    assert services.sessions.resume(session, touch=True) is None


def test_a_session_ends_in_any_case(services: Services, acme: Credentials, clock: Clock) -> None:
    """After twelve hours, however much it is used."""
    session = signed_in(services, acme)
    for _ in range(12 * 3 - 1):
        clock.advance(minutes=20)
        assert services.sessions.resume(session, touch=True)
    clock.advance(minutes=20)

    assert services.sessions.resume(session, touch=True) is None


def test_who_asked_to_be_remembered_is(services: Services, acme: Credentials, clock: Clock) -> None:
    """For thirty days, used or not."""
    session = signed_in(services, acme, remember=True)
    clock.advance(days=29)
    assert services.sessions.resume(session, touch=True)
    clock.advance(days=2)

    assert services.sessions.resume(session, touch=True) is None


def test_signing_out_ends_one_session(services: Services, acme: Credentials) -> None:
    """In every process; others of the same person stay, and what is no session is no error."""
    session, other = signed_in(services, acme), signed_in(services, acme)
    services.sessions.end(session)
    services.sessions.end(session)
    services.sessions.end("never was")

    assert services.sessions.resume(session, touch=True) is None
    assert services.sessions.resume(other, touch=True)
    assert services.sessions.resume("never was", touch=True) is None


def test_a_provider_s_roles_stay_with_the_session(services: Services, acme: Credentials) -> None:
    """There is no account here whose roles could be looked up."""
    tenant = services.tenants.named(acme.tenant)
    caller = Caller(
        tenant_id=tenant.id,
        tenant_name=tenant.name,
        subject="provider:corporate:4711",
        roles=frozenset({Role.VIEWER}),
    )
    session = services.sessions.admit(caller)

    assert services.sessions.resume(session, touch=True) == caller


def test_the_store_alone_opens_no_session(
    start: Callable[[], Services], db: Database, tmp_path: Path
) -> None:
    """A copy of it holds no id, and another process finds the session all the same."""
    services = start()
    session = signed_in(services, services.tenants.create_tenant("Acme"))
    assert start().sessions.resume(session, touch=True)
    db.close()

    stored = b"".join(file.read_bytes() for file in tmp_path.glob("store*"))
    assert session.encode() not in stored
