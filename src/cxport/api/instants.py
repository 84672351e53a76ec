"""Moments as the contract's texts: ISO 8601 in UTC with milliseconds, absent ones empty."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(moment: datetime | None) -> str:
    """Write a moment."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
