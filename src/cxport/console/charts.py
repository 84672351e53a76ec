"""Bars day by day, laid out to be drawn; the marks beside them are the page's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, log10

#: The field the bars stand in; it is stretched to the page's width.
HEIGHT = 100
STEP = 10
BAR = 8
_NICE = (1, 2, 5, 10)


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A piece of a bar; `kind` is its class in the style sheet."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A day's bar."""

    start: datetime
    x: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars below a round number that none exceeds."""

    top: int
    bars: tuple[Bar, ...]

    @property
    def width(self) -> int:
        """The width of the field."""
        return STEP * len(self.bars)


def chart(days: Sequence[tuple[datetime, Sequence[tuple[str, int]]]]) -> Chart:
    """Stack each day's values, by kind, the first at the bottom."""
    top = rounded_up(max((sum(value for _, value in parts) for _, parts in days), default=0))
    bars = tuple(
        Bar(start=start, x=STEP * number + 1, segments=_stacked(parts, top))
        for number, (start, parts) in enumerate(days)
    )
    return Chart(top=top, bars=bars)


def rounded_up(number: int) -> int:
    """Give the next of 1, 2, 5, 10, 20, 50, ..."""
    if number <= 1:
        return 1
    unit = 10 ** int(log10(number))
    return int(next(step * unit for step in _NICE if step * unit >= number))


def _stacked(parts: Sequence[tuple[str, int]], top: int) -> tuple[Segment, ...]:
    segments, below = list[Segment](), 0.0
    for kind, value in parts:
        if value:
            # what is there can be seen, however little it is
            height = max(1.0, ceil(value * HEIGHT * 10 / top) / 10)
            below = min(float(HEIGHT), below + height)
            segments.append(Segment(kind=kind, y=round(HEIGHT - below, 1), height=height))
    return tuple(segments)
