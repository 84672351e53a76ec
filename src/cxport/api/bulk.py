"""Operations on several objects at once, named by a comma-separated list."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from cxport.api.paging import numeral
from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said

_LEFT = "what could not be deleted"
#: The further answer of a bulk delete: what it names, ids or names.
LEFT_IDS: dict[int | str, dict[str, Any]] = {500: {"model": list[int], "description": _LEFT}}
LEFT_NAMES: dict[int | str, dict[str, Any]] = {500: {"model": list[str], "description": _LEFT}}

#: Digits of an id at most; far fewer could be anybody's.
_DIGITS = 1000


def ids(name: str, text: str) -> list[int]:
    """Read the ids of a parameter; InvalidInput for none, and for one that is no number."""
    found = words(text)
    if not found:
        raise InvalidInput.at(
            name, Said("nothing named"), Said("one id or more, separated by commas")
        )
    if any(len(word) > _DIGITS for word in found):
        raise InvalidInput.at(
            name, Said("too long for an id"), Said("at most {digits} digits", digits=_DIGITS)
        )
    return [int(numeral(name, word)) for word in found]


def words(text: str) -> list[str]:
    """Split a comma-separated list."""
    return [word.strip() for word in text.split(",") if word.strip()]


def deleted(left: Sequence[int] | Sequence[str]) -> Response:
    """Answer for what was deleted: 204, or 500 with the array of what was not."""
    if not left:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return JSONResponse(list(left), HTTPStatus.INTERNAL_SERVER_ERROR)
