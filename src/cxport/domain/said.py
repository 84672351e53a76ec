"""Sentences for people, that can be said again in another language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

#: What a template may be filled with; a Said is said in the other language, too.
Value = str | int | float


class Said(str):
    """A sentence in English that knows how it was made.

    `template` is its key in the files of the other languages, `values` is what it was filled
    with, as by str.format.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Value]

    def __new__(cls, template: str, /, **values: Value) -> Self:
        """Fill in the values; a template without any stays as it is."""
        made = super().__new__(cls, template.format_map(values) if values else template)
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> tuple[object, ...]:
        """Let it pass between processes."""
        return read, (written(self),)


def as_said(text: str) -> Said:
    """Give a text that is no sentence of ours, as it is, whatever the language."""
    return text if isinstance(text, Said) else Said("{text}", text=text)


def together(*sentences: str) -> Said | None:
    """Give one sentence of several, leaving out the empty ones; None for none."""
    found = [as_said(one) for one in sentences if one]
    if len(found) < 2:  # noqa: PLR2004 - nothing to put together
        return found[0] if found else None
    return Said("{first}; {rest}", first=found[0], rest=together(*found[1:]) or "")


def written(said: str) -> str:
    """Write it down, for `read`: how it was made, and not only what it says."""
    return json.dumps(_plain(as_said(said)), ensure_ascii=False)


def read(text: str) -> Said:
    """Give what was written; a text that was not written so is taken as it is."""
    try:
        found = _said(json.loads(text))
    except (ValueError, TypeError, LookupError):
        return as_said(text)
    return found if isinstance(found, Said) else as_said(text)


def forms(*sentences: str) -> dict[str, object]:
    """Give how sentences were made, by their English, to be kept beside it; see `known`."""
    return {str(one): _plain(one) for one in sentences if isinstance(one, Said)}


def known(text: str, kept: Mapping[str, object] | None) -> Said:
    """Give a kept text as it was said, where its form was kept, too."""
    return _said(kept[text]) if kept and text in kept else as_said(text)


def _plain(value: Value) -> object:
    if isinstance(value, Said):
        return {"said": value.template, "of": {k: _plain(v) for k, v in value.values.items()}}
    return value


def _said(plain: Any) -> Any:
    if isinstance(plain, dict):
        return Said(str(plain["said"]), **{k: _said(v) for k, v in plain["of"].items()})
    return plain
