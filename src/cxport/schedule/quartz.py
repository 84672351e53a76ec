"""Quartz's cron expressions, put into the five fields of cron.

The documentation of Quartz's CronTrigger tells the form: ranges may wrap (`FRI-MON`), `a/n` begins
at `a`, `L` is the last day, `6L` the last Friday, `6#3` the third. `W` (the nearest weekday) and
`L-n` have no counterpart in cron and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said

FIRST_YEAR, LAST_YEAR = 1970, 2099
_FIELD = "schedulerParam.cron"
_SUNDAY = 1
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_ANY = {"*", "?"}


def _numbered(names: Sequence[str]) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(names, 1)}


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One of the fields: its name for messages, its numbers, and the words that stand for some."""

    name: Said
    low: int
    high: int
    words: Mapping[str, int] = field(default_factory=dict)

    def numbers(self, text: str) -> list[int]:
        """Read a list of numbers, ranges and steps."""
        found = {number for term in text.split(",") for number in self._term(term)}
        return sorted(found)

    def number(self, text: str) -> int:
        """Read one number or word."""
        word = self.words.get(text)
        if word is not None:
            return word
        if not re.fullmatch(r"[0-9]{1,4}", text) or not self.low <= int(text) <= self.high:
            raise self.refused(
                text, Said("numbers from {low} to {high}", low=self.low, high=self.high)
            )
        return int(text)

    def refused(self, text: str, expected: Said) -> InvalidInput:
        """Give the error that names the field of the expression."""
        return InvalidInput.at(
            _FIELD,
            Said("the {name} {text} is not valid", name=self.name, text=repr(text)),
            expected,
        )

    def _term(self, term: str) -> Sequence[int]:
        span, _, step = term.partition("/")
        if "/" in term and not re.fullmatch(r"[1-9][0-9]{0,3}", step):
            raise self.refused(term, Said("a step of 1 or more behind the /"))
        first, dash, last = span.partition("-")
        if span == "*":
            low, high = self.low, self.high
        else:
            low = self.number(first)
            high = self.number(last) if dash else self.high if step else low
        numbers = [*range(low, high + 1)] if low <= high else self._wrapped(low, high)
        return numbers[:: int(step or 1)]

    def _wrapped(self, low: int, high: int) -> list[int]:
        return [*range(low, self.high + 1), *range(self.low, high + 1)]


_SECOND = _Part(name=Said("second"), low=0, high=59)
_MINUTE = _Part(name=Said("minute"), low=0, high=59)
_HOUR = _Part(name=Said("hour"), low=0, high=23)
_DAY = _Part(name=Said("day of the month"), low=1, high=31)
_MONTH = _Part(name=Said("month"), low=1, high=12, words=_numbered(_MONTHS))
_WEEKDAY = _Part(name=Said("day of the week"), low=1, high=7, words=_numbered(_DAYS))
_YEAR = _Part(name=Said("year"), low=FIRST_YEAR, high=LAST_YEAR)


def from_quartz(fields: Sequence[str]) -> tuple[list[str], int, frozenset[int]]:
    """Give cron's five fields, the second, and the years; none of them for all years."""
    second, minute, hour, day, month, weekday, *year = (text.upper() for text in fields)
    if day not in _ANY and weekday not in _ANY:
        raise _WEEKDAY.refused(
            weekday, Said("? for the day of the month or for the day of the week")
        )
    five = [
        _plain(_MINUTE, minute),
        _plain(_HOUR, hour),
        _day(day),
        _plain(_MONTH, month),
        _weekday(weekday),
    ]
    return five, _second(second), _years(year)


def _second(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text):
        raise _SECOND.refused(text, Said("one number: a job runs once a minute at most"))
    return _SECOND.number(text)


def _years(texts: Sequence[str]) -> frozenset[int]:
    years = [text for text in texts if text != "*"]
    return frozenset(number for text in years for number in _YEAR.numbers(text))


def _plain(part: _Part, text: str) -> str:
    return "*" if text == "*" else _joined(part.numbers(text))


def _day(text: str) -> str:
    if text in _ANY:
        return "*"
    if text in {"L", "LW"}:
        return text
    if "W" in text or "L" in text:
        raise _DAY.refused(text, Said("days by number, L (the last one) or LW (the last weekday)"))
    return _joined(_DAY.numbers(text))


def _weekday(text: str) -> str:
    if text in _ANY:
        return "*"
    if text == "L":
        return _joined([7 - _SUNDAY])
    special = re.fullmatch(r"(\w{1,3}?)(L|#[1-5])", text)
    if special:
        return f"{_WEEKDAY.number(special[1]) - _SUNDAY}{special[2]}"
    return _joined([number - _SUNDAY for number in _WEEKDAY.numbers(text)])


def _joined(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))
