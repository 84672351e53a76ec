"""The schema: what migrations make is what the tables say."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from cxport.domain.errors import SetupError
from cxport.store.database import Database, connect
from cxport.store.listed import metadata

#: What a database says of itself; Alembic does not compare all of it (collations, conditions of
#: indexes).
DESCRIPTIONS = {
    "sqlite": (
        """SELECT type, name, sql FROM sqlite_master
        WHERE name NOT LIKE '%alembic%' AND type <> 'trigger'""",
    ),
    "postgresql": (
        """SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'alembic_version'""",
        """SELECT indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'""",
        """SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        AND conrelid <> 'alembic_version'::regclass""",
    ),
}

RACER = """
import sys
from cxport.sealing.vault import Vault
from cxport.store import migrations, secrets
from cxport.store.database import connect
db = connect(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
db.migrate()
made = sys.argv[2].encode()
print(secrets.get_or_create(db, Vault([bytes(32)]), "links", lambda: made).decode())
db.close()
"""


def test_migrations_make_the_tables(db: Database) -> None:
    """Alembic finds nothing to add, to drop or to change."""
    with db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_store_is_as_a_fresh_one(db: Database, fresh_url: str) -> None:
    """By the database's own description, to the last index condition."""
    with db.read() as connection:
        migrated = described(connection)
    fresh = connect(fresh_url)
    with fresh.write() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        metadata.create_all(connection)
        made = described(connection)
    fresh.close()

    assert migrated == made
    assert len(migrated) > 30


def described(connection: Connection) -> set[tuple[Any, ...]]:
    """Give all that a database says of its tables and indexes."""
    found = [
        tuple(row)
        for query in DESCRIPTIONS[connection.dialect.name]
        for row in connection.execute(text(query))
    ]
    return {tuple(_sorted(value) for value in row) for row in found}


def _sorted(value: object) -> object:
    """Take the words of a statement: the order in which constraints are named means nothing."""
    return tuple(sorted(value.replace(",", " ").split())) if isinstance(value, str) else value


def test_migrating_again_changes_nothing(db: Database) -> None:
    """Every start migrates; what is there stays."""
    with db.read() as connection:
        before = described(connection)

    db.migrate()

    with db.read() as connection:
        assert described(connection) == before


def test_a_newer_schema_is_refused(fresh_db: Database) -> None:
    """A version that does not know the schema says so, and does not touch it."""
    with fresh_db.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("INSERT INTO schema_floor VALUES ('9999')"))

    with pytest.raises(SetupError, match="too old for the store"):
        fresh_db.migrate()


def test_processes_that_start_together_share_one_store(fresh_url: str) -> None:
    """One of them makes the schema and the secret; the other waits and uses both."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", RACER, fresh_url, f"secret of {number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    answers = [racer.communicate(timeout=60)[0] for racer in racers]

    assert [racer.returncode for racer in racers] == [0, 0]
    assert len(set(answers)) == 1
    assert answers[0].startswith("secret of ")
