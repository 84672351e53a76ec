"""Checking a source: what is there, what is missing, what will be slow."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxport.domain.catalogue import ENTITIES, DataType, Entity
from cxport.domain.errors import MappingMismatch, SourceRefused
from cxport.domain.selection import Slice
from cxport.sources import check
from cxport.sources.base import Source
from cxport.sources.sample import write_sample
from tests.sources.history import TABLES, History, create, interaction
from tests.sources.reading import CONTACTS, all_records, interactions, records, source_of


def test_a_check_counts_what_is_there(filled: History, source: Source) -> None:
    """Rows, oldest and newest of each entity are told, and the product and media."""
    found = source.check()

    assert found.missing == found.warnings == ()
    assert found.product.lower().startswith(filled.product[:6])
    by_entity = {one.entity: one for one in found.entities}
    assert list(by_entity) == [*ENTITIES[DataType.INTERACTION], Entity.CONTACT]
    assert sum(one.rows for one in found.entities) == 550
    assert not any(one.estimated for one in found.entities)
    assert by_entity[Entity.EMAIL_IN].oldest == "2024-01-01T00:00:00.000Z"
    assert by_entity[Entity.EMAIL_IN].newest == "2024-01-21T17:00:00.000Z"
    assert {"email", "chat", "voice", "workitem"} <= set(found.media)


def test_media_are_those_of_the_mapping_and_those_found(empty: History) -> None:
    """A medium that no mapping knows is found in the data."""
    empty.insert("Interaction", [interaction(1, 2, None, MediaTypeId="carrier-pigeon")])

    assert {"carrier-pigeon", "fax"} <= set(source_of(empty.dsn).check().media)


def test_what_is_missing_is_named(empty: History) -> None:
    """Tables and columns that the mapping names and the database lacks are all told by name."""
    empty.run(
        "DROP TABLE Chat",
        "ALTER TABLE EmailIn DROP COLUMN Header",
        "ALTER TABLE Interaction DROP COLUMN Subject",
        "ALTER TABLE Interaction DROP COLUMN StrAttribute1",
    )
    found = source_of(empty.dsn).check()

    assert {name.lower() for name in found.missing} == {
        "chat",
        "emailin.header",
        "interaction.subject",
    }
    assert {one.entity for one in found.entities if not one.present} == {Entity.CHAT}
    with pytest.raises(MappingMismatch, match=r"(?i)emailin\.header"):
        source_of(empty.dsn).open()


def test_a_database_of_something_else_lacks_everything(postgres_dsn: str) -> None:
    """An empty database names each table, and nothing breaks."""
    found = source_of(postgres_dsn).check()

    assert set(found.missing) == set(TABLES)


@pytest.mark.parametrize("product", ["postgresql", "mariadb"])
def test_a_time_that_is_text_is_told(product: str, request: pytest.FixtureRequest) -> None:
    """A column that cannot be compared with a time is refused before anything is read."""
    name = {"postgresql": "postgres", "mariadb": "mariadb"}[product]
    history: History = request.getfixturevalue(f"{name}_history")
    change = {"postgresql": "ALTER StartDate TYPE text", "mariadb": "MODIFY StartDate TEXT"}
    history.run("DROP INDEX ix0" + (" ON Interaction" if product == "mariadb" else ""))
    history.run(f"ALTER TABLE Interaction {change[product]}")

    [missing] = source_of(history.dsn).check().missing
    assert missing.lower() == "interaction.startdate as a time (it is text)"


def test_what_is_slow_or_unsafe_is_warned_of(sqlite_history: History) -> None:
    """Missing indexes, keys that may repeat and keys that are null are told."""
    sqlite_history.run(
        "DROP INDEX ix0",
        "DROP INDEX ix2",
        "DROP TABLE EmailOut",
        "CREATE TABLE EmailOut (Id TEXT, FromAddress, ToAddresses, CcAddresses, BccAddresses,"
        " SentDate, ReviewerId, StandardResponseId)",
        "INSERT INTO EmailOut (Id) VALUES (NULL)",
    )
    warnings = "\n".join(source_of(sqlite_history.dsn).check().warnings)

    assert "no index on Interaction.StartDate: a period is found by reading all of it" in warnings
    assert "no index on Attachment.InteractionId" in warnings
    assert "EmailOut.Id is not declared unique" in warnings
    assert "EmailOut.Id is null in some rows" in warnings


def test_tables_without_transactions_are_warned_of(mariadb_history: History) -> None:
    """MyISAM has no snapshots."""
    mariadb_history.run("ALTER TABLE Chat ENGINE = MyISAM")
    [warning] = source_of(mariadb_history.dsn).check().warnings

    assert warning.startswith("Chat knows no transactions")


def test_counting_gives_way_to_estimates(
    filled: History, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where counting would take long, rows are estimates and the ends come from the index."""
    monkeypatch.setattr(check, "_groups", lambda *_: None)
    found = {one.entity: one for one in source.check().entities}

    assert found[Entity.CHAT].estimated
    assert found[Entity.CHAT].oldest == "2024-01-01T02:00:00.000Z"
    assert 50 <= found[Entity.CONTACT].rows <= 60 or filled.product != "postgresql"


_SLOW = {
    "sqlite": (
        "WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 100000000)"
        " SELECT count(*) FROM g"
    ),
    "postgresql": "SELECT pg_sleep(20)",
    "mariadb": "SELECT SLEEP(20)",
}


def test_a_query_that_takes_long_is_given_up(empty: History) -> None:
    """A look that takes too long ends, and the connection can be used afterwards."""
    from cxport.sources.dialect import Sql
    from cxport.sources.drivers import opener

    open_connection, _ = opener(empty.dsn)
    connection = open_connection()
    try:
        connection.begin(None)

        assert connection.rows_within(Sql(_SLOW[empty.product]), 1) is None
        assert connection.rows(Sql("SELECT 1")) == [(1,)]
    finally:
        connection.close()


def test_a_sample_shows_a_record_of_each_entity(source: Source) -> None:
    """One whole record of each entity, contacts with their attributes."""
    found = source.sample(DataType.INTERACTION)
    [contact] = source.sample(DataType.CONTACT)

    assert [entity for entity, _, _ in found] == list(ENTITIES[DataType.INTERACTION])
    for _, fields, row in found:
        assert len(fields) == len(row)
        assert row[0] == row[1]
    assert contact[2][0] == "c000000"
    assert isinstance(contact[2][-1], list)


def test_an_empty_source_has_no_sample(empty: History) -> None:
    """No records, no sample, no error."""
    assert list(source_of(empty.dsn).sample(DataType.INTERACTION)) == []
    assert list(source_of(empty.dsn).sample(DataType.CONTACT)) == []


@pytest.mark.parametrize("product", ["postgres", "mariadb"])
def test_a_right_that_lacks_is_told(product: str, request: pytest.FixtureRequest) -> None:
    """A user that may not read a table gets a refusal, or sees it as missing."""
    history: History = request.getfixturevalue(f"{product}_history")
    user, host = ("reader", "@'%'" if product == "mariadb" else "")
    secret = "IDENTIFIED BY 's3cret'" if product == "mariadb" else "PASSWORD 's3cret'"
    name = f"{user}{history.dsn[-6:]}"
    history.run(f"CREATE USER {name}{host} {secret}")
    for table in set(TABLES) - {"Chat"}:
        history.run(f"GRANT SELECT ON {table} TO {name}{host}")
    dsn = f"{product.replace('postgres', 'postgresql')}://{name}:s3cret@{history.dsn.split('@')[1]}"
    if product == "postgres":
        with pytest.raises(SourceRefused, match="chat"):
            source_of(dsn).check()
    else:
        assert source_of(dsn).check().missing == ("Chat",)


def test_a_view_can_stand_for_a_table(sqlite_history: History) -> None:
    """Views are read like tables, and nobody asks them for indexes."""
    sqlite_history.run(
        "ALTER TABLE Chat RENAME TO Talks", "CREATE VIEW Chat AS SELECT * FROM Talks"
    )
    found = source_of(sqlite_history.dsn).check()

    assert found.missing == ()
    assert not [warning for warning in found.warnings if "Chat" in warning]


def test_contacts_alone_are_a_source(postgres_dsn: str) -> None:
    """A mapping with contacts only needs the tables of contacts only."""
    create(postgres_dsn, ["Contact", "ContactAttribute"], indexes=False)
    mapping = """
        [contact]
        table = "Contact"
        key = "Id"
        window = "CreatedDate"
        modified = "ModifiedDate"
    """
    found = source_of(postgres_dsn, mapping).check()

    assert found.missing == found.media == ()
    assert [one.entity for one in found.entities if one.present] == [Entity.CONTACT]


@pytest.mark.parametrize("product", ["sqlite", "postgresql", "mariadb"])
def test_the_sample_contact_centre_fits_the_default_mapping(
    product: str, new_dsn: Callable[[str], str]
) -> None:
    """Nothing is missing from the sample, nothing is slow, and each row of it can be read."""
    dsn = new_dsn(product)
    write_sample(dsn, interactions=300, seed=7)
    found = source_of(dsn).check()
    with source_of(dsn).open() as reader:
        read = all_records(reader, interactions())
        people = records(reader, CONTACTS, Slice(entity=Entity.CONTACT))

    assert found.missing == found.warnings == ()
    assert len(read) + len(people) == sum(one.rows for one in found.entities)
    assert len(read) == 300
