"""Whatever is sent: an answer in the contract's statuses and shapes, never a 5xx."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.installation import Account, Installation, error_of, job_body

TEXT = st.text(max_size=20) | st.sampled_from(["\0", "\ud800", "\u202e", "%", "_", "'", "9" * 30])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    [
        *("source", "type", "title", "description", "suspended", "another"),
        *("timeFrame", "timeFrame__all", "timeFrame__dateFrom", "timeFrame__dateTo"),
        *("schedulerParam", "schedulerParam__cron", "schedulerParam__startDate"),
        *("jobParams", "jobParams__media", "jobParams__type", "jobParams__fileSplitSize"),
        *("jobParams__entities", "jobParams__profile", "jobParams__format", "jobParams__filter"),
    ]
)
PARAMETERS = st.sampled_from(
    [
        *("descAsc", "orderField", "from", "size", "bgUpdate", "title", "source", "type"),
        *("status", "jobId", "fileName", "suspend", "scheduleType", "historyId", "name"),
        *("jobTitle", "startDate", "endDate", "dataType", "x-api-key"),
    ]
)
PATHS = st.sampled_from(
    [
        *("/export/jobs", "/export/history", "/file-metadatas", "/export/jobs/1"),
        *("/data/sources", "/data/types", "/data/sub-types", "/export/history/1/progress"),
    ]
)
PRINTED = {200, 202, 204, 400, 401, 403, 404}


@pytest.fixture(scope="session")
def lasting(installation: Installation, certificate: bytes) -> Account:
    """Give a tenant for all examples."""
    found = installation.new_tenant()
    found.upload(certificate)
    found.create_job()
    return found


@settings(max_examples=100, deadline=None)
@given(path=PATHS, query=st.dictionaries(PARAMETERS, TEXT.filter(str.isprintable), max_size=4))
def test_no_query_breaks_a_list(lasting: Account, path: str, query: dict[str, str]) -> None:
    """Any text in any parameter of any list."""
    answer = lasting.get(path, params=query)
    assert answer.status_code in PRINTED
    if answer.status_code >= 400:
        error_of(answer, answer.status_code)


@settings(max_examples=150, deadline=None)
@given(changed=st.dictionaries(FIELDS, JSON, min_size=1, max_size=2))
def test_no_body_breaks_a_job(lasting: Account, changed: dict[str, Any]) -> None:
    """Any JSON in any field: a job, or a refusal that names a field."""
    try:
        body = job_body(**changed)
    except (TypeError, KeyError):
        return  # one change has replaced the place of the other
    headers = {"Content-Type": "application/json"}
    answer = lasting.call("POST", "/export/jobs", content=json.dumps(body), headers=headers)
    assert answer.status_code in PRINTED
    if answer.status_code != 202:
        assert error_of(answer, 400)["detail"]["field"]


@settings(max_examples=50, deadline=None)
@given(name=st.text(min_size=1, max_size=30, alphabet=st.characters(codec="utf-8")))
def test_no_name_breaks_a_path(lasting: Account, name: str) -> None:
    """Any name of a file or a link, or an id."""
    quoted = quote(name, safe="")
    assert lasting.get(f"/files/{quoted}").status_code == 404
    for path in ("/export/jobs/", "/export/history/"):
        answer = lasting.get(f"{path}{quoted}")
        assert answer.status_code in PRINTED
    answer = lasting.installation.client.get(f"/links/{quoted}/{quoted}")
    assert answer.status_code in {404, 405}
