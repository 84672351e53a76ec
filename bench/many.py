"""A tenant with as many jobs, runs and files as asked for, made by the database itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, text

from cxport.store import tenants
from cxport.store.database import Database
from cxport.store.listed import metadata
from cxport.store.migrations.versions import r0006_lists, r0013_rows, r0016_counts
from cxport.store.tables import files, jobs, runs
from tests.store.samples import a_begun_run, an_artifact, publish

START = datetime(2022, 1, 1, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)

_WORDS = "CASE i % 4 WHEN 0 THEN 'weekly' WHEN 1 THEN 'daily' WHEN 2 THEN 'weekly' ELSE 'all' END"
_TITLE = f"({_WORDS}) || ' export, part ' || (i % 1000) || ', number ' || i"
_FILE = "'export-' || (i * 37 % 1000) || '-' || i || '.smime'"
_DESCRIBED = {
    "family": "CASE i % 10 WHEN 9 THEN 'DataSync' ELSE 'UCS' END",
    "data_type": "CASE i % 10 WHEN 8 THEN 'Contact' ELSE 'Interaction' END",
    "data_type_folded": "CASE i % 10 WHEN 8 THEN 'contact' ELSE 'interaction' END",
    "source": "'Source ' || (i % 20)",
    "source_folded": "'source ' || (i % 20)",
    "title": _TITLE,
    "title_folded": _TITLE,
}
_ASKED_FOR = {
    "description_key": "'description ' || (i * 31 % 1000)",
    "media_key": "CASE i % 3 WHEN 0 THEN 'chat,email' ELSE '' END",
    "split_bytes": "i % 7 * 1048576",
    "attachments": "i % 2 = 0",
    "date_from": "'2022-01-' || (10 + i % 20)",
    "date_to": "'2023-01-' || (10 + i % 20)",
}
_MOMENTS = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2022-01-01', '+' || (i * 2) || ' minutes')",
    "postgresql": "timestamptz '2022-01-01 00:00+00' + i * 2 * interval '1 minute'",
}


def fill(db: Database, records: int) -> str:
    """Make the store, and give the tenant's id; job n has the run records + n and a file."""
    db.migrate()
    tenant = tenants.create(db, "many")
    run = a_begun_run(db, tenant, ())
    publish(db, run, [an_artifact(run, expires_at=LATER)])
    with db.write() as connection, _unlisted(connection):
        made = {"created_at": _MOMENTS[connection.dialect.name]}
        first = 10
        _multiply(connection, runs, first, records, _of_runs(records, made))
        _multiply(connection, jobs, first, records, _of_jobs(records, made))
        _multiply(connection, files, first, records, _of_files(records, made))
    _analysed(db)
    return tenant.id


def _of_runs(records: int, made: dict[str, str]) -> dict[str, str]:
    return {
        **_DESCRIBED,
        **_ASKED_FOR,
        **made,
        "id": f"{records} + i",
        "job_id": "i",
        "status": "CASE i % 50 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled' ELSE 'completed' END",
        "estimate_rows": "1000",
        "rows_read": "i % 1000",
        "exported": "i * 13 % 5000",
        "size_bytes": "CAST(i AS BIGINT) * 7919 % 1000003",
        "first_file": _FILE,
        "first_file_folded": _FILE,
    }


def _of_jobs(records: int, made: dict[str, str]) -> dict[str, str]:
    return {
        **_DESCRIBED,
        **_ASKED_FOR,
        **made,
        "id": "i",
        "newest_run_id": f"{records} + i",
        "schedule_type": "CASE i % 3 WHEN 0 THEN 'cron' ELSE 'daily' END",
        "suspended": "i % 5 = 0",
    }


def _of_files(records: int, made: dict[str, str]) -> dict[str, str]:
    return {
        **_DESCRIBED,
        **made,
        "id": "i",
        "name": _FILE,
        "name_folded": _FILE,
        "run_id": f"{records} + i",
        "job_id": "i",
        "size_bytes": "CAST(i AS BIGINT) * 7919 % 1000003",
        "rows": "i * 13 % 5000",
    }


def _multiply(
    connection: Connection, table: Table, first: int, records: int, values: dict[str, str]
) -> None:
    """Repeat the table's one row, but for these values, which `i` makes different."""
    names = [column.name for column in table.columns]
    chosen = ", ".join(values.get(name, f"t.{name}") for name in names)
    connection.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(names)})"  # noqa: S608 - of this file alone
            f" WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n"
            f" WHERE i < {first + records - 1}),"
            f" one AS (SELECT * FROM {table.name} LIMIT 1)"
            f" SELECT {chosen} FROM n, one t".replace(":%M:%f", r"\:%M\:%f").replace(
                "00:00", r"00\:00"
            )
        )
    )


@contextmanager
def _unlisted(connection: Connection) -> Iterator[None]:
    """Let the lists be filled at the end, at once, instead of row by row."""
    lists = [metadata.tables[name] for name in r0006_lists.LISTS]
    for table in lists:
        for index in table.indexes:
            index.drop(connection)
    if connection.dialect.name == "sqlite":
        made = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        triggers = connection.exec_driver_sql(made).all()
        paused = [f"DROP TRIGGER {name}" for name, _ in triggers]
        back = [sql for _, sql in triggers]
    else:
        tables = [table.name for table in (jobs, runs, files, *lists)]
        paused = [f"ALTER TABLE {name} DISABLE TRIGGER ALL" for name in tables]
        back = [f"ALTER TABLE {name} ENABLE TRIGGER ALL" for name in tables]
    for statement in paused:
        connection.exec_driver_sql(statement)
    yield
    for table in lists:
        connection.execute(table.delete())
        connection.exec_driver_sql(r0013_rows.insertion(table.name))
        for index in table.indexes:
            index.create(connection)
    connection.exec_driver_sql("DELETE FROM list_counts")
    for table in lists:
        connection.exec_driver_sql(r0016_counts.counting(table.name))
    for statement in back:
        connection.exec_driver_sql(statement)


def _analysed(db: Database) -> None:
    """Do what PostgreSQL does by itself within a minute."""
    engine = db._engine  # noqa: SLF001 - no product code needs it
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
