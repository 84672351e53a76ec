"""Narrow rows for lists, written by triggers, in place of the wide tables' indexes."""

from __future__ import annotations

from typing import Any, TypeAlias

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger()
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
TRUTH = sa.Boolean()

Kinds: TypeAlias = dict[str, Any]

_DESCRIBED: Kinds = {
    "family": TEXT,
    "data_type_folded": TEXT,
    "source_folded": TEXT,
    "title_folded": TEXT,
}
_OF_RUN: Kinds = {
    "status": TEXT,
    "first_file_folded": TEXT,
    "size_bytes": NUMBER,
    "progress": NUMBER,
    "created_at": TIME,
}
_ASKED_FOR: Kinds = {
    "split_bytes": NUMBER,
    "attachments": TRUTH,
    "date_from": TEXT,
    "date_to": TEXT,
    "media_key": TEXT,
    "description_key": TEXT,
}
_FILE: Kinds = {
    "name_folded": TEXT,
    "run_id": NUMBER,
    "job_id": NUMBER,
    "created_at": TIME,
    "expires_at": TIME,
    "size_bytes": NUMBER,
    "rows": NUMBER,
    "part": NUMBER,
    "parts": NUMBER,
    "sha256": TEXT,
}
LISTS: dict[str, Kinds] = {
    "job_list": {
        **_DESCRIBED,
        **_OF_RUN,
        "schedule_type": TEXT,
        "suspended": TRUTH,
        "last_run_at": TIME,
        "next_tick_at": TIME,
        **_ASKED_FOR,
    },
    "run_list": {**_DESCRIBED, **_OF_RUN, "job_id": NUMBER, **_ASKED_FOR},
    "file_list": {**_DESCRIBED, **_FILE},
}

#: Percent: 100 once published, never before.
_PROGRESS = """CASE
    WHEN r.status IN ('completed', 'completedWithWarnings', 'noData', 'expired') THEN 100
    WHEN r.estimate_rows = 0 THEN 0
    WHEN r.rows_read * 100 / r.estimate_rows > 99 THEN 99
    ELSE r.rows_read * 100 / r.estimate_rows END"""

#: Sorts before all moments.
_NEVER = "'0001-01-01 00:00:00.000000+00'"

#: Of what a list's column is made, where it is not the column of that name.
_MADE = {
    "job_list": {
        "status": """coalesce(r.status,
    CASE WHEN t.suspended THEN 'suspended' ELSE 'scheduled' END)""",
        "first_file_folded": "coalesce(r.first_file_folded, '')",
        "size_bytes": "coalesce(r.size_bytes, 0)",
        "progress": f"coalesce({_PROGRESS}, 0)",
        "last_run_at": f"coalesce(r.started_at, r.created_at, {_NEVER})",
        "next_tick_at": f"coalesce(t.next_tick_at, {_NEVER})",
    },
    "run_list": {"progress": _PROGRESS},
    "file_list": {},
}
_FROM = {
    "job_list": "jobs t LEFT JOIN runs r ON r.tenant_id = t.tenant_id AND r.id = t.newest_run_id",
    "run_list": "runs t JOIN runs r ON r.tenant_id = t.tenant_id AND r.id = t.id",
    "file_list": "files t",
}
#: The wide tables' indexes that served lists alone.
_DROPPED = {
    "jobs": (
        *("attachments", "date_from", "date_to", "description_key", "media_key", "split_bytes"),
        *("created_at", "data_type", "family", "schedule_type", "source", "suspended", "title"),
    ),
    "runs": (
        *("attachments", "date_from", "date_to", "description_key", "media_key", "split_bytes"),
        *("created_at", "data_type", "family", "first_file", "size_bytes", "title"),
    ),
    "files": (
        *("created_at", "data_type", "family", "job_id", "name", "rows", "size_bytes"),
        *("source", "title"),
    ),
}


def upgrade() -> None:
    """Make the lists, fill them, and let the database keep them."""
    for table, columns in LISTS.items():
        op.create_table(
            table,
            sa.Column("tenant_id", TEXT, nullable=False),
            sa.Column("id", NUMBER, nullable=False, autoincrement=False),
            *(sa.Column(name, kind, nullable=False) for name, kind in columns.items()),
            sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{table}_key"),
            sqlite_with_rowid=False,
        )
        op.execute(insertion(table))
        for name in columns:
            index = f"{table}_by_{name.removesuffix('_folded')}"
            op.create_index(index, table, ["tenant_id", name, "id", *_read_too(table, name)])
    for table, names in _DROPPED.items():
        for name in names:
            op.drop_index(f"{table}_by_{name}", table)
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _sqlite_triggers() if sqlite else _postgresql_triggers():
        op.execute(statement)


def _read_too(table: str, name: str) -> list[str]:
    return ["expires_at"] if table == "file_list" and name != "expires_at" else []


def insertion(table: str, columns: Kinds | None = None) -> str:
    """Give the statement that fills a list from the wide tables; a later revision's `columns`."""
    names = ("tenant_id", "id", *(columns or LISTS[table]))
    values = [_MADE[table].get(name, f"t.{name}") for name in names]
    return (
        f"INSERT INTO {table} ({', '.join(names)})\nSELECT {', '.join(values)}\nFROM {_FROM[table]}"
    )


def renewal(table: str, row: str, key: str = "id", columns: Kinds | None = None) -> str:
    """Write the narrow row of what a trigger's row, or its column `key`, names."""
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns or LISTS[table])
    return (
        f"{insertion(table, columns)}\nWHERE t.tenant_id = {row}.tenant_id AND t.id = {row}.{key}\n"
        f"ON CONFLICT (tenant_id, id) DO UPDATE SET {changed};"
    )


def _remove(table: str) -> str:
    return f"DELETE FROM {table} WHERE tenant_id = OLD.tenant_id AND id = OLD.id;"  # noqa: S608 - of this file alone


#: What is done when a row of a table is written, and when it is deleted.
WRITTEN = {
    "jobs": (renewal("job_list", "NEW"),),
    "runs": (renewal("run_list", "NEW"), renewal("job_list", "NEW", "job_id")),
    "files": (renewal("file_list", "NEW"),),
}
DELETED = {
    "jobs": (_remove("job_list"),),
    "runs": (_remove("run_list"), renewal("job_list", "OLD", "job_id")),
    "files": (_remove("file_list"),),
}


def _sqlite_triggers() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_listed_{event.lower()} AFTER {event} ON {table} BEGIN\n"
        + "\n".join(done[table])
        + "\nEND"
        for table in WRITTEN
        for event, done in (("INSERT", WRITTEN), ("UPDATE", WRITTEN), ("DELETE", DELETED))
    ]


def _postgresql_triggers() -> list[str]:
    functions = [
        f"CREATE FUNCTION {table}_listed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n"
        f"IF TG_OP = 'DELETE' THEN\n{chr(10).join(DELETED[table])}\n"
        f"ELSE\n{chr(10).join(written)}\nEND IF;\nRETURN NULL; END $$"
        for table, written in WRITTEN.items()
    ]
    triggers = [
        f"CREATE TRIGGER {table}_listed AFTER INSERT OR UPDATE OR DELETE ON {table}\n"
        f"FOR EACH ROW EXECUTE FUNCTION {table}_listed()"
        for table in WRITTEN
    ]
    return functions + triggers
