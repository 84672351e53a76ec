"""A list as its address says it: order, filters and page. What the address holds can be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request

from cxport.console.preferences import preferences_of
from cxport.domain.listing import Query

#: Rows on a page: what is usual, and what can be chosen.
SIZES = (25, 50, 100)
#: Longer texts are no filter of a person's.
_LONGEST = 200
_DIGITS = 9


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: `key` names it in the address, and its label is `field.<key>` unless said."""

    key: str
    label: str = ""
    #: The service's word for it; empty: nothing can be ordered or filtered by it.
    term: str = ""
    #: Whether a text can be looked for in it.
    searched: bool = False
    #: The values that can be chosen, with the label of each.
    choices: Mapping[str, str] | None = None
    #: Whether it holds moments, and one day's can be chosen; or whole numbers, and one can.
    daily: bool = False
    numbered: bool = False
    #: Whether it is filtered by, but has no place in the rows.
    hidden: bool = False
    #: Whether it holds numbers, which stand at the end of their column.
    numeric: bool = False
    #: Whether a narrow window leaves it out.
    minor: bool = False

    @property
    def heading(self) -> str:
        """The label of its heading."""
        return self.label or f"field.{self.key}"

    @property
    def filtered(self) -> bool:
        """Whether a list can be filtered by it."""
        return self.searched or self.daily or self.numbered or self.choices is not None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list's columns and what was asked of it; addresses are made of what differs."""

    path: str
    columns: tuple[Column, ...]
    sort: str
    descending: bool
    filters: Mapping[str, str]
    page: int = 1
    size: int = SIZES[0]
    default_sort: tuple[str, bool]
    #: Whose days are filtered by.
    zone: ZoneInfo

    @property
    def query(self) -> Query:
        """What the service is asked."""
        terms = {column.key: column for column in self.columns}
        contains, equals = dict[str, str](), dict[str, tuple[object, ...]]()
        at_least, before = dict[str, object](), dict[str, object]()
        for key, text in self.filters.items():
            column = terms[key]
            if column.daily:
                at_least[column.term], before[column.term] = _day(text, self.zone)
            elif column.searched:
                contains[column.term] = text
            else:
                equals[column.term] = (int(text) if column.numbered else text,)
        return Query(
            contains=contains,
            equals=equals,
            at_least=at_least,
            before=before,
            order=terms[self.sort].term,
            descending=self.descending,
            offset=(self.page - 1) * self.size,
            limit=self.size,
        )

    @property
    def address(self) -> str:
        """The address of what is shown now."""
        words = urlencode(dict(self._words()))
        return f"{self.path}?{words}" if words else self.path

    @property
    def filtered(self) -> tuple[Column, ...]:
        """The columns that can be filtered by."""
        return tuple(one for one in self.columns if one.filtered)

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that the rows have."""
        return tuple(one for one in self.columns if not one.hidden)

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.filters)

    def sorted_by(self, column: Column) -> str:
        """Give the address of the same list ordered by a column; again, the other way round."""
        descending = not self.descending if column.key == self.sort else False
        return replace(self, sort=column.key, descending=descending, page=1).address

    def at(self, page: int) -> str:
        """Give the address of another page."""
        return replace(self, page=page).address

    def pages(self, count: int) -> int:
        """Tell how many pages so many rows make."""
        return max(1, -(-count // self.size))

    def _words(self) -> Iterator[tuple[str, str]]:
        if (self.sort, self.descending) != self.default_sort:
            yield "sort", f"-{self.sort}" if self.descending else self.sort
        yield from self.filters.items()
        if self.size != SIZES[0]:
            yield "size", str(self.size)
        if self.page != 1:
            yield "page", str(self.page)


def read_listing(
    request: Request, path: str, columns: tuple[Column, ...], *, sort: str, descending: bool = False
) -> Listing:
    """Read a list's address; what makes no sense in it counts as not said."""
    words = request.query_params
    wanted = words.get("sort", "")
    key = wanted.removeprefix("-")
    known = key in {one.key for one in columns if one.term}
    return Listing(
        path=path,
        columns=columns,
        sort=key if known else sort,
        descending=wanted.startswith("-") if known else descending,
        filters=dict(_filters(words, columns)),
        page=max(1, _whole(words.get("page", ""))),
        size=size if (size := _whole(words.get("size", ""))) in SIZES else SIZES[0],
        default_sort=(sort, descending),
        zone=preferences_of(request).zone,
    )


def _filters(words: Mapping[str, str], columns: tuple[Column, ...]) -> Iterator[tuple[str, str]]:
    for column in columns:
        text = words.get(column.key, "").strip()[:_LONGEST].replace("\0", "")
        if not text:
            continue
        if _makes_sense(column, text):
            yield column.key, text


def _makes_sense(column: Column, text: str) -> bool:
    if column.daily:
        return _is_day(text)
    if column.numbered:
        return _whole(text) > 0
    return column.searched or text in (column.choices or {})


def _is_day(text: str) -> bool:
    try:
        return date(1970, 1, 1) < date.fromisoformat(text) < date(9000, 1, 1)
    except ValueError:
        return False


def _day(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give when a day begins and ends in a zone."""
    day = date.fromisoformat(text)
    first, last = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    return first, last


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
