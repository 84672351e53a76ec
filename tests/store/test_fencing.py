"""Whoever lost a run can write nothing to it any more."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from cxport.domain.errors import LostRun
from cxport.domain.run import PartState, Run, Status
from cxport.domain.tenant import Tenant
from cxport.store import fencing, runs, tables
from cxport.store.database import Database
from cxport.store.scope import writing
from tests.store.samples import (
    COUNTS,
    PLAN,
    a_begun_run,
    a_manifest,
    a_result,
    an_artifact,
    begin,
    everything_of,
)

#: Every writing function of the engine and what it is called with.
WRITES: dict[str, Callable[[Run], dict[str, Any]]] = {
    "save_plan": lambda _: {"parts": PLAN, "estimate_rows": 1, "numbered": False},
    "start_part": lambda _: {"number": 2},
    "part_progress": lambda _: {"number": 1, "starts": 1, "rows_read": 7},
    "finish_part": lambda _: {
        "number": 1,
        "starts": 1,
        "result": a_result(),
        "remainder": PLAN[0].slices,
    },
    "number_members": lambda _: {},
    "publish": lambda run: {
        "status": Status.COMPLETED,
        "reason": "",
        "counts": COUNTS,
        "artifacts": [an_artifact(run)],
        "manifest": a_manifest(run),
    },
    "fail": lambda _: {"reason": "too late"},
    "cancelled": lambda _: {},
}


def write(db: Database, run: Run, name: str) -> None:
    """Call one of WRITES for a run as its worker knows it."""
    function = getattr(runs, name)
    function(db, run.tenant_id, run.id, attempt=run.attempt, **WRITES[name](run))


def test_every_function_of_an_attempt_is_tried() -> None:
    """A writing function that is added must be added here."""
    takes_attempt = {
        name
        for name, function in inspect.getmembers(runs, inspect.isfunction)
        if {"db", "attempt"} <= set(inspect.signature(function).parameters)
    }

    assert takes_attempt == set(WRITES)


@pytest.mark.parametrize("name", WRITES)
def test_an_earlier_attempt_writes_nothing(db: Database, tenant: Tenant, name: str) -> None:
    """It is told that it lost the run, and no row of the tenant has changed."""
    lost = a_begun_run(db, tenant)
    now = begin(db, lost)
    runs.start_part(db, tenant.id, now.id, now.attempt, 1)
    before = everything_of(db, tenant.id)

    with pytest.raises(LostRun):
        write(db, lost, name)

    assert everything_of(db, tenant.id) == before


@pytest.mark.parametrize("name", WRITES)
def test_the_last_attempt_may_write(db: Database, tenant: Tenant, name: str) -> None:
    """The same call from the worker that has the run is accepted."""
    now = begin(db, a_begun_run(db, tenant))
    runs.start_part(db, tenant.id, now.id, now.attempt, 1)

    write(db, now, name)


@pytest.mark.parametrize("name", WRITES)
def test_a_write_waits_for_a_takeover_under_way(db: Database, tenant: Tenant, name: str) -> None:
    """A write that arrives while another worker takes the run over comes too late."""
    lost = a_begun_run(db, tenant)
    runs.start_part(db, tenant.id, lost.id, lost.attempt, 1)
    raised: list[BaseException | None] = []

    def late() -> None:
        with pytest.raises(LostRun) as caught:
            write(db, lost, name)
        raised.append(caught.value)

    writer = threading.Thread(target=late)
    with writing(db, tenant.id) as scope:
        row = fencing.locked(scope, lost.id)
        writer.start()
        time.sleep(0.05)
        scope.update(tables.runs, {"attempt": row.attempt + 1}, id=lost.id)
    before = everything_of(db, tenant.id)
    writer.join()

    assert [type(error) for error in raised] == [LostRun]
    assert everything_of(db, tenant.id) == before


def test_parts_of_two_attempts_do_not_mix(db: Database, tenant: Tenant) -> None:
    """After a takeover the new worker redoes what the old one was at, and keeps what was done."""
    lost = a_begun_run(db, tenant)
    runs.start_part(db, tenant.id, lost.id, lost.attempt, 1)
    now = begin(db, lost)
    runs.start_part(db, tenant.id, now.id, now.attempt, 1)
    runs.finish_part(db, tenant.id, now.id, now.attempt, 1, 2, a_result("theirs"), ())

    with pytest.raises(LostRun):
        runs.finish_part(db, tenant.id, lost.id, lost.attempt, 1, 1, a_result("mine"), ())

    first, _ = runs.parts(db, tenant.id, now.id)
    assert (first.state, first.result) == (PartState.DONE, a_result("theirs"))
