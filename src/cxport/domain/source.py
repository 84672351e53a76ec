"""A source as an administrator set it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cxport.domain.catalogue import Entity, Family
from cxport.domain.table_set import TableSet


@dataclass(frozen=True, kw_only=True)
class StoredSource:
    """A named source of a tenant; names are unique without regard to case.

    `sealed_dsn` holds the connection, sealed by the master key; with `dsn_variable` set, the
    connection is read from that environment variable of the worker instead.
    """

    id: str
    tenant_id: str
    name: str
    family: Family
    sealed_dsn: bytes
    dsn_variable: str
    mapping: str
    #: What the last check found; used to answer the catalogue and to check jobs.
    entities: tuple[Entity, ...]
    media: tuple[str, ...]
    created_at: datetime
    #: The table sets that the last check found; a job that is made keeps its own.
    table_sets: tuple[TableSet, ...] = ()
    checked_at: datetime | None = None
    #: How many parts of this source may be read at the same time.
    max_readers: int = 2
    #: How many rows each worker may read of it in a second, over all runs; None: any number.
    max_rows_per_second: int | None = None
