"""The contract's frequency words: `once`, `hourly`, `daily`, `weekly`, `monthly`.

With a start they keep its time of day and its weekday or day; without one they begin at the next
full hour or at 00:00, weekly on Monday, monthly on the 1st.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from cxport.domain.wall import months_later

#: What each word is without a start, as cron says it.
AS_CRON = {
    "once": "0 0 * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
}

_STEPS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
}


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """Every hour, day, week or month from a naive start; in a short month its last day."""

    word: str
    start: datetime

    def walls(self, after: datetime) -> Iterator[datetime]:
        """Give the naive times behind one."""
        for number in count(self._passed(after)):
            wall = self._at(number)
            if wall > after:
                yield wall

    def _passed(self, after: datetime) -> int:
        """Tell how many have surely passed."""
        if after <= self.start:
            return 0
        if self.word == "monthly":
            return (after.year - self.start.year) * 12 + after.month - self.start.month
        return (after - self.start) // _STEPS[self.word]

    def _at(self, number: int) -> datetime:
        if self.word == "monthly":
            return months_later(self.start, number)
        return self.start + _STEPS[self.word] * number
