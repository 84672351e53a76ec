"""Secrets: sealed, shared, rotated."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import LargeBinary, literal, select

from cxport.domain.catalogue import Family
from cxport.domain.errors import SetupError
from cxport.domain.vault import dsn_purpose
from cxport.sealing.vault import Vault, new_master_key
from cxport.store import secrets, sources
from cxport.store.database import Database, connect
from cxport.store.tables import metadata
from tests.store.samples import new_tenant

DSN = b"postgresql://reader:s3cret@db/ucs"


def test_a_secret_is_made_once(fresh_db: Database) -> None:
    """Whoever asks later is given what was made first."""
    box = Vault([new_master_key()])

    first = secrets.get_or_create(fresh_db, box, "links", lambda: b"first")
    again = secrets.get_or_create(fresh_db, box, "links", lambda: b"second")
    another = secrets.get_or_create(fresh_db, box, "tokens", lambda: b"third")

    assert (first, again, another) == (b"first", b"first", b"third")


def test_who_is_second_is_given_the_first_ones_secret(fresh_db: Database, fresh_url: str) -> None:
    """A process that made a secret while another one kept its own is given that one."""
    box = Vault([new_master_key()])

    with closing(connect(fresh_url)) as elsewhere:

        def overtaken() -> bytes:
            secrets.get_or_create(elsewhere, box, "links", lambda: b"theirs")
            return b"ours"

        assert secrets.get_or_create(fresh_db, box, "links", overtaken) == b"theirs"


def test_nothing_is_stored_in_the_clear(fresh_db: Database) -> None:
    """No column of the store holds a secret as it is."""
    box = Vault([new_master_key()])
    secrets.get_or_create(fresh_db, box, "links", lambda: b"canary")
    _add_source(fresh_db, box)

    for table in metadata.sorted_tables:
        binary = [column for column in table.c if isinstance(column.type, LargeBinary)]
        with fresh_db.read() as connection:
            rows = connection.execute(select(*binary, literal(b""))).all()
        assert not [v for row in rows for v in row if b"canary" in v or b"s3cret" in v]


def test_rotation_seals_everything_by_the_new_key(fresh_db: Database) -> None:
    """After a rotation the old master key is not needed any more."""
    old, new = new_master_key(), new_master_key()
    secrets.get_or_create(fresh_db, Vault([old]), "links", lambda: b"kept")
    tenant_id, source_id = _add_source(fresh_db, Vault([old]))

    secrets.reseal_all(fresh_db, Vault([new, old]))

    box = Vault([new])
    source = sources.get(fresh_db, tenant_id, source_id)
    assert secrets.get_or_create(fresh_db, box, "links", lambda: b"lost") == b"kept"
    assert box.open(source.sealed_dsn, dsn_purpose(tenant_id)) == DSN


def test_rotation_reaches_every_sealed_column() -> None:
    """A column that is added to hold something sealed must be added to those that are resealed."""
    columns = {column for table in metadata.sorted_tables for column in table.c}

    assert {column for column in columns if column.name.startswith("sealed")} == set(secrets.SEALED)


def test_rotation_without_the_old_key_changes_nothing(fresh_db: Database) -> None:
    """A rotation that cannot open everything reseals nothing."""
    old, new, foreign = new_master_key(), new_master_key(), new_master_key()
    secrets.get_or_create(fresh_db, Vault([old]), "links", lambda: b"kept")
    _add_source(fresh_db, Vault([foreign]))

    with pytest.raises(SetupError):
        secrets.reseal_all(fresh_db, Vault([new, old]))

    assert secrets.get_or_create(fresh_db, Vault([old]), "links", lambda: b"lost") == b"kept"


def test_rotation_passes_over_a_source_that_holds_no_dsn(fresh_db: Database) -> None:
    """A DSN that comes from the environment is not in the store."""
    tenant = new_tenant(fresh_db)
    source = sources.add(
        fresh_db,
        tenant.id,
        name="History",
        family=Family.UCS,
        sealed_dsn=b"",
        dsn_variable="HISTORY_DSN",
    )

    secrets.reseal_all(fresh_db, Vault([new_master_key()]))

    assert sources.get(fresh_db, tenant.id, source.id) == source


def _add_source(db: Database, box: Vault) -> tuple[str, str]:
    tenant = new_tenant(db)
    sealed = box.seal(DSN, dsn_purpose(tenant.id))
    source = sources.add(db, tenant.id, name="History", family=Family.UCS, sealed_dsn=sealed)
    return tenant.id, source.id
