"""How a value of a table reads as text: in a CSV, and where a mask makes a digest of it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any

#: What a spreadsheet takes for the beginning of a formula, or passes over to find one (OWASP,
#: CSV Injection), the full-width forms included.
FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def defused(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet could take for a formula."""
    return f"'{text}" if text[:1] in FORMULA else text


def cell_text(value: Any) -> str:
    """Give the exact text of a value: base64 of bytes, `true` and `false`, digits of a number.

    A number is never written with less than it holds, nor a Decimal with an exponent. Raises
    TypeError for what no column holds.
    """
    convert = _TEXTS.get(type(value))
    if convert is None:
        raise TypeError(f"a {type(value).__name__} is no cell")
    return convert(value)


def _decimal(value: Decimal) -> str:
    return f"{value:f}"


def _boolean(value: bool) -> str:  # noqa: FBT001 - the value itself
    return "true" if value else "false"


def _bytes(value: bytes | bytearray | memoryview) -> str:
    return base64.b64encode(value).decode()


_TEXTS: dict[type, Callable[[Any], str]] = {
    str: str,
    int: str,
    float: repr,
    bool: _boolean,
    Decimal: _decimal,
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _bytes,
}
