"""Every place in every JSON body, from the documents that are served; and bodies changed there."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from cxport.api import ApiSettings, create_app
from cxport.api.documents import describe
from cxport.services import Services

PREFIXES = ("/udm/v10", "/udm/v4", "/udm/v3", "/cxport/v1")
#: A list's first item, in a place's words.
FIRST = 0


@dataclass(frozen=True)
class Place:
    """A field of an operation's body: the words that lead to it, and the types it takes."""

    method: str
    path: str
    words: tuple[str | int, ...]
    types: frozenset[str]

    def __str__(self) -> str:
        """Name it as a test does."""
        return f"{self.method} {self.path} {'.'.join(map(str, self.words))}"


def documents() -> list[dict[str, Any]]:
    """Give the documents of every API."""
    app = create_app(cast("Services", None), ApiSettings())
    return [describe(app, prefix, "") for prefix in PREFIXES]


def _places(
    document: dict[str, Any], schema: dict[str, Any], words: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], frozenset[str]]]:
    kinds = _kinds(document, schema)
    yield words, frozenset(str(kind.get("type", "any")) for kind in kinds)
    for kind in kinds:
        for name, inner in kind.get("properties", {}).items():
            yield from _places(document, inner, (*words, name))
        if "items" in kind:
            yield from _places(document, kind["items"], (*words, FIRST))


def _kinds(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _kinds(document, document["components"]["schemas"][name])
    if "anyOf" in schema:
        return [kind for one in schema["anyOf"] for kind in _kinds(document, one)]
    return [schema]


def every_place() -> list[Place]:
    """Give the body itself and each field in it, of every operation that takes JSON."""
    return [
        Place(method, path, words, types)
        for document in documents()
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if (content := operation.get("requestBody", {}).get("content", {}).get("application/json"))
        for words, types in _places(document, content["schema"], ())
    ]


PLACES = every_place()
#: The operations that take JSON, by method and path.
TAKING = sorted({(one.method, one.path) for one in PLACES})


def changed(body: Any, words: tuple[str | int, ...], value: Any) -> Any:
    """Put a value in a place of a body; what leads there is made where it is not."""
    if not words:
        return value
    first, *rest = words
    inside = copy.deepcopy(body)
    if isinstance(first, int):
        there = inside[first] if isinstance(inside, list) and inside else None
        return [changed(there, tuple(rest), value)]
    inside = inside if isinstance(inside, dict) else {}
    inside[first] = changed(inside.get(first), tuple(rest), value)
    return inside


def at(body: Any, words: tuple[str | int, ...]) -> Any:
    """Give what stands in a place, or None."""
    for word in words:
        try:
            body = body[word]
        except (KeyError, IndexError, TypeError):
            return None
    return body
