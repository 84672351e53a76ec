"""A real installation behind its real HTTP surface: SQLite, a folder of objects, no server."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from cxport.api import ApiSettings, create_app
from cxport.blobs import Blobs, BlobSettings, Signer
from cxport.blobs import connect as connect_blobs
from cxport.domain.access import Role
from cxport.domain.artifact import Artifact, StoredManifest, file_name, manifest_name
from cxport.domain.catalogue import DataType, Entity, Family
from cxport.domain.errors import MappingMismatch, SourceUnreachable
from cxport.domain.job import JobSpec
from cxport.domain.run import Counts, Run, Status
from cxport.domain.said import Said
from cxport.domain.selection import Selection
from cxport.domain.source import StoredSource
from cxport.domain.table_set import TableSet
from cxport.sealing.vault import Vault, new_master_key
from cxport.services import Services, ServiceSettings, assemble
from cxport.services.estimates import Measured
from cxport.services.source_administration import SourceProbe
from cxport.services.source_setup import SourceDraft
from cxport.services.tenants import Credentials
from cxport.store import jobs, runs
from cxport.store.database import Database, connect

PUBLIC_URL = "https://export.example"
V10 = "/udm/v10"
MEDIA = ("email", "chat", "voice")
#: As weak as argon2 allows: the tests are about everything but its strength.
WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """The real time, moved by as much as a test says."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self.frozen: datetime | None = None

    def __call__(self) -> datetime:
        """Give the time."""
        return (self.frozen or datetime.now(UTC)) + self.offset

    def freeze(self) -> None:
        """Stand still from now on, but for what a test moves."""
        self.frozen = datetime.now(UTC)

    def advance(self, **by: float) -> None:
        """Move on."""
        self.offset += timedelta(**by)


@dataclass(frozen=True)
class EntityReport:
    """Whether a source holds an entity."""

    entity: Entity
    present: bool = True


@dataclass(frozen=True)
class SourceReport:
    """What a check of a source found."""

    entities: tuple[EntityReport, ...]
    media: tuple[str, ...] = MEDIA
    table_sets: tuple[TableSet, ...] = ()


EVERYTHING = SourceReport(tuple(EntityReport(entity) for entity in Entity))


@dataclass
class Installation:
    """Everything that a test may look at or move."""

    db: Database
    blobs: Blobs
    services: Services
    client: TestClient
    clock: Clock
    #: The folder of the objects.
    objects: Path
    queued: list[None] = field(default_factory=list)

    def new_tenant(self, *, source: bool = True) -> Account:
        """Add a tenant with a source named `History`, and sign its administrator in."""
        found = self.services.tenants.create_tenant(f"tenant {uuid.uuid4()}")
        account = Account(self, found, self.services.tenants.named(found.tenant).id)
        if source:
            draft = SourceDraft(name="History", dsn="sqlite:////nowhere")
            self.services.source_setup.add(account.tenant_id, draft, EVERYTHING)
        account.token = account.sign_in(grant_type="client_credentials").json()["access_token"]
        return account


@dataclass
class Account:
    """A tenant as a script sees it; `token` and `api_key` are what it sends."""

    installation: Installation
    credentials: Credentials
    tenant_id: str
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Give the contract's two headers."""
        return {"x-api-key": self.credentials.api_key, "Authorization": f"Bearer {self.token}"}

    def sign_in(self, **form: str) -> httpx2.Response:
        """Ask for a token with the tenant's own client."""
        basic = (self.credentials.client_id, self.credentials.client_secret)
        return self.installation.client.post("/auth/v3/oauth/token", data=form, auth=basic)

    def call(self, method: str, path: str, **given: Any) -> httpx2.Response:
        """Call an operation of version 10; headers that are given come on top."""
        headers = {**self.headers, **given.pop("headers", {})}
        client = self.installation.client
        return client.request(
            method, f"{V10}{path}", headers=headers, follow_redirects=False, **given
        )

    def get(self, path: str, **given: Any) -> httpx2.Response:
        """Call a GET operation of version 10."""
        return self.call("GET", path, **given)

    def create_job(self, **changed: Any) -> httpx2.Response:
        """Create a job with a body that is accepted, but for what is changed."""
        return self.call("POST", "/export/jobs", json=job_body(**changed))

    def upload(self, content: bytes, name: str = "company.pem") -> httpx2.Response:
        """Upload a certificate."""
        return self.call("POST", f"/cipher/{name}", files={"file": ("any", content)})

    def as_role(self, *roles: Role) -> Account:
        """Sign a further client of the tenant in, with these roles."""
        tenants = self.installation.services.tenants
        name, secret = tenants.add_client(self.credentials.tenant, "further", frozenset(roles))
        answer = self.installation.client.post(
            "/auth/v3/oauth/token", data={"grant_type": "client_credentials"}, auth=(name, secret)
        )
        token = answer.json()["access_token"]
        return Account(self.installation, self.credentials, self.tenant_id, token)

    def finished_run(
        self,
        *contents: bytes,
        family: Family = Family.UCS,
        title: str = "Finished",
        source: str = "History",
    ) -> tuple[Run, list[Artifact]]:
        """Bring a job through the store to a finished run with these files and a manifest."""
        spec = JobSpec(
            source=source,
            family=family,
            data_type=DataType.INTERACTION,
            entities=(Entity.CHAT,),
            title=title,
        )
        db, clock = self.installation.db, self.installation.clock
        _, run = jobs.create(db, self.tenant_id, spec, "user:ann", run_now=True)
        assert run is not None
        archive = str(uuid.uuid4())
        begun = runs.begin(
            db, self.tenant_id, run.id, archive_id=archive, certificate_fingerprint="f" * 64
        )
        files = [
            self._file(begun, content, number, len(contents), clock())
            for number, content in enumerate(contents, 1)
        ]
        manifest = StoredManifest(
            name=manifest_name(archive),
            tenant_id=self.tenant_id,
            run_id=run.id,
            content=b'{"parts": []}',
        )
        runs.publish(
            db,
            self.tenant_id,
            run.id,
            begun.attempt,
            status=Status.COMPLETED,
            reason="",
            counts=Counts(selected=5, exported=5),
            artifacts=files,
            manifest=manifest,
        )
        return runs.get(db, self.tenant_id, run.id), files

    def _file(self, run: Run, content: bytes, part: int, parts: int, now: datetime) -> Artifact:
        key = f"{uuid.uuid4().hex}/{part}"
        self.installation.blobs.put(key, [content])
        return Artifact(
            name=file_name(run.archive_id, part, parts),
            tenant_id=self.tenant_id,
            run_id=run.id,
            job_id=run.job_id,
            object_key=key,
            size_bytes=len(content),
            rows=5,
            sha256=hashlib.sha256(content).hexdigest(),
            part=part,
            parts=parts,
            family=run.spec.family,
            data_type=run.spec.data_type,
            source=run.spec.source,
            title=run.spec.title,
            created_at=now,
            expires_at=now + timedelta(days=30),
        )


def job_body(**changed: Any) -> dict[str, Any]:
    """Give a body that creates a job; a change may name a field inside, as `jobParams__media`.

    A field whose change is `...` is left out.
    """
    body: dict[str, Any] = {
        "source": "History",
        "type": "UCS",
        "title": "Weekly chats",
        "timeFrame": {"all": True},
        "schedulerParam": {"immediately": True},
        "jobParams": {"type": "Interaction", "media": []},
        "suspended": False,
    }
    for name, value in changed.items():
        *outer, last = name.split("__")
        place = body
        for word in outer:
            place = place[word]
        place[last] = value
        if value is ...:
            del place[last]
    return body


def migrated(folder: Path) -> Path:
    """Make an empty store."""
    file = folder / "store.sqlite"
    db = connect(f"sqlite:///{file}")
    db.migrate()
    db.close()
    return file


def measured(source: StoredSource, selection: Selection, split_bytes: int) -> Measured:
    """Give what no source was asked for: the sources of these tests are not there."""
    del source, split_bytes
    if selection.media == ("voice",):
        raise SourceUnreachable(Said("the database does not answer"))
    if selection.media == ("chat",):
        raise MappingMismatch(("Interaction",))
    return Measured(rows=5000, raw_bytes=10_000_000, sealed_bytes=6_250_000, parts=2)


@contextmanager
def installed(  # noqa: PLR0913 - each is a part of its own
    file: Path,
    folder: Path,
    settings: ServiceSettings | None = None,
    api: ApiSettings | None = None,
    *,
    vault: Vault | None = None,
    probe: SourceProbe | None = None,
    storage: BlobSettings | None = None,
    signer: Signer | None = None,
    store: str = "",
) -> Iterator[Installation]:
    """Serve a store, that file or another one by its URL, and a folder of objects or another."""
    db = connect(store or f"sqlite:///{file}")
    blobs = connect_blobs(storage or BlobSettings(url=(folder / "objects").as_uri()))
    clock, queued = Clock(), list[None]()
    services = assemble(
        db=db,
        box=vault or Vault([new_master_key()]),
        blobs=blobs,
        settings=settings or ServiceSettings(public_url=PUBLIC_URL),
        clock=clock,
        measure=measured,
        on_queued=lambda: queued.append(None),
        hasher=WEAK,
        probe=probe,
        signer=signer,
    )
    app = create_app(services, api or ApiSettings())
    with TestClient(app, base_url=PUBLIC_URL) as client:
        yield Installation(db, blobs, services, client, clock, folder / "objects", queued)
    db.close()


def error_of(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """Give the inside of an error in the one shape, after checking the shape.

    Versions 4 and 3 print `errors` and `path` besides.
    """
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    path = answer.request.url.path
    if path.startswith(("/udm/v4/", "/udm/v3/", "/data-download/v4/", "/data-download/v3/")):
        assert found.keys() == {"status", "errors", "path"}
        assert found["errors"]
        assert all(one["message"] for one in found["errors"])
    else:
        assert found.keys() == {"status"}
    assert found["status"].keys() == {"code", "message", "detail"}
    assert found["status"]["code"] == status
    assert found["status"]["message"]
    assert isinstance(found["status"]["detail"], dict)
    inside: dict[str, Any] = found["status"]
    return inside


def names_of(items: Sequence[dict[str, Any]], key: str) -> list[Any]:
    """Give one field of every row."""
    return [item[key] for item in items]
