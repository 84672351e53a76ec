"""Warnings of certificates: once a day for a tenant, whoever asks and however many do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from cxport.domain.certificate import CertificateExpiring
from cxport.domain.tenant import Tenant
from cxport.store import expiry
from cxport.store.database import Database
from tests.store.samples import LATER, a_certificate

#: LATER is when the samples' certificate expires.
DAY = timedelta(days=1)


def warned(db: Database, tenant: Tenant, days: float) -> CertificateExpiring | None:
    """Ask for the warning that is due so many days before the expiry."""
    return expiry.warn(db, tenant.id, LATER - days * DAY)


def test_a_warning_is_given_once_a_day(db: Database, tenant: Tenant) -> None:
    """Each day from 60 days before the expiry on, and as an event where it comes nearer."""
    a_certificate(db, tenant, "a" * 64)
    told = [warned(db, tenant, days) for days in (61, 60, 59.9, 59, 30, 29, 7, 6, 0, -1)]
    given = [(one.within_days, one.crossed) for one in told if one]

    assert told[0] is None
    assert told[2] is None
    assert given == [
        *[(60, True), (60, False), (30, True), (30, False)],
        *[(7, True), (7, False), (7, False), (7, False)],
    ]
    assert warned(db, tenant, -1) is None


def test_a_new_certificate_is_an_event_of_its_own(db: Database, tenant: Tenant) -> None:
    """One that expires soon, too, is warned of on the same day."""
    a_certificate(db, tenant, "a" * 64)
    assert warned(db, tenant, 5)
    a_certificate(db, tenant, "b" * 64)
    again = warned(db, tenant, 5)

    assert again
    assert (again.certificate_id, again.crossed) == ("2", True)


def test_of_many_workers_one_warns(db: Database, tenant: Tenant) -> None:
    """All may look at the same moment."""
    a_certificate(db, tenant, "a" * 64)
    with ThreadPoolExecutor(8) as workers:
        told = list(workers.map(lambda _: warned(db, tenant, 5), range(16)))

    assert len([one for one in told if one]) == 1


@pytest.mark.parametrize(("days", "named"), [(61, False), (60, True), (-1, True)])
def test_only_those_that_come_near_are_looked_at(
    db: Database, tenant: Tenant, *, days: int, named: bool
) -> None:
    """A tenant whose certificate is good for long costs no transaction."""
    a_certificate(db, tenant, "a" * 64)

    assert (tenant.id in expiry.near(db, LATER - days * DAY)) == named
