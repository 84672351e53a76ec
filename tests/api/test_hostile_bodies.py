"""Whatever stands in a body, at each place of each: refused, or kept as it is; nothing is lost.

The places are those of the documents, so that a field that is added is tried, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.api.belongings import Belongings, furnish, kinds_of
from tests.api.bodies import PLACES, TAKING, Place, at, changed
from tests.api.installation import Account, Installation, error_of, job_body
from tests.api.operations import request_of
from tests.api.test_hostile_names import NAMES
from tests.api.test_server import served

#: What only a body can hold, and what some field might take for an address.
TEXTS = (
    *NAMES,
    "",
    "\ud800",
    "a\udfffb",
    "http://[::1",
    "https://receiver.example/\r\nHost: x",
    "sqlite:////etc/passwd",
    "sqlite:///../../outside.db",
    "postgresql://u:p@db.example/a\0b",
    "postgresql://db.example:99999999/x",
    "x" * 100_000,
)
#: A value of each type, and some that are hard to hold.
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**18,
    10**400,
    1.5,
    "",
    "x",
    [],
    [[]],
    ["x"] * 5_000,
    {},
    {"a": 1},
)
#: JSON that is none, or that two readers read differently.
RAW = (
    "NaN",
    "Infinity",
    "-Infinity",
    '{"a": 1, "a": 1}',
    "9" * 5000,
    "[" * 33 + "]" * 33,
    "[" * 20_000 + "]" * 20_000,
    '{"a":' * 40 + "1" + "}" * 40,
    "'x'",
    "[1,]",
)
_REFUSED = {400, 404, 413}
_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_EACH = pytest.mark.parametrize(("method", "path"), TAKING)


class Target:
    """An operation, and a tenant that has what its path names and a file besides."""

    def __init__(
        self, installation: Installation, certificate: bytes, call: tuple[str, str]
    ) -> None:
        self.installation = installation
        self.method, self.path = call
        self.account = installation.new_tenant()
        self.account.upload(certificate)
        self.belongings = furnish(self.account)
        self.kept = self.account.finished_run(b"sealed")[1][0]
        self.outside = self._outside()
        request = request_of(self.method, self.path, certificate)
        self.body: dict[str, Any] = request["json"]
        self.url = self._filled(self.belongings)
        self.places = [one for one in PLACES if (one.method, one.path) == call]

    def _filled(self, belongings: Belongings) -> str:
        if self.path.endswith("/export/jobs/{id}"):
            # only one that has not begun can be changed
            made = self.account.create_job(suspended=True).json()
            return self.path.replace("{id}", str(made["id"]))
        ((*names,), *_) = belongings.of(kinds_of(self.path))
        url = self.path
        for name in names:
            url = re.sub(r"\{\w+\}", name, url, count=1)
        return url

    def send(self, content: str) -> httpx2.Response:
        """Send a body, as it is."""
        headers = {**self.account.headers, "Content-Type": "application/json"}
        return self.installation.client.request(
            self.method, self.url, content=content.encode(), headers=headers
        )

    def _outside(self) -> set[Path]:
        objects = self.installation.objects
        return {
            one
            for one in set(objects.parent.rglob("*")) - set(objects.rglob("*"))
            if not one.name.startswith("store.sqlite")
        }

    def check_unharmed(self) -> None:
        """Nothing was written outside the root, and what there was is there."""
        assert self._outside() == self.outside
        assert self.account.get(f"/files/{self.kept.name}").status_code == 303
        assert self.installation.blobs.size(self.kept.object_key) == len(b"sealed")


def _answered(answer: httpx2.Response) -> bool:
    """Tell whether it was taken; else it is a refusal in its shape, and names a field."""
    assert "set-cookie" not in answer.headers
    if answer.is_success:
        return True
    assert answer.status_code in _REFUSED, answer.text
    error_of(answer, answer.status_code)
    return False


@_EACH
def test_a_hostile_text_is_refused_or_kept_as_it_is(
    on_each_store: Installation, certificate: bytes, method: str, path: str
) -> None:
    """In every field that takes text: 400, 404 or 413, or the answers give it back unchanged."""
    target = Target(on_each_store, certificate, (method, path))
    for place in target.places:
        if not place.types & {"string", "any"}:
            continue
        for text in TEXTS:
            answer = target.send(json.dumps(changed(target.body, place.words, text)))
            # an empty text says as much as none: what it stands for is told instead
            if _answered(answer) and answer.content and text:
                _check_kept(target.account, place, text, answer.json())
    target.check_unharmed()


def _check_kept(account: Account, place: Place, text: str, answer: dict[str, Any]) -> None:
    """Where an answer repeats the field, it holds the text; a job is asked for once more."""
    if place.words == ("reason",):
        # a run's own reason is another; the first decision stands
        assert (answer["hold"] or answer["revoked"])["reason"] in TEXTS
    else:
        assert at(answer, place.words) in {None, "", text}, str(place)
    if place.words in {("title",), ("name",)} and "estimate" not in place.path:
        assert answer[place.words[0]] == text
    if "/export/jobs" in place.path:
        stored = account.installation.client.get(
            f"/udm/v4/export/jobs/{answer['id']}", headers=account.headers
        ).json()
        assert at(stored, place.words) in {None, text}, str(place)


@_EACH
def test_another_type_is_refused_by_name(
    installation: Installation, certificate: bytes, method: str, path: str
) -> None:
    """Any JSON at any place: 400 that names the place where the type is another one."""
    target = Target(installation, certificate, (method, path))
    for place in target.places:
        for value in VALUES:
            answer = target.send(json.dumps(changed(target.body, place.words, value)))
            taken = _answered(answer)
            if not place.types & {_TYPES[type(value)], "any"}:
                assert not taken, (str(place), value)
                field = error_of(answer, 400)["detail"]["field"]
                assert field.split(".")[0] == (place.words[0] if place.words else "body")
    target.check_unharmed()


@_EACH
def test_what_is_no_json_is_refused_wherever_it_stands(
    installation: Installation, certificate: bytes, method: str, path: str
) -> None:
    """NaN, a key twice, numbers without end, depth: 400, and the body is named."""
    target = Target(installation, certificate, (method, path))
    for place in target.places:
        good = json.dumps(changed(target.body, place.words, "HERE"))
        for raw in RAW:
            answer = target.send(good.replace('"HERE"', raw))
            assert error_of(answer, 400)["detail"]["field"] == "body", (str(place), raw[:20])
    target.check_unharmed()


@_EACH
def test_a_hostile_field_is_ignored_or_refused(
    installation: Installation, certificate: bytes, method: str, path: str
) -> None:
    """A field that nobody knows, whatever it is called, in every object of the body."""
    target = Target(installation, certificate, (method, path))
    for place in target.places:
        if "object" not in place.types:
            continue
        there = at(target.body, place.words)
        for name in TEXTS:
            inside = {**(there if isinstance(there, dict) else {}), name: 1}
            answer = target.send(json.dumps(changed(target.body, place.words, inside)))
            if _answered(answer) and path.startswith("/udm"):
                assert answer.headers["warning"].isascii()
    target.check_unharmed()


#: Whatever takes a body: JSON, the upload of a certificate, and the forms of tokens.
_LONG = [
    *TAKING,
    ("post", "/udm/v10/cipher/x.pem"),
    ("post", "/udm/v3/cipher/x.pem"),
    ("post", "/auth/v3/oauth/token"),
    ("post", "/auth/v3/oauth/revoke"),
]


def test_a_body_over_the_cap_is_cut_off_everywhere(own: Installation) -> None:
    """While it streams, before all of it is there: no operation reads on to an end."""
    account = own.new_tenant()
    with served(own) as url, httpx2.Client() as client:
        for method, path in _LONG:
            sent = 0

            def endless() -> Iterator[bytes]:
                nonlocal sent
                while sent < 100_000_000:
                    sent += 1_000_000
                    yield b" " * 1_000_000

            kind = "application/x-www-form-urlencoded" if "oauth" in path else "application/json"
            if "cipher" in path:
                kind = "multipart/form-data; boundary=x"
            headers = {**account.headers, "Content-Type": kind}
            try:
                answer = client.request(
                    method.upper(), url + path, content=endless(), headers=headers
                )
            except (httpx2.WriteError, httpx2.ReadError):
                pass  # it hung up before the client had looked for the answer
            else:
                assert answer.status_code == 413, path
            assert sent < 50_000_000, path


def test_every_operation_that_takes_json_is_tried() -> None:
    """And each of its places, as deep as the conditions of a job's filter."""
    assert len(TAKING) == 17
    words = {one.words for one in PLACES if one.path == "/udm/v10/export/jobs"}
    assert words >= {(), ("title",), ("jobParams", "filter", 0, "operator")}
    assert set(job_body()) <= {one[0] for one in words if one}
