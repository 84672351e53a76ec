"""Several objects at once, named in one parameter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxport.client.errors import ClientError
from cxport.client.service import Service, read_json, refusal
from cxport.client.shapes import Object

#: Names in one request: more would make an address that some proxies do not take.
_AT_ONCE = 50
_LEFT = 500


def delete_all(service: Service, path: str, parameter: str, names: Sequence[str]) -> list[object]:
    """Delete what is named; give what could not be deleted, as the service names it."""
    left: list[object] = []
    for some in _some(names):
        named = {parameter: ",".join(some)}
        answer = service.request("DELETE", path, params=named, besides=_LEFT)
        found = read_json(answer) if answer.status_code == _LEFT else None
        if isinstance(found, list):
            left += found
        elif answer.is_error:
            raise refusal(answer)
    return left


def links(service: Service, names: Sequence[str]) -> dict[str, str]:
    """Give a link to each file, by name; ClientError with status 404 where one is missing."""
    found: dict[str, str] = {}
    for some in _some(names):
        answer = service.ask("/files", {"filename": ",".join(some)})
        told = answer if isinstance(answer, list) else [answer]
        paths = [Object(one, "PreSignedUri").text("path") for one in told]
        if len(paths) != len(some):
            raise ClientError("the service gave another number of links", status=200)
        found |= dict(zip(some, paths, strict=True))
    return found


def _some(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _AT_ONCE):
        yield names[start : start + _AT_ONCE]
