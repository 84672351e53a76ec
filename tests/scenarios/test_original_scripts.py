r"""Scripts written for the original, against a running service: the host name alone has changed.

They are in the style of its users: sign in as `tenant\user`, look through version 4's history for
what is new, download by version 3 with all headers on the way, and decrypt with OpenSSL.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from tests.scenarios import independent
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RUN_SECONDS, Json, RunningService


@dataclass
class Script:
    """An export script: what it keeps between two calls is the last id that it has seen."""

    url: str
    headers: dict[str, str]
    last_seen: int = 0
    downloaded: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def signed_in(cls, service: RunningService, base: str = "/udm") -> Script:
        r"""Sign in by the password of `tenant\user`."""
        found = service.credentials
        answer = httpx.post(
            f"{service.url}/auth/v3/oauth/token",
            data={
                "grant_type": "password",
                "username": f"{found['tenant']}\\{found['username']}",
                "password": found["password"],
                "scope": "*",
            },
            auth=(found["client_id"], found["client_secret"]),
        ).raise_for_status()
        token = answer.json()["access_token"]
        headers = {
            "x-api-key": found["api_key"],
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
        }
        return cls(service.url + base, headers)

    def call(self, method: str, path: str, **given: object) -> httpx.Response:
        """Send all headers, also to where a redirect leads."""
        with httpx.Client(headers=self.headers, timeout=60) as client:
            answer = client.request(method, f"{self.url}{path}", **given)  # type: ignore[arg-type] # handed through
            if answer.status_code == httpx.codes.SEE_OTHER:
                return client.get(answer.headers["location"])
            return answer

    def upload(self, keys: KeyPair) -> None:
        """Upload the certificate by version 3, as a form."""
        del self.headers["Content-Type"]
        files = {"file": ("cert.pem", keys.certificate.read_bytes())}
        answer = self.call("POST", "/v3/cipher/company.pem", files=files)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        self.headers["Content-Type"] = "application/json"

    def export(self, title: str) -> int:
        """Create a job by version 4 and wait for it with the id that it got."""
        body = {
            "source": "history",
            "title": title,
            "timeFrame": {"all": True},
            "schedulerParam": {"immediately": True},
            "jobParams": {"type": "Interaction", "media": ["chat"]},
            "suspended": "false",
        }
        answer = self.call("POST", "/v4/export/jobs", json=body)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        job_id: int = answer.json()["id"]
        deadline = time.monotonic() + RUN_SECONDS
        while time.monotonic() < deadline:
            progress = self.call("GET", f"/v4/export/history/{job_id}/progress").json()
            if progress["progress"] == 100:
                return job_id
            assert progress["status"] in {"Queued", "In Progress"}, progress
            time.sleep(0.2)
        raise TimeoutError(progress)

    def download_new(self, title: str) -> list[Json]:
        """Download what is new since the last time, the newest first in the list."""
        query = {
            "orderField": "createdDate",
            "descAsc": "true",
            "title": title,
            "from": "0",
            "size": "100",
        }
        answer = self.call("GET", "/v4/export/history", params=query)
        if answer.status_code == httpx.codes.NO_CONTENT:
            return []
        data = answer.json()["data"]
        assert data["count"] <= data["size"]
        new = [item for item in data["items"] if item["id"] > self.last_seen and item["fileName"]]
        for item in new:
            content = self.call("GET", f"/v3/files/{item['fileName']}").raise_for_status().content
            assert len(content) == item["fileSize"]
            self.downloaded[item["fileName"]] = content
        self.last_seen = max([self.last_seen, *(item["id"] for item in new)])
        return new


@pytest.fixture
def service(
    embedded: RunningService, keys: KeyPair, sample_dsn: Callable[[str], str]
) -> RunningService:
    """Give a service with the source `history`."""
    known = json.loads(embedded.admin("source", "list", "--json"))["sources"]
    if all(source["name"] != "history" for source in known):
        embedded.add_source("history", sample_dsn("sqlite"))
    Script.signed_in(embedded).upload(keys)
    return embedded


@pytest.mark.parametrize("base", ["/udm", "/data-download"])
def test_the_nightly_script(
    service: RunningService, keys: KeyPair, sample_dsn: Callable[[str], str], base: str
) -> None:
    """It finds what is new, once, and what it decrypts equals the database."""
    script = Script.signed_in(service, base)
    title = f"nightly {base}"
    first = script.export(title)

    found = script.download_new(title)
    assert [item["parentId"] for item in found] == [first]
    assert script.download_new(title) == []
    second = script.export(title.upper())
    assert [item["parentId"] for item in script.download_new(title)] == [second]

    chats = {
        key: row
        for key, row in independent.interactions(sample_dsn("sqlite"))["Chat"].items()
        if row["mediaTypeId"] == "chat"
    }
    for content in script.downloaded.values():
        lines = keys.lines(content)["Chat"]
        assert {line["id"]: line for line in lines} == chats


def test_the_script_that_pages(service: RunningService) -> None:
    """With pages of one row, up in the order of ids, it sees each record once, also one added."""
    script = Script.signed_in(service)
    expected = [script.export("paged") for _ in range(3)]
    query = {"title": "PAGED", "orderField": "id", "descAsc": "False", "size": "1"}
    seen: list[int] = []
    while True:
        data = script.call(
            "GET", "/v4/export/history", params={**query, "from": str(len(seen))}
        ).json()["data"]
        assert (data["size"], data["from"]) == (1, len(seen))
        seen += [item["parentId"] for item in data["items"]]
        if len(seen) == 1:
            expected.append(script.export("paged"))
        if len(seen) >= data["count"]:
            break
    assert seen == expected


def test_the_script_that_asks_for_links(service: RunningService) -> None:
    """It lists the files of version 3 by time, asks for all links at once, and sends no header."""
    script = Script.signed_in(service)
    job_ids = {script.export("linked") for _ in range(2)}
    query = {"jobTitle": "Linked", "startDate": "2020-01-01", "orderField": "uploadDate"}
    listed = script.call("GET", "/v3/file-metadatas", params=query).json()
    assert {item["jobId"] for item in listed["items"]} == job_ids

    names = [item["name"] for item in listed["items"]]
    links = script.call("GET", "/v3/files", params={"filename": ",".join(names)}).json()
    for item, link in zip(listed["items"], links, strict=True):
        content = httpx.get(link["path"]).raise_for_status().content
        assert len(content) == item["size"]

    answer = script.call("DELETE", "/v3/files", params={"filename": ",".join(names)})
    assert answer.status_code == httpx.codes.NO_CONTENT
    assert script.call("GET", "/v3/file-metadatas", params=query).json()["count"] == 0
    assert [httpx.get(link["path"]).status_code for link in links] == [404, 404]


def test_a_script_keeps_its_token_fresh(service: RunningService) -> None:
    """The refresh token gives the next one, with the client in the form as well."""
    found = service.credentials
    form = {"client_id": found["client_id"], "client_secret": found["client_secret"]}
    url = f"{service.url}/auth/v3/oauth/token"
    user = {"username": f"{found['tenant']}\\{found['username']}", "password": found["password"]}
    first = httpx.post(url, data={"grant_type": "password", **user, **form}).json()

    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = httpx.post(url, data={**again, **form}).raise_for_status().json()

    headers = {"Authorization": f"Bearer {second['access_token']}"}
    sources = httpx.get(f"{service.url}/udm/v3/data/sources", headers=headers).json()
    assert "history" in {source["value"] for source in sources}


def test_the_script_with_a_key_alone(service: RunningService) -> None:
    """An operator lets one key stand alone, in versions 4 and 3, and there only."""
    name = service.credentials["tenant"]
    made = service.admin("tenant", "key", name, "--legacy-key-only", "--role", "exporter", "--json")
    script = Script(f"{service.url}/udm", {"x-api-key": json.loads(made)["api_key"]})

    assert script.export("by key alone") > 0
    assert len(script.download_new("by key alone")) == 1
    assert script.call("GET", "/v10/export/jobs").status_code == httpx.codes.UNAUTHORIZED


def test_the_script_that_tidies_up(service: RunningService) -> None:
    """What it deletes is gone from the service and from its storage."""
    script = Script.signed_in(service)
    script.export("to be deleted")
    (item,) = script.download_new("to be deleted")
    objects = service.data / "objects"
    before = sum(1 for path in objects.rglob("*") if path.is_file())

    answer = script.call("DELETE", f"/v4/export/history/{item['id']}")

    assert answer.status_code == httpx.codes.NO_CONTENT
    after = sum(1 for path in objects.rglob("*") if path.is_file())
    assert after < before
    gone = script.call("GET", f"/v3/files/{item['fileName']}")
    assert gone.status_code == httpx.codes.NOT_FOUND
    assert gone.json()["path"] == f"/udm/v3/files/{item['fileName']}"
    assert script.call("DELETE", f"/v4/export/jobs/{item['parentId']}").status_code == 204
    assert script.download_new("to be deleted") == []


def test_a_filtered_job_exports_what_meets_it(
    service: RunningService, keys: KeyPair, sample_dsn: Callable[[str], str]
) -> None:
    """`jobParams.filter` of version 10, on a column of the base and of an entity's own table."""
    every = independent.interactions(sample_dsn("sqlite"))
    mailbox = next(row["mailbox"] for row in every["EmailIn"].values() if row["mailbox"])
    filters = [
        {"attribute": "mailbox", "operator": "eq", "value": mailbox},
        {"attribute": "status", "operator": "ne", "value": 0},
    ]
    params = {"type": "Interaction", "media": [], "filter": filters}
    with service.client() as client:
        record = service.run_job(client, source="history", jobParams=params)
        sealed = service.download(client, record["fileName"])

    expected = {
        key
        for key, row in every["EmailIn"].items()
        if row["mailbox"] == mailbox and row["status"] != 0
    }
    lines = keys.lines(sealed)
    assert {line["id"] for line in lines.pop("EmailIn")} == expected
    assert not any(lines.values())
    assert expected


@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_a_run_that_was_held_before_it_began_goes_on(service: RunningService, pause: float) -> None:
    """Whether the engine had it already or not: resumed, it runs to its end."""
    with service.client() as client:
        job_id = service.create_job(client, source="history")
        time.sleep(pause)
        held = client.post(f"/export/jobs/suspend/{job_id}").raise_for_status().json()
        time.sleep(1.5)
        assert held["status"] == "Suspended"
        resumed = client.post(f"/export/jobs/resume/{job_id}").raise_for_status().json()
        assert resumed["status"] in {"Queued", "In Progress"}
        record = service.wait(client, job_id, 60)

    assert record["status"].startswith("Completed")
