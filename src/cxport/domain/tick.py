"""Ticks: the moments at which a job's schedule asks for a run, and what becomes of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cxport.domain.job import Schedule


class TickState(StrEnum):
    """What became of a tick."""

    #: It has a run of its own, or is the last of those that its run covers.
    RUN = "run"
    #: A later tick's run covers it.
    MERGED = "merged"
    #: It was missed, and the job asks for nothing then.
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A tick that has passed, and the run that covers it; None where it was skipped."""

    tick_at: datetime
    state: TickState
    run_id: int | None


@dataclass(frozen=True, kw_only=True)
class DueJob:
    """A job whose tick has come and which may run; `updated_at` tells its definition's version."""

    tenant_id: str
    job_id: int
    schedule: Schedule
    relative: str
    next_tick_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class TickPlan:
    """What becomes of a job's due ticks: one run for `covered`, nothing for `skipped`.

    `next_tick_at` is the first tick behind them, which may be due as well; None: none will come.
    """

    covered: tuple[datetime, ...]
    skipped: tuple[datetime, ...]
    next_tick_at: datetime | None
