"""What version 10 sends: the contract's objects, made from ours."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from cxport.api.instants import iso
from cxport.domain.artifact import Artifact
from cxport.domain.catalogue import DataType as Type
from cxport.domain.catalogue import Entity
from cxport.domain.certificate import StoredCertificate
from cxport.domain.job import JobSpec
from cxport.domain.run import Run, Status
from cxport.domain.tenant import Caller
from cxport.services.jobs import JobState

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Answer(BaseModel):
    """An object of the contract; its fields are written in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


class CertificateInfo(Answer):
    """The certificate in force."""

    ccid: str
    name: str
    size: int
    last_modified: str


class KeyValueItem(Answer):
    """A choice: what people read and what programs send."""

    label: str
    value: str


class DataType(Answer):
    """A type that a source holds."""

    name: str
    source: str


class SubType(Answer):
    """An entity type of a source's interactions."""

    name: str
    display_name: str
    source: str
    data_type: str
    enabled: bool


class JobInfo(Answer):
    """A job or a history record."""

    id: int
    type: str
    source: str
    title: str
    file_split_size: str
    file_name: str
    file_size: int
    status: str
    created_date: str
    date_from: str
    date_to: str
    description: str
    media: list[str]
    progress: int
    parent_id: int | None
    export_attachments: bool


class JobProgress(Answer):
    """How far a run has come, in percent."""

    progress: int
    status: str


class FileMetadata(Answer):
    """A row of `file-metadatas`."""

    name: str
    size: int
    type: str
    source: str
    job_title: str
    job_id: int
    history_id: int
    upload_date: str
    expiration_date: str
    remaining_days: int
    rows: int
    sha256: str
    part: int
    parts: int


class JobPage(Answer):
    """A page of jobs or history records; `size` is the limit that was applied."""

    count: int
    items: list[JobInfo]
    size: int
    offset: int = Field(validation_alias="offset", serialization_alias="from")


class FilePage(Answer):
    """A page of files; `size` is the limit that was applied."""

    count: int
    items: list[FileMetadata]
    size: int
    offset: int = Field(validation_alias="offset", serialization_alias="from")


class VersionInfo(Answer):
    """What serves."""

    version: str
    build_number: str
    changeset: str
    name: str


def certificate_info(caller: Caller, stored: StoredCertificate) -> CertificateInfo:
    """Describe a certificate."""
    return CertificateInfo(
        ccid=caller.tenant_name,
        name=stored.name,
        size=stored.size_bytes,
        last_modified=iso(stored.uploaded_at),
    )


def sub_type(source: str, entity: Entity, *, enabled: bool) -> SubType:
    """Describe an entity type of a source."""
    return SubType(
        name=entity,
        display_name=_WORD_START.sub(" ", entity),
        source=source,
        data_type=Type.INTERACTION,
        enabled=enabled,
    )


def status_of(found: JobState | Run) -> Status:
    """Give where a run stands; a job stands where its newest run does."""
    run = found.run if isinstance(found, JobState) else found
    if run is not None:
        return run.status
    return Status.SCHEDULED


def progress_of(found: JobState | Run) -> JobProgress:
    """Describe how far a run, or a job's newest, has come."""
    run = found.run if isinstance(found, JobState) else found
    return JobProgress(progress=run.progress if run else 0, status=status_of(found).label)


def job_info(found: JobState | Run) -> JobInfo:
    """Describe a job, with what its newest run has come to, or a run."""
    if isinstance(found, JobState):
        job = found.job
        return _info(job.id, None, job.spec, job.created_at, found.run)
    return _info(found.id, found.job_id, found.spec, found.created_at, found)


def _info(
    item_id: int, parent_id: int | None, spec: JobSpec, created_at: datetime, run: Run | None
) -> JobInfo:
    status = run.status if run else Status.SCHEDULED
    return JobInfo(
        id=item_id,
        type=spec.family,
        source=spec.source,
        title=spec.title,
        file_split_size=spec.split_text,
        file_name=run.first_file if run else "",
        file_size=run.size_bytes if run else 0,
        status=status.label,
        created_date=iso(created_at),
        date_from=iso(spec.window.start),
        date_to=iso(spec.window.end),
        description=spec.description,
        media=list(spec.media),
        progress=run.progress if run else 0,
        parent_id=parent_id,
        export_attachments=spec.attachments,
    )


def file_metadata(artifact: Artifact, now: datetime) -> FileMetadata:
    """Describe a file; a day that has begun counts as remaining."""
    remaining = (artifact.expires_at - now) / timedelta(days=1)
    return FileMetadata(
        name=artifact.name,
        size=artifact.size_bytes,
        type=artifact.family,
        source=artifact.source,
        job_title=artifact.title,
        job_id=artifact.job_id,
        history_id=artifact.run_id,
        upload_date=iso(artifact.created_at),
        expiration_date=iso(artifact.expires_at),
        remaining_days=max(0, math.ceil(remaining)),
        rows=artifact.rows,
        sha256=artifact.sha256,
        part=artifact.part,
        parts=artifact.parts,
    )
