"""`/data/attributes` and `jobParams.filter`: what can be filtered on, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from cxport.domain.catalogue import Entity
from cxport.domain.filter import Filter, Operator
from cxport.store import jobs
from tests.api.installation import Account, error_of


def _filter(**changed: Any) -> dict[str, Any]:
    return {"attribute": "status", "operator": "eq", "value": 3, **changed}


def test_attributes_say_what_can_be_asked(bare: Account) -> None:
    """By entity: those named, in any case, or all; each with its kind and its operators."""
    every = bare.get("/data/attributes").json()
    assert list(every) == [entity.value for entity in Entity]
    some = bare.get("/data/attributes?entities=chat, EMAILIN").json()
    assert some == {name: every[name] for name in ("EmailIn", "Chat")}
    named = {one["name"]: one for one in every["EmailIn"]}
    assert named["mailbox"] == {
        "name": "mailbox",
        "displayName": "Mailbox",
        "type": "text",
        "operators": ["eq", "ne", "in", "contains", "startsWith"],
    }
    assert named["startDate"]["operators"] == ["ge", "lt"]
    assert "text" not in named
    error = error_of(bare.get("/data/attributes?entities=Chat,Fax"), 400)
    assert (error["detail"]["field"], "Fax" in error["message"]) == ("entities", True)


def test_a_job_keeps_its_filters(tenant: Account) -> None:
    """As the catalogue spells them; the run will read by them."""
    asked = [
        _filter(attribute="STATUS", operator="IN", value=[1, 2]),
        _filter(attribute="startDate", operator="ge", value="2026-01-01T02:00:00+02:00"),
        _filter(attribute="mailbox", operator="contains", value="@", comment="x"),
        _filter(attribute="isSpam", value=False),
    ]
    answer = tenant.create_job(jobParams__filter=asked)

    assert answer.status_code == 202
    assert "jobParams.filter.2.comment" in answer.headers["warning"]
    job = jobs.get(tenant.installation.db, tenant.tenant_id, answer.json()["id"])
    assert job.spec.selection().filters == (
        Filter(attribute="status", operator=Operator.IN, values=(1, 2)),
        Filter(
            attribute="startDate",
            operator=Operator.AT_LEAST,
            values=("2026-01-01T00:00:00+00:00",),
        ),
        Filter(attribute="mailbox", operator=Operator.CONTAINS, values=("@",)),
        Filter(attribute="isSpam", operator=Operator.EQUAL, values=(False,)),
    )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"attribute": "colour"}, "attribute"),
        ({"attribute": "text"}, "attribute"),
        ({"attribute": "status\x00"}, ""),
        ({"operator": "like"}, "operator"),
        ({"operator": "contains"}, "operator"),
        ({"value": "3"}, "value"),
        ({"value": True}, "value"),
        ({"value": 3.5}, "value"),
        ({"value": 2**70}, "value"),
        ({"value": None}, "value"),
        ({"value": [3]}, "value"),
        ({"operator": "in"}, "value"),
        ({"operator": "in", "value": []}, "value"),
        ({"operator": "in", "value": list(range(101))}, "value"),
        ({"operator": "in", "value": [1, "2"]}, "value"),
        ({"attribute": "mailbox", "value": ""}, "value"),
        ({"attribute": "mailbox", "value": "x" * 1001}, "value"),
        ({"attribute": "isSpam", "value": 1}, "value"),
        ({"attribute": "startDate", "operator": "ge", "value": "soon"}, "value"),
        ({"attribute": "startDate", "operator": "ge", "value": ""}, "value"),
        ({"attribute": 7}, "attribute"),
    ],
)
def test_a_wrong_filter_is_refused_by_name(
    tenant: Account, changed: dict[str, Any], field: str
) -> None:
    """Its number, and the part that is wrong."""
    asked = [_filter(), _filter(**changed)]
    error = error_of(tenant.create_job(jobParams__filter=asked), 400)
    expected = f"jobParams.filter.1.{field}" if field else "body"
    assert error["detail"]["field"] == expected


def test_an_attribute_must_be_one_of_the_jobs_entities(tenant: Account) -> None:
    """A mailbox is none of a chat, and the refusal lists what there is."""
    wanted = _filter(attribute="mailbox", operator="eq", value="x")
    error = error_of(
        tenant.create_job(jobParams__filter=[wanted], jobParams__entities=["Chat"]), 400
    )
    assert "establishedDate" in error["detail"]["expected"]
    too_many = tenant.create_job(jobParams__filter=[_filter()] * 21)
    assert error_of(too_many, 400)["detail"]["field"] == "jobParams.filter"
