"""Table sets: which tables of a database one DataSync job exports, and how far it has come.

A job keeps the set as it was when the job was made. Columns that the database gets later are
not exported until the operator refreshes the set.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cxport.domain.masking import Mask


class MarkKind(StrEnum):
    """What a mark column tells: a growing key sees inserts, a time of change updates, too."""

    KEY = "key"
    TIME = "time"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The column by which an increment finds what is new."""

    column: str
    kind: MarkKind
    #: How a time that is kept as a number counts since 1970: seconds (also ""), milliseconds.
    encoding: str = ""


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """A column that is exported, by the database's own name."""

    name: str
    mask: Mask | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of a set; `name` is that of its CSV, `table` and `schema` the database's."""

    name: str
    table: str
    key: str
    columns: tuple[TableColumn, ...]
    schema: str = ""
    #: None: the table is exported whole every time.
    mark: Mark | None = None
    #: The column that flags a row as deleted; empty where there is none.
    deleted: str = ""
    #: Columns that the database had when the set was frozen, and that are not exported.
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableSet:
    """What the contract calls `jobParams.type` of a DataSync job."""

    name: str
    tables: tuple[Table, ...]
    #: How long after the moment of its mark a row may become visible at the latest (a
    #: transaction that commits late, a clock that is behind): so much is read again.
    settle_seconds: int = 300
    #: The same for marks that are keys: how many keys further the table may be by then.
    settle_keys: int = 10_000


@dataclass(frozen=True, kw_only=True)
class TableMark:
    """How far a job has come with a table, or with a type of contact history.

    What it reads next has a mark of `value` or more.

    Times are ISO 8601 in UTC, keys whole numbers; None is the beginning. `since` is where the
    run that has come so far began.
    """

    table: str
    mark: Mark
    value: str | None
    since: str | None = None
