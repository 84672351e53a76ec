"""Lists count what is of a kind without looking at it, and count right."""

from __future__ import annotations

from sqlalchemy import func, select, text

from cxport.domain.run import Status
from cxport.store import counts, runs
from cxport.store.database import Database, connect
from cxport.store.listed import list_counts, metadata
from tests.store.samples import a_begun_run, a_run, an_artifact, new_tenant, publish

LISTS = ("job_list", "run_list", "file_list")


def counted(db: Database) -> dict[tuple[str, ...], int]:
    """Give the sums of a store's counts, by tenant, list and kind, but for those of nothing."""
    kinds = [one for one in list_counts.columns if one.name not in {"shard", "records"}]
    records = func.sum(list_counts.c.records)
    with db.read() as connection:
        rows = connection.execute(select(*kinds, records).group_by(*kinds).having(records != 0))
        return {tuple(row[:-1]): int(row[-1]) for row in rows}


def looked_at(db: Database) -> dict[tuple[str, ...], int]:
    """Give the same by looking at every row of the lists."""
    found: dict[tuple[str, ...], int] = {}
    with db.read() as connection:
        for name in LISTS:
            for row in connection.execute(select(metadata.tables[name])):
                described = (row.family, row.data_type_folded, row.source_folded)
                kind = (row.tenant_id, name, *described, getattr(row, "status", ""))
                found[kind] = found.get(kind, 0) + 1
    return found


def test_counts_are_those_of_the_rows(fresh_db: Database) -> None:
    """Whatever was added, changed and deleted, in each list."""
    tenant = new_tenant(fresh_db)
    some = [a_run(fresh_db, tenant, source=source) for source in ("a", "b", "b")]
    begun = a_begun_run(fresh_db, tenant, ())
    publish(fresh_db, begun, [an_artifact(begun)])
    assert looked_at(fresh_db) == counted(fresh_db)

    runs.cancel(fresh_db, tenant.id, some[0].id)
    runs.suspend(fresh_db, tenant.id, some[1].id)
    assert looked_at(fresh_db) == counted(fresh_db)

    runs.delete(fresh_db, tenant.id, some[0].id)
    assert looked_at(fresh_db) == counted(fresh_db)
    assert {kind[-1] for kind in counted(fresh_db)} > {Status.SUSPENDED, Status.QUEUED}


def test_what_is_rolled_back_is_not_counted(fresh_db: Database) -> None:
    """A count changes with what it counts, or not at all."""
    tenant = new_tenant(fresh_db)
    a_run(fresh_db, tenant)
    before = counted(fresh_db)
    with fresh_db.write() as connection:
        connection.execute(text("UPDATE runs SET status = 'failed'"))
        connection.rollback()
    assert counted(fresh_db) == before


def test_writers_do_not_wait_for_a_count(fresh_url: str) -> None:
    """On PostgreSQL; SQLite has one writer at a time."""
    db = connect(fresh_url)
    db.migrate()
    tenant = new_tenant(db)
    first, second = (a_run(db, tenant).id for _ in range(2))
    change = text("UPDATE runs SET status = 'failed' WHERE id = :id")
    with db.write() as one:
        one.execute(change, {"id": first})
        if one.dialect.name == "postgresql":
            with db.write() as other:
                other.execute(text("SET LOCAL lock_timeout = '3s'"))
                other.execute(change, {"id": second})
    assert looked_at(db) == counted(db)
    db.close()


def test_what_connections_counted_is_added_up_when_they_are_gone(fresh_url: str) -> None:
    """The sums stay as they were, in one row a kind; those of connections that live are left."""
    gone = connect(fresh_url)
    gone.migrate()
    tenant = new_tenant(gone)
    for _ in range(3):
        a_run(gone, tenant)
    gone.close()
    db = connect(fresh_url)
    kept = a_run(db, tenant)
    before = counted(db)

    for _ in range(200):
        counts.fold(db)
        if _shards(db) <= {0, _own(db)}:
            break
    runs.cancel(db, tenant.id, kept.id)
    runs.delete(db, tenant.id, kept.id)

    assert _shards(db) <= {0, _own(db)}
    assert sum(before.values()) - sum(counted(db).values()) == 1
    assert looked_at(db) == counted(db)
    db.close()


def _shards(db: Database) -> set[int]:
    with db.read() as connection:
        return set(connection.execute(select(list_counts.c.shard)).scalars())


def _own(db: Database) -> int:
    with db.write() as connection:
        if connection.dialect.name == "sqlite":
            return 0
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
