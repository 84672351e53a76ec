"""The words that people read, by language: one file each, all with the same keys.

What services say (`domain.said`) has its English where it is said: the other languages have it
in the group `says`, by that.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_FOLDER = files("cxport.services.labels")
ENGLISH = "en"
#: English first: it serves whoever asks for another one.
LANGUAGES = tuple(
    sorted(
        (one.name.removesuffix(".toml") for one in _FOLDER.iterdir() if one.name.endswith(".toml")),
        key=lambda name: (name != ENGLISH, name),
    )
)
#: Ranges of a header that are looked at; more are nobody's wish.
_RANGES = 50
_SAYS, _STATUS = "says", "status"
_WEIGHT = re.compile(r"q=(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


@cache
def labels(language: str) -> Mapping[str, str]:
    """Give the labels of one of LANGUAGES by key, as `status.queued`."""
    return {
        f"{group}.{name}": label
        for group, named in _groups(language).items()
        if group != _SAYS
        for name, label in named.items()
    }


@cache
def sayings(language: str) -> Mapping[str, str]:
    """Give what services say by the templates that they say it with; statuses are among it."""
    groups = _groups(language)
    statuses = {
        english: groups[_STATUS][name] for name, english in _groups(ENGLISH)[_STATUS].items()
    }
    return {**statuses, **groups.get(_SAYS, {})}


def _groups(language: str) -> dict[str, dict[str, str]]:
    text = _FOLDER.joinpath(f"{language}.toml").read_text("utf-8")
    groups: dict[str, dict[str, str]] = tomllib.loads(text)
    return groups


def language_for(header: str) -> str:
    """Choose a language by an `Accept-Language` (RFC 9110, section 12.5.4), else English.

    A range fits a language where it begins with it: `de-AT` is served in German.
    """
    ranges = [_read(one) for one in header.split(",")[:_RANGES]]
    wanted = sorted((one for one in ranges if one[1] > 0), key=lambda one: -one[1])
    for name, _ in wanted:
        if name == "*":
            break
        if name.partition("-")[0] in LANGUAGES:
            return name.partition("-")[0]
    return LANGUAGES[0]


def _read(text: str) -> tuple[str, float]:
    """Read `de-AT;q=0.8`; a weight that is none counts as 0."""
    name, _, weight = text.replace(" ", "").lower().partition(";")
    if not weight:
        return name, 1.0
    return name, float(weight[2:]) if _WEIGHT.fullmatch(weight) else 0.0
