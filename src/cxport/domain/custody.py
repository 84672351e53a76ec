"""What somebody decided about a run's files: to keep them beyond their time, or to end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A legal hold, or a revocation; `by` is a caller's subject."""

    by: str
    at: datetime
    reason: str
