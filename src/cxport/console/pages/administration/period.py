"""A list between two days of the reader's zone, which stand in its address as `from` and `to`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from cxport.console.listing import Listing
from cxport.console.visit import Visit
from cxport.domain.listing import Query


@dataclass(frozen=True, kw_only=True)
class PeriodListing(Listing):
    """Both days are within; either may be left out. `moments` is the service's word."""

    first: date | None
    last: date | None
    moments: str

    @property
    def query(self) -> Query:
        """What the service is asked."""
        asked = super().query
        start, end = dict(asked.at_least), dict(asked.before)
        if self.first:
            start[self.moments] = self._begin(self.first)
        if self.last:
            end[self.moments] = self._begin(self.last + timedelta(days=1))
        return replace(asked, at_least=start, before=end)

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.filters or self.first or self.last)

    @property
    def words(self) -> str:
        """What its address has behind the path."""
        return self.address.partition("?")[2]

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def _words(self) -> Iterator[tuple[str, str]]:
        yield from super()._words()
        if self.first:
            yield "from", self.first.isoformat()
        if self.last:
            yield "to", self.last.isoformat()


def in_period(visit: Visit, listing: Listing, moments: str) -> PeriodListing:
    """Read the days of the address; what is no day counts as not said."""
    words = visit.request.query_params
    return PeriodListing(
        **vars(listing),
        first=_day(words.get("from", "")),
        last=_day(words.get("to", "")),
        moments=moments,
    )


def _day(text: str) -> date | None:
    """Read a day of a century that has days before and after it in every zone."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in range(1900, 2200) else None
