"""What is served is what the contract prints: operation by operation, answer by answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.installation import Account, Installation, error_of

_COPY = Path("tests/contract/udm-openapi.json")
_SHARED = Path("../shared/contract/udm-openapi.json")
VERSIONS = ("v10", "v4", "v3")
METHODS = ("get", "post", "put", "delete")
#: Answered where they are true, though the reference does not print them.
_OURS = {"400", "401", "403", "404", "413", "429", "503"}
#: The array of what a bulk delete could not delete.
_BULK = "500"
#: Its own usage line leaves it out, so nobody need send it.
_OPTIONAL = {("put", "/udm/v4/export/jobs/{id}", "type")}
CONTRACT: dict[str, Any] = json.loads(_COPY.read_text())

Document = dict[str, Any]


@pytest.fixture(scope="session")
def documents(installation: Installation) -> dict[str, Document]:
    """Give the documents that are served."""
    return {
        version: installation.client.get(f"/udm/{version}/openapi.json").json()
        for version in VERSIONS
    }


def operations(document: Document) -> list[tuple[str, str, dict[str, Any]]]:
    """Give path, method and description of each operation."""
    return [
        (path, method, operation)
        for path, found in document["paths"].items()
        for method, operation in found.items()
    ]


PRINTED = operations(CONTRACT)


def _served(documents: dict[str, Document], path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = documents[path.split("/")[2]]["paths"][path][method]
    return found


def _resolved(document: Document, schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def missing(
    printed: dict[str, Any], served: dict[str, Any], document: Document, place: str = ""
) -> list[str]:
    """Name what a printed schema holds and the served one does not."""
    printed, served = _resolved(CONTRACT, printed), _resolved(document, served)
    if "anyOf" in served:
        return min((missing(printed, one, document, place) for one in served["anyOf"]), key=len)
    if "type" in printed and printed["type"] != served.get("type"):
        return [f"{place}: {printed['type']}, not {served.get('type')}"]
    if "items" in printed:
        return missing(printed["items"], served["items"], document, f"{place}[]")
    found: list[str] = []
    for name, schema in printed.get("properties", {}).items():
        if name not in served.get("properties", {}):
            found.append(f"{place}.{name}")
        else:
            found += missing(schema, served["properties"][name], document, f"{place}.{name}")
    return found


def _content(answer: dict[str, Any]) -> dict[str, Any] | None:
    schemas = [one["schema"] for one in answer.get("content", {}).values() if "schema" in one]
    return schemas[0] if schemas else None


def _parameters(operation: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Give the parameters but the two headers, which are security schemes with us."""
    return {
        (one["name"], one["in"]): one
        for one in operation.get("parameters", [])
        if one["name"] != "Authorization" and (one["name"], one["in"]) != ("x-api-key", "header")
    }


def test_the_copy_is_the_contract() -> None:
    """The copy in this repository differs in nothing, where the original is at hand."""
    if _SHARED.exists():
        assert json.loads(_SHARED.read_text()) == CONTRACT
    assert len(PRINTED) == 54


def test_the_operations_are_the_contracts(documents: dict[str, Document]) -> None:
    """Every one is served, and none is added under `/udm`."""
    served = {(path, method) for one in documents.values() for path, method, _ in operations(one)}
    assert served == {(path, method) for path, method, _ in PRINTED}
    assert all(one["openapi"].startswith("3.1") for one in documents.values())


@pytest.mark.parametrize(
    ("path", "method", "printed"), PRINTED, ids=[f"{method} {path}" for path, method, _ in PRINTED]
)
def test_an_operation_is_served_as_printed(
    documents: dict[str, Document], path: str, method: str, printed: dict[str, Any]
) -> None:
    """Its parameters and their types, its body, each status and each field of the answers."""
    document = documents[path.split("/")[2]]
    served = _served(documents, path, method)

    wanted, taken = _parameters(printed), _parameters(served)
    assert wanted.keys() == taken.keys()
    for key, parameter in wanted.items():
        schema = {"type": parameter["schema"]["type"]}
        assert missing(schema, taken[key]["schema"], document) == []
        assert parameter.get("required", False) == taken[key].get("required", False), key
    assert ("requestBody" in printed) == ("requestBody" in served)
    assert set(printed["responses"]) <= set(served["responses"])
    extra = set(served["responses"]) - set(printed["responses"])
    bulk = {_BULK} if method == "delete" and not path.endswith("}") else set()
    assert extra <= _OURS | bulk
    for status, answer in printed["responses"].items():
        shape = _content(answer)
        if shape:
            ours = _content(served["responses"][status])
            assert ours is not None, status
            assert missing(shape, ours, document) == [], status


@pytest.mark.parametrize(
    ("path", "method", "printed"),
    [
        one
        for one in PRINTED
        if "application/json" in one[2].get("requestBody", {}).get("content", {})
    ],
)
def test_a_body_is_taken_as_printed(
    documents: dict[str, Document], path: str, method: str, printed: dict[str, Any]
) -> None:
    """Each field of the body is taken, and the same ones are required."""
    document = documents[path.split("/")[2]]
    wanted, ours = (
        _content(printed["requestBody"]),
        _content(_served(documents, path, method)["requestBody"]),
    )
    assert wanted
    assert ours

    assert missing(wanted, ours, document) == []
    required = set(_resolved(CONTRACT, wanted)["required"])
    optional = {name for verb, at, name in _OPTIONAL if (verb, at) == (method, path)}
    assert set(_resolved(document, ours)["required"]) == required - optional


def test_a_difference_is_found() -> None:
    """The comparison sees a field that is missing, one of another type, and one further inside."""
    printed = {"type": "object", "properties": {"a": {"type": "string"}}}
    wrong = {"type": "object", "properties": {"a": {"type": "integer"}}}
    inside = {"type": "array", "items": printed}

    assert missing(printed, {"type": "object", "properties": {}}, {}) == [".a"]
    assert missing(printed, wrong, {}) == [".a: string, not integer"]
    assert missing(inside, {"type": "array", "items": wrong}, {}) == ["[].a: string, not integer"]
    assert missing(printed, printed, {}) == []


def test_sign_in_is_documented(documents: dict[str, Document]) -> None:
    """Every operation but version and labels says that it takes a token and may take a key."""
    for document in documents.values():
        schemes = document["components"]["securitySchemes"]
        assert schemes["apiKey"]["name"] == "x-api-key"
        assert schemes["bearer"]["scheme"] == "bearer"
        for path, method, operation in operations(document):
            security = {name for one in operation.get("security", []) for name in one}
            is_open = path.endswith(("/version", "/labels"))
            assert security == (set() if is_open else {"apiKey", "bearer"}), (path, method)


def test_old_versions_are_marked(documents: dict[str, Document]) -> None:
    """Their operations are deprecated in the documents, those of version 10 are not."""
    for version, document in documents.items():
        marks = {operation.get("deprecated", False) for _, _, operation in operations(document)}
        assert marks == {version != "v10"}


def test_every_json_body_is_read_strictly(
    documents: dict[str, Document], bare: Account, installation: Installation
) -> None:
    """No operation that takes JSON has been left to the framework's lenient reader."""
    taking = [
        (path, method)
        for document in documents.values()
        for path, method, operation in operations(document)
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    assert len(taking) == 4
    for path, method in taking:
        answer = installation.client.request(
            method.upper(),
            path.replace("{id}", "1"),
            content=b'{"x": NaN}',
            headers={**bare.headers, "Content-Type": "application/json"},
        )
        assert "NaN" in error_of(answer, 400)["message"], (path, method)
