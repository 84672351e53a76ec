"""What a finished run leaves behind: sealed files and their manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """One sealed file; `part` of `parts` counts from 1."""

    name: str
    tenant_id: str
    run_id: int
    job_id: int
    object_key: str
    size_bytes: int
    rows: int
    sha256: str
    part: int
    parts: int
    #: As its job says them: the family, the data type, the source's name and the title.
    family: str
    data_type: str
    source: str
    title: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class StoredManifest:
    """The manifest of a run as it was signed, and its name."""

    name: str
    tenant_id: str
    run_id: int
    content: bytes


def file_name(archive_id: str, part: int, parts: int) -> str:
    """Name a sealed file: `export-<id>.smime`, in a set `export-<id>-00001-of-00004.smime`."""
    if parts == 1:
        return f"export-{archive_id}.smime"
    return f"export-{archive_id}-{part:05}-of-{parts:05}.smime"


def manifest_name(archive_id: str) -> str:
    """Name the manifest of a run."""
    return f"export-{archive_id}.manifest.json"


_FILE_NAME = re.compile(r"export-([0-9A-Za-z-]+?)(?:-[0-9]{5}-of-[0-9]{5})?\.smime")


def manifest_of(name: str) -> str:
    """Name the manifest of the run that a sealed file belongs to; empty for any other name."""
    found = _FILE_NAME.fullmatch(name)
    return manifest_name(found[1]) if found else ""
