"""Runs that are ready to be planned and exported, step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cxport.bootstrap import make_certificate, write_sample
from cxport.domain.catalogue import DataType, Entity, Family
from cxport.domain.job import JobSpec
from cxport.domain.tenant import Tenant
from cxport.domain.vault import dsn_purpose
from cxport.engine.resources import Resources
from cxport.store import certificates, jobs, sources
from tests.store.samples import new_tenant


def a_run(at: Resources, tenant: Tenant, name: str, file: Path) -> int:
    """Queue a run that exports the chats of a sample of its own."""
    dsn = f"sqlite:///{file}"
    write_sample(dsn, 3000, 1)
    sealed = at.box.seal(dsn.encode(), dsn_purpose(tenant.id))
    sources.add(at.db, tenant.id, name=name, family=Family.UCS, sealed_dsn=sealed)
    spec = JobSpec(
        source=name,
        family=Family.UCS,
        data_type=DataType.INTERACTION,
        entities=(Entity.CHAT,),
        title=name,
    )
    _, run = jobs.create(at.db, tenant.id, spec, "user:ann", run_now=True)
    assert run is not None
    return run.id


def a_tenant(at: Resources) -> Tenant:
    """Add a tenant with a certificate."""
    tenant = new_tenant(at.db)
    now = datetime.now(UTC)
    certificates.add(
        at.db,
        tenant.id,
        name="ours.pem",
        pem=make_certificate("ours", 30, 2048)[1],
        size_bytes=1000,
        fingerprint="f" * 64,
        subject="CN=ours",
        not_before=now - timedelta(days=1),
        not_after=now + timedelta(days=30),
        uploaded_by="user:ann",
    )
    return tenant
