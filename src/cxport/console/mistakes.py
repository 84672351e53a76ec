"""What a service refused of a form: told beside its field, or with a notice where it has none."""

from __future__ import annotations

from fastapi import Response

from cxport.console.notices import Kind, Notice
from cxport.console.rendering import redirect
from cxport.console.visit import Visit
from cxport.domain.errors import CxportError, InvalidInput

#: Texts by the name of the field.
Mistakes = dict[str, str]


def mistakes_of(error: InvalidInput) -> Mistakes:
    """Give the text for the field that the error names: what is wrong, and what would be right."""
    text = error.message.removeprefix(f"{error.field}: ")
    return {error.field: f"{text} ({error.expected})" if error.expected else text}


def whole_number(field: str, text: str) -> int | None:
    """Read a field that may be left empty; InvalidInput for what is no whole number."""
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:  # noqa: PLR2004 - digits
        raise InvalidInput(field, "not a whole number")
    return int(text)


def refused(visit: Visit, path: str, error: CxportError) -> Response:
    """Lead to a page of ours that says first why something was not done."""
    return redirect(visit, path, Notice(kind=Kind.WARNING, text=visit.wording.refusal(error)))


def done(visit: Visit, path: str, key: str, **values: object) -> Response:
    """Lead to a page of ours that says first what was done."""
    return redirect(visit, path, Notice(kind=Kind.SUCCESS, text=visit.wording.text(key, **values)))
