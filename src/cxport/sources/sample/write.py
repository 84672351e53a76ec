"""Writes the sample contact centre into a database."""

from __future__ import annotations

from collections.abc import Callable

from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said
from cxport.sources.drivers import opener
from cxport.sources.dsn import product_of, sqlite_path
from cxport.sources.sample.databases import Database, database_kind
from cxport.sources.sample.rows import SampleCounts, SampleRows
from cxport.sources.sample.tables import TABLES


def write_sample(
    dsn: str,
    *,
    interactions: int = 3000,
    seed: int = 1,
    progress: Callable[[int], None] | None = None,
) -> SampleCounts:
    """Make the tables of UCS 8.5 and fill them; the same for the same seed on every database.

    `progress` is told how many interactions are written so far. Where a failure or an interrupt
    ends it, nothing is left behind, if the database can still be reached. Raises InvalidInput
    (`interactions`, `dsn`), also for a database that has any table of that name, which is left
    as it is; SourceUnreachable or SourceRefused.
    """
    if interactions < 1:
        raise InvalidInput("interactions", Said("there is nothing to write"), Said("1 or more"))
    kind = database_kind(dsn)
    _refuse_existing(dsn)
    database = kind(dsn)
    try:
        counts = _fill(database, SampleRows(interactions, seed), progress or (lambda _: None))
    except BaseException:
        database.abandon()
        raise
    database.close()
    return counts


def _refuse_existing(dsn: str) -> None:
    """Raise InvalidInput where a table of ours, whatever its case, is there already."""
    if product_of(dsn) == "sqlite" and not sqlite_path(dsn).exists():
        return
    connection = opener(dsn)[0]()
    try:
        found = connection.describe("", [table.name for table in TABLES])
    finally:
        connection.close()
    if found:
        raise InvalidInput(
            "dsn",
            Said("the database has a table {found} already: nothing was written", found=min(found)),
            "a database without any of the tables " + ", ".join(table.name for table in TABLES),
        )


def _fill(database: Database, rows: SampleRows, progress: Callable[[int], None]) -> SampleCounts:
    for table in TABLES:
        database.make(table)
    for batch, interactions in rows.batches():
        for table in TABLES:
            if table.name in batch:
                database.insert(table, batch[table.name])
        progress(interactions)
    database.finish()
    return rows.counts()
