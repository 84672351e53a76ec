"""What came of the runs of a day, summed up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cxport.domain.run import Status

#: How runs end, from good to bad. One whose files have expired since counts as completed.
OUTCOMES = (
    Status.COMPLETED,
    Status.COMPLETED_WITH_WARNINGS,
    Status.NO_DATA,
    Status.CANCELLED,
    Status.FAILED,
)


@dataclass(frozen=True, kw_only=True)
class Day:
    """The runs that ended on a day: how many by outcome, and what they exported."""

    start: datetime
    runs: Mapping[Status, int] = field(default_factory=dict)
    rows: int = 0
    size_bytes: int = 0
