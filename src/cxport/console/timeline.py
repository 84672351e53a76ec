"""When the parts of a run were in hand, as bars on one line of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cxport.domain.run import PartState, Run, RunPart

#: The width of the whole line.
WIDTH = 1000
#: No bar is thinner: it could not be seen.
_THINNEST = 4
_STEPS = 4


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A part and where its bar lies; nowhere before it began."""

    part: RunPart
    start: int = 0
    width: int = 0

    @property
    def seconds(self) -> float | None:
        """How long it took; None where it has not ended."""
        if self.part.started_at is None or self.part.ended_at is None:
            return None
        return (self.part.ended_at - self.part.started_at).total_seconds()


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """From the run's start until its end or now."""

    start: datetime | None
    end: datetime

    @property
    def seconds(self) -> float:
        """How long that is."""
        return (self.end - self.start).total_seconds() if self.start else 0.0

    @property
    def marks(self) -> tuple[datetime, ...]:
        """Moments at its quarters, to be written above it."""
        if self.start is None:
            return ()
        step = timedelta(seconds=self.seconds / _STEPS)
        return tuple(self.start + step * number for number in range(_STEPS + 1))

    def bar(self, part: RunPart) -> Bar:
        """Lay a part on it."""
        if part.started_at is None or part.state is PartState.WAITING:
            return Bar(part=part)
        start = min(self._at(part.started_at), WIDTH - _THINNEST)
        width = self._at(part.ended_at or self.end) - start
        return Bar(part=part, start=start, width=max(_THINNEST, width))

    def _at(self, moment: datetime) -> int:
        if self.start is None or not self.seconds:
            return 0
        share = (moment - self.start).total_seconds() / self.seconds
        return round(WIDTH * max(0.0, min(1.0, share)))


def timeline_of(run: Run, now: datetime) -> Timeline:
    """Give the line of a run."""
    return Timeline(start=run.started_at, end=run.ended_at or now)
