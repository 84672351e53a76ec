"""What lists filter and order by: one narrow row beside each job, run and file.

Triggers of the database write these rows, in the transaction that changes what they show, so they
are right whoever writes, an older release too. They are in the migrations; nothing else writes
here. A list that no index answers reads every narrow row of the tenant, which is fast where
reading the wide ones is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Index, Table

from cxport.store.columns import Number, UtcTime, Words
from cxport.store.tables import metadata

__all__ = ["file_list", "job_list", "list_counts", "metadata", "run_list"]


def _text(name: str, *, key: bool = False) -> Column[Any]:
    return Column(name, Words, primary_key=key, nullable=False)


def _number(name: str, *, key: bool = False) -> Column[Any]:
    return Column(name, Number, primary_key=key, nullable=False, autoincrement=False)


def _time(name: str) -> Column[Any]:
    return Column(name, UtcTime, nullable=False)


def _truth(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False)


def _table(name: str, *columns: Column[Any], read_too: Sequence[str] = ()) -> Table:
    """Give a table with an index for the order by each of its columns.

    An index holds `read_too`, so that these need no look at the row.
    """
    indexes = [
        Index(
            f"{name}_by_{column.name.removesuffix('_folded')}",
            *("tenant_id", column.name, "id"),
            *(further for further in read_too if further != column.name),
        )
        for column in columns
    ]
    key = (_text("tenant_id", key=True), _number("id", key=True))
    # keyed by the tenant, SQLite finds its rows side by side
    return Table(name, metadata, *key, *columns, *indexes, sqlite_with_rowid=False)


def _described() -> tuple[Column[Any], ...]:
    return (
        _text("family"),
        _text("data_type_folded"),
        _text("source_folded"),
        _text("title_folded"),
    )


def _of_run() -> tuple[Column[Any], ...]:
    return (
        _text("status"),
        _text("first_file_folded"),
        _number("size_bytes"),
        _number("progress"),
        _time("created_at"),
    )


def _asked_for() -> tuple[Column[Any], ...]:
    """Give what is only ordered by; the long texts last, where no filter reads past them."""
    return (
        _number("split_bytes"),
        _truth("attachments"),
        _text("date_from"),
        _text("date_to"),
        _text("media_key"),
        _text("description_key"),
    )


#: Status, file, size and progress are those of the newest run; an absent moment is the year 1.
job_list = _table(
    "job_list",
    *_described(),
    *_of_run(),
    _text("schedule_type"),
    _truth("suspended"),
    _time("last_run_at"),
    _time("next_tick_at"),
    *_asked_for(),
)

run_list = _table(
    "run_list",
    *_described(),
    *_of_run(),
    _number("exported"),
    _number("job_id"),
    *_asked_for(),
)

file_list = _table(
    "file_list",
    *_described(),
    _text("name_folded"),
    _number("run_id"),
    _number("job_id"),
    _time("created_at"),
    _time("expires_at"),
    _number("size_bytes"),
    _number("rows"),
    _number("part"),
    _number("parts"),
    _text("sha256"),
    read_too=("expires_at",),
)

#: Rows of each list by kind; `shard` says who counted them (see `counts`). Files have no status.
list_counts = Table(
    "list_counts",
    metadata,
    _text("tenant_id", key=True),
    _text("list", key=True),
    _text("family", key=True),
    _text("data_type_folded", key=True),
    _text("source_folded", key=True),
    _text("status", key=True),
    _number("shard", key=True),
    _number("records"),
    sqlite_with_rowid=False,
)
