"""The parts of a run, as its workers write them; callers find all of this in `runs`.

Every writing function raises NotFound for an unknown run or part, LostRun where the run was
begun again since `attempt` (or the part since `starts`), and WrongState where the run is not in
progress. A part that was begun before its run was suspended may still be finished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, select

from cxport.domain.errors import LostRun, WrongState
from cxport.domain.pace import Pace, began
from cxport.domain.run import PartResult, PartState, RunPart
from cxport.domain.said import Said, forms
from cxport.domain.selection import Part, Slice
from cxport.domain.table_set import TableMark
from cxport.store.database import Database
from cxport.store.fencing import going, in_progress
from cxport.store.records import from_json, to_json
from cxport.store.scope import Scope, reading, writing
from cxport.store.tables import run_parts, runs


def save_plan(  # noqa: PLR0913, PLR0917 - what a plan is made of
    db: Database,
    tenant_id: str,
    run_id: int,
    attempt: int,
    parts: Sequence[Part],
    estimate_rows: int,
    numbered: bool,  # noqa: FBT001 - a field of the run
    marks: Sequence[TableMark] = (),
    notices: Sequence[str] = (),
    snapshot: str = "",
) -> None:
    """Keep a run's plan; where it has parts already, they stay and nothing changes."""
    with writing(db, tenant_id) as scope:
        row = in_progress(scope, run_id, attempt)
        if scope.first(scope.select(run_parts, run_id=run_id).limit(1)) is not None:
            return
        scope.insert(run_parts, *(_waiting(run_id, part) for part in parts))
        planned = {
            "estimate_rows": estimate_rows,
            "numbered": numbered,
            "marks": to_json(tuple(marks)),
            "notices": to_json(tuple(notices)),
            "said": (row.said or {}) | forms(*notices),
            "snapshot": snapshot,
        }
        scope.update(runs, planned, id=run_id)
        restart_pace(scope, run_id)


def parts(db: Database, tenant_id: str, run_id: int) -> list[RunPart]:
    """Give a run's parts by number; NotFound for an unknown run."""
    with reading(db, tenant_id) as scope:
        scope.get(runs, id=run_id)
        found = scope.select(run_parts, run_id=run_id).order_by(run_parts.c.number)
        return [_part(row) for row in scope.all(found)]


def start_part(db: Database, tenant_id: str, run_id: int, attempt: int, number: int) -> RunPart:
    """Begin a part, from its first row, and count the start.

    A part that is done already is given as it is: nobody need do it again.
    """
    with writing(db, tenant_id) as scope:
        run = in_progress(scope, run_id, attempt)
        row = _row(scope, run_id, number)
        if row.state != PartState.DONE:
            begun = {"state": PartState.RUNNING, "starts": row.starts + 1}
            _put(scope, run, row, {**begun, "rows_read": 0, "started_at": datetime.now(UTC)})
        return _part(_row(scope, run_id, number))


def part_progress(  # noqa: PLR0913, PLR0917 - which part, and how far
    db: Database,
    tenant_id: str,
    run_id: int,
    attempt: int,
    number: int,
    starts: int,
    rows_read: int,
) -> None:
    """Keep how many rows of a part were read since its start, and the run's sum."""
    with writing(db, tenant_id) as scope:
        run = going(scope, run_id, attempt)
        row = _running(scope, run_id, number, starts)
        _put(scope, run, row, {"rows_read": rows_read})
        _keep_pace(scope, run, run.rows_read - row.rows_read + rows_read)


def finish_part(  # noqa: PLR0913, PLR0917 - which part, and what became of it
    db: Database,
    tenant_id: str,
    run_id: int,
    attempt: int,
    number: int,
    starts: int,
    result: PartResult,
    remainder: tuple[Slice, ...],
) -> None:
    """Keep a part's result; what it left becomes a further part, waiting, in one transaction.

    Doing so again with the same object changes nothing; with another one it is WrongState.
    """
    with writing(db, tenant_id) as scope:
        run = going(scope, run_id, attempt)
        row = _row(scope, run_id, number)
        if row.state == PartState.DONE and row.result["object_key"] == result.object_key:
            return
        row = _running(scope, run_id, number, starts)
        done = {"state": PartState.DONE, "result": to_json(result), "ended_at": datetime.now(UTC)}
        _put(scope, run, row, {**done, "rows_read": result.counts.selected})
        if remainder:
            further = Part(number=_next(scope, run_id), slices=remainder)
            scope.insert(run_parts, _waiting(run_id, further, remainder_of=number))


def number_members(db: Database, tenant_id: str, run_id: int, attempt: int) -> None:
    """Let members carry their part's number, and put every part of the plan back, to be redone.

    Parts that were the remainder of another are gone: a part that is read again leaves its own.
    Where members are numbered already, nothing changes.
    """
    with writing(db, tenant_id) as scope:
        if in_progress(scope, run_id, attempt).numbered:
            return
        put_back(scope, run_id)
        scope.update(runs, {"numbered": True}, id=run_id)
        restart_pace(scope, run_id)


def restart_pace(scope: Scope, run_id: int) -> None:
    """Count a run's rate from now on, and from the rows that it has."""
    rows = scope.get(runs, id=run_id).rows_read
    scope.update(runs, {"pace": to_json(began(datetime.now(UTC), rows))}, id=run_id)


def put_back(scope: Scope, run_id: int) -> list[str]:
    """Let every part of a locked run's plan wait, to be redone; give the keys of their objects.

    Parts that were the remainder of another are gone: a part that is read again leaves its own.
    """
    done = scope.all(scope.select(run_parts, run_id=run_id, state=PartState.DONE))
    scope.delete(run_parts, run_parts.c.remainder_of.is_not(None), run_id=run_id)
    waiting = {**_WAITING, "result": None, "ended_at": None, "turn": None}
    scope.update(run_parts, waiting, run_id=run_id)
    scope.update(runs, {"rows_read": 0}, id=run_id)
    return [row.result["object_key"] for row in done]


def copy_plan(scope: Scope, origin_id: int, run_id: int) -> int:
    """Let a run have the planned parts of another one, waiting; tell how many there are."""
    planned = scope.select(run_parts, run_id=origin_id, remainder_of=None)
    rows = scope.all(planned.order_by(run_parts.c.number))
    scope.insert(run_parts, *(_waiting(run_id, _part(row).part) for row in rows))
    return len(rows)


def release_running(scope: Scope, run: Row[Any]) -> None:
    """Put back every running part of a locked run: their workers have lost it."""
    of_run = scope.select(run_parts, run_id=run.id, state=PartState.RUNNING)
    for row in scope.all(of_run):
        _put(scope, run, row, _WAITING)


_WAITING: Mapping[str, object] = {"state": PartState.WAITING, "rows_read": 0}


def _waiting(run_id: int, part: Part, *, remainder_of: int | None = None) -> dict[str, object]:
    return {
        "run_id": run_id,
        "number": part.number,
        "slices": to_json(part.slices),
        "remainder_of": remainder_of,
        "starts": 0,
        **_WAITING,
    }


def _put(scope: Scope, run: Row[Any], row: Row[Any], values: Mapping[str, object]) -> None:
    """Change a part's row, and the run's rows by as many as the part's become more or fewer."""
    scope.update(run_parts, values, run_id=run.id, number=row.number)
    if "rows_read" in values and values["rows_read"] != row.rows_read:
        more = runs.c.rows_read - row.rows_read + values["rows_read"]
        scope.update(runs, {"rows_read": more}, id=run.id)


def _keep_pace(scope: Scope, run: Row[Any], rows: int) -> None:
    """Look at how far a run has come, as its locked row was before; seldom is there to write."""
    if run.pace is None:
        return
    pace = from_json(Pace, run.pace)
    if (moved := pace.moved(datetime.now(UTC), rows)) != pace:
        scope.update(runs, {"pace": to_json(moved)}, id=run.id)


def _row(scope: Scope, run_id: int, number: int) -> Row[Any]:
    return scope.get(run_parts, run_id=run_id, number=number)


def _running(scope: Scope, run_id: int, number: int, starts: int) -> Row[Any]:
    """Give the row of a part as its start left it; LostRun where it was begun again since."""
    row = _row(scope, run_id, number)
    if row.starts != starts:
        raise LostRun
    if row.state != PartState.RUNNING:
        raise WrongState(Said("the part is {state}", state=row.state), row.state)
    return row


def _next(scope: Scope, run_id: int) -> int:
    """Give the number behind the run's last part."""
    last = select(func.max(run_parts.c.number)).where(scope.of(run_parts, run_id=run_id))
    return int(scope.all(last)[0][0]) + 1


def _part(row: Row[Any]) -> RunPart:
    slices = tuple(from_json(Slice, piece) for piece in row.slices)
    return RunPart(
        run_id=row.run_id,
        part=Part(number=row.number, slices=slices),
        state=PartState(row.state),
        starts=row.starts,
        rows_read=row.rows_read,
        started_at=row.started_at,
        ended_at=row.ended_at,
        result=None if row.result is None else from_json(PartResult, row.result),
    )
