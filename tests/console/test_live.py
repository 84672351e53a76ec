"""What a page is told while somebody looks at it, and what it asks for by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from cxport.domain.access import Role
from cxport.domain.catalogue import Family
from tests.console.browsers import serving
from tests.console.installation import HOSTILE, Console, Person
from tests.servers import free_port


@contextmanager
def told(served: Console, person: Person) -> Iterator[Iterator[tuple[str, dict[str, object]]]]:
    """Give the events that somebody's page is sent, by name, over a real connection."""
    client, port = served.signed_in(person), free_port()
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = {"Cookie": cookies, "Accept-Language": "en"}
    with (
        serving(served.app, port),
        httpx2.Client(timeout=20) as http,
        http.stream("GET", f"http://127.0.0.1:{port}/console/live", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        yield events(answer.iter_lines())


def events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, object]]]:
    """Read server-sent events."""
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_a_page_is_told_of_runs_as_it_draws_them(served: Console, ann: Person) -> None:
    """First those that go on, then each change; what is in the data is text."""
    run = served.planned(served.begun(ann, "Going"), 1)
    with told(served, ann) as found:
        name, first = next(event for event in found if event[0] == "run")
        served.read(run, 420)
        second = next(event for _, event in found if "42" in str(event.get("state")))
        served.failed(ann, "Broken", HOSTILE)
        third = next(event for _, event in found if "Failed" in str(event.get("state")))

    assert (name, first["id"]) == ("run", run.id)
    assert "In Progress" in str(first["state"])
    assert '<progress value="42"' in str(second["state"])
    assert "420 of about 1,000 rows read" in str(second["pace"])
    assert "&lt;script&gt;" in str(third["state"])
    assert "<script" not in str(third)


def test_nobody_is_told_of_what_they_may_not_see(served: Console, ann: Person) -> None:
    """Neither another tenant's runs nor those of another family."""
    tables = served.person(Role.DATASYNC_EXPORTER, tenant=ann.tenant)
    served.begun(ann, "Chats")
    served.begun(served.person(), "Foreign")
    job, _ = served.job(ann, "Tables", family=Family.DATASYNC)
    with told(served, tables) as found:
        name, first = next(found)

    assert (name, first["id"]) == ("job", job)


@pytest.mark.parametrize("path", ["/console/history", "/console/live"])
def test_what_a_page_asks_by_itself_keeps_no_session(
    served: Console, ann: Person, path: str
) -> None:
    """A page that lies open all day ends its session as if it were closed."""
    client = served.signed_in(ann)
    unasked = {"cxport-unasked": "true"}
    for _ in range(2):
        served.clock.advance(minutes=20)
        if path == "/console/history":
            client.get(path, headers=unasked)
    ended = client.get("/console/live" if path == "/console/live" else path, headers=unasked)
    served.clock.advance(minutes=-40)

    assert ended.status_code == 303
    assert ended.headers["location"].startswith("/console/sign-in")


def test_a_part_of_a_page_leads_the_whole_page_to_sign_in(served: Console) -> None:
    """Where the session has ended meanwhile."""
    answer = served.browser().get("/console/history", headers={"HX-Request": "true"})

    assert answer.headers["hx-redirect"] == "/console/sign-in"
