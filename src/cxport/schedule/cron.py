"""Cron expressions, in the three forms of the contract.

Five fields, minute first, are cron's own (days of the week 0 to 7 or names, 0 and 7 Sunday). Six
and seven fields are Quartz's: seconds first, `?` for no demand, days of the week 1 (Sunday) to 7
or names, then perhaps years. `@hourly` and its like stand for five fields. Nothing runs more often
than once a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cronsim import CronSim, CronSimError

from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said, as_said
from cxport.schedule.quartz import LAST_YEAR, from_quartz

FIELD = "schedulerParam.cron"
NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}

#: Characters of an expression at most.
_LENGTH = 200
_FIVE = 5
_QUARTZ = (6, 7)


@dataclass(frozen=True, kw_only=True)
class Cron:
    """An expression that was read: cron's five fields, the second, and the years it is bound to."""

    fields: str
    second: int = 0
    years: frozenset[int] = frozenset()

    def walls(self, after: datetime) -> Iterator[datetime]:
        """Give the naive times behind one, as long as there are any (50 years without: none)."""
        shift = timedelta(seconds=self.second)
        at: datetime | None = after - shift
        while at is not None:
            for wall in CronSim(self.fields, at):
                if self.years and wall.year not in self.years:
                    at = self._before_next_year(wall.year)
                    break
                yield wall + shift
            else:
                return

    def _before_next_year(self, year: int) -> datetime | None:
        later = [one for one in self.years if one > year]
        return datetime(min(later), 1, 1) - timedelta(seconds=1) if later else None  # noqa: DTZ001 - a wall's time


def read_cron(text: str) -> Cron:
    """Read an expression; InvalidInput says which of its fields is wrong, and what is right.

    One that never comes (30 February) is refused as well.
    """
    fields = NICKNAMES.get(text.strip().lower(), text).split()
    if len(text) > _LENGTH:
        raise refused(Said("longer than {length} characters", length=_LENGTH))
    if len(fields) in _QUARTZ:
        fields, second, years = from_quartz(fields)
        found = Cron(fields=" ".join(fields), second=second, years=years)
    elif len(fields) == _FIVE:
        found = Cron(fields=" ".join(fields))
    else:
        raise refused(Said("{fields} fields", fields=len(fields)))
    _check(found)
    return found


def cron_fields(text: str) -> str:
    """Give the five fields that say all of an accepted expression; empty: seconds or years too."""
    found = read_cron(text)
    return "" if found.second or found.years else found.fields


EXPECTED = Said(
    "5 fields (minute hour day month weekday), 6 or 7 in Quartz order (second minute hour day"
    " month weekday year), or one of {words}",
    words=", ".join(NICKNAMES),
)


def refused(reason: Said) -> InvalidInput:
    """Give the error that names the field."""
    return InvalidInput.at(FIELD, reason, EXPECTED)


def _check(cron: Cron) -> None:
    try:
        begin = min(cron.years, default=2000)
        first = next(cron.walls(datetime(begin, 1, 1) - timedelta(seconds=60)), None)  # noqa: DTZ001 - a wall's time
    except CronSimError as error:
        raise refused(as_said(str(error).lower())) from None
    if first is None or first.year > LAST_YEAR:
        raise refused(Said("it never comes"))
