"""The audit record as the service shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from cxport.client.shapes import Object


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One entry; `outcome` is `done` or `refused`, `digest` covers all entries before."""

    id: int
    date: str
    actor: str
    act: str
    outcome: str
    object: str
    digest: str

    @classmethod
    def from_json(cls, found: Any) -> Self:
        """Read one row of the service's list."""
        read = Object(found, cls.__name__)
        texts = ("date", "actor", "act", "outcome", "object", "digest")
        return cls(id=read.number("id"), **{name: read.text(name) for name in texts})
