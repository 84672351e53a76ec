"""What is served is what the contract prints: operation by operation, answer by answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.installation import V10, Account, Installation, error_of

_COPY = Path("tests/contract/udm-openapi.json")
_SHARED = Path("../shared/contract/udm-openapi.json")
#: Answered where they are true, though the reference does not print them.
_OURS = {"400", "401", "403", "404", "413", "429", "503"}
CONTRACT: dict[str, Any] = json.loads(_COPY.read_text())


@pytest.fixture(scope="session")
def document(installation: Installation) -> dict[str, Any]:
    """Give the document that is served."""
    found: dict[str, Any] = installation.client.get(f"{V10}/openapi.json").json()
    return found


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def _parameters(operation: dict[str, Any]) -> set[tuple[str, str]]:
    """Give the parameters but the two headers, which are security schemes with us."""
    return {
        (one["name"], one["in"])
        for one in operation.get("parameters", [])
        if one["name"] != "Authorization" and (one["name"], one["in"]) != ("x-api-key", "header")
    }


def test_the_copy_is_the_contract() -> None:
    """The copy in this repository differs in nothing, where the original is at hand."""
    if _SHARED.exists():
        assert json.loads(_SHARED.read_text()) == CONTRACT
    assert len(_operations(CONTRACT)) == 54


def test_every_served_operation_is_the_contracts(document: dict[str, Any]) -> None:
    """None is added under `/udm`, and each takes the parameters that are printed, no others."""
    assert document["openapi"].startswith("3.1")
    served = _operations(document)
    assert len(served) == 15
    for path, method, operation in served:
        printed = CONTRACT["paths"][path][method]
        assert _parameters(operation) == _parameters(printed), (path, method)
        assert ("requestBody" in operation) == ("requestBody" in printed), (path, method)


def test_every_printed_answer_is_documented(document: dict[str, Any]) -> None:
    """Each status that is printed, and besides them only those that the README adds."""
    for path, method, operation in _operations(document):
        printed = set(CONTRACT["paths"][path][method]["responses"])
        documented = set(operation["responses"])
        assert printed <= documented, (path, method)
        assert documented - printed <= _OURS, (path, method)


def test_every_printed_field_is_served(document: dict[str, Any]) -> None:
    """The objects have the fields that are printed, of the types that are printed."""
    ours, printed = document["components"]["schemas"], CONTRACT["components"]["schemas"]
    for name in ("CertificateInfo", "JobInfo", "JobProgress", "VersionInfo"):
        assert ours[name]["properties"].keys() == printed[name]["properties"].keys()
        for field, kind in printed[name]["properties"].items():
            served = ours[name]["properties"][field]
            kinds = {served.get("type"), *(one["type"] for one in served.get("anyOf", []))}
            assert kind["type"] in kinds, (name, field)
    for name in ("JobPage", "FilePage"):
        assert ours[name]["properties"].keys() == printed["PagedResponse"]["properties"].keys()


def test_every_printed_body_field_is_taken(document: dict[str, Any]) -> None:
    """The body of a job has the printed fields, the same ones required, and our additions."""
    ours, printed = document["components"]["schemas"], CONTRACT["components"]["schemas"]
    names = {
        "Job": "Job",
        "TimeFrame": "TimeFrame",
        "SchedulerParam": "SchedulerParam",
        "UcsJobParams": "JobParams",
    }
    for name, own in names.items():
        assert printed[name]["properties"].keys() <= ours[own]["properties"].keys()
        assert sorted(printed[name].get("required", [])) == sorted(ours[own].get("required", []))


def test_sign_in_is_documented(document: dict[str, Any]) -> None:
    """Every operation but the version says that it takes a token and may take a key."""
    schemes = document["components"]["securitySchemes"]
    assert schemes["apiKey"]["name"] == "x-api-key"
    assert schemes["bearer"]["scheme"] == "bearer"
    for path, method, operation in _operations(document):
        security = {name for one in operation.get("security", []) for name in one}
        expected = set() if path.endswith("/version") else {"apiKey", "bearer"}
        assert security == expected, (path, method)


def test_every_json_body_is_read_strictly(document: dict[str, Any], bare: Account) -> None:
    """No operation that takes JSON has been left to the framework's lenient reader."""
    taking = [
        (path, method)
        for path, method, operation in _operations(document)
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    assert taking
    for path, method in taking:
        answer = bare.call(
            method.upper(),
            path.removeprefix(V10).replace("{id}", "1"),
            content=b'{"x": NaN}',
            headers={"Content-Type": "application/json"},
        )
        assert "NaN" in error_of(answer, 400)["message"], (path, method)
