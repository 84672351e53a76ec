"""`/jobs/{id}/ticks`: what became of the moments at which a job's schedule asked for a run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.instants import iso
from cxport.api.paging import ALL, whole
from cxport.api.shapes import Answer
from cxport.domain.tick import Tick

router = APIRouter(prefix="/jobs", tags=["jobs"])


class JobTick(Answer):
    """A tick: `run` has its own run, `merged` is covered by a later tick's, `skipped` by none."""

    tick: str
    state: str
    run_id: int | None


class TickPage(Answer):
    """Ticks that have passed, the newest first; `next` is the first that no run covers yet.

    A `next` that has passed waits for a run of its job to end; empty: none will come.
    """

    count: int
    offset: int = Field(validation_alias="offset", serialization_alias="from")
    items: list[JobTick]
    size: int
    next: str


@router.get("/{id}/ticks", responses=documented(400, 404))
def list_ticks(
    id: str,  # noqa: A002 - as the contract names it
    caller: SignedIn,
    services: Use,
    offset: Annotated[str | None, Query(alias="from")] = None,
    size: Annotated[str | None, Query()] = None,
) -> TickPage:
    """List a job's ticks, the newest first, each with the run that covers it."""
    limit = whole("size", size) if size else ALL
    page, ahead = services.history.ticks(
        caller, whole("id", id), whole("from", offset or "0"), limit
    )
    return TickPage(
        count=page.count,
        offset=page.offset,
        items=[_tick(one) for one in page.items],
        size=page.limit,
        next=iso(ahead),
    )


def _tick(one: Tick) -> JobTick:
    return JobTick(tick=iso(one.tick_at), state=one.state.value, run_id=one.run_id)
