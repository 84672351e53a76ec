"""How many rows a list has of each kind: family, type of data, source and status.

Triggers of the database keep the numbers, in the transaction that changes them. On PostgreSQL each
connection adds to rows of its own (`shard` is its process there), so that writers do not wait for
one another, and a number is the sum of its shards, of which some may be below zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select, text

from cxport.store.database import Database
from cxport.store.listed import file_list, job_list, list_counts, run_list
from cxport.store.scope import Scope

#: The lists that are counted, and by what.
LISTS = frozenset({job_list.name, run_list.name, file_list.name})
KINDS = frozenset({"family", "data_type_folded", "source_folded", "status"})

#: Any number that no other program sharing the database takes for its advisory locks.
_LOCK = 0x637870_636E74

_FOLD = """
WITH gone AS (
    DELETE FROM list_counts c WHERE c.shard <> 0
    AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.pid = c.shard)
    RETURNING *)
INSERT INTO list_counts (tenant_id, list, family, data_type_folded, source_folded, status, shard,
    records)
SELECT tenant_id, list, family, data_type_folded, source_folded, status, 0, sum(records) FROM gone
GROUP BY tenant_id, list, family, data_type_folded, source_folded, status
ON CONFLICT (tenant_id, list, family, data_type_folded, source_folded, status, shard)
DO UPDATE SET records = list_counts.records + excluded.records
"""

Test = Callable[[ColumnElement[Any]], ColumnElement[bool]]


def count(scope: Scope, listed: Table, tests: Mapping[str, Test]) -> int:
    """Give how many of a list's rows pass each test of a kind; KeyError for any other column."""
    passed = [test(list_counts.c[name]) for name, test in tests.items()]
    mine = scope.of(list_counts, list=listed.name)
    summed = select(func.coalesce(func.sum(list_counts.c.records), 0)).where(mine, *passed)
    return int(scope.all(summed)[0][0])


def fold(db: Database) -> None:
    """Add up what connections counted that are gone; SQLite has nothing to add up."""
    with db.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            connection.execute(text(_FOLD))
