"""OpenAPI links (3.1, section 4.8.20): what an answer names, and which operations take it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Operation = dict[str, Any]

_IDS = frozenset({"id", "jobIDs", "jobId", "historyId"})
_NAMES = frozenset({"filename"})
#: Operation (method, end of its path) and status: where its answer names something, and the
#: parameters that take it.
_NAMED: dict[tuple[str, str], tuple[str, str, frozenset[str]]] = {
    ("post", "/export/jobs"): ("202", "$response.body#/id", _IDS),
    ("get", "/export/jobs"): ("200", "$response.body#/items/0/id", _IDS),
    ("get", "/export/history"): ("200", "$response.body#/items/0/id", _IDS),
    ("get", "/file-metadatas"): ("200", "$response.body#/items/0/name", _NAMES),
}


def add_links(document: dict[str, Any], prefix: str) -> None:
    """Say in a version's document where ids and file names of its answers can be used next."""
    for (method, end), (status, expression, parameters) in _NAMED.items():
        producer = document["paths"].get(prefix + end, {}).get(method)
        if producer is not None:
            producer["responses"][status]["links"] = {
                f"{taker['operationId']}_{name}": {
                    "operationId": taker["operationId"],
                    "parameters": {name: expression},
                }
                for taker, name in _takers(document, parameters)
            }


def _takers(
    document: dict[str, Any], parameters: frozenset[str]
) -> Iterator[tuple[Operation, str]]:
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] in parameters:
                    yield operation, parameter["name"]
