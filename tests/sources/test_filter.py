"""Filters: the rows that a source gives are those whose values meet every condition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cxport.domain.errors import SourceError
from cxport.domain.filter import Filter, Operator, Value
from cxport.domain.selection import Content, Slice
from cxport.sources.base import PlanLimits, Source
from tests.sources.history import History, interaction
from tests.sources.reading import all_records, attachment_slice, interactions, source_of, window

Record = dict[str, Any]


def where(attribute: str, operator: str, *values: Value) -> Filter:
    """Give a filter."""
    return Filter(attribute=attribute, operator=Operator(operator), values=values)


#: Filters, and what they mean to a record: an absent attribute meets `ne` alone.
CASES: list[tuple[tuple[Filter, ...], Callable[[Record], bool]]] = [
    ((where("mediaTypeId", "eq", "chat"),), lambda r: r["mediaTypeId"] == "chat"),
    ((where("mediaTypeId", "ne", "chat"),), lambda r: r["mediaTypeId"] != "chat"),
    ((where("queueName", "ne", "x"),), lambda _: True),
    ((where("status", "in", 0, 3),), lambda r: r["status"] in {0, 3}),
    ((where("status", "ge", 2),), lambda r: r["status"] is not None and r["status"] >= 2),
    ((where("status", "lt", 2),), lambda r: r["status"] is not None and r["status"] < 2),
    ((where("status", "le", 2),), lambda r: r["status"] is not None and r["status"] <= 2),
    ((where("status", "gt", 2),), lambda r: r["status"] is not None and r["status"] > 2),
    ((where("isSpam", "eq", False),), lambda r: r["isSpam"] is False),
    ((where("isSpam", "ne", False),), lambda r: r["isSpam"] is not False),
    (
        (where("startDate", "ge", "2024-01-08T00:00:00+00:00"),),
        lambda r: r["startDate"] is not None and r["startDate"] >= "2024-01-08",
    ),
    (
        (where("endDate", "lt", "2024-01-08T00:00:00+00:00"),),
        lambda r: r["endDate"] is not None and r["endDate"] < "2024-01-08",
    ),
    (
        (where("mediaTypeId", "startsWith", "em"), where("status", "ne", 3)),
        lambda r: (r["mediaTypeId"] or "").startswith("em") and r["status"] != 3,
    ),
    ((where("mailbox", "contains", "@"),), lambda r: "@" in (r.get("mailbox") or "")),
    ((where("mailbox", "ne", "none"),), lambda _: True),
    ((where("duration", "gt", 60),), lambda r: (r.get("duration") or 0) > 60),
    ((where("duration", "ne", 60),), lambda r: r.get("duration") != 60),
]


@pytest.mark.parametrize(("filters", "meant"), CASES, ids=[repr(n) for n in range(len(CASES))])
def test_the_rows_are_those_that_meet_the_filters(
    source: Source, filters: tuple[Filter, ...], meant: Callable[[Record], bool]
) -> None:
    """Each operator, on each kind, in the base table and in an entity's own, with nulls."""
    with source.open() as reader:
        every = all_records(reader, interactions())
        found = all_records(reader, interactions(filters=filters))

    expected = [record["id"] for record in every if meant(record)]
    assert sorted(record["id"] for record in found) == sorted(expected)


def test_some_cases_tell_rows_apart(source: Source) -> None:
    """The cases above would fail if filters were ignored: most leave something out."""
    with source.open() as reader:
        every = all_records(reader, interactions())

    told = [meant for _, meant in CASES if 0 < sum(map(meant, every)) < len(every)]
    assert len(told) > len(CASES) // 2


def test_attachments_and_undated_rows_are_filtered(source: Source) -> None:
    """An attachment goes with its interaction; a row that a filter leaves out is not skipped."""
    filters = (where("mediaTypeId", "eq", "email"),)
    with source.open() as reader:
        kept = {record["id"] for record in all_records(reader, interactions(filters=filters))}
        chosen = interactions(filters=filters, attachments=True)
        attached = {
            one.key
            for entity in chosen.entities
            for one in reader.attachments(chosen, attachment_slice(entity))
        }
        bounded = interactions(window=window("2024-01-01", "2024-02-01"), filters=filters)
        undated = {
            key
            for entity in bounded.entities
            for key in reader.undated(bounded, Slice(entity=entity, content=Content.UNDATED))
        }

    assert attached
    assert attached <= kept
    assert undated <= kept


def test_a_filtered_selection_is_planned(source: Source) -> None:
    """Parts cover the rows that meet the filters once, whether few or many are made."""
    chosen = interactions(filters=(where("mailbox", "contains", "@"), where("status", "ne", 9)))
    with source.open() as reader:
        expected = sorted(record["id"] for record in all_records(reader, chosen))
        plan = reader.plan(chosen, PlanLimits(part_raw_bytes=10_000, part_rows=10))
        found = [
            row[0]
            for part in plan.parts
            for piece in part.slices
            for batch in reader.read(chosen, piece)
            for row in batch
        ]

    assert sorted(str(one) for one in found) == expected
    assert reader.snapshot.taken_at


@pytest.mark.parametrize("text", ["50%", "a_b", "!", "[x]", "%", "'", "\\", "ü"])
def test_a_text_is_looked_for_as_it_is(sqlite_history: History, text: str) -> None:
    """No character of it is a wildcard or ends the statement."""
    rows = [
        {**interaction(n, 7, "2024-01-01 00:00:00"), "Subject": subject}
        for n, subject in enumerate(["plain", f"with {text} inside", "50 a-b x"])
    ]
    sqlite_history.insert("Interaction", rows)

    with source_of(sqlite_history.dsn).open() as reader:
        found = all_records(reader, interactions(filters=(where("subject", "contains", text),)))

    assert [record["subject"] for record in found] == [f"with {text} inside"]


def test_what_cannot_be_compared_is_said(sqlite_history: History) -> None:
    """A number that the database keeps as text has no order: the run says which column."""
    sqlite_history.run("ALTER TABLE Interaction RENAME COLUMN Status TO Old")
    sqlite_history.run("ALTER TABLE Interaction ADD COLUMN Status VARCHAR(3)")
    with source_of(sqlite_history.dsn).open() as reader, pytest.raises(SourceError, match="Status"):
        all_records(reader, interactions(filters=(where("status", "gt", 1),)))
