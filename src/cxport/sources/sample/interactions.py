"""Rows of the table Interaction, and the count of what was made."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from cxport.domain.catalogue import ENTITY_CODES, Entity
from cxport.sources.sample.clock import DAY, DAYS, HOUR, moment
from cxport.sources.sample.ids import interaction_id
from cxport.sources.sample.people import Person
from cxport.sources.sample.text import Draw, Tokens, pick

Row = tuple[object, ...]
#: Rows of a batch, by the name of their table.
Tables = dict[str, list[Row]]

#: Every so many interactions one has no StartDate, one no ModifiedDate, one no AllAttributes,
#: and one has AllAttributes that nobody can decode.
_UNDATED_EVERY = 499
_UNMODIFIED_EVERY = 251
_BARE_EVERY = 37
_UNDECODABLE_EVERY = 211
#: Every so many interactions one was marked as spam, or belongs to another tenant's part.
_SPAM_EVERY = 53
_SUBTENANT_EVERY = 19

#: Interactions that begin later are still open.
_OPEN_FROM = (DAYS - 13) * DAY

_AGENTS = range(101, 161)
_TOPICS = ("billing", "delivery", "returns", "technical", "contract", "complaint")
_SEGMENTS = ("gold", "silver", "bronze", "new")
_SITES = ("Northport", "Easton Harbour", "Mühlbrück", "Североград", "北港")


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation: who it is with, and when it begins."""

    id: str
    number: int
    person: Person
    at: int


@dataclass(frozen=True, slots=True)
class Interaction:
    """What is particular to one interaction; times in milliseconds since the beginning."""

    entity: Entity
    medium: str
    #: typeId and subtypeId.
    kind: tuple[str, str]
    begin: int
    end: int
    parent: str | None = None
    subject: str | None = None
    text: str | None = None
    structured: str | None = None
    mime_type: str | None = None
    comment: str | None = None
    reason: str = "Normal"


class Ledger:
    """Holds the rows that are made until they are taken, and counts them.

    It is full when `total` interactions were made.
    """

    def __init__(self, total: int, draw: Draw, tokens: Tokens) -> None:
        self.total = total
        self.made = 0
        self.counts: Counter[Entity] = Counter()
        self.undated: Counter[Entity] = Counter()
        self.draw = draw
        self.tokens = tokens
        self._tables: defaultdict[str, list[Row]] = defaultdict(list)
        self._last_number = 0

    @property
    def full(self) -> bool:
        """Whether no further interaction may be made."""
        return self.made >= self.total

    def take(self) -> Tables:
        """Hand over the rows made since the last time."""
        taken, self._tables = self._tables, defaultdict(list)
        return dict(taken)

    def add(self, table: str, row: Row) -> None:
        """Keep a row."""
        self._tables[table].append(row)

    def open(self, thread: Thread, what: Interaction) -> str:
        """Make an interaction and return its id, greater than any before."""
        self._last_number += 1 + int(self.draw() * 30)
        key = interaction_id(self._last_number)
        self._tables["Interaction"].append(self._row(key, thread, what))
        self.made += 1
        self.counts[what.entity] += 1
        return key

    def _row(self, key: str, thread: Thread, what: Interaction) -> Row:
        number, chance = self.made, self.draw()
        agent = _AGENTS[int(chance * len(_AGENTS))]
        topic = _TOPICS[thread.number % len(_TOPICS)]
        segment = _SEGMENTS[thread.person.number % len(_SEGMENTS)]
        still_open = what.begin >= _OPEN_FROM
        dated = number % _UNDATED_EVERY != _UNDATED_EVERY // 2
        if not dated:
            self.undated[what.entity] += 1
        changed = what.end + int(chance * HOUR)
        return (
            key,
            int(chance * 3) if still_open else 3,
            ENTITY_CODES[what.entity],
            what.medium,
            what.kind[0],
            what.kind[1],
            f"ext-{thread.number:08}-{number % 10}" if number % 4 == 0 else None,
            None if still_open else agent,
            thread.person.id,
            what.parent,
            moment(what.begin) if dated else None,
            moment(changed) if number % _UNMODIFIED_EVERY != _UNMODIFIED_EVERY // 2 else None,
            None if still_open else moment(what.end),
            thread.id,
            _CATEGORIES[topic],
            (thread.person.number % 27 - 11) * 60,
            what.subject,
            what.text,
            what.structured,
            what.mime_type,
            what.comment,
            1,
            2 if number % _SUBTENANT_EVERY == 0 else None,
            thread.number * 2_654_435_761 % 2**31,
            1 if what.kind[0] == "Inbound" else 0,
            200 + agent % 7,
            f"{what.medium}.{topic}.{thread.person.language.code}",
            self._all_attributes(number, thread, what, (agent, topic, segment)),
            1 if number % _SPAM_EVERY == 0 else 0,
            "SAFE" if what.mime_type == "text/html" else None,
            number % 3 % 2 if number % 5 else None,
            None if still_open else what.reason,
            thread.person.language.code,
            f"{thread.number * 48_271 % 900_000_000 + 100_000_000}",
            segment,
            pick(self.draw, _SITES),
            self.tokens.hexadecimal(32),
            *_NOTHING,
            int(chance * 50) % 5 + 1 if number % 3 == 0 else None,
            int(chance * 900),
            *_NOTHING[:3],
        )

    def _all_attributes(
        self, number: int, thread: Thread, what: Interaction, handling: tuple[int, str, str]
    ) -> bytes | None:
        """Write what an application attached, as JSON; for a few nothing, or what is none."""
        if number % _BARE_EVERY == _BARE_EVERY - 1:
            return None
        if number % _UNDECODABLE_EVERY == _UNDECODABLE_EVERY // 2:
            return b"\x00\x01\xff\xfe" + number.to_bytes(8, "big") * 12
        agent, topic, segment = handling
        person, language = thread.person, thread.person.language.code
        return (
            f'{{"Priority":{number % 10 * 100},"Segment":"{segment}","Topic":"{topic}",'
            f'"Customer":{{"Name":"{person.first_name} {person.last_name}",'
            f'"Email":"{person.email}","Known":{"true" if number % 3 else "false"}}},'
            f'"Agent":"agent{agent}@example.com","Medium":"{what.medium}",'
            f'"WaitSeconds":{(what.begin >> 7) % 900},"Skills":["{topic}","{language}"],'
            f'"Survey":{number % 50 / 10 if number % 6 == 0 else "null"},"Order":{thread.number},'
            f'"Session":"{self.tokens.hexadecimal(32)}","Token":"{self.tokens.base64(43)}="}}'
        ).encode()


#: The string attributes 5 to 10; the number attributes 3 to 5 are three of them.
_NOTHING = (None,) * 6

_CATEGORIES: dict[str, str] = {topic: f"0001G{place:011X}" for place, topic in enumerate(_TOPICS)}
