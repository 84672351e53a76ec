"""The parts of a run."""

from __future__ import annotations

import threading

import pytest

from cxport.domain.catalogue import Entity
from cxport.domain.errors import LostRun, NotFound, WrongState
from cxport.domain.run import Counts, PartState, Run
from cxport.domain.selection import Content, Part, Slice
from cxport.domain.tenant import Tenant
from cxport.store import runs
from cxport.store.database import Database
from tests.store.samples import (
    PLAN,
    a_begun_run,
    a_result,
    a_run,
    an_artifact,
    begin,
    everything_of,
    publish,
)

REST = (
    Slice(
        entity=Entity.EMAIL_IN,
        content=Content.ATTACHMENTS,
        after="00Ä\ud800\0'\"",
        after_attachment=2**60,
    ),
)


def _states(db: Database, run: Run) -> dict[int, PartState]:
    return {found.part.number: found.state for found in runs.parts(db, run.tenant_id, run.id)}


def _rows_read(db: Database, run: Run) -> int:
    return runs.get(db, run.tenant_id, run.id).rows_read


def _finish(
    db: Database, run: Run, number: int, key: str = "objects/1", rest: tuple[Slice, ...] = ()
) -> None:
    starts = runs.start_part(db, run.tenant_id, run.id, run.attempt, number).starts
    runs.finish_part(db, run.tenant_id, run.id, run.attempt, number, starts, a_result(key), rest)


def test_a_plan_is_kept(db: Database, tenant: Tenant) -> None:
    """Every part waits; the run knows the estimate and whether members are numbered."""
    run = a_begun_run(db, tenant)

    parts = runs.parts(db, tenant.id, run.id)

    assert tuple(found.part for found in parts) == PLAN
    assert {(found.state, found.starts) for found in parts} == {(PartState.WAITING, 0)}
    assert (run.estimate_rows, run.numbered) == (1000, True)


def test_a_plan_is_made_once(db: Database, tenant: Tenant) -> None:
    """A second one changes nothing, so work that was done stays."""
    run = a_begun_run(db, tenant)
    before = everything_of(db, tenant.id)

    runs.save_plan(db, tenant.id, run.id, run.attempt, PLAN[:1], 7, numbered=False)

    assert everything_of(db, tenant.id) == before


def test_an_empty_plan_has_no_parts(db: Database, tenant: Tenant) -> None:
    """A run of nothing can be planned, and an unknown run has no parts to tell of."""
    run = a_begun_run(db, tenant, parts=())

    assert runs.parts(db, tenant.id, run.id) == []
    with pytest.raises(NotFound):
        runs.parts(db, tenant.id, 99)


def test_each_start_of_a_part_counts(db: Database, tenant: Tenant) -> None:
    """A part begins from its first row again and is told from one that was never begun."""
    run = a_begun_run(db, tenant)
    runs.start_part(db, tenant.id, run.id, 1, 1)
    runs.part_progress(db, tenant.id, run.id, 1, 1, 1, 40)

    part = runs.start_part(db, tenant.id, run.id, 1, 1)

    assert (part.state, part.starts, part.rows_read) == (PartState.RUNNING, 2, 0)
    assert part.started_at is not None
    assert part == runs.parts(db, tenant.id, run.id)[0]


def test_progress_adds_up(db: Database, tenant: Tenant) -> None:
    """What a run has read is the sum of what its parts have, also when one is begun again."""
    run = a_begun_run(db, tenant)
    for number, rows in ((1, 40), (2, 5)):
        runs.start_part(db, tenant.id, run.id, 1, number)
        runs.part_progress(db, tenant.id, run.id, 1, number, 1, rows)
    runs.part_progress(db, tenant.id, run.id, 1, 1, 1, 100)
    together = _rows_read(db, run)

    runs.start_part(db, tenant.id, run.id, 1, 1)
    without_first = _rows_read(db, run)
    counts = Counts(selected=9, exported=9)
    runs.finish_part(db, tenant.id, run.id, 1, 2, 1, a_result(counts=counts), ())

    assert (together, without_first, _rows_read(db, run)) == (105, 5, 9)


def test_a_part_that_is_not_running_makes_no_progress(db: Database, tenant: Tenant) -> None:
    """Nor can it be finished."""
    run = a_begun_run(db, tenant)
    _finish(db, run, 1)
    before = everything_of(db, tenant.id)

    with pytest.raises(WrongState):
        runs.part_progress(db, tenant.id, run.id, 1, 1, 1, 40)
    with pytest.raises(WrongState):
        runs.part_progress(db, tenant.id, run.id, 1, 2, 0, 40)
    with pytest.raises(WrongState):
        runs.finish_part(db, tenant.id, run.id, 1, 2, 0, a_result(), ())
    with pytest.raises(NotFound):
        runs.start_part(db, tenant.id, run.id, 1, 99)

    assert everything_of(db, tenant.id) == before


def test_a_finished_part_keeps_its_result(db: Database, tenant: Tenant) -> None:
    """And is not begun again by whoever starts it."""
    run = a_begun_run(db, tenant)
    _finish(db, run, 1)

    part = runs.start_part(db, tenant.id, run.id, 1, 1)

    assert (part.state, part.starts, part.result) == (PartState.DONE, 1, a_result())
    assert part.ended_at is not None


def test_what_a_part_left_becomes_a_part(db: Database, tenant: Tenant) -> None:
    """At the end of the set, waiting, whatever its keys hold."""
    run = a_begun_run(db, tenant)

    _finish(db, run, 1, rest=REST)

    parts = runs.parts(db, tenant.id, run.id)
    assert [found.state for found in parts] == [
        PartState.DONE,
        PartState.WAITING,
        PartState.WAITING,
    ]
    assert parts[2].part == Part(number=3, slices=REST)


def test_finishing_twice_leaves_one_remainder(db: Database, tenant: Tenant) -> None:
    """The same object again changes nothing; another one is refused."""
    run = a_begun_run(db, tenant)
    _finish(db, run, 1, rest=REST)
    before = everything_of(db, tenant.id)

    runs.finish_part(db, tenant.id, run.id, 1, 1, 1, a_result(), REST)
    with pytest.raises(WrongState):
        runs.finish_part(db, tenant.id, run.id, 1, 1, 1, a_result("objects/2"), REST)

    assert everything_of(db, tenant.id) == before


def test_remainders_of_parts_that_end_together_get_numbers_of_their_own(
    db: Database, tenant: Tenant
) -> None:
    """However many workers finish at the same moment."""
    plan = [Part(number=number, slices=REST) for number in range(1, 7)]
    run = a_begun_run(db, tenant, plan)
    workers = [
        threading.Thread(target=_finish, args=(db, run, number, "objects/1", REST))
        for number in range(1, 7)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    waiting = [number for number, state in _states(db, run).items() if state is PartState.WAITING]
    assert waiting == [7, 8, 9, 10, 11, 12]


def test_a_part_that_was_begun_again_is_lost_to_its_first_start(
    db: Database, tenant: Tenant
) -> None:
    """Within one attempt, too, only the newest start of a part may write."""
    run = a_begun_run(db, tenant)
    first = runs.start_part(db, tenant.id, run.id, 1, 1).starts
    second = runs.start_part(db, tenant.id, run.id, 1, 1).starts
    before = everything_of(db, tenant.id)

    with pytest.raises(LostRun):
        runs.part_progress(db, tenant.id, run.id, 1, 1, first, 40)
    with pytest.raises(LostRun):
        runs.finish_part(db, tenant.id, run.id, 1, 1, first, a_result("late"), ())

    assert everything_of(db, tenant.id) == before
    runs.finish_part(db, tenant.id, run.id, 1, 1, second, a_result(), ())
    assert _states(db, run)[1] is PartState.DONE


def test_numbering_redoes_the_plan(db: Database, tenant: Tenant) -> None:
    """Every part of the plan waits again, without the remainders that it will leave anew."""
    run = a_begun_run(db, tenant, PLAN[:1])
    assert not run.numbered
    _finish(db, run, 1, rest=REST)
    _finish(db, run, 2)

    runs.number_members(db, tenant.id, run.id, 1)

    (part,) = runs.parts(db, tenant.id, run.id)
    assert (part.part, part.state, part.result) == (PLAN[0], PartState.WAITING, None)
    assert runs.get(db, tenant.id, run.id).numbered
    assert _rows_read(db, run) == 0


def test_numbering_happens_once(db: Database, tenant: Tenant) -> None:
    """A second request does not throw away what was done since the first."""
    run = a_begun_run(db, tenant, PLAN[:1])
    runs.number_members(db, tenant.id, run.id, 1)
    _finish(db, run, 1, rest=REST)

    runs.number_members(db, tenant.id, run.id, 1)

    assert _states(db, run) == {1: PartState.DONE, 2: PartState.WAITING}


def test_a_takeover_puts_running_parts_back(db: Database, tenant: Tenant) -> None:
    """What is done stays done; what ran is nobody's and waits, its starts still counted."""
    run = a_begun_run(db, tenant)
    _finish(db, run, 1)
    runs.start_part(db, tenant.id, run.id, 1, 2)
    runs.part_progress(db, tenant.id, run.id, 1, 2, 1, 40)

    begin(db, run)

    first, second = runs.parts(db, tenant.id, run.id)
    assert (first.state, second.state, second.starts) == (PartState.DONE, PartState.WAITING, 1)
    assert _rows_read(db, run) == a_result().counts.selected


def test_parts_of_a_run_that_is_not_in_progress_stay_as_they_are(
    db: Database, tenant: Tenant
) -> None:
    """A worker whose run was ended learns the state it is in."""
    waiting, ended = a_run(db, tenant), a_begun_run(db, tenant)
    publish(db, ended, [an_artifact(ended)])

    with pytest.raises(WrongState, match="Queued"):
        runs.save_plan(db, tenant.id, waiting.id, 0, PLAN, 1, numbered=False)
    with pytest.raises(WrongState, match="Completed"):
        runs.start_part(db, tenant.id, ended.id, 1, 1)
