"""Whatever is sent to any operation of any version: a documented answer in its documented shape.

Alone, and one after the other, where ids and names of answers go into the next request.

The only 5xx is the 500 of the bulk deletes, whose body is an array of what the request named.
CXPORT_FUZZ_EXAMPLES makes a longer run of it.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cxport.domain.tenant import Caller
from cxport.services.job_request import JobRequest
from cxport.services.jobs import Jobs, JobState
from tests.api.installation import Account, Installation, job_body
from tests.api.test_contract import PRINTED, operations

EXAMPLES = int(os.environ.get("CXPORT_FUZZ_EXAMPLES", "50"))
#: Requests of a sequence.
STEPS = 12
#: The same draws in every run, on every machine: what fails once fails again.
DRAWN = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="session")
def lasting(installation: Installation, certificate: bytes) -> Account:
    """Give a tenant with something of everything."""
    found = installation.new_tenant()
    found.upload(certificate)
    for _ in range(3):
        found.create_job()
        found.finished_run(b"sealed")
    return found


@pytest.fixture(scope="session")
def schemas(installation: Installation) -> dict[str, Any]:
    """Give the documents as they are served, each bound to the application."""
    app = installation.client.app
    return {
        version: schemathesis.openapi.from_asgi(f"/udm/{version}/openapi.json", app)
        for version in ("v10", "v4", "v3")
    }


def _named(case: schemathesis.Case[Any]) -> set[str]:
    """Give what a bulk delete names, as its answer would."""
    words = [word for value in (case.query or {}).values() for word in str(value).split(",")]
    return {word.strip().lstrip("0") or "0" for word in words} | {word.strip() for word in words}


@pytest.mark.parametrize(
    ("path", "method"), [one[:2] for one in PRINTED], ids=[f"{m} {p}" for p, m, _ in PRINTED]
)
def test_every_answer_is_documented(
    schemas: dict[str, Any], lasting: Account, path: str, method: str
) -> None:
    """Status, content type and shape are those of the operation's own description."""
    operation = schemas[path.split("/")[2]][path][method.upper()]
    bulk = method == "delete" and not path.endswith("}")

    @DRAWN
    @given(
        case=operation.as_strategy(),
        signed_in=st.sampled_from([True, True, True, False]),
        item=st.sampled_from(["", "", "1", "2", "4", "5", "7", "99"]),
    )
    def ask(case: schemathesis.Case[Any], *, signed_in: bool, item: str) -> None:
        if item and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = item
        if item and "jobIDs" in (case.query or {}):
            case.query["jobIDs"] = f"{item},1"
        response = case.call(headers=lasting.headers if signed_in else {}, allow_redirects=False)
        _check(case, response, bulk=bulk)

    ask()


def _check(case: schemathesis.Case[Any], response: Any, *, bulk: bool) -> None:
    """Hold an answer to its description; a 500 is only a bulk delete's, of what it named."""
    refused = bulk and response.status_code == 500
    case.validate_response(response, checks=CHECKS if refused else [*CHECKS, not_a_server_error])
    if refused:
        left = response.json()
        assert left
        assert {str(one) for one in left} <= _named(case)


@pytest.mark.parametrize("version", ["v10", "v4", "v3"])
def test_every_answer_in_a_sequence_is_documented(
    schemas: dict[str, Any], installation: Installation, certificate: bytes, version: str
) -> None:
    """What a job, run or file becomes by one request is answered by the next as documented.

    Each sequence begins with a tenant that has runs that have ended, and adds and removes.
    """
    asked = _sequences(schemas[version], installation, certificate)

    linked = _linked(installation.client.get(f"/udm/{version}/openapi.json").json())
    assert {(method, path) for method, path, _ in asked} >= linked
    if version != "v3":
        ids = {(method, path) for method, path in linked if path.endswith("/jobs/{id}")}
        assert {(m, p) for m, p, status in asked if status < 300} >= ids


def test_a_defect_behind_two_requests_is_found(
    schemas: dict[str, Any],
    installation: Installation,
    certificate: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only a job that an earlier request of the sequence made can be changed: the draws do so."""
    update = Jobs.update

    def planted(self: Jobs, caller: Caller, job_id: int, request: JobRequest) -> JobState:
        update(self, caller, job_id, request)
        raise KeyError(job_id)

    monkeypatch.setattr(Jobs, "update", planted)
    # found is enough: to make it smaller takes long
    drawn = settings(DRAWN, phases=[Phase.generate])
    with pytest.raises(FailureGroup, match="Server error"):
        _sequences(schemas["v10"], installation, certificate, drawn)


def _sequences(
    schema: Any, installation: Installation, certificate: bytes, drawn: settings = DRAWN
) -> set[tuple[str, str, int]]:
    """Ask the same drawn sequences in every run; give what was asked and answered."""
    asked: set[tuple[str, str, int]] = set()

    class Sequence(schema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.account = installation.new_tenant()
            self.account.upload(certificate)
            self.account.finished_run(b"sealed", b"more")
            self.calls = 0

        def before_call(self, case: schemathesis.Case[Any]) -> None:
            self.calls += 1
            if self.calls % 3:
                _make_right(case)

        def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
            del case
            return {"headers": self.account.headers, "allow_redirects": False}

        def validate_response(
            self, response: Any, case: schemathesis.Case[Any], **given: Any
        ) -> None:
            del given
            asked.add((case.method.lower(), case.path, response.status_code))
            path: str = case.path
            _check(case, response, bulk=case.method == "DELETE" and not path.endswith("}"))

    run_state_machine_as_test(Sequence, settings=settings(drawn, stateful_step_count=STEPS))
    return asked


def _make_right(case: schemathesis.Case[Any]) -> None:
    """Let a list name everything, and a job be one that can be made: others are mostly refused."""
    if case.method == "GET" and not {"filename"} & set(case.query or {}):
        case.query = {}
    if case.body and case.method in {"POST", "PUT"} and "/export/jobs" in case.path:
        case.body = {**job_body(), "suspended": "false" if "/v4/" in case.path else False}


def _linked(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Give every operation that an answer leads to."""
    links = [
        link["operationId"]
        for _, _, operation in operations(document)
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    found = {(m, p) for p, m, one in operations(document) if one["operationId"] in links}
    assert len(found) >= 4
    return found
