"""Failed sign-ins: who waits, and for how long."""

from __future__ import annotations

import pytest

from cxport.domain.errors import LimitReached
from cxport.services.failures import FailedSignIns
from tests.api.installation import Clock


def test_a_name_waits_until_its_oldest_failure_is_forgotten() -> None:
    """The wait that is told is the wait that it takes."""
    clock = Clock()
    failures = FailedSignIns(clock)
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


def test_success_forgives() -> None:
    """An account that has signed in starts again from nothing."""
    failures = FailedSignIns(Clock())
    failures.failed("ann", "10.0.0.1")
    failures.succeeded("ann")

    failures.check("ann", 1)
    with pytest.raises(LimitReached):
        failures.check("10.0.0.1", 1)


def test_names_are_forgotten_before_memory_runs_out() -> None:
    """However many names are tried, as many are remembered as there is room for."""
    failures = FailedSignIns(Clock())
    for number in range(10_500):
        failures.failed(f"name {number}")

    failures.check("name 0", 1)
    with pytest.raises(LimitReached):
        failures.check("name 10499", 1)
