"""What the contract's lists share: its string booleans, whole numbers, order and page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from fastapi import Query as Parameter

from cxport.domain.errors import InvalidInput
from cxport.domain.listing import Query
from cxport.domain.said import Said

#: The contract's default `size`: as much as the server allows.
ALL = 999_999_999
#: More digits than any id or count has.
_DIGITS = 18

Text = Annotated[str | None, Parameter()]


def boolean(name: str, text: str | None) -> bool | None:
    """Read `true` or `false` in any case; None and empty mean not said."""
    if not text:
        return None
    if text.lower() not in {"true", "false"}:
        raise InvalidInput.at(name, Said("neither true nor false"), Said("true or false"))
    return text.lower() == "true"


def whole(name: str, text: str) -> int:
    """Read a whole number, not negative; one too large for any id is as good as the largest."""
    digits = numeral(name, text).lstrip("0") or "0"
    return int(digits) if len(digits) <= _DIGITS else 10**_DIGITS


def numeral(name: str, text: str) -> str:
    """Give the text of a whole number, not negative; InvalidInput for any other."""
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput.at(name, Said("not a whole number"), Said("a whole number, 0 or more"))
    return text


def given(filters: Mapping[str, tuple[str, str | None]]) -> dict[str, str]:
    """Give the filters that were said, by column; each is a parameter's name and its value."""
    for name, text in filters.values():
        if text and "\0" in text:
            raise InvalidInput.at(name, Said("holds NUL"), Said("text without NUL"))
    return {column: text for column, (_, text) in filters.items() if text}


@dataclass(frozen=True, kw_only=True)
class ListWords:
    """Order and page as the caller said them."""

    order_field: str
    descending: bool
    offset: int
    limit: int

    def query(
        self,
        columns: Mapping[str, str],
        *,
        contains: Mapping[str, str],
        equals: Mapping[str, tuple[object, ...]] | None = None,
        at_least: Mapping[str, object] | None = None,
        before: Mapping[str, object] | None = None,
    ) -> Query:
        """Make the query; `columns` maps the fields of a row that can be ordered by.

        Raises InvalidInput, naming them, for another field.
        """
        if self.order_field and self.order_field not in columns:
            raise InvalidInput.at("orderField", Said("no such field"), ", ".join(columns))
        return Query(
            contains=contains,
            equals=equals or {},
            at_least=at_least or {},
            before=before or {},
            order=columns[self.order_field] if self.order_field else "id",
            descending=self.descending,
            offset=self.offset,
            limit=self.limit,
        )


def _list_words(
    descending: Annotated[str | None, Parameter(alias="descAsc")] = None,
    order_field: Annotated[str | None, Parameter(alias="orderField")] = None,
    offset: Annotated[str | None, Parameter(alias="from")] = None,
    size: Annotated[str | None, Parameter()] = None,
    background: Annotated[str | None, Parameter(alias="bgUpdate")] = None,
) -> ListWords:
    boolean("bgUpdate", background)
    return ListWords(
        order_field=order_field or "",
        descending=boolean("descAsc", descending) or False,
        offset=whole("from", offset or "0"),
        limit=whole("size", size) if size else ALL,
    )


Paging = Annotated[ListWords, Depends(_list_words)]
