"""Webhooks and mails in the administration: added, tried, changed, and what became of them."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from cxport.domain.notice import DeliveryState, Event, Kind
from cxport.services.labels import LANGUAGES, labels
from tests.console.installation import Console, Person
from tests.console.test_administration import ADMIN, secrets_of, sent

URL = "https://receiver.example/hook?key=topsecret"


def added(client: TestClient) -> str:
    """Add a webhook and give the path of its page."""
    page = sent(client, "notice", kind="webhook", address=URL, events=["run.failed"])
    found = re.search(rf'href="{ADMIN}/(notices/[^"]+)"', page.text)
    assert found is not None
    return found[1]


def test_a_webhook_from_beginning_to_end(served: Console, ann: Person) -> None:
    """Added with a secret that is shown once, given another one, changed, and removed."""
    client = served.signed_in(ann)
    assert "Nobody is told yet." in client.get(f"{ADMIN}/notices").text
    made = sent(client, "notice", kind="webhook", address=URL, events=["run.failed"])
    (secret,) = secrets_of(made)
    (path,) = set(re.findall(rf'href="{ADMIN}/(notices/[^"]+)"', made.text))
    page = client.get(f"{ADMIN}/{path}").text
    assert secret not in page
    assert "topsecret" not in page + client.get(f"{ADMIN}/notices").text

    (fresh,) = secrets_of(sent(client, f"{path}/rotate"))
    assert fresh != secret
    assert "signs, too, until" in client.get(f"{ADMIN}/{path}").text
    events = ["run.completed", "run.failed"]
    assert sent(client, f"{path}/change", events=events, active="true").status_code == 303
    changed = client.get(f"{ADMIN}/{path}").text
    assert len(re.findall(r'name="events" value="[^"]+" checked', changed)) == 2
    sent(client, f"{path}/change", events=events)
    assert "Switched off" in client.get(f"{ADMIN}/notices").text

    assert "nothing more?" in sent(client, f"{path}/remove").text
    assert sent(client, f"{path}/remove", confirmed="true").status_code == 303
    assert client.get(f"{ADMIN}/{path}").status_code == 404


def test_a_test_event_is_listed_and_sent_again(served: Console, ann: Person) -> None:
    """The log says where each delivery stands; filters stand in the address."""
    client = served.signed_in(ann)
    path = added(client)
    assert sent(client, f"{path}/test").status_code == 303
    page = client.get(f"{ADMIN}/{path}?state=waiting").text
    assert "Waiting" in page
    (replay,) = re.findall(rf'action="{ADMIN}/({path}/deliveries/[^"]+)"', page)
    assert sent(client, replay).status_code == 303
    assert "It is sent again." in client.get(f"{ADMIN}/{path}").text

    assert "Nothing fits" in client.get(f"{ADMIN}/{path}?state=givenUp").text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"address": "http://127.0.0.1/", "events": "run.failed"}, "address"),
        ({"address": "nonsense", "events": "run.failed"}, "address"),
        ({"address": "nobody", "kind": "mail", "events": "run.failed"}, "address"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    served: Console, ann: Person, form: dict[str, str], field: str
) -> None:
    """Beside its field; nothing is added."""
    client = served.signed_in(ann)
    page = sent(client, "notice", **form)

    assert page.status_code == 400
    assert re.search(rf'invalid-feedback" id="{field}-says">\S', page.text)
    assert f'value="{form["address"]}"' in page.text
    assert len(re.findall(r'name="events" value="[^"]+" checked', page.text)) == 1
    assert "Nobody is told yet." in client.get(f"{ADMIN}/notices").text


def test_none_of_the_events_is_refused(served: Console, ann: Person) -> None:
    """Adding and changing alike."""
    client = served.signed_in(ann)
    assert sent(client, "notice", address=URL).status_code == 400
    path = added(client)
    refused = sent(client, f"{path}/change", address="https://other.example/", active="true")

    assert refused.status_code == 400
    assert 'value="https://other.example/"' in refused.text


def test_a_mail_has_no_secret(served: Console, ann: Person) -> None:
    """It is added at once, in the language that was chosen."""
    client = served.signed_in(ann)
    form = {"kind": "mail", "address": "ops@example.org", "events": "run.failed", "language": "de"}
    answer = sent(client, "notice", **form)
    page = client.get(answer.headers["location"]).text

    assert "ops@example.org" in page
    assert '<option value="de" selected>' in page
    assert "Make a new secret" not in page


def test_another_tenants_are_not_there(served: Console, ann: Person) -> None:
    """None of the acts reaches them."""
    client = served.signed_in(served.person())
    path = added(served.signed_in(ann))

    assert client.get(f"{ADMIN}/{path}").status_code == 404
    for act in ("change", "rotate", "test", "remove"):
        assert sent(client, f"{path}/{act}", confirmed="true").status_code == 404, act


def test_every_word_is_there() -> None:
    """Events, kinds and states in every language."""
    for language in LANGUAGES:
        words = labels(language).keys()
        assert {f"event.{event}" for event in Event} <= words
        assert {f"channel.{kind}" for kind in Kind} <= words
        assert {f"delivery.{state}" for state in DeliveryState} <= words
