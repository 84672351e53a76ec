"""Contacts: each with all values of its attributes."""

from __future__ import annotations

from cxport.domain.catalogue import Entity
from cxport.domain.selection import Selection, Slice
from cxport.sources.base import Source
from tests.sources.history import History
from tests.sources.reading import CONTACTS, records, source_of, window

CONTACT = Slice(entity=Entity.CONTACT)


def test_contacts_equal_an_independent_reader(filled: History, source: Source) -> None:
    """Every contact comes once, with exactly its own attributes."""
    expected: dict[str, set[tuple[str, str]]] = {
        row[0]: set() for row in filled.rows("SELECT Id FROM Contact")
    }
    query = "SELECT ContactId, AttributeName, StrValue FROM ContactAttribute"
    for contact, name, value in filled.rows(query):
        expected[contact].add((name, value))
    with source.open() as reader:
        found = records(reader, CONTACTS, CONTACT)

    assert [c["contactId"] for c in found] == sorted(expected)
    attributes = {c["contactId"]: {(a["name"], a["value"]) for a in c["attributes"]} for c in found}
    assert attributes == expected
    assert {len(values) for values in attributes.values()} >= {0, 1, 2, 3}


def test_the_primary_value_of_a_name_comes_first(source: Source) -> None:
    """Values of one name stand together, the primary one first."""
    with source.open() as reader:
        found = [c for c in records(reader, CONTACTS, CONTACT) if len(c["attributes"]) == 3]

    assert len(found) > 0
    for contact in found:
        names = [(a["name"], a["isPrimary"]) for a in contact["attributes"]]
        assert names == [("EmailAddress", False), ("Phone", True), ("Phone", False)]


def test_an_attribute_has_its_keys_and_may_be_a_date(empty: History) -> None:
    """An attribute without a text has its date as value; what the table lacks is null."""
    empty.insert("Contact", [{"Id": "c", "CreatedDate": "2024-01-01 00:00:00"}])
    row = {
        "AttributeId": "1",
        "ContactId": "c",
        "AttributeName": "Birthday",
        "DateValue": "1955-06-08 00:00:00",
        "IsPrimary": 1,
        "MimeType": "text/plain",
    }
    empty.insert("ContactAttribute", [row])
    with source_of(empty.dsn).open() as reader:
        [contact] = records(reader, CONTACTS, CONTACT)

    assert contact["attributes"] == [
        {
            "name": "Birthday",
            "value": "1955-06-08T00:00:00.000Z",
            "isPrimary": True,
            "description": None,
            "mimeType": "text/plain",
            "modifiedDate": None,
        }
    ]


def test_many_contacts_come_in_pages(empty: History) -> None:
    """Pages join without a gap, in order, whatever the number of attributes."""
    contacts = [{"Id": f"c{n:05d}", "CreatedDate": "2024-01-01 00:00:00"} for n in range(2_500)]
    attributes = [
        {"AttributeId": f"{n:05d}", "ContactId": f"c{n:05d}", "AttributeName": "A", "StrValue": "v"}
        for n in range(0, 2_500, 3)
    ]
    empty.insert("Contact", contacts)
    empty.insert("ContactAttribute", attributes)
    with source_of(empty.dsn).open() as reader:
        found = records(reader, CONTACTS, CONTACT)
        part = records(
            reader, CONTACTS, Slice(entity=Entity.CONTACT, after="c00100", upto="c01200")
        )

    assert [contact["contactId"] for contact in found] == [row["Id"] for row in contacts]
    assert sum(len(contact["attributes"]) for contact in found) == len(attributes)
    assert part == found[101:1201]


def test_a_contact_with_many_values_ends_a_batch(empty: History) -> None:
    """Contacts with many values do not add up in memory."""
    empty.insert("Contact", [{"Id": f"c{n}"} for n in range(6)])
    values = [
        {"AttributeId": f"{n}{x:05d}", "ContactId": f"c{n}", "AttributeName": "A", "StrValue": "v"}
        for n in range(6)
        for x in range(1_500)
    ]
    empty.insert("ContactAttribute", values)
    with source_of(empty.dsn).open() as reader:
        sizes = [len(batch) for batch in reader.read(CONTACTS, CONTACT)]

    assert sizes == [2, 2, 2]


def test_a_window_of_contacts_compares_their_creation(filled: History, source: Source) -> None:
    """Contacts are chosen by createdDate, with their attributes and no others."""
    selection = Selection(
        data_type=CONTACTS.data_type,
        entities=CONTACTS.entities,
        window=window("2024-01-05", "2024-01-07"),
    )
    query = (
        "SELECT Id FROM Contact WHERE CreatedDate >= '2024-01-05' AND CreatedDate < '2024-01-07'"
    )
    with source.open() as reader:
        found = records(reader, selection, CONTACT)

    assert {c["contactId"] for c in found} == {row[0] for row in filled.rows(query)}
    assert {a["value"].split()[1] for c in found for a in c["attributes"]} <= {
        str(int(c["contactId"][1:])) for c in found
    }
