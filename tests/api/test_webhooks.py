"""Subscriptions over the API: made, shown without their secrets, changed, tried, replayed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import pytest

from cxport.services import ServiceSettings
from tests.api.installation import PUBLIC_URL, Account, Installation, error_of

URL = "https://receiver.example/hook?token=canary"


def call(account: Account, method: str, path: str = "", **given: Any) -> httpx2.Response:
    """Call an operation of subscriptions."""
    url = f"/cxport/v1/webhooks{path}"
    return account.installation.client.request(method, url, headers=account.headers, **given)


def subscribe(account: Account, **changed: Any) -> dict[str, Any]:
    """Subscribe to everything."""
    answer = call(account, "POST", json={"url": URL, **changed})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_secret_is_shown_once(bare: Account) -> None:
    """When it is made and when it is replaced; and a URL never with its query."""
    made = subscribe(bare)
    assert made["secret"].startswith("whsec_")
    assert made["url"] == "https://receiver.example/hook"

    rotated = call(bare, "POST", f"/{made['id']}/rotate").json()
    assert rotated["secret"] != made["secret"]
    shown = call(bare, "GET").text + call(bare, "GET", f"/{made['id']}").text
    for secret in ("canary", made["secret"], rotated["secret"], "whsec_"):
        assert secret not in shown


def test_what_a_subscription_is_can_be_changed(bare: Account) -> None:
    """What is not named stays."""
    made = subscribe(bare, events=["run.failed"])
    assert made["events"] == ["run.failed"]

    changed = call(bare, "PUT", f"/{made['id']}", json={"active": False}).json()
    assert (changed["active"], changed["events"]) == (False, ["run.failed"])
    body = {"url": "https://other.example/", "events": ["run.completed", "run.failed"]}
    changed = call(bare, "PUT", f"/{made['id']}", json=body).json()
    assert changed["url"] == "https://other.example/"
    assert changed["events"] == ["run.completed", "run.failed"]
    assert changed["active"] is False

    assert call(bare, "DELETE", f"/{made['id']}").status_code == 204
    error_of(call(bare, "GET", f"/{made['id']}"), 404)
    assert call(bare, "GET").json() == {"items": []}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": "http://receiver.example/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": None}, "url"),
        ({"events": []}, "events"),
        ({"events": ["nonsense"]}, "events"),
        ({"events": ["test"]}, "events"),
        ({"language": "fr"}, "language"),
        ({"kind": "pigeon"}, "kind"),
        ({"kind": "mail", "recipients": "ann@company.example"}, "kind"),
        ({"secret": "whsec_mine"}, "secret"),
        ({"active": "yes"}, "active"),
    ],
)
def test_what_will_not_do_is_refused(bare: Account, changed: dict[str, Any], field: str) -> None:
    """Naming the field; mail only where a server is set up."""
    inside = error_of(call(bare, "POST", json={"url": URL, **changed}), 400)

    assert inside["detail"]["field"] == field


def test_a_test_event_is_delivered_and_replayed(bare: Account) -> None:
    """Both stand in the log of deliveries, under one message id."""
    made = subscribe(bare, events=["run.failed"])
    delivery = call(bare, "POST", f"/{made['id']}/test").json()["delivery"]

    page = call(bare, "GET", f"/{made['id']}/deliveries").json()
    assert page["count"] == 1
    (one,) = page["items"]
    assert (one["id"], one["event"], one["state"]) == (delivery, "test", "waiting")
    assert one["messageId"].startswith("msg_")

    answer = call(bare, "POST", f"/{made['id']}/deliveries/{delivery}/replay")
    assert (answer.status_code, answer.json()) == (202, {"delivery": delivery})
    error_of(call(bare, "POST", f"/{made['id']}/deliveries/{made['id']}/replay"), 404)


def test_a_run_that_ends_is_in_the_log(tenant: Account) -> None:
    """With the ids that the other operations know, and without its title."""
    made = subscribe(tenant)
    run, _ = tenant.finished_run(b"sealed", title="canary of a title")

    (one,) = call(tenant, "GET", f"/{made['id']}/deliveries").json()["items"]
    assert one["event"] == "run.completed"
    assert f'"runId":{run.id},"jobId":{run.job_id},' in one["body"]
    assert "canary" not in one["body"]


def test_another_tenants_subscription_is_as_unknown(
    bare: Account, installation: Installation
) -> None:
    """In every operation."""
    made, other = subscribe(bare), installation.new_tenant()
    paths = [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/rotate"),
        ("POST", "/test"),
        ("GET", "/deliveries"),
        ("POST", f"/deliveries/{made['id']}/replay"),
    ]
    for method, path in paths:
        body: dict[str, Any] = {"json": {"active": False}} if method == "PUT" else {}
        known = call(other, method, f"/{made['id']}{path}", **body)
        unknown = call(other, method, f"/{'0' * 36}{path}", **body)
        assert known.status_code == unknown.status_code == 404
        assert known.content == unknown.content

    assert call(bare, "GET", f"/{made['id']}").json()["active"] is True


def test_mail_needs_a_server_and_addresses(
    install: Callable[..., AbstractContextManager[Installation]],
) -> None:
    """With one, recipients are checked and shown; mails have no secret."""
    settings = ServiceSettings(public_url=PUBLIC_URL, mail=True)
    with install(settings=settings) as found:
        account = found.new_tenant()
        body = {"kind": "mail", "recipients": "ann@company.example", "language": "de"}
        made = call(account, "POST", json=body).json()
        assert (made["recipients"], made["secret"]) == ("ann@company.example", "")
        error_of(call(account, "POST", f"/{made['id']}/rotate"), 400)
        bad = {**body, "recipients": "ann@company.example\r\nBcc: eve@evil.example"}
        error_of(call(account, "POST", json=bad), 400)


def test_acts_on_subscriptions_are_on_record(bare: Account) -> None:
    """One entry each, naming the subscription, or the delivery that is replayed."""
    made = subscribe(bare)["id"]
    call(bare, "PUT", f"/{made}", json={"active": True})
    call(bare, "POST", f"/{made}/rotate")
    delivery = call(bare, "POST", f"/{made}/test").json()["delivery"]
    call(bare, "POST", f"/{made}/deliveries/{delivery}/replay")
    call(bare, "DELETE", f"/{made}")

    listed = bare.installation.client.get("/cxport/v1/audit", headers=bare.headers).json()
    assert [(one["act"], one["object"]) for one in listed["items"][-6:]] == [
        ("webhook.create", made),
        ("webhook.update", made),
        ("webhook.rotate", made),
        ("webhook.test", made),
        ("webhook.replay", delivery),
        ("webhook.delete", made),
    ]
