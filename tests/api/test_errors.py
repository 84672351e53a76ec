"""One error shape, whatever went wrong; and nothing in it that was not the caller's to know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from cxport import __version__
from cxport.api import ApiSettings, create_app
from cxport.domain.errors import (
    MappingMismatch,
    SetupError,
    StorageUnavailable,
    StoreUnavailable,
    WrongState,
)
from cxport.domain.said import Said
from tests.api.installation import PUBLIC_URL, V10, Account, Installation, error_of, job_body


@pytest.mark.parametrize("path", ["/", "/nope", "/udm", "/udm/v10", f"{V10}/cipher/", "/links/x"])
def test_an_unknown_path_is_404(installation: Installation, path: str) -> None:
    """No redirect, no page of a framework."""
    error_of(installation.client.get(path, follow_redirects=False), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", f"{V10}/export/jobs"), ("POST", f"{V10}/version"), ("GET", "/auth/v3/oauth/token")],
)
def test_another_method_is_405(installation: Installation, method: str, path: str) -> None:
    """With the methods that there are."""
    answer = installation.client.request(method, path)
    error_of(answer, 405)
    assert answer.headers["allow"]


@pytest.fixture
def breaking(installation: Installation) -> Iterator[TestClient]:
    """Serve operations that go wrong in every way."""
    app = create_app(installation.services, ApiSettings())
    errors = {
        "bug": KeyError("secret of the caller"),
        "group": ExceptionGroup("several", [ValueError("secret of the caller")]),
        "setup": SetupError("the master key in /etc/cxport does not fit"),
        "mapping": MappingMismatch(("interaction.text",)),
        "store": StoreUnavailable(),
        "storage": StorageUnavailable(),
        "state": WrongState(Said("it has ended"), "completed"),
    }

    @app.get("/break/{kind}")
    def broken(kind: str) -> None:
        raise errors[kind]

    with TestClient(app, base_url=PUBLIC_URL) as client:
        yield client


@pytest.mark.parametrize("kind", ["bug", "group", "setup", "mapping"])
def test_the_unexpected_is_500_and_tells_nothing(breaking: TestClient, kind: str) -> None:
    """The log says what and where, neither says what was in it."""
    with capture_logs() as logs:
        answer = breaking.get(f"/break/{kind}")

    error = error_of(answer, 500)
    assert "on our side" in error["message"]
    assert logs[0]["log_level"] == "error"
    assert logs[0]["error"] in {"KeyError", "ValueError", "SetupError", "MappingMismatch"}
    for word in ("secret", "/etc", "Traceback", "interaction.text"):
        assert word not in answer.text + str(logs)


@pytest.mark.parametrize("kind", ["store", "storage"])
def test_what_does_not_answer_is_503(breaking: TestClient, kind: str) -> None:
    """With the time after which to try again."""
    answer = breaking.get(f"/break/{kind}")
    error_of(answer, 503)
    assert answer.headers["retry-after"] == "5"


def test_a_wrong_state_is_400_and_named(breaking: TestClient) -> None:
    """The contract has no 409."""
    assert error_of(breaking.get("/break/state"), 400)["detail"] == {"state": "completed"}


def _post(account: Account, content: bytes, content_type: str = "application/json") -> str:
    """Send a body that is to be refused as a whole, and give the message."""
    headers = {"Content-Type": content_type}
    error = error_of(account.call("POST", "/export/jobs", content=content, headers=headers), 400)
    assert error["detail"]["field"] == "body"
    message: str = error["message"]
    return message


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe{\x00}\x00", b"[" * 100_000]
)
def test_what_is_no_json_object_is_400(tenant: Account, content: bytes) -> None:
    """Nothing, half of something, something else, and another encoding."""
    assert "JSON" in _post(tenant, content)


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (b'"title": "another"', "same key twice"),
        (b'"x": {"a": 1, "a": 1}', "same key twice"),
        (b'"x": NaN', "NaN"),
        (b'"x": -Infinity', "NaN"),
        (b'"x": "\xff"', "not in UTF-8"),
        (b'"x": "\\u0000"', "NUL"),
        (b'"x": ["\\ud800"]', "half a character"),
        (b'"a\\u0000": 1', "NUL"),
        (b'"x": ' + b"9" * 5000, "not JSON"),
        (b'"x": ' + b"[" * 32 + b"]" * 32, "nested"),
        (b'"x": ' + b"[" * 100_000 + b"]" * 100_000, "not JSON"),
        (b'"x": ' + b'{"a":' * 40 + b"1" + b"}" * 40, "nested"),
    ],
)
def test_hostile_json_is_400(tenant: Account, member: bytes, reason: str) -> None:
    """Beside a good job: what two readers could read differently, or would exhaust one."""
    good = json.dumps(job_body()).encode()
    assert reason in _post(tenant, good[:-1] + b", " + member + b"}")
    assert tenant.get("/export/jobs").status_code == 204


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_json_must_say_that_it_is(tenant: Account, content_type: str) -> None:
    """A form of another site cannot create a job; the answer says what is needed."""
    message = _post(tenant, json.dumps(job_body()).encode(), content_type)
    assert "application/json" in message


def test_json_with_a_byte_order_mark_is_read(tenant: Account) -> None:
    """Some editors write one (RFC 8259, section 8.1, lets a reader ignore it)."""
    content = b"\xef\xbb\xbf" + json.dumps(job_body()).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = tenant.call("POST", "/export/jobs", content=content, headers=headers)
    assert answer.status_code == 202


def test_all_wrong_fields_are_named_at_once(tenant: Account) -> None:
    """The first leads; a script's author sees the others too, never their values."""
    answer = tenant.create_job(title=["secret"], suspended="secret", jobParams__media=...)
    fields = [one["field"] for one in error_of(answer, 400)["detail"]["errors"]]

    assert sorted(fields) == ["jobParams.media", "suspended", "title"]
    assert "secret" not in answer.text


def test_a_body_over_the_cap_is_413(tenant: Account) -> None:
    """Announced or not: the second is cut off while it streams."""
    announced = tenant.create_job(title="x" * 2_000_000)
    assert error_of(announced, 413)["detail"] == {"maxBytes": 1024 * 1024}
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 100_000
            yield b"x" * 100_000

    headers = {"Content-Type": "application/json"}
    streamed = tenant.call("POST", "/export/jobs", content=endless(), headers=headers)
    error_of(streamed, 413)


def test_health(installation: Installation, tmp_path: Path) -> None:
    """Live as long as the process is; ready while the store answers."""
    del tmp_path
    assert installation.client.get("/health/live").json() == {"status": "alive"}
    assert installation.client.get("/health/ready").json() == {"status": "ready"}


def test_not_ready_without_a_store(own: Installation, tmp_path: Path) -> None:
    """A store that is gone is 503, while the process still lives."""
    own.db.close()
    (tmp_path / "store.sqlite").rename(tmp_path / "gone")
    (tmp_path / "store.sqlite").mkdir()

    error_of(own.client.get("/health/ready"), 503)
    assert own.client.get("/health/live").status_code == 200


def test_version_is_open_to_all(installation: Installation) -> None:
    """What serves, by name and number."""
    app = create_app(installation.services, ApiSettings(build_number="7", changeset="abc"))
    with TestClient(app) as client:
        answer = client.get(f"{V10}/version")
    assert answer.json() == {
        "version": __version__,
        "buildNumber": "7",
        "changeset": "abc",
        "name": "CXPort",
    }
