"""What people of the sample write: made once from `phrases.toml`, then drawn from at speed."""

from __future__ import annotations

import tomllib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from random import Random
from typing import TypeVar
from xml.sax.saxutils import escape

T = TypeVar("T")

#: A number at random, `0 <= x < 1`. Nothing else is drawn, because Python promises only of this
#: that a seed gives the same numbers in every version.
Draw = Callable[[], float]

#: Letters of each kind that are made for each hundredth of weight of a language.
_LETTERS = 8

#: Tokens are cut from so much noise: further apart than any compression looks back.
_NOISE_BYTES = 1 << 20


class Tokens:
    """Ids and signatures of other systems: text that no compression makes smaller."""

    def __init__(self, seed: int, draw: Draw) -> None:
        noise = Random(seed).randbytes(_NOISE_BYTES)  # noqa: S311 - nothing here is secret
        self._hexadecimal = noise.hex()
        self._base64 = b64encode(noise).decode()
        self._draw = draw

    def hexadecimal(self, length: int) -> str:
        """Give hexadecimal digits."""
        start = int(self._draw() * _NOISE_BYTES)
        return self._hexadecimal[start : start + length]

    def base64(self, length: int) -> str:
        """Give letters of base64."""
        start = int(self._draw() * _NOISE_BYTES)
        return self._base64[start : start + length]


def pick(draw: Draw, items: Sequence[T]) -> T:
    """Choose one at random."""
    return items[int(draw() * len(items))]


@dataclass(frozen=True, slots=True)
class Language:
    """The pools of one language; all but the lines of a chat are plain text."""

    code: str
    names: tuple[tuple[str, str], ...]
    subjects: tuple[str, ...]
    letters: tuple[str, ...]
    answers: tuple[str, ...]
    closings: tuple[str, ...]
    #: Lines of a chat, escaped for XML.
    customer_lines: tuple[str, ...]
    agent_lines: tuple[str, ...]


def languages(draw: Draw) -> tuple[Language, ...]:
    """Make the pools; a hundred entries, each language as often as its weight."""
    source = files(__package__).joinpath("phrases.toml").read_text("utf-8")
    found: list[Language] = []
    for words in tomllib.loads(source)["language"]:
        found += [_language(draw, words)] * words["weight"]
    return tuple(found)


def _language(draw: Draw, words: Mapping[str, Sequence[str]]) -> Language:
    size = _LETTERS * int(words["weight"])  # type: ignore[call-overload]  # the one number
    return Language(
        code=str(words["code"]),
        names=tuple(
            (first, last) for first in words["first_names"] for last in words["last_names"]
        ),
        subjects=_filled(draw, words, "subjects", size),
        letters=tuple(_letter(draw, words, "greetings") for _ in range(size)),
        answers=tuple(_letter(draw, words, "answers") for _ in range(size)),
        closings=tuple(words["closings"]),
        customer_lines=tuple(map(escape, _filled(draw, words, "customer_lines", size))),
        agent_lines=tuple(map(escape, _filled(draw, words, "agent_lines", size))),
    )


def _letter(draw: Draw, words: Mapping[str, Sequence[str]], opening: str) -> str:
    """Write an opening and three to seven sentences in two paragraphs."""
    first = " ".join(_filled(draw, words, "sentences", 2 + int(draw() * 3)))
    second = " ".join(_filled(draw, words, "sentences", 1 + int(draw() * 3)))
    return f"{pick(draw, words[opening])}\n\n{first}\n\n{second}"


def _filled(
    draw: Draw, words: Mapping[str, Sequence[str]], what: str, count: int
) -> tuple[str, ...]:
    """Draw from a list so many times, each time with other words in its gaps."""
    return tuple(
        pick(draw, words[what]).format(
            product=pick(draw, words["products"]),
            place=pick(draw, words["places"]),
            day=pick(draw, words["days"]),
            number=f"{int(draw() * 900_000_000) + 100_000_000}",
            amount=f"{draw() * 400 + 5:.2f} EUR",
            hour=f"{8 + int(draw() * 12)}",
        )
        for _ in range(count)
    )
