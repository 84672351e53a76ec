"""Cuts a selection into parts by keys, from statistics and index probes alone.

Estimates decide how many parts there are and how even; that they cover the selection, each row
once, rests on the cuts alone: every key lies in exactly one of the slices between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from cxport.domain.catalogue import Kind
from cxport.domain.selection import Content, Estimate, Key, Part, Selection, Slice
from cxport.sources import sql
from cxport.sources.base import Plan, PlanLimits
from cxport.sources.binding import BASE, Base, Binding
from cxport.sources.dialect import Connection, Family, Sql, joined
from cxport.sources.dialect import sql as fill
from cxport.sources.statistics import (
    SAMPLE,
    compared,
    estimate,
    expected_as,
    indexed,
    present,
)
from cxport.sources.values import to_time

#: Probes for each part wanted, so that a cut is off by a fraction of a part.
_PER_PART = 4

#: Probes that one statement makes.
_AT_ONCE = 32


class Planner:
    """Estimates and plans over one connection."""

    def __init__(self, connection: Connection, binding: Binding) -> None:
        self._connection = connection
        self._binding = binding

    def estimate(self, selection: Selection) -> Estimate:
        """Estimate rows and bytes."""
        selection = expected_as(selection)
        return estimate(self._connection, self._binding, selection, self._probes(selection, SAMPLE))

    def plan(self, selection: Selection, limits: PlanLimits) -> Plan:
        """Cut a selection into parts that keep to the limits, as far as statistics can tell."""
        selection = expected_as(selection)
        keys = self._probes(selection, SAMPLE)
        expected = estimate(self._connection, self._binding, selection, keys)
        wanted = limits.parts(expected)
        if wanted * _PER_PART > SAMPLE:
            count = min(wanted * _PER_PART, self._connection.dialect.max_values)
            keys = self._probes(selection, count)
        cuts = chosen(self._sorted(selection, keys), wanted) if wanted > 1 else []
        parts = slices(cuts, self._contents(selection))
        return Plan(parts=parts, estimate=expected)

    def _contents(self, selection: Selection) -> list[Slice]:
        """Give what each part reads: the records of each entity, then its attachments."""
        attachments = selection.attachments and self._binding.attachments
        contents = [Content.RECORDS, Content.ATTACHMENTS] if attachments else [Content.RECORDS]
        return [
            Slice(entity=one.entity, content=content)
            for one in present(self._binding, selection)
            for content in (contents if one.base.entity else contents[:1])
        ]

    def _probes(self, selection: Selection, count: int) -> list[Key]:
        """Find keys of rows that lie about evenly in the selection."""
        base = self._binding.base(selection.data_type)
        if base is None:
            return []
        base = compared(base, selection)
        if not selection.window.everything and indexed(base):
            return self._by_time(base, selection, count)
        rows = self._connection.scattered_keys(base.table, base.key.column, count)
        if not rows and base.key.column.family is Family.INTEGER:
            return self._by_number(base, count)
        if not rows and indexed(base):
            return self._by_time(base, selection, count)
        return [row[0] for row in rows if row[0] is not None]

    def _by_time(self, base: Base, selection: Selection, count: int) -> list[Key]:
        """Take the rows behind evenly spaced moments."""
        ends = self._span(base, selection)
        if ends is None:
            return []
        start, end = ends
        dialect, step = self._connection.dialect, (end - start) / count
        name, column = base.window.name(dialect), base.window.column
        moments = [start + step * number for number in range(count)]
        conditions = [
            dialect.time_from(name, column, base.window.encoding, moment) for moment in moments
        ]
        return self._first_behind(base, conditions, name)

    def _by_number(self, base: Base, count: int) -> list[Key]:
        """Take the rows behind evenly spaced numbers of a key that is a number."""
        dialect = self._connection.dialect
        name = base.key.name(dialect)
        query = fill("SELECT MIN({}), MAX({}) FROM {}", name, name, dialect.table(base.table, BASE))
        first, last = self._connection.rows(query)[0]
        if first is None:
            return []
        numbers = sorted({int(first) + int(last - first) * n // count for n in range(count)})
        conditions = [fill("{} >= {}", name, dialect.bind(number)) for number in numbers]
        return self._first_behind(base, conditions, name)

    def _span(self, base: Base, selection: Selection) -> tuple[datetime, datetime] | None:
        """Give the time that the probes are spread over: the window, closed by the data's ends."""
        start, end = selection.window.start, selection.window.end
        start = start or self._end(base, "ASC")
        end = end or self._end(base, "DESC")
        return (start, end) if start and end and start < end else None

    def _end(self, base: Base, direction: str) -> datetime | None:
        dialect = self._connection.dialect
        name = base.window.name(dialect)
        query = fill(
            "SELECT {} FROM {} WHERE {} IS NOT NULL ORDER BY {} {}",
            base.window.select(dialect, Kind.TIME),
            dialect.table(base.table, BASE),
            name,
            name,
            Sql(direction),
        )
        found = self._connection.rows(dialect.limit(query, 1))
        milliseconds = base.window.encoding == "milliseconds"
        text = to_time(found[0][0], milliseconds=milliseconds) if found else None
        return datetime.fromisoformat(text) if text else None

    def _first_behind(self, base: Base, conditions: Sequence[Sql], order: Sql) -> list[Key]:
        """Give the key of the first row behind each of some points, by an index."""
        dialect = self._connection.dialect
        probes = [
            dialect.limit(
                fill(
                    "SELECT {} FROM {} WHERE {} ORDER BY {}",
                    base.key.select(dialect, Kind.TEXT),
                    dialect.table(base.table, BASE),
                    condition,
                    order,
                ),
                1,
            )
            for condition in conditions
        ]
        keys: dict[Key, None] = {}
        for start in range(0, len(probes), _AT_ONCE):
            few = [fill("({})", probe) for probe in probes[start : start + _AT_ONCE]]
            query = fill("SELECT {}{}", joined(", ", few), Sql(dialect.nowhere))
            row = self._connection.rows(query)[0]
            keys.update(dict.fromkeys(key for key in row if key is not None))
        return list(keys)

    def _sorted(self, selection: Selection, keys: Sequence[Key]) -> list[Key]:
        """Let the database sort keys: only it knows their order."""
        base = self._binding.base(selection.data_type)
        few = list(dict.fromkeys(keys))[: self._connection.dialect.max_values]
        if base is None or not few:
            return []
        dialect = self._connection.dialect
        name = base.key.name(dialect)
        query = fill(
            "SELECT {} FROM {} WHERE {} ORDER BY {}",
            base.key.select(dialect, Kind.TEXT),
            dialect.table(base.table, BASE),
            sql.among(name, [dialect.bind_key(base.key.column, key) for key in few]),
            name,
        )
        return [row[0] for row in self._connection.rows(query)]


def chosen(keys: Sequence[Key], parts: int) -> list[Key]:
    """Choose the cuts between parts, evenly, of sorted keys; fewer where there are too few."""
    places = sorted({len(keys) * number // parts for number in range(1, parts)})
    return [keys[place] for place in places if 0 < place < len(keys)]


def slices(cuts: Sequence[Key], contents: Sequence[Slice]) -> tuple[Part, ...]:
    """Make a part of what lies between each two cuts; the first and last are open."""
    ends: list[Key | None] = [None, *cuts, None]
    return tuple(
        Part(
            number=number,
            slices=tuple(
                Slice(entity=one.entity, content=one.content, after=after, upto=upto)
                for one in contents
            ),
        )
        for number, (after, upto) in enumerate(pairwise(ends), 1)
    )
