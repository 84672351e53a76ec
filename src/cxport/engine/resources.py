"""What the steps of a run work with."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from cxport.blobs.base import Blobs, BlobSettings
from cxport.domain.catalogue import Family
from cxport.domain.errors import RunFailed
from cxport.domain.masking import tenant_mask_key
from cxport.domain.said import Said
from cxport.domain.source import StoredSource
from cxport.domain.vault import SecretBox, dsn_purpose
from cxport.export.readers import ReadersByRun
from cxport.export.row_limit import RowLimits
from cxport.sources.base import SourceSettings
from cxport.store.database import Database
from cxport.store.secrets import get_or_create

#: Seconds to wait before a transient failure is tried again; then it is said.
RETRY_SECONDS: tuple[float, ...] = (1, 2, 5, 10, 20, 40)


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a worker has at hand: the store, the storage, its keys and its limits."""

    db: Database
    box: SecretBox
    blobs: Blobs
    #: The same storage, as the reader processes are told.
    blob_settings: BlobSettings
    #: Ed25519 key that signs manifests.
    signing_key: bytes
    #: Where sources that name a variable find their connection.
    environment: Mapping[str, str]
    clock: Callable[[], datetime]
    #: Parts that this process exports at the same time.
    workers: int
    part_rows: int
    retention: timedelta
    #: How long the audit record is kept; None: for ever.
    audit_retention: timedelta | None = None
    #: How long the finished parts of a failed run are kept for a retry.
    kept_parts: timedelta = timedelta(days=3)
    retry_seconds: tuple[float, ...] = RETRY_SECONDS
    readers: ReadersByRun = field(default_factory=ReadersByRun)
    row_limits: RowLimits = field(default_factory=RowLimits)
    #: Set when this process is to end: see `Stopping`.
    stopping: Event = field(default_factory=Event)

    def check_stopping(self) -> None:
        """Raise Stopping where this process is to end."""
        if self.stopping.is_set():
            raise Stopping


class Stopping(BaseException):
    """This process ends: what it is at is not recorded, and done again by the next one.

    Not an Exception, so that neither we nor the engine take it for the outcome of a step.
    """


def source_settings(
    db: Database, source: StoredSource, box: SecretBox, environment: Mapping[str, str]
) -> SourceSettings:
    """Give how a source is reached; RunFailed where its variable is not set."""
    if source.dsn_variable:
        dsn = environment.get(source.dsn_variable, "")
        if not dsn:
            name = source.dsn_variable
            raise RunFailed(
                Said(
                    "source {name}: the variable {variable} is not set here",
                    name=source.name,
                    variable=name,
                )
            )
    else:
        dsn = box.open(source.sealed_dsn, dsn_purpose(source.tenant_id)).decode()
    key = mask_key(db, box, source.tenant_id) if source.family is Family.DATASYNC else b""
    return SourceSettings(dsn=dsn, mapping=source.mapping, family=source.family, mask_key=key)


def mask_key(db: Database, box: SecretBox, tenant_id: str) -> bytes:
    """Give the key of a tenant's digests; it stays the same as long as the installation does."""
    made = get_or_create(db, box, "mask-key", lambda: secrets.token_bytes(_KEY_BYTES))
    return tenant_mask_key(made, tenant_id)


_KEY_BYTES = 32
