"""The sealed files of a tenant's runs, and the manifests."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from cxport.domain.artifact import Artifact, StoredManifest
from cxport.domain.errors import NotFound
from cxport.domain.listing import Page, Query
from cxport.store import rows
from cxport.store.choice import Filter
from cxport.store.columns import fold
from cxport.store.custody import check_free
from cxport.store.database import Database
from cxport.store.fencing import locked
from cxport.store.listed import file_list
from cxport.store.paging import Listing, plain, text, word
from cxport.store.scope import reading, writing
from cxport.store.tables import files, manifests, runs

_LISTING = Listing(
    files,
    file_list,
    {
        "id": plain(file_list.c.id),
        "name": text(file_list.c.name_folded),
        "type": word(file_list.c.family),
        "data_type": text(file_list.c.data_type_folded),
        "source": text(file_list.c.source_folded),
        "title": text(file_list.c.title_folded),
        "run_id": plain(file_list.c.run_id),
        "job_id": plain(file_list.c.job_id),
        "uploaded_at": plain(file_list.c.created_at),
        "expires_at": plain(file_list.c.expires_at),
        "size": plain(file_list.c.size_bytes),
        "rows": plain(file_list.c.rows),
        "sha256": word(file_list.c.sha256),
        "part": plain(file_list.c.part),
        "parts": plain(file_list.c.parts),
    },
)


def get(db: Database, tenant_id: str, name: str, now: datetime | None = None) -> Artifact:
    """Give a file, or raise NotFound; one that has expired (now, where not told) is gone.

    Under a hold it does not expire.
    """
    with reading(db, tenant_id) as scope:
        file = rows.artifact(scope.get(files, name=name))
        over = file.expires_at <= (now or datetime.now(UTC))
        if over and scope.get(runs, id=file.run_id).hold is None:
            raise NotFound
        return file


def find(db: Database, tenant_id: str, name: str) -> Artifact | None:
    """Give a file, expired or not, or None where it is gone."""
    with reading(db, tenant_id) as scope:
        row = scope.first(scope.select(files, name=name))
    return None if row is None else rows.artifact(row)


def delete(db: Database, tenant_id: str, name: str) -> bool:
    """Forget a file, or the manifest, of that name, and tell whether there was one.

    Its object goes before. The run it belongs to names the first file that is left. Raises
    UnderHold.
    """
    with writing(db, tenant_id) as scope:
        row = scope.first(scope.select(files, name=name))
        found = row or scope.first(scope.select(manifests, name=name))
        if found is None:
            return False
        check_free(locked(scope, found.run_id))
        if row is None:
            return bool(scope.delete(manifests, name=name))
        scope.delete(files, name=name)
        left = scope.first(scope.select(files, run_id=row.run_id).order_by(files.c.part).limit(1))
        first = left.name if left else ""
        named = {"first_file": first, "first_file_folded": fold(first)}
        scope.update(runs, named, id=row.run_id)
        return True


def manifest(db: Database, tenant_id: str, name: str) -> StoredManifest:
    """Give a manifest, or raise NotFound."""
    with reading(db, tenant_id) as scope:
        row = scope.get(manifests, name=name)
    return StoredManifest(
        name=row.name, tenant_id=row.tenant_id, run_id=row.run_id, content=row.content
    )


def page(db: Database, tenant_id: str, query: Query, now: datetime) -> Page[Artifact]:
    """Give a page of a tenant's files that have not expired, or are under hold.

    Columns: id (in the order in which files appeared), name, type (the family), data_type,
    source, title, run_id, job_id, uploaded_at, expires_at, size (bytes), rows, sha256, part,
    parts; KeyError for any other.
    """
    with reading(db, tenant_id) as scope:
        over = select(file_list.c.id).where(scope.of(file_list), file_list.c.expires_at <= now)
        if scope.first(over.limit(1)) is None:
            return _LISTING.page(scope, query, rows.artifact)
        alive = Filter(file_list.c.expires_at, file_list.c.expires_at > now)
        held = select(runs.c.id).where(scope.of(runs), runs.c.hold.is_not(None))
        if scope.first(held.limit(1)) is not None:
            alive = Filter(alive.column, alive.condition | file_list.c.run_id.in_(held))
        return _LISTING.page(scope, query, rows.artifact, alive)


def of_run(db: Database, tenant_id: str, run_id: int) -> list[Artifact]:
    """Give every file of a run by part, expired or not; none for an unknown run."""
    with reading(db, tenant_id) as scope:
        found = scope.select(files, run_id=run_id).order_by(files.c.part)
        return [rows.artifact(row) for row in scope.all(found)]
