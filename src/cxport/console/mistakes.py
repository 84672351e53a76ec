"""What a service refused of a form: told beside its field, or with a notice where it has none."""

from __future__ import annotations

from fastapi import Response

from cxport.console.notices import Kind, Notice
from cxport.console.rendering import redirect
from cxport.console.visit import Visit
from cxport.console.wording import Wording
from cxport.domain.errors import CxportError, InvalidInput
from cxport.domain.said import Said

#: Texts by the name of the field.
Mistakes = dict[str, str]


def advice(error: InvalidInput) -> Said:
    """Say what is wrong, and what would be right."""
    if not error.expected:
        return error.said
    return Said("{said} ({expected})", said=error.said, expected=error.expected)


def mistakes_of(error: InvalidInput, wording: Wording) -> Mistakes:
    """Give the text for the field that the error names."""
    return {error.field: wording.say(advice(error))}


def whole_number(field: str, text: str) -> int | None:
    """Read a field that may be left empty; InvalidInput for what is no whole number."""
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:  # noqa: PLR2004 - digits
        raise InvalidInput(field, Said("not a whole number"))
    return int(text)


def refused(visit: Visit, path: str, error: CxportError) -> Response:
    """Lead to a page of ours that says first why something was not done."""
    return redirect(visit, path, Notice(kind=Kind.WARNING, text=visit.wording.refusal(error)))


def done(visit: Visit, path: str, key: str, **values: object) -> Response:
    """Lead to a page of ours that says first what was done."""
    return redirect(visit, path, Notice(kind=Kind.SUCCESS, text=visit.wording.text(key, **values)))
