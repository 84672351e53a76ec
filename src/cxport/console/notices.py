"""What the next page says first: how the act went that led there. It travels in a cookie."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from fastapi import Request, Response

from cxport.console import cookies

_SECONDS = 60
#: A cookie holds 4 KB: lines that are told at most, and characters of each.
_LINES, _LENGTH = 10, 160


class Kind(StrEnum):
    """How it looks; the value is Tabler's word."""

    SUCCESS = "success"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A sentence in the reader's language, and lines below it."""

    kind: Kind
    text: str
    lines: tuple[str, ...] = ()


def leave(request: Request, response: Response, notice: Notice) -> None:
    """Have the next page say it."""
    lines = tuple(line[:_LENGTH] for line in notice.lines[:_LINES])
    if len(notice.lines) > _LINES:
        lines = (*lines, f"+ {len(notice.lines) - _LINES}")
    content = json.dumps({**asdict(notice), "lines": lines}, ensure_ascii=False)
    value = base64.urlsafe_b64encode(content.encode()).decode()
    cookies.write(request, response, cookies.NOTICE, value, seconds=_SECONDS)


def left(request: Request) -> Notice | None:
    """Give what was left, if anything that we could have written."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cookies.read(request, cookies.NOTICE)))
        lines = tuple(str(line) for line in found["lines"])
        return Notice(kind=Kind(found["kind"]), text=str(found["text"]), lines=lines)
    except (binascii.Error, ValueError, LookupError, TypeError):
        return None
