"""Masks: what stands in an export in place of a value that must not leave its database."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cxport.domain.cell import cell_text


@dataclass(frozen=True, kw_only=True)
class Mask:
    """Either a fixed text, or a digest by which equal values stay equal."""

    text: str = ""
    hashed: bool = False


#: Turns the values of a column; null stays null.
ColumnMask = Callable[[Sequence[object]], Sequence[object]]


def column_mask(mask: Mask, key: bytes) -> ColumnMask:
    """Give what masks a column.

    A digest is HMAC-SHA-256 (RFC 2104) of the value's text under `key`, in hexadecimal: without
    the key nobody can try out values against it. Equal texts have equal digests, in every table,
    so that tables can still be joined. Raises ValueError for a digest without a key.
    """
    if not mask.hashed:
        return lambda values: [None if value is None else mask.text for value in values]
    if not key:
        raise ValueError("a digest needs a key")

    def digests(values: Sequence[object]) -> Sequence[object]:
        return [
            None
            if value is None
            else hmac.digest(key, cell_text(value).encode("utf-8", "replace"), "sha256").hex()
            for value in values
        ]

    return digests


def tenant_mask_key(installation_key: bytes, tenant_id: str) -> bytes:
    """Give the key of a tenant's digests: no other tenant's data has the same ones."""
    return hmac.digest(installation_key, tenant_id.encode(), "sha256")
