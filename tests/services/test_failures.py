"""Failed sign-ins: who waits, and for how long."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxport.domain.errors import ClientRefused, GrantRefused, LimitReached
from cxport.services import Services
from cxport.services.failures import FailedSignIns
from cxport.services.signin import TokenRequest
from cxport.store.database import Database
from tests.api.installation import Clock


def test_a_name_waits_until_its_oldest_failure_is_forgotten(db: Database) -> None:
    """The wait that is told is the wait that it takes."""
    clock = Clock()
    failures = FailedSignIns(db, clock)
    failures.failed("ann")
    clock.advance(minutes=5)
    failures.failed("ann")
    failures.check("ann", 3)
    with pytest.raises(LimitReached) as caught:
        failures.check("ann", 2)

    assert 599 <= caught.value.retry_after_seconds <= 601
    failures.check("bob", 1)
    clock.advance(seconds=caught.value.retry_after_seconds)
    failures.check("ann", 2)


def test_success_forgives(db: Database) -> None:
    """An account that has signed in starts again from nothing."""
    failures = FailedSignIns(db, Clock())
    failures.failed("ann", "10.0.0.1")
    failures.succeeded("ann")

    failures.check("ann", 1)
    with pytest.raises(LimitReached):
        failures.check("10.0.0.1", 1)


@pytest.mark.promise("S4")
def test_a_failure_is_counted_in_every_process(start: Callable[[], Services]) -> None:
    """Whoever asks one process after the other is refused by all, also at the console."""
    first, second = start(), start()
    made = first.tenants.create_tenant("Acme")
    wrong = TokenRequest(
        grant_type="client_credentials", client_id=made.client_id, client_secret="no"
    )
    for number in range(10):
        with pytest.raises(ClientRefused):
            (first, second)[number % 2].sign_in.token(wrong)
        with pytest.raises(GrantRefused):
            (first, second)[number % 2].sessions.sign_in("Acme", "admin", "no", address="a")

    for each in (first, second, start()):
        with pytest.raises(LimitReached):
            each.sign_in.token(wrong)
        with pytest.raises(LimitReached):
            each.sessions.sign_in("acme", "ADMIN", made.password, address="b")
    password = TokenRequest(
        grant_type="password",
        client_id=first.tenants.add_client("Acme", "other", frozenset())[0],
        client_secret="",
        username="admin",
        password=made.password,
    )
    with pytest.raises(ClientRefused):
        second.sign_in.token(password)
