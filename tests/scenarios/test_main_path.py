"""The main job over HTTP: what comes out equals what the database holds, row by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from cxport.export.manifest import read_manifest
from tests.scenarios import independent
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import Json, RunningService

SERVICES = ("embedded", "distributed")
SOURCES = ("sqlite", "postgres", "mariadb")


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> RunningService:
    """Give a service of each kind."""
    found: RunningService = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(service: RunningService, keys: KeyPair) -> Iterator[httpx.Client]:
    """Give a signed-in client of a tenant with a certificate."""
    with service.client() as signed_in:
        service.upload(signed_in, keys.certificate)
        yield signed_in


@pytest.fixture(params=SOURCES)
def source(
    request: pytest.FixtureRequest, service: RunningService, sample_dsn: Callable[[str], str]
) -> tuple[str, str]:
    """Give the name and DSN of a source of each kind, added once to a service."""
    dsn = sample_dsn(request.param)
    if request.param not in service.admin("source", "list"):
        service.add_source(request.param, dsn)
    return request.param, dsn


def export(
    service: RunningService, client: httpx.Client, keys: KeyPair, **changes: object
) -> tuple[Json, dict[str, list[Json]]]:
    """Run a job to its end and open all of its files; they agree with their manifest."""
    record = service.run_job(client, **changes)
    assert record["status"].startswith("Completed"), record
    files = service.files(client, record["id"])
    sealed = [service.download(client, row["name"]) for row in files]
    manifest_name = f"{record['fileName'][:43]}.manifest.json"
    manifest = read_manifest(service.download(client, manifest_name))
    parts: list[Json] = manifest["parts"]  # type: ignore[assignment] # JSON
    for row, part, content in zip(files, parts, sealed, strict=True):
        digest = hashlib.sha256(content).hexdigest()
        assert (row["name"], row["size"], row["sha256"]) == (part["name"], len(content), digest)
        assert part["sha256"] == digest
    assert sum(row["size"] for row in files) == record["fileSize"]
    return record, keys.lines(*sealed)


def test_interactions_equal_the_database(
    service: RunningService, client: httpx.Client, source: tuple[str, str], keys: KeyPair
) -> None:
    """Every interaction and attachment is in the files once, value by value as SQL gives it."""
    name, dsn = source

    params = {"exportAttachments": True, "type": "interaction", "media": []}
    record, lines = export(service, client, keys, source=name, jobParams=params)

    expected = independent.interactions(dsn)
    for entity, rows in expected.items():
        got = {line["id"]: line for line in lines[entity]}
        assert len(got) == len(lines[entity]), "a row came twice"
        assert got == rows
    attached = [line for kind, found in lines.items() if "Attachment" in kind for line in found]
    assert {line["id"]: line for line in attached} == independent.attachments(dsn)
    assert len(attached) == len(independent.attachments(dsn))
    assert record["parentId"] == record["id"] - 1


def test_contacts_equal_the_database(
    service: RunningService, client: httpx.Client, source: tuple[str, str], keys: KeyPair
) -> None:
    """Every contact is in the files once, with all values of its attributes."""
    name, dsn = source

    _, lines = export(
        service, client, keys, source=name, jobParams={"type": "Contact", "media": []}
    )

    got = {line["contactId"]: line for line in lines["Contact"]}
    for line in got.values():
        line["attributes"] = independent.sorted_values(line["attributes"])
    assert len(got) == len(lines["Contact"])
    assert got == independent.contacts(dsn)


def test_a_window_is_half_open_and_names_what_has_no_time(
    service: RunningService, client: httpx.Client, source: tuple[str, str], keys: KeyPair
) -> None:
    """A period holds from <= startDate < to; rows without a time are named as skipped."""
    name, dsn = source
    every = [row for rows in independent.interactions(dsn).values() for row in rows.values()]
    times = sorted(row["startDate"] for row in every if row["startDate"])
    first, last = times[len(times) // 3], times[2 * len(times) // 3]

    record, lines = export(
        service,
        client,
        keys,
        source=name,
        timeFrame={"dateFrom": first, "dateTo": last},
    )

    errors = lines.pop("errors")
    got = {line["id"] for found in lines.values() for line in found}
    within = {row["id"] for row in every if row["startDate"] and first <= row["startDate"] < last}
    undated = {row["id"] for row in every if row["startDate"] is None}
    assert got == within
    assert undated
    assert {line["id"] for line in errors} == undated
    assert record["status"] == "Completed with warnings"


def test_media_and_entities_narrow_a_job(
    service: RunningService, client: httpx.Client, source: tuple[str, str], keys: KeyPair
) -> None:
    """Only the named media and entities are exported."""
    name, dsn = source
    params = {"type": "Interaction", "media": ["email", "chat"], "entities": ["EmailOut", "Chat"]}

    _, lines = export(service, client, keys, source=name, jobParams=params)

    every = independent.interactions(dsn)
    expected = {
        entity: {
            row["id"] for row in every[entity].values() if row["mediaTypeId"] in {"email", "chat"}
        }
        for entity in ("EmailOut", "Chat")
    }
    assert {kind: {line["id"] for line in found} for kind, found in lines.items()} == expected


def test_a_small_split_size_makes_a_set(
    service: RunningService, client: httpx.Client, keys: KeyPair, sample_dsn: Callable[[str], str]
) -> None:
    """A split size bounds every file; the set together is complete, whatever was planned."""
    dsn = sample_dsn("sqlite")
    if "sqlite" not in service.admin("source", "list"):
        service.add_source("sqlite", dsn)
    params = {
        "type": "Interaction",
        "media": [],
        "exportAttachments": True,
        "fileSplitSize": "1MiB",
    }

    record, lines = export(service, client, keys, source="sqlite", jobParams=params)

    files = service.files(client, record["id"])
    assert len(files) > 1
    assert max(row["size"] for row in files) <= 1 << 20
    assert [row["part"] for row in files] == list(range(1, len(files) + 1))
    for entity, expected in independent.interactions(dsn).items():
        assert {line["id"]: line for line in lines[entity]} == expected
        assert len(lines[entity]) == len(expected)


def test_the_strict_profile_opens_with_openssl_cms(
    service: RunningService, client: httpx.Client, keys: KeyPair, sample_dsn: Callable[[str], str]
) -> None:
    """`openssl cms -inform DER` opens what a job with `profile: strict` wrote."""
    if "sqlite" not in service.admin("source", "list"):
        service.add_source("sqlite", sample_dsn("sqlite"))
    params = {"type": "Contact", "media": [], "profile": "strict"}

    record = service.run_job(client, source="sqlite", jobParams=params)

    sealed = service.download(client, record["fileName"])
    archive = keys.unzip_strict(sealed)
    member = f"Contact-{record['id']}.json"
    assert member in archive.namelist()
    assert json.loads(archive.read(member).splitlines()[0])["contactId"]
