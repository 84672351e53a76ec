"""How many jobs, runs and files there are of each kind, kept by triggers of the lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cxport.store.migrations.versions import r0006_lists as lists

revision = "0016"
down_revision = "0015"

_KINDS = ("family", "data_type_folded", "source_folded", "status")
_KEY = ("tenant_id", "list", *_KINDS, "shard")


def upgrade() -> None:
    """Let the database count from here on, and then count what is there.

    PostgreSQL lets nobody write to a table from when it gets a trigger until the transaction ends.
    """
    op.create_table(
        "list_counts",
        sa.Column("tenant_id", lists.TEXT, nullable=False),
        *(sa.Column(name, lists.TEXT, nullable=False) for name in ("list", *_KINDS)),
        sa.Column("shard", lists.NUMBER, nullable=False, autoincrement=False),
        sa.Column("records", lists.NUMBER, nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, name="list_counts_key"),
        sqlite_with_rowid=False,
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in lists.LISTS:
        for statement in triggers(table) if sqlite else _postgresql_triggers(table):
            op.execute(statement)
        op.execute(counting(table))


def counting(table: str) -> str:
    """Give the statement that counts a list's rows."""
    kinds = [_kind(table, "t", name) for name in _KINDS]
    names = ", ".join((*_KEY, "records"))
    return (
        f"INSERT INTO list_counts ({names})\n"
        f"SELECT t.tenant_id, '{table}', {', '.join(kinds)}, 0, count(*)\n"
        f"FROM {table} t GROUP BY {', '.join(('t.tenant_id', *_named(table, 't')))}"
    )


def triggers(table: str) -> list[str]:
    """Give SQLite's triggers: it has one writer, who waits for nobody."""
    done = {"INSERT": _counted(table, "NEW", 1, "0"), "DELETE": _counted(table, "OLD", -1, "0")}
    every = {**done, "UPDATE": done["DELETE"] + done["INSERT"]}
    return [
        f"CREATE TRIGGER {table}_counted_{event.lower()} AFTER {event} ON {table}\n"
        f"{_when(table, event)}BEGIN\n{statements}END"
        for event, statements in every.items()
    ]


def _postgresql_triggers(table: str) -> list[str]:
    """Give each connection rows of its own, so that none waits for another's transaction."""
    own = "pg_backend_pid()"
    function = (
        f"CREATE FUNCTION {table}_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n"
        f"IF TG_OP <> 'INSERT' THEN\n{_counted(table, 'OLD', -1, own)}END IF;\n"
        f"IF TG_OP <> 'DELETE' THEN\n{_counted(table, 'NEW', 1, own)}END IF;\n"
        "RETURN NULL; END $$"
    )
    made = [
        f"CREATE TRIGGER {table}_counted_{event.lower()} AFTER {event} ON {table}\n"
        f"FOR EACH ROW {_when(table, event)}EXECUTE FUNCTION {table}_counted()"
        for event in ("INSERT", "DELETE", "UPDATE")
    ]
    return [function, *made]


def _counted(table: str, row: str, by: int, shard: str) -> str:
    values = [f"{row}.tenant_id", f"'{table}'", *(_kind(table, row, name) for name in _KINDS)]
    return (
        f"INSERT INTO list_counts ({', '.join((*_KEY, 'records'))})\n"
        f"VALUES ({', '.join(values)}, {shard}, {by})\n"
        f"ON CONFLICT ({', '.join(_KEY)})\n"
        "DO UPDATE SET records = list_counts.records + excluded.records;\n"
    )


def _when(table: str, event: str) -> str:
    """Let an update that changes no kind pass, as almost all do."""
    if event != "UPDATE":
        return ""
    changed = (f"OLD.{name} <> NEW.{name}" for name in _KINDS if name in lists.LISTS[table])
    return f"WHEN ({' OR '.join(changed)})\n"


def _named(table: str, row: str) -> list[str]:
    return [f"{row}.{name}" for name in _KINDS if name in lists.LISTS[table]]


def _kind(table: str, row: str, name: str) -> str:
    """Give a row's column, or nothing where the list has none: files have no status."""
    return f"{row}.{name}" if name in lists.LISTS[table] else "''"
