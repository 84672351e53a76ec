"""The sources of a tenant, as an administrator set them up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row

from cxport.domain.catalogue import Entity, Family
from cxport.domain.errors import NotFound
from cxport.domain.said import Said
from cxport.domain.source import StoredSource
from cxport.domain.table_set import TableSet
from cxport.store.columns import fold
from cxport.store.database import Database
from cxport.store.records import from_json, to_json
from cxport.store.scope import reading, taken, writing
from cxport.store.tables import sources


def add(  # noqa: PLR0913 - what a source is made of
    db: Database,
    tenant_id: str,
    *,
    name: str,
    family: Family,
    sealed_dsn: bytes,
    dsn_variable: str = "",
    mapping: str = "",
    entities: Sequence[Entity] = (),
    media: Sequence[str] = (),
    table_sets: Sequence[TableSet] = (),
    checked_at: datetime | None = None,
    max_readers: int = 2,
    max_rows_per_second: int | None = None,
) -> StoredSource:
    """Add a source, its DSN sealed for `domain.vault.dsn_purpose` (empty with a variable).

    InvalidInput where the name is taken, whatever its case; NotFound for an unknown tenant.
    """
    source = StoredSource(
        id=str(uuid4()),
        tenant_id=tenant_id,
        name=name,
        family=family,
        sealed_dsn=sealed_dsn,
        dsn_variable=dsn_variable,
        mapping=mapping,
        entities=tuple(entities),
        media=tuple(media),
        table_sets=tuple(table_sets),
        created_at=datetime.now(UTC),
        checked_at=checked_at,
        max_readers=max_readers,
        max_rows_per_second=max_rows_per_second,
    )
    with (
        writing(db, tenant_id) as scope,
        taken("name", Said("a source of this name exists already")),
    ):
        scope.hold()
        scope.insert(sources, _values(source))
    return source


def get(db: Database, tenant_id: str, source_id: str) -> StoredSource:
    """Give a source, or raise NotFound."""
    with reading(db, tenant_id) as scope:
        return _source(scope.get(sources, id=source_id))


def by_name(db: Database, tenant_id: str, name: str) -> StoredSource:
    """Give the source of a name, whatever its case, or raise NotFound."""
    with reading(db, tenant_id) as scope:
        return _source(scope.get(sources, name_folded=fold(name)))


def list(db: Database, tenant_id: str) -> tuple[StoredSource, ...]:  # noqa: A001 - callers say sources.list
    """Give a tenant's sources, by name."""
    with reading(db, tenant_id) as scope:
        rows = scope.all(scope.select(sources).order_by(sources.c.name_folded))
    return tuple(_source(row) for row in rows)


def update_checked(  # noqa: PLR0913, PLR0917 - what a check finds
    db: Database,
    tenant_id: str,
    source_id: str,
    entities: Sequence[Entity],
    media: Sequence[str],
    checked_at: datetime,
    table_sets: Sequence[TableSet] = (),
) -> None:
    """Keep what a check found, or raise NotFound."""
    found = {
        "entities": to_json(tuple(entities)),
        "media": to_json(tuple(media)),
        "table_sets": to_json(tuple(table_sets)),
        "checked_at": checked_at,
    }
    with writing(db, tenant_id) as scope:
        if not scope.update(sources, found, id=source_id):
            raise NotFound


def update_limits(
    db: Database,
    tenant_id: str,
    source_id: str,
    max_readers: int,
    max_rows_per_second: int | None,
) -> None:
    """Keep how a source may be read, or raise NotFound."""
    limits = {"max_readers": max_readers, "max_rows_per_second": max_rows_per_second}
    with writing(db, tenant_id) as scope:
        if not scope.update(sources, limits, id=source_id):
            raise NotFound


def remove(db: Database, tenant_id: str, source_id: str) -> None:
    """Remove a source, or raise NotFound; jobs that name it stay and will fail."""
    with writing(db, tenant_id) as scope:
        if not scope.delete(sources, id=source_id):
            raise NotFound


def _values(source: StoredSource) -> dict[str, object]:
    return {
        **vars(source),
        "name_folded": fold(source.name),
        "entities": to_json(source.entities),
        "media": to_json(source.media),
        "table_sets": to_json(source.table_sets),
    }


def _source(row: Row[Any]) -> StoredSource:
    return StoredSource(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        family=Family(row.family),
        sealed_dsn=row.sealed_dsn,
        dsn_variable=row.dsn_variable,
        mapping=row.mapping,
        entities=tuple(Entity(entity) for entity in row.entities),
        media=tuple(row.media),
        table_sets=tuple(from_json(TableSet, one) for one in row.table_sets),
        created_at=row.created_at,
        checked_at=row.checked_at,
        max_readers=row.max_readers,
        max_rows_per_second=row.max_rows_per_second,
    )
