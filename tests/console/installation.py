"""The real application over a real store, with jobs in every state that a list can show."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

from cxport.api import ApiSettings
from cxport.blobs import Blobs, BlobSettings
from cxport.blobs import connect as connect_blobs
from cxport.bootstrap.application import make_application
from cxport.bootstrap.probe import Probe
from cxport.domain.access import Role
from cxport.domain.artifact import Artifact, StoredManifest, file_name, manifest_name
from cxport.domain.catalogue import DataType, Entity, Family
from cxport.domain.job import JobSpec, Schedule
from cxport.domain.places import AllowedPlaces
from cxport.domain.run import Counts, PartResult, Run, Status
from cxport.domain.selection import Part, Slice
from cxport.sealing.certificate import make_certificate
from cxport.sealing.vault import Vault, new_master_key
from cxport.services import Services, ServiceSettings, assemble
from cxport.store import jobs, runs
from cxport.store.database import Database, connect
from tests.api.installation import WEAK, Clock, measured

#: Scripts and styles that a title must never become.
HOSTILE = "<script>alert('x')</script>"

_COUNTS = Counts(selected=5, exported=5)


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    tenant: str
    tenant_id: str
    name: str
    password: str


@dataclass(frozen=True)
class Console:
    """The application and what is behind it."""

    app: FastAPI
    services: Services
    db: Database
    blobs: Blobs
    clock: Clock
    url: str
    #: The folder whose databases may be added as sources.
    sources: Path

    def person(self, *roles: Role, tenant: str = "") -> Person:
        """Add a user, to a tenant of their own unless one is named."""
        tenants = self.services.tenants
        tenant = tenant or tenants.create_tenant(f"tenant {uuid.uuid4()}").tenant
        name = f"ann {uuid.uuid4().hex[:8]}"
        password = tenants.add_user(tenant, name, frozenset(roles or (Role.ADMINISTRATOR,)))
        return Person(tenant, tenants.named(tenant).id, name, password)

    def browser(self) -> TestClient:
        """Give a client that keeps cookies and follows no redirect."""
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        return TestClient(self.app, base_url=self.url, headers=headers, follow_redirects=False)

    def signed_in(self, person: Person) -> TestClient:
        """Give a client in which somebody has signed in."""
        client = self.browser()
        form = {"tenant": person.tenant, "user": person.name, "password": person.password}
        assert client.post("/console/sign-in", data=form).status_code == 303
        return client

    def job(self, person: Person, title: str, **changed: object) -> tuple[int, Run | None]:
        """Make a job; `run_now` and fields of its schedule are further words."""
        run_now = bool(changed.pop("run_now", False))
        spec = replace(_SPEC, title=title, **changed)  # type: ignore[arg-type]  # a test's own words
        next_tick = None if run_now else self.clock() + timedelta(hours=8)
        job, run = jobs.create(
            self.db, person.tenant_id, spec, "user:ann", run_now=run_now, next_tick_at=next_tick
        )
        return job.id, run

    def begun(self, person: Person, title: str) -> Run:
        """Make a job whose run has begun."""
        _, run = self.job(person, title, run_now=True, schedule=Schedule())
        assert run is not None
        archive = str(uuid.uuid4())
        return runs.begin(
            self.db, person.tenant_id, run.id, archive_id=archive, certificate_fingerprint="f" * 64
        )

    def failed(self, person: Person, title: str, reason: str) -> Run:
        """Make a job whose run has failed."""
        run = self.begun(person, title)
        runs.fail(self.db, person.tenant_id, run.id, run.attempt, reason)
        return runs.get(self.db, person.tenant_id, run.id)

    def planned(self, run: Run, parts: int) -> Run:
        """Give a run that has begun its plan; the first of its parts is in hand."""
        plan = [Part(number=n, slices=(Slice(entity=Entity.CHAT),)) for n in range(1, parts + 1)]
        runs.save_plan(self.db, run.tenant_id, run.id, run.attempt, plan, 1000 * parts, parts > 1)
        runs.start_part(self.db, run.tenant_id, run.id, run.attempt, 1)
        return runs.get(self.db, run.tenant_id, run.id)

    def read(self, run: Run, rows: int) -> None:
        """Let the first part of a run come to so many rows."""
        runs.part_progress(self.db, run.tenant_id, run.id, run.attempt, 1, 1, rows)

    def finished(
        self,
        person: Person,
        title: str,
        *contents: bytes,
        counts: Counts = _COUNTS,
        expires_at: datetime | None = None,
    ) -> tuple[Run, list[Artifact]]:
        """Make a job whose run has ended with these files, each a part, and a manifest."""
        run = self.planned(self.begun(person, title), len(contents))
        expires_at = expires_at or self.clock() + timedelta(days=30)
        files = [
            self._file(run, content, number, len(contents), expires_at)
            for number, content in enumerate(contents, 1)
        ]
        for file in files:
            self._finish(run, file)
        manifest = StoredManifest(
            name=manifest_name(run.archive_id),
            tenant_id=run.tenant_id,
            run_id=run.id,
            content=b'{"parts": []}',
        )
        partly = counts.skipped or counts.warnings
        runs.publish(
            self.db,
            run.tenant_id,
            run.id,
            run.attempt,
            status=Status.COMPLETED_WITH_WARNINGS if partly else Status.COMPLETED,
            reason=f"{counts.skipped} rows skipped" if partly else "",
            counts=counts,
            artifacts=files,
            manifest=manifest,
        )
        return runs.get(self.db, run.tenant_id, run.id), files

    def _finish(self, run: Run, file: Artifact) -> None:
        if file.part > 1:
            runs.start_part(self.db, run.tenant_id, run.id, run.attempt, file.part)
        result = PartResult(
            object_key=file.object_key,
            size_bytes=file.size_bytes,
            sha256=file.sha256,
            zip_sha256="b" * 64,
            counts=Counts(selected=5, exported=5),
            rows={"Chat.json": 5},
            snapshot_at=self.clock(),
        )
        runs.finish_part(self.db, run.tenant_id, run.id, run.attempt, file.part, 1, result, ())

    def _file(
        self, run: Run, content: bytes, part: int, parts: int, expires_at: datetime
    ) -> Artifact:
        key = f"{run.tenant_id}/{run.archive_id}/{part}"
        self.blobs.put(key, [content])
        return Artifact(
            name=file_name(run.archive_id, part, parts),
            tenant_id=run.tenant_id,
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
            created_at=self.clock(),
            expires_at=expires_at,
        )


_SPEC = JobSpec(
    source="History",
    family=Family.UCS,
    data_type=DataType.INTERACTION,
    entities=(Entity.CHAT,),
    title="",
    schedule=Schedule(immediately=False, runs="daily"),
)


@contextmanager
def console(store_url: str, folder: Path, url: str) -> Iterator[Console]:
    """Open the application over a store."""
    db = connect(store_url)
    db.migrate()
    clock = Clock()
    blobs = connect_blobs(BlobSettings(url=(folder / "objects").as_uri()))
    vault, sources = Vault([new_master_key()]), folder / "sources"
    sources.mkdir()
    services = assemble(
        db=db,
        box=vault,
        blobs=blobs,
        settings=ServiceSettings(
            public_url=url,
            allowed_places=AllowedPlaces(folders=(sources.resolve(),)),
            mail=True,
        ),
        clock=clock,
        measure=measured,
        hasher=WEAK,
        probe=Probe(db, vault),
    )
    application = make_application(services, ApiSettings(), url)
    yield Console(application, services, db, blobs, clock, url, sources)
    db.close()


def certify(served: Console, person: Person) -> None:
    """Put a certificate in force."""
    caller = served.services.sessions.sign_in(person.tenant, person.name, person.password)[1]
    served.services.certificates.upload(caller, "ours.pem", make_certificate("ours", 30, 2048)[1])


def token_of(page: httpx2.Response) -> str:
    """Give what the forms of a page carry."""
    found = re.search(r'name="token" value="(\w+)"', page.text)
    assert found is not None
    return found[1]
