"""Parts of a file: `Range` and `If-Range` (RFC 9110, sections 13.1.5 and 14.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cxport.services.files import Download

_ONE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*")


class Unsatisfiable(Exception):
    """The range lies outside the file."""


@dataclass(frozen=True)
class Span:
    """The bytes `start <= n < end` of a file."""

    start: int
    end: int


def entity_tag(download: Download) -> str:
    """Give the strong validator of a file: the digest of its bytes."""
    return f'"{download.sha256}"'


def wanted(headers: Mapping[str, str], download: Download, modified: str) -> Span | None:
    """Give the one span asked for, or None for the whole file; Unsatisfiable where there is none.

    Several ranges, another unit and a range that depends on an older file give the whole, as
    the RFC allows.
    """
    form = _ONE.fullmatch(headers.get("range", ""))
    if form is None or form[1] == form[2] == "":
        return None
    if headers.get("if-range", entity_tag(download)) not in {entity_tag(download), modified}:
        return None
    return _span(form[1], form[2], download.size_bytes)


def _span(first: str, last: str, size: int) -> Span | None:
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise Unsatisfiable
    return Span(start, end)
