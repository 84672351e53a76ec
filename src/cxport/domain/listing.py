"""What a list operation asks for and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")

#: No page is longer, whatever was asked for, unless the operator says otherwise.
DEFAULT_PAGE_CAP = 10_000


@dataclass(frozen=True, kw_only=True)
class Query:
    """Filters and order of a list, in the store's own words.

    `contains` maps a column to text that must occur in it, without regard to case; `equals` maps
    a column to allowed values; `at_least` and `before` bound a column. Ties of the order are
    broken by id.
    """

    contains: Mapping[str, str] = field(default_factory=dict)
    equals: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    at_least: Mapping[str, object] = field(default_factory=dict)
    before: Mapping[str, object] = field(default_factory=dict)
    order: str = "id"
    descending: bool = False
    offset: int = 0
    limit: int = DEFAULT_PAGE_CAP


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Item]):
    """One page: its items, and how many match in all."""

    items: tuple[Item, ...]
    count: int
    offset: int
    limit: int
