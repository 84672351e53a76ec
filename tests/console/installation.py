"""The real application over a real store, with jobs in every state that a list can show."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

from cxport.api import ApiSettings
from cxport.blobs import BlobSettings
from cxport.blobs import connect as connect_blobs
from cxport.bootstrap.application import make_application
from cxport.domain.access import Role
from cxport.domain.catalogue import DataType, Entity, Family
from cxport.domain.job import JobSpec, Schedule
from cxport.domain.run import Run
from cxport.sealing.vault import Vault, new_master_key
from cxport.services import Services, ServiceSettings, assemble
from cxport.store import jobs, runs
from cxport.store.database import Database, connect
from tests.api.installation import WEAK, Clock, measured

#: Scripts and styles that a title must never become.
HOSTILE = "<script>alert('x')</script>"


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
    clock: Clock
    url: str

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
    services = assemble(
        db=db,
        box=Vault([new_master_key()]),
        blobs=connect_blobs(BlobSettings(url=(folder / "objects").as_uri())),
        settings=ServiceSettings(public_url=url),
        clock=clock,
        measure=measured,
        hasher=WEAK,
    )
    yield Console(make_application(services, ApiSettings(), url), services, db, clock, url)
    db.close()


def token_of(page: httpx2.Response) -> str:
    """Give what the forms of a page carry."""
    found = re.search(r'name="token" value="(\w+)"', page.text)
    assert found is not None
    return found[1]
