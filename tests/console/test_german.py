"""Whoever reads German reads no English: not in what a service refused, nor in why a run failed."""

from __future__ import annotations

from fastapi.testclient import TestClient

from cxport.domain.said import Said
from tests.console.installation import Console, Person, token_of


def german(served: Console, person: Person) -> TestClient:
    """Sign somebody in whose browser asks for German."""
    client = served.signed_in(person)
    client.headers["Accept-Language"] = "de"
    return client


def test_a_reason_that_the_store_kept_is_german(served: Console, ann: Person) -> None:
    """On the run's page, the job's and in every list; the API's own stays English."""
    why = Said("the source database does not answer (error {code})", code=2003)
    run = served.failed(ann, "Nachts", why)
    client = german(served, ann)
    paths = ("/", "/jobs", "/history", f"/history/{run.id}", f"/jobs/{run.job_id}")
    pages = [client.get(f"/console{path}").text for path in paths]

    assert run.reason == "the source database does not answer (error 2003)"
    for page in pages:
        assert "die Quelldatenbank antwortet nicht (Fehler 2003)" in page
        assert "does not answer" not in page


def test_a_refusal_is_german_with_the_status_in_it(served: Console, ann: Person) -> None:
    """The notice after many were acted on says of each why not."""
    run = served.failed(ann, "Nachts", Said("it never comes"))
    client = german(served, ann)
    form = {"token": token_of(client.get("/console/jobs")), "ids": [run.job_id]}
    client.post("/console/jobs/suspend", data={**form, "back": "/console/jobs"})

    said = "Nachts: kann nicht angehalten werden: Der Status ist „Fehlgeschlagen“"
    assert said in client.get("/console/jobs").text


def test_what_is_wrong_with_a_field_is_german(served: Console, ann: Person) -> None:
    """Beside it, with what would be right; and what a certificate file lacks."""
    client = german(served, ann)
    new = "/console/administration/user"
    user = client.post(new, data={"token": token_of(client.get(new)), "name": "!"}).text
    at = "/console/certificate"
    file = {"file": ("a.pem", b"no certificate")}
    refused = client.post(at, data={"token": token_of(client.get(at))}, files=file).text

    assert "kein Name (1 bis 64 Buchstaben" in user
    assert "die Datei ist kein X.509-Zertifikat" in refused
