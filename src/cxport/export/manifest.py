"""The manifest of a run: what its files are and hold, signed, readable without the key.

It holds no personal data, so neither the title nor the description of the job. The file is JSON:
`manifest` (the object below), `publicKey` and `signature`, both base64. The signature (Ed25519)
is over `manifest` in canonical form: keys sorted, no blanks, UTF-8.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from cxport.domain.artifact import Artifact
from cxport.domain.errors import Damaged
from cxport.domain.run import Counts, Run, RunPart
from cxport.domain.table_set import Table, TableMark, TableSet
from cxport.formats.schema import SCHEMA_VERSION
from cxport.sealing.signature import public_of, sign, verify

#: Raised when a reader of the older form could misunderstand the newer.
MANIFEST_VERSION = 1


def build_manifest(
    run: Run, tenant: str, parts: Sequence[tuple[RunPart, Artifact]], counts: Counts, now: datetime
) -> dict[str, object]:
    """Describe a finished run."""
    window = run.selection().window
    return {
        "version": MANIFEST_VERSION,
        "archive": run.archive_id,
        "tenant": tenant,
        "jobId": run.job_id,
        "historyId": run.id,
        "source": run.spec.source,
        "type": run.spec.family.value,
        "dataType": run.spec.data_type,
        "entities": [entity.value for entity in run.spec.entities],
        "media": list(run.spec.media),
        "attachments": run.spec.attachments,
        "window": {"from": _time(window.start), "to": _time(window.end)},
        "createdAt": _time(now),
        "profile": run.spec.profile.value,
        "certificate": run.certificate_fingerprint,
        "schemaVersion": SCHEMA_VERSION,
        "counts": asdict(counts),
        "warnings": list(run.notices),
        "incremental": run.spec.incremental,
        **(_tables(run, run.spec.tables) if run.spec.tables else {}),
        "parts": [_part(part, artifact) for part, artifact in parts],
    }


def _tables(run: Run, tables: TableSet) -> dict[str, object]:
    """Tell how the CSVs are to be read: which column is the key, what flags a deleted row."""
    reached = {one.table: one for one in run.marks}
    return {
        "spreadsheetSafe": run.spec.spreadsheet_safe,
        "tables": [_table(one, reached.get(one.name)) for one in tables.tables],
    }


def _table(table: Table, reached: TableMark | None) -> dict[str, object]:
    return {
        "name": table.name,
        "key": table.key,
        "deleted": table.deleted,
        "columns": [column.name for column in table.columns],
        "masked": [column.name for column in table.columns if column.mask],
        "mark": table.mark.column if table.mark else "",
        "since": reached.since if reached else None,
        "reached": reached.value if reached else None,
    }


def _part(part: RunPart, artifact: Artifact) -> dict[str, object]:
    result = part.result
    if result is None:
        raise ValueError("a part without a result is not finished")
    return {
        "name": artifact.name,
        "part": artifact.part,
        "size": result.size_bytes,
        "sha256": result.sha256,
        "zipSha256": result.zip_sha256,
        "counts": asdict(result.counts),
        "members": result.rows,
        "snapshotAt": _time(result.snapshot_at),
    }


def _time(at: datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sign_manifest(manifest: dict[str, object], key: bytes) -> bytes:
    """Give the signed file."""
    signed = {
        "manifest": manifest,
        "publicKey": base64.b64encode(public_of(key)).decode(),
        "signature": base64.b64encode(sign(key, _canonical(manifest))).decode(),
    }
    return json.dumps(signed, indent=2, ensure_ascii=False).encode() + b"\n"


def read_manifest(content: bytes, public_key: bytes | None = None) -> dict[str, object]:
    """Give the manifest of a signed file; Damaged where its signature does not hold.

    With `public_key`, only a signature of that installation is taken; without, the file's own
    key shows that it was not changed by accident, not who made it.
    """
    try:
        signed = json.loads(content)
        manifest: dict[str, object] = signed["manifest"]
        own, signature = (_strictly_decoded(signed[name]) for name in ("publicKey", "signature"))
        signed_bytes = _canonical(manifest)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Damaged("this is no manifest: nothing was written") from None
    if own != (public_key or own) or not verify(own, signed_bytes, signature):
        raise Damaged("the signature of the manifest does not hold: nothing was written")
    return manifest


def _strictly_decoded(text: str) -> bytes:
    """Decode base64 that could not be written in any other way (RFC 4648, section 3.5)."""
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("not the canonical form")
    return decoded


def _canonical(manifest: dict[str, object]) -> bytes:
    return json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
