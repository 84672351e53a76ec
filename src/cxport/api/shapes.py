"""The contract's objects that its versions print alike, made from ours."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from cxport import __version__
from cxport.api.instants import iso
from cxport.api.settings import ApiSettings
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


class JobSummary(Answer):
    """What every version prints of a job or a history record."""

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


class FilePage(Answer):
    """A page of files; `size` is the limit that was applied."""

    count: int
    items: list[FileMetadata]
    size: int
    offset: int = Field(validation_alias="offset", serialization_alias="from")


class PreSignedUri(Answer):
    """A link to a file; in a list of those that are missing, the file's name."""

    path: str


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


def display_name(name: str) -> str:
    """Write a name of the catalogue as words: `PhoneCall`, `Phone Call`."""
    return _WORD_START.sub(" ", name)


def sub_type(source: str, entity: Entity, *, enabled: bool) -> SubType:
    """Describe an entity type of a source."""
    return SubType(
        name=entity,
        display_name=display_name(entity),
        source=source,
        data_type=Type.INTERACTION,
        enabled=enabled,
    )


def status_of(found: JobState | Run) -> Status:
    """Give where a run stands; a job stands where its newest run does."""
    return found.status


def progress_of(found: JobState | Run) -> JobProgress:
    """Describe how far a run, or a job's newest, has come."""
    run = found if isinstance(found, Run) else found.run
    return JobProgress(progress=run.progress if run else 0, status=status_of(found).label)


def summary(found: JobState | Run, type_of: Callable[[JobSpec], str]) -> dict[str, Any]:
    """Give the fields of a JobSummary: of a job, with what its newest run has come to, or a run.

    Versions differ in what they print as `type`.
    """
    run = found if isinstance(found, Run) else found.run
    item = found if isinstance(found, Run) else found.job
    spec = item.spec
    window = found.selection().window if isinstance(found, Run) else spec.window
    return {
        "id": item.id,
        "type": type_of(spec),
        "source": spec.source,
        "title": spec.title,
        "file_split_size": spec.split_text,
        "file_name": run.first_file if run else "",
        "file_size": run.size_bytes if run else 0,
        "status": status_of(found).label,
        "created_date": iso(item.created_at),
        "date_from": iso(window.start),
        "date_to": iso(window.end),
        "description": spec.description,
        "media": list(spec.media),
        "progress": run.progress if run else 0,
        "parent_id": found.job_id if isinstance(found, Run) else None,
    }


def file_metadata(artifact: Artifact, type_: str, now: datetime) -> FileMetadata:
    """Describe a file; a day that has begun counts as remaining."""
    remaining = (artifact.expires_at - now) / timedelta(days=1)
    return FileMetadata(
        name=artifact.name,
        size=artifact.size_bytes,
        type=type_,
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


def version_info(settings: ApiSettings) -> VersionInfo:
    """Describe what serves."""
    return VersionInfo(
        version=__version__,
        build_number=settings.build_number,
        changeset=settings.changeset,
        name="CXPort",
    )
