"""Signing in: tokens are fetched, kept, renewed; secrets stay out of sight."""

from __future__ import annotations

import pytest

from cxport.client import Client, ClientError, ClientSecret, Password
from tests.client.scripted import TOKEN, Answer, Scripted, as_json, token
from tests.client.served import Served

JOB = {
    "id": 1,
    "status": "Completed",
    "fileSize": 0,
    "progress": 100,
    "exportAttachments": False,
    "parentId": None,
}


def test_a_client_signs_in_by_its_secret(client: Client) -> None:
    """Client credentials are exchanged for a token that the service takes."""
    client.sign_in()

    assert client.certificate().ccid == "default"


def test_a_person_signs_in_by_a_password(served: Served) -> None:
    """The password grant works, through the client that the tenant has."""
    known = served.service.credentials
    credentials = Password(
        known["username"], known["password"], known["client_id"], known["client_secret"]
    )
    with Client(served.url, api_key=known["api_key"], credentials=credentials) as client:
        assert client.certificate().ccid == known["tenant"]


def test_wrong_credentials_are_refused_without_showing_them(served: Served) -> None:
    """A wrong secret is a 401 whose words, detail and representation do not hold the secret."""
    known = served.service.credentials
    credentials = ClientSecret(known["client_id"], "not-the-secret")
    with (
        Client(served.url, api_key=known["api_key"], credentials=credentials) as client,
        pytest.raises(ClientError) as refused,
    ):
        client.sign_in()

    assert refused.value.status == 401
    assert not refused.value.transient
    shown = f"{refused.value!r} {refused.value} {refused.value.detail} {credentials!r}"
    assert "not-the-secret" not in shown


def test_secrets_do_not_show_in_representations() -> None:
    """Neither a secret nor a password is part of what a log would show of the credentials."""
    shown = f"{ClientSecret('id', 'hidden')!r} {Password('user', 'hidden', 'id', 'hidden')!r}"

    assert "hidden" not in shown


def test_a_token_that_is_no_longer_taken_is_renewed_once() -> None:
    """On a 401 the client asks for a new token, by the refresh token, and repeats the request."""
    forms: list[str] = []

    def sign_in(given: dict[str, str]) -> Answer:
        forms.append(given["body"])
        return token(f"token-{len(forms)}")

    def job(given: dict[str, str]) -> Answer:
        return as_json(JOB) if given["Authorization"] == "Bearer token-2" else as_json({}, 401)

    script = {TOKEN: sign_in, "/udm/v10/export/jobs/1": job}
    with Scripted(script) as server, server.client() as client:
        assert client.job(1).status == "Completed"

    assert "grant_type=client_credentials" in forms[0]
    assert "grant_type=refresh_token&refresh_token=r-token-1" in forms[1]


def test_a_refresh_token_that_is_refused_leads_to_a_new_sign_in() -> None:
    """A used or forgotten refresh token does not end the client: it signs in again."""
    forms: list[str] = []

    def sign_in(given: dict[str, str]) -> Answer:
        forms.append(given["body"])
        refused = "refresh_token=" in given["body"]
        return as_json({"error": "invalid_grant"}, 400) if refused else token(seconds=1)

    script = {TOKEN: sign_in, "/udm/v10/export/jobs/1": lambda _: as_json(JOB)}
    with Scripted(script) as server, server.client() as client:
        client.job(1)
        client.job(1)

    assert [form.split("&")[0] for form in forms] == [
        "grant_type=client_credentials",
        "grant_type=refresh_token",
        "grant_type=client_credentials",
    ]


def test_a_token_is_kept_as_long_as_it_is_valid() -> None:
    """Several requests need one sign-in."""
    script = {"/udm/v10/export/jobs/1": lambda _: as_json(JOB)}
    with Scripted(script) as server, server.client() as client:
        client.job(1)
        client.job(1)

    assert [asked for asked in server.asked if TOKEN in asked] == [f"POST {TOKEN}"]
