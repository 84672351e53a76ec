"""A worker that stands still for a while, and comes back when others went on with what it had."""

from __future__ import annotations

import random

import pytest

from cxport.domain.errors import LostRun, WrongState
from cxport.domain.run import Run, Status
from cxport.domain.tenant import Tenant
from cxport.store import runs
from cxport.store.database import Database
from tests.store.samples import (
    COUNTS,
    PLAN,
    a_begun_run,
    a_result,
    an_artifact,
    begin,
    everything_of,
    new_tenant,
    publish,
)
from tests.store.test_fencing import WRITES, write

#: Of each store; looked at in groups, as a look at everything takes longer than a run.
_RUNS = 250
_GROUP = 25

#: What a worker may still write that has lost no more than a part.
_OF_PART = ("part_progress", "finish_part")
_PARTS = tuple(part.number for part in PLAN)


@pytest.mark.promise("R2")
def test_no_write_of_a_stalled_worker_is_accepted(db: Database) -> None:
    """Of 500 runs, lost whole or in one part, and however far others came: not one, of any kind."""
    draw = random.Random(4)
    for _ in range(_RUNS // _GROUP):
        tenant = new_tenant(db)
        lost = [_lost(db, tenant, draw) for _ in range(_GROUP)]
        before = everything_of(db, tenant.id)

        for run, names in lost:
            for name in names:
                with pytest.raises((LostRun, WrongState)):
                    write(db, run, name)

        assert everything_of(db, tenant.id) == before


def _lost(db: Database, tenant: Tenant, draw: random.Random) -> tuple[Run, tuple[str, ...]]:
    """Give a run as a worker knows it that has lost it, or its first part, and what it writes."""
    mine = a_begun_run(db, tenant)
    runs.start_part(db, tenant.id, mine.id, mine.attempt, 1)
    if draw.random() < 1 / 2:
        _go_on(db, begin(db, mine), 1, draw)
        return mine, tuple(WRITES)
    _go_on(db, mine, 2, draw)
    return mine, _OF_PART


def _go_on(db: Database, run: Run, starts: int, draw: random.Random) -> None:
    """Do what another worker does with a run, and stop anywhere, at the end of the run at last."""
    run_key = (db, run.tenant_id, run.id, run.attempt)
    part = runs.start_part(*run_key, 1) if starts > 1 or draw.random() < 2 / 3 else None
    if part is None or draw.random() < 1 / 4:
        return
    runs.finish_part(*run_key, 1, part.starts, a_result("theirs"), ())
    if draw.random() < 1 / 3:
        return
    second = runs.start_part(*run_key, 2)
    runs.finish_part(*run_key, 2, second.starts, a_result("theirs too", counts=COUNTS), ())
    end = draw.choice((Status.COMPLETED, Status.FAILED, Status.IN_PROGRESS))
    if end is Status.COMPLETED:
        publish(db, run, [an_artifact(run, part=number) for number in _PARTS])
    elif end is Status.FAILED:
        runs.fail(*run_key, "the source has gone")
