"""Values for the tests of the store, and runs brought to where a test needs them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from cxport.domain.artifact import Artifact, StoredManifest
from cxport.domain.audit import Act, Entry, Outcome
from cxport.domain.catalogue import DataType, Entity, Family
from cxport.domain.certificate import StoredCertificate
from cxport.domain.job import JobSpec, Schedule
from cxport.domain.run import Counts, PartResult, Run, Status
from cxport.domain.selection import Part, Slice
from cxport.domain.session import Session
from cxport.domain.table_set import Mark, MarkKind, Table, TableColumn, TableMark, TableSet
from cxport.domain.tenant import Tenant
from cxport.domain.tick import DueJob, TickPlan
from cxport.store import certificates, jobs, runs, tenants
from cxport.store.database import Database
from cxport.store.listed import metadata

NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOON + timedelta(days=30)
ARCHIVE = "2f1e"
COUNTS = Counts(selected=12, exported=10, skipped=2, warnings=1)
PLAN = (
    Part(number=1, slices=(Slice(entity=Entity.CHAT, upto="m"),)),
    Part(number=2, slices=(Slice(entity=Entity.CHAT, after="m"), Slice(entity=Entity.EMAIL_IN))),
)

NO_TICKS = TickPlan(covered=(), skipped=(), next_tick_at=None)


def new_tenant(db: Database) -> Tenant:
    """Add a tenant of a name that no other test takes."""
    return tenants.create(db, f"tenant {uuid.uuid4()}")


def a_spec(**changed: Any) -> JobSpec:
    """Give what a job asks for."""
    values: dict[str, Any] = {
        "source": "History",
        "family": Family.UCS,
        "data_type": DataType.INTERACTION,
        "title": "Weekly",
        **changed,
    }
    return JobSpec(**values)


def a_session() -> Session:
    """Give the session of a person."""
    return Session(
        tenant_id="",
        subject="user:ann",
        roles=None,
        used_at=NOON,
        idle=timedelta(minutes=30),
        expires_at=datetime(9999, 1, 1, tzinfo=UTC),
    )


def a_due_job(job_id: int) -> DueJob:
    """Give a job as the ticker sees it, whose tick comes at noon."""
    return DueJob(
        tenant_id="",
        job_id=job_id,
        schedule=Schedule(cron="0 12 * * *"),
        relative="",
        next_tick_at=NOON,
        updated_at=NOON,
    )


def a_table_set(*columns: str) -> TableSet:
    """Give a table set with one table, of the key and these columns."""
    found = tuple(TableColumn(name=name) for name in ("id", *columns))
    return TableSet(name="Orders", tables=(Table(name="t", table="t", key="id", columns=found),))


def a_table_spec(source: str = "History", **changed: Any) -> JobSpec:
    """Give what an incremental job of tables asks for."""
    return a_spec(
        source=source,
        family=Family.DATASYNC,
        data_type="Orders",
        tables=a_table_set(),
        incremental=True,
        **changed,
    )


def a_mark(table: str = "t", value: str = "17") -> TableMark:
    """Give how far a job has come with a table."""
    return TableMark(table=table, mark=Mark(column="id", kind=MarkKind.KEY), value=value)


def a_run(db: Database, tenant: Tenant, **changed: Any) -> Run:
    """Add a job with a queued run."""
    _, run = jobs.create(db, tenant.id, a_spec(**changed), "user:ann", run_now=True)
    assert run is not None
    return run


def a_begun_run(db: Database, tenant: Tenant, parts: Sequence[Part] = PLAN) -> Run:
    """Add a run that has begun (attempt 1) and has its plan."""
    run = begin(db, a_run(db, tenant))
    runs.save_plan(db, tenant.id, run.id, run.attempt, parts, 1000, len(parts) > 1)
    return runs.get(db, tenant.id, run.id)


def begin(db: Database, run: Run) -> Run:
    """Begin a run, or take it over."""
    return runs.begin(
        db, run.tenant_id, run.id, archive_id=ARCHIVE, certificate_fingerprint="f" * 64
    )


def a_result(object_key: str = "objects/1", **changed: Any) -> PartResult:
    """Give what a finished part is."""
    values: dict[str, Any] = {
        "object_key": object_key,
        "size_bytes": 4096,
        "sha256": "a" * 64,
        "zip_sha256": "b" * 64,
        "counts": COUNTS,
        "rows": {"Chat-2.json": 10},
        "snapshot_at": NOON,
        **changed,
    }
    return PartResult(**values)


def an_artifact(run: Run, **changed: Any) -> Artifact:
    """Give a sealed file of a run."""
    values: dict[str, Any] = {
        "name": f"export-{uuid.uuid4()}.smime",
        "tenant_id": run.tenant_id,
        "run_id": run.id,
        "job_id": run.job_id,
        "object_key": "objects/1",
        "size_bytes": 4096,
        "rows": 10,
        "sha256": "a" * 64,
        "part": 1,
        "parts": 1,
        "family": run.spec.family,
        "data_type": run.spec.data_type,
        "source": run.spec.source,
        "title": run.spec.title,
        "created_at": NOON,
        "expires_at": LATER,
        **changed,
    }
    return Artifact(**values)


def a_manifest(run: Run) -> StoredManifest:
    """Give the manifest of a run."""
    name = f"export-{uuid.uuid4()}.manifest.json"
    return StoredManifest(name=name, tenant_id=run.tenant_id, run_id=run.id, content=b"{}\x00\xff")


def publish(db: Database, run: Run, artifacts: Sequence[Artifact], **changed: Any) -> None:
    """End a run with its files."""
    values: dict[str, Any] = {
        "status": Status.COMPLETED,
        "reason": "",
        "counts": COUNTS,
        "artifacts": artifacts,
        "manifest": a_manifest(run),
        **changed,
    }
    runs.publish(db, run.tenant_id, run.id, run.attempt, **values)


def a_certificate(db: Database, tenant: Tenant, fingerprint: str) -> StoredCertificate:
    """Upload a certificate."""
    return certificates.add(
        db,
        tenant.id,
        name="ours.pem",
        pem=b"-----BEGIN CERTIFICATE-----",
        size_bytes=27,
        fingerprint=fingerprint,
        subject="CN=ours",
        not_before=NOON,
        not_after=LATER,
        uploaded_by="user:ann",
    )


def everything_of(db: Database, tenant_id: str) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    """Give every row that a tenant has, by table."""
    return dict(_rows(db, tenant_id))


def _rows(db: Database, tenant_id: str) -> Iterator[tuple[str, Sequence[tuple[Any, ...]]]]:
    with db.read() as connection:
        for table in metadata.sorted_tables:
            owner = table.c.get("tenant_id", table.c.get("id"))
            if owner is not None:
                found = select(table).where(owner == tenant_id).order_by(*table.primary_key)
                yield table.name, [tuple(row) for row in connection.execute(found)]


def an_audit_entry(tenant: Tenant, named: str = "1", at: datetime = NOON) -> Entry:
    """Give an entry of the audit record."""
    return Entry(
        tenant_id=tenant.id,
        actor="user:ann",
        act=Act.JOB_CREATE,
        outcome=Outcome.DONE,
        object=named,
        at=at,
    )
