"""The contacts of the sample: who they are follows from their number alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cxport.sources.sample.clock import DAY, DAYS, moment
from cxport.sources.sample.ids import attribute_id, contact_id
from cxport.sources.sample.text import Draw, Language

_DOMAINS = ("example.com", "example.net", "example.org", "mail.example.com")
#: Area codes of the numbers 555-0100 to 555-0199, which are nobody's.
_AREAS = (202, 303, 404, 505, 606, 707, 808, 909)
_TITLES = ("Dr.", "Prof.", "Ms", "Mr", None, None, None)

#: Every so many contacts one has no CreatedDate.
_UNDATED_EVERY = 97
#: Every so many contacts one was merged into the one before it.
_MERGED_EVERY = 61


@dataclass(frozen=True, slots=True)
class Person:
    """A contact: what an interaction needs to know of it."""

    number: int
    id: str
    language: Language
    first_name: str
    last_name: str
    email: str
    phone: str


class People:
    """All contacts, each made when it is asked for: none is kept."""

    def __init__(self, count: int, languages: tuple[Language, ...], draw: Draw) -> None:
        self.count = count
        self._languages = languages
        self._offset = int(draw() * 1_000_000)

    def __getitem__(self, number: int) -> Person:
        mixed = number + self._offset
        # 37 has no divisor in common with the hundred: every language comes up by its weight
        language = self._languages[mixed * 37 % len(self._languages)]
        first, last = language.names[mixed * 7 % len(language.names)]
        return Person(
            number=number,
            id=contact_id(number),
            language=language,
            first_name=first,
            last_name=last,
            email=f"customer.{mixed}@{_DOMAINS[mixed % len(_DOMAINS)]}",
            phone=phone_number(mixed),
        )

    def created(self, number: int) -> int:
        """When a contact was made: one after the other, evenly."""
        return number * (DAYS - 1) * DAY // self.count

    def undated(self, number: int) -> bool:
        """Whether a contact has no CreatedDate."""
        return number % _UNDATED_EVERY == _UNDATED_EVERY // 2

    def contact(self, number: int) -> tuple[object, ...]:
        """Give a row of Contact."""
        created = self.created(number)
        merged = number % _MERGED_EVERY == _MERGED_EVERY - 1
        return (
            contact_id(number),
            1,
            None if self.undated(number) else moment(created),
            moment(created + number * 7919 % DAY) if number % 5 else None,
            contact_id(number - 1) if merged else None,
        )

    def attributes(self, number: int) -> Iterator[tuple[object, ...]]:
        """Give its rows of ContactAttribute: of each name the primary value first."""
        changed = moment(self.created(number))
        for place, (name, value, date, primary, description) in enumerate(
            _attributes(self[number])
        ):
            yield (
                attribute_id(number, place),
                contact_id(number),
                name,
                value,
                date,
                primary,
                "text/plain" if name == "Note" else None,
                description,
                changed,
            )


def phone_number(number: int) -> str:
    """Give a number that belongs to nobody."""
    return f"+1 {_AREAS[number // 100 % len(_AREAS)]} 555 01{number % 100:02}"


def _attributes(
    person: Person,
) -> Iterator[tuple[str, str | None, str | None, int, str | None]]:
    """Give name, text, date, whether primary, and description of each attribute."""
    number = person.number
    yield "FirstName", person.first_name, None, 1, None
    yield "LastName", person.last_name, None, 1, None
    if title := _TITLES[number % len(_TITLES)]:
        yield "Title", title, None, 1, None
    yield "EmailAddress", person.email, None, 1, "private"
    for extra in range(number % 3):
        yield "EmailAddress", f"{extra + 1}.{person.email}", None, 0, "office"
    yield "PhoneNumber", person.phone, None, 1, "mobile"
    for extra in range(number % 4 // 2):
        yield "PhoneNumber", phone_number(number * 31 + extra), None, 0, "home"
    if not number % 6:
        yield "Birthday", None, moment(number * 7907 % DAYS * DAY), 1, None
    if not number % 9:
        yield "Note", f"«{person.last_name}» prefers {person.language.code} ✉", None, 1, ""
