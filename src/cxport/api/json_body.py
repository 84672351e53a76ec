"""JSON bodies, read strictly: what two programs could read differently is refused (RFC 8259)."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from cxport.api.errors import Malformed

_DEEPEST = 32


class StrictRoute(APIRoute):
    """A route whose JSON body has no repeated key, no NaN, no great depth and no odd text."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Hand the request on as one that reads strictly."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strict


class _StrictRequest(Request):
    async def json(self) -> Any:
        return read_json(await self.body())


def read_json(body: bytes) -> Any:
    """Read a JSON text in UTF-8, or raise the exception that answers 400."""
    try:
        found = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON, or not in UTF-8") from error
    _check(found)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("the body's JSON has the same key twice in one object")
    return found


def _no_number(_: str) -> NoReturn:
    raise Malformed("the body's JSON has a number that is none: NaN or Infinity")


def _check(found: Any) -> None:
    """Refuse depth and text that no database holds, without recursion."""
    level = [found]
    for _ in range(_DEEPEST):
        for value in level:
            _check_text(value)
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise Malformed(f"the body's JSON is nested more than {_DEEPEST} levels deep")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def _check_text(value: Any) -> None:
    if isinstance(value, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
        raise Malformed("the body's JSON has a text with NUL or half a character")
