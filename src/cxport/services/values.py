"""Words that a user writes for a moment or a size, read."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said

_MOMENT = Said("an ISO 8601 date or date-time, as 2026-01-31 or 2026-01-31T08:00:00+01:00")
_SIZE = Said("bytes, or a number with a unit, as 100MB, 1GB or 512MiB")
_UNITS = {
    "": 1,
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "TIB": 2**40,
}
_SIZE_FORM = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([KMGT]i?B|B|)", re.IGNORECASE)
#: Longer texts are quoted in part.
_QUOTED = 60


def quoted(value: str) -> str:
    """Show what the caller sent, printable and not too long."""
    text = value if len(value) <= _QUOTED else value[:_QUOTED] + "..."
    return repr(text)


def moment(field: str, text: str) -> datetime | None:
    """Read an ISO 8601 moment as UTC, its reading where it says no offset; empty gives None."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput.at(
            field, Said("{text} is no moment", text=quoted(text)), _MOMENT
        ) from error


def size_bytes(field: str, text: str) -> int:
    """Read a size: bytes, or a number with a decimal (MB) or binary (MiB) unit."""
    form = _SIZE_FORM.fullmatch(text.strip())
    if form is None:
        raise InvalidInput.at(field, Said("{text} is no size", text=quoted(text)), _SIZE)
    whole, _, fraction = form[1].partition(".")
    unit = _UNITS[form[2].upper()]
    return int(whole) * unit + int(fraction or 0) * unit // int("1" + "0" * len(fraction))
