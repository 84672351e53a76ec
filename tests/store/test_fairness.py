"""Tenants take turns: none waits for another's queue, and each keeps within its limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cxport.domain.catalogue import Entity
from cxport.domain.errors import LimitReached, LostRun
from cxport.domain.selection import Part, Slice
from cxport.domain.tenant import Limits, Tenant
from cxport.store import jobs, limits, runs, turns, work
from cxport.store.database import Database
from tests.store.samples import (
    NOON,
    a_result,
    a_run,
    a_spec,
    an_artifact,
    begin,
    new_tenant,
    publish,
)


def parts(count: int) -> tuple[Part, ...]:
    """Give a plan of so many parts."""
    return tuple(Part(number=n, slices=(Slice(entity=Entity.CHAT),)) for n in range(1, count + 1))


def handed(db: Database, *tenants: Tenant) -> list[tuple[str, int]]:
    """Hand over what is to be handed over, and give it in its order."""
    mine = {tenant.id for tenant in tenants}
    found = [one for one in work.queued(db, NOON) if one[0] in mine]
    for tenant_id, run_id, attempt in found:
        work.mark_submitted(db, tenant_id, run_id, attempt)
    return [(tenant_id, run_id) for tenant_id, run_id, _ in found]


@pytest.mark.promise("R13")
def test_one_run_does_not_wait_for_a_thousand(db: Database, tenant: Tenant, other: Tenant) -> None:
    """Of A's 1,000 queued runs a few are handed over; B's only one, queued last, comes second."""
    for _ in range(1000):
        a_run(db, tenant)
    run = a_run(db, other)

    found = handed(db, tenant, other)

    assert found.index((other.id, run.id)) <= 1
    assert len(found) == Limits().parallel_runs + 1
    assert handed(db, tenant, other) == []


@pytest.mark.promise("R13")
def test_one_part_does_not_wait_for_another_tenants_parts(
    db: Database, tenant: Tenant, other: Tenant
) -> None:
    """The first part of B's run stands before all of A's that have not begun."""
    first, second = (begin(db, a_run(db, tenant)) for _ in range(2))
    for run in (first, second):
        runs.save_plan(db, tenant.id, run.id, 1, parts(50), 1, numbered=True)
    line = [*turns.take(db, tenant.id, first.id, 1), *turns.take(db, tenant.id, second.id, 1)]
    for number in (1, 2):
        runs.start_part(db, tenant.id, first.id, 1, number)
    run = begin(db, a_run(db, other))
    runs.save_plan(db, other.id, run.id, 1, parts(1), 1, numbered=False)

    ((_, _, turn),) = turns.take(db, other.id, run.id, 1)

    assert turn < min(place for _, _, place in line[2:])
    assert len({place for _, _, place in line}) == 100, "a tenant's own parts stand in one line"


def test_a_tenant_that_keeps_coming_holds_nobody_up(
    db: Database, tenant: Tenant, other: Tenant
) -> None:
    """However often B comes with a part more, A's next one is exported before the third of B's."""
    run = begin(db, a_run(db, tenant))
    runs.save_plan(db, tenant.id, run.id, 1, parts(3), 1, numbered=True)
    waiting = turns.take(db, tenant.id, run.id, 1)
    runs.start_part(db, tenant.id, run.id, 1, 1)
    runs.finish_part(db, tenant.id, run.id, 1, 1, 1, a_result(), ())
    served = 0
    while served < 5:
        busy = begin(db, a_run(db, other))
        runs.save_plan(db, other.id, busy.id, 1, parts(1), 1, numbered=False)
        runs.start_part(db, other.id, busy.id, 1, 1)
        ((_, _, turn),) = turns.take(db, other.id, busy.id, 1)
        if turn > waiting[1][2]:
            break
        served += 1

    assert served <= 2


def test_a_part_keeps_its_turn_and_only_its_run_takes_one(db: Database, tenant: Tenant) -> None:
    """Asked again, it is the same; who lost the run has no turn."""
    run = begin(db, a_run(db, tenant))
    runs.save_plan(db, tenant.id, run.id, 1, parts(3), 1, numbered=True)
    taken = turns.take(db, tenant.id, run.id, 1)

    assert turns.take(db, tenant.id, run.id, 1) == taken
    with pytest.raises(LostRun):
        turns.take(db, tenant.id, run.id, 0)


def test_a_higher_priority_goes_first(db: Database, tenant: Tenant) -> None:
    """Among a tenant's own; of the same priority the oldest goes first."""
    made = [a_run(db, tenant, priority=number) for number in (0, -1, 5, 0)]
    low, lowest, high, last = (run.id for run in made)
    assert [run_id for _, run_id in handed(db, tenant)] == [high, low, last, lowest]


def test_as_many_runs_as_the_limit_says(db: Database, tenant: Tenant) -> None:
    """A place is free again when a run has ended; a suspended one takes none."""
    limits.change(db, tenant.id, Limits(parallel_runs=2))
    made = [a_run(db, tenant) for _ in range(5)]
    assert [run_id for _, run_id in handed(db, tenant)] == [made[0].id, made[1].id]
    assert handed(db, tenant) == []
    runs.cancel(db, tenant.id, made[0].id)
    assert handed(db, tenant) == [(tenant.id, made[2].id)]
    runs.suspend(db, tenant.id, made[1].id)
    assert handed(db, tenant) == [(tenant.id, made[3].id)]


def test_what_a_schedule_asks_for_waits(db: Database, tenant: Tenant) -> None:
    """When the bytes of the day are used up, waiting runs are begun on the next day, none lost."""
    done = begin(db, a_run(db, tenant))
    publish(db, done, [an_artifact(done)])
    ended = runs.get(db, tenant.id, done.id).ended_at
    assert ended is not None
    waiting = a_run(db, tenant)
    limits.change(db, tenant.id, Limits(daily_bytes=4096))
    mine = (tenant.id, waiting.id, 0)

    assert mine not in work.queued(db, ended)
    assert mine in work.queued(db, ended + timedelta(days=1))
    with pytest.raises(LimitReached, match="tomorrow"):
        jobs.create(db, tenant.id, a_spec(), "", run_now=True)


def test_an_unknown_stint_is_handed_over_again_once(db: Database, tenant: Tenant) -> None:
    """Under a further number; not where the run has ended or was begun again meanwhile."""
    run = a_run(db, tenant)
    work.mark_submitted(db, tenant.id, run.id, run.attempt)
    assert (tenant.id, run.id, 0, 0) in work.handed_over(db)
    begun = begin(db, run)

    assert not work.hand_back(db, tenant.id, run.id, run.attempt)
    assert work.hand_back(db, tenant.id, run.id, begun.attempt)
    assert (tenant.id, run.id, begun.attempt + 1) in work.queued(db)
    with pytest.raises(LostRun):
        runs.fail(db, tenant.id, run.id, begun.attempt, "too late")
    again = begin(db, replace(run, attempt=begun.attempt + 1))
    runs.fail(db, tenant.id, run.id, again.attempt, "full")
    assert not work.hand_back(db, tenant.id, run.id, again.attempt)


def test_limits_are_the_tenants_own(db: Database, tenant: Tenant) -> None:
    """Another one keeps the default, by which a run's parts are not limited."""
    limits.change(db, tenant.id, Limits(parallel_runs=4, parallel_parts=10))
    assert limits.of_tenant(db, tenant.id).parts_of_a_run == 2
    assert limits.of_tenant(db, new_tenant(db).id) == Limits()
    assert Limits().parts_of_a_run is None
