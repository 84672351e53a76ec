"""What is in the sample contact centre."""

from __future__ import annotations

import json
import re
import sqlite3
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from cxport.domain.catalogue import ENTITY_CODES
from cxport.sources.sample import SampleCounts, write_sample
from cxport.sources.sample.tables import TABLES

MAPPING = Path(__file__).parents[2] / "src/cxport/sources/mappings/ucs85.toml"


@dataclass(frozen=True)
class Sample:
    """A sample in a file that is only read."""

    path: Path
    counts: SampleCounts

    def rows(self, clause: str, columns: str = "*") -> list[Sequence[Any]]:
        """Give columns of the rows of a FROM clause."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(f"SELECT {columns} FROM {clause}").fetchall()

    def count(self, clause: str) -> int:
        """Count the rows of a FROM clause."""
        return int(self.rows(clause, "count(*)")[0][0])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Write a sample of the default size."""
    path = tmp_path_factory.mktemp("sample") / "sample.db"
    return Sample(path, write_sample(f"sqlite:///{path}"))


def test_every_table_and_column_of_the_default_mapping_is_there() -> None:
    """The names are those of the mapping file, so that the sample needs none of its own."""
    ours = {table.name: {name for name, _ in table.columns} for table in TABLES}
    named = set(tables_of(tomllib.loads(MAPPING.read_text("utf-8"))))

    assert {name for name, _ in named} == set(ours)
    assert all(columns <= ours[name] for name, columns in named)


def tables_of(section: dict[str, Any]) -> Iterator[tuple[str, frozenset[str]]]:
    """Give each table that a mapping names, with its columns."""
    if table := section.get("table"):
        columns = [
            column if isinstance(column, str) else column["column"]
            for column in section.get("columns", {}).values()
        ]
        yield table, frozenset([*columns, section["key"]])
    for value in section.values():
        if isinstance(value, dict):
            yield from tables_of(value)


def test_ids_are_of_one_length_and_grow(sample: Sample) -> None:
    """Ids have 16 characters of upper case and digits, and grow with the rows."""
    for table in TABLES:
        key = table.columns[0][0]
        ids = [row[0] for row in sample.rows(f"{table.name} ORDER BY rowid", key)]

        assert ids == sorted(set(ids))
        assert all(re.fullmatch("[0-9A-Z]{16}", found) for found in ids)


def test_times_lie_in_the_two_years(sample: Sample) -> None:
    """The times do not depend on today, and are spread over the years 2024 and 2025."""
    months = sample.rows("Interaction WHERE StartDate > ''", "DISTINCT substr(StartDate, 1, 7)")
    ((late,),) = sample.rows("Interaction", "max(max(EndDate), max(ModifiedDate))")

    assert len(months) == 24
    assert late < "2026-01-01"


def test_everything_refers_to_what_is_there(sample: Sample) -> None:
    """Parents are earlier interactions of the same thread; contacts and documents exist."""
    wrong = (
        "Interaction WHERE ParentId NOT IN (SELECT Id FROM Interaction)",
        "Interaction i JOIN Interaction p ON p.Id = i.ParentId WHERE p.Id >= i.Id",
        "Interaction i JOIN Interaction p ON p.Id = i.ParentId WHERE p.ThreadId <> i.ThreadId",
        "Interaction WHERE ContactId NOT IN (SELECT Id FROM Contact)",
        "ContactAttribute WHERE ContactId NOT IN (SELECT Id FROM Contact)",
        "Contact WHERE MergeId IS NOT NULL AND MergeId NOT IN (SELECT Id FROM Contact)",
        "Attachment WHERE InteractionId NOT IN (SELECT Id FROM Interaction)",
        "Attachment WHERE DocumentId NOT IN (SELECT Id FROM Document)",
    )
    for clause in wrong:
        assert sample.count(clause) == 0, clause
    assert sample.count("Interaction WHERE ParentId IS NOT NULL") > 500


def test_transcripts_are_xml(sample: Sample) -> None:
    """Each chat's transcript is XML with the events of the vendor's transcripts, in order."""
    texts = sample.rows("Interaction WHERE EntityTypeId = 2", "StructuredText")
    assert len(texts) > 100
    for (text,) in texts:
        chat = ET.fromstring(text)  # noqa: S314 - our own
        events = list(chat)

        assert (chat.tag, set(chat.attrib)) == ("chatTranscript", {"startAt", "sessionId"})
        assert [event.tag for event in events[:3]] == ["newParty", "newParty", "message"]
        assert [event.tag for event in events[-3:]] == ["notice", "partyLeft", "partyLeft"]
        assert [int(e.attrib["eventId"]) for e in events] == list(range(1, len(events) + 1))
        shifts = [int(event.attrib["timeShift"]) for event in events]
        assert shifts == sorted(shifts)
        assert all(event.findtext("msgText") for event in events if event.tag == "message")


def test_attributes_are_json_but_for_a_few(sample: Sample) -> None:
    """AllAttributes is the JSON of an object for most, bytes of no meaning or null for a few."""
    objects = others = empty = 0
    for (data,) in sample.rows("Interaction", "AllAttributes"):
        if data is None:
            empty += 1
        elif data.startswith(b"{"):
            objects += isinstance(json.loads(data), dict)
        else:
            others += 1

    assert (objects + others + empty, others > 5, empty > 50) == (3000, True, True)
    assert objects > 2800


def test_the_hard_cases_are_in_it(sample: Sample) -> None:
    """One hostile name, large, empty, shared and missing contents, and many scripts."""
    names = [row[0] for row in sample.rows("Document", "TheName")]
    texts = "".join(row[0] for row in sample.rows("Interaction WHERE Text > ''", "Text"))

    assert [name for name in names if "/" in name] == ["../../etc/passwd\r\n\x1b[31m\x07"]
    assert sample.count("Document WHERE length(Content) BETWEEN 100000 AND 300000") >= 3
    assert sample.count("Document WHERE length(Content) = 0") > 0
    assert sample.count("Document WHERE Content IS NULL") > 0
    assert sample.count("Document WHERE TheSize IS NULL AND Content IS NOT NULL") > 0
    assert sample.count("Document WHERE TheSize <> length(Content)") == 0
    assert sample.count("Document") < sample.counts.attachments
    for letter in "яمこ您ñ🙂":
        assert letter in texts


def test_every_entity_has_its_row(sample: Sample) -> None:
    """Each interaction of an entity with a table of its own has a row there, and no other has."""
    for entity in (e for e in ENTITY_CODES if e in {table.name for table in TABLES}):
        joined = f"{entity} JOIN Interaction USING (Id) WHERE EntityTypeId = {ENTITY_CODES[entity]}"

        assert sample.count(entity) == sample.count(joined) == sample.counts.rows[entity]


def test_contacts_have_many_values_the_first_primary(sample: Sample) -> None:
    """Several e-mail addresses and numbers of one contact, of each name one primary, first."""
    columns = "ContactId, AttributeName, IsPrimary"
    rows = sample.rows("ContactAttribute ORDER BY AttributeId", columns)
    values: dict[tuple[str, str], list[int]] = {}
    for contact, name, primary in rows:
        values.setdefault((contact, name), []).append(primary)

    assert all(flags == [1] + [0] * (len(flags) - 1) for flags in values.values())
    for name in ("EmailAddress", "PhoneNumber"):
        assert max(len(flags) for (_, found), flags in values.items() if found == name) > 1


def test_nobody_real_is_in_it(sample: Sample) -> None:
    """Every address ends in a reserved domain (RFC 2606), every number is a 555-01 number."""
    found = " ".join(
        str(value)
        for table in TABLES
        for row in sample.rows(table.name)
        for value in row
        if isinstance(value, str)
    )
    domains = set(re.findall(r"@([\w.-]+\w)", found))

    assert all(re.fullmatch(r"([a-z]+\.)*example\.(com|net|org)", domain) for domain in domains)
    numbers = re.findall(r"\+\d+ \d+ \d+ \d+", found)
    assert len(numbers) > 500
    assert all(re.fullmatch(r"\+1 \d{3} 555 01\d\d", number) for number in numbers)
