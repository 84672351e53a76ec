"""Tables of any shape in real databases, written and read by plain drivers, for DataSync."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg
import pymysql

from cxport.domain.catalogue import Family
from cxport.domain.selection import Selection, Slice, Snapshot
from cxport.domain.table_set import TableMark, TableSet
from cxport.sources import connect
from cxport.sources.base import Plan, PlanLimits, Source, SourceReport, SourceSettings
from cxport.sources.datasync import DataSyncReader
from cxport.sources.drivers import opener

ALL = PlanLimits(part_raw_bytes=1 << 30, part_rows=1_000_000)
MASK_KEY = b"k" * 32


def plain_connection(dsn: str) -> Any:
    """Connect as any program would, committing each statement by itself."""
    parts = urlsplit(dsn)
    if parts.scheme == "sqlite":
        return sqlite3.connect(parts.path, isolation_level=None, timeout=30)
    if parts.scheme == "postgresql":
        return psycopg.connect(dsn, autocommit=True)
    return pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=parts.username,
        password=parts.password or "",
        database=parts.path[1:],
        charset="utf8mb4",
        autocommit=True,
        init_command="SET time_zone = '+00:00'",
    )


@dataclass
class Tables:
    """A database under test and a connection that writes to it."""

    dsn: str
    product: str
    _writer: Any = field(init=False)

    def __post_init__(self) -> None:
        self._writer = plain_connection(self.dsn)

    def run(self, statement: str, *values: object) -> None:
        """Execute a statement; its markers are `?`."""
        mark = "?" if self.product == "sqlite" else "%s"
        self._writer.cursor().execute(statement.replace("?", mark), values)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the rows of a query."""
        cursor = self._writer.cursor()
        cursor.execute(query)
        return list(cursor.fetchall())

    def close(self) -> None:
        """Close the writer."""
        self._writer.close()

    def source(self, mapping: str) -> Source:
        """Connect to the tables by a mapping."""
        return connect(
            SourceSettings(dsn=self.dsn, mapping=mapping, family=Family.DATASYNC, mask_key=MASK_KEY)
        )

    def check(self, mapping: str) -> SourceReport:
        """Check the mapping."""
        return self.source(mapping).check()

    def frozen(self, mapping: str) -> TableSet:
        """Give the first set as a job would keep it now."""
        report = self.check(mapping)
        assert report.missing == ()
        return report.table_sets[0]


class Reading:
    """A reader of a frozen set, at a moment of the test's own choice."""

    def __init__(
        self,
        tables: Tables,
        frozen: TableSet,
        *,
        marks: tuple[TableMark, ...] = (),
        incremental: bool = False,
        taken_at: datetime | None = None,
    ) -> None:
        connection = opener(tables.dsn)[0]()
        snapshot = connection.begin(None)
        moment = Snapshot(taken_at=taken_at or datetime.now(UTC), token=snapshot.token)
        self.reader = DataSyncReader(connection, moment, MASK_KEY)
        self.selection = Selection(
            data_type=frozen.name,
            entities=(),
            tables=frozen,
            incremental=incremental,
            marks=marks,
        )

    def __enter__(self) -> Self:
        """Give it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End its transaction."""
        self.reader.close()

    def plan(self, limits: PlanLimits = ALL) -> Plan:
        """Plan."""
        return self.reader.plan(self.selection, limits)

    def read(self, piece: Slice) -> list[dict[str, Any]]:
        """Read the rows of a slice by column, without the key that stands before them."""
        stream = self.reader.read(self.selection, piece)
        names = [one.name for one in stream.fields[1:]]
        return [dict(zip(names, row[1:], strict=True)) for batch in stream for row in batch]

    def all(self, plan: Plan) -> dict[str, list[dict[str, Any]]]:
        """Read every slice of a plan, by table."""
        found: dict[str, list[dict[str, Any]]] = {}
        for part in plan.parts:
            for piece in part.slices:
                found.setdefault(piece.entity, []).extend(self.read(piece))
        return found
