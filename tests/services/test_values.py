"""Moments and sizes as users write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.errors import InvalidInput
from cxport.services.values import moment, quoted, size_bytes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T08:00:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("2026-01-31T08:00:00Z", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("2026-01-31T08:00:00.5+05:30", datetime(2026, 1, 31, 2, 30, 0, 500_000, tzinfo=UTC)),
        ("", None),
    ],
)
def test_moments_are_read_as_utc(text: str, expected: datetime | None) -> None:
    """An offset counts; without one it is UTC; empty is none."""
    assert expected == moment("dateFrom", text)


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "1", "9999-12-31T23:00:00-14:00", "24:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    """With the field, the text and what it would take."""
    with pytest.raises(InvalidInput, match="dateFrom") as caught:
        moment("dateFrom", text)
    assert caught.value.field == "dateFrom"
    assert "ISO 8601" in caught.value.expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1048576", 1_048_576),
        ("100MB", 100_000_000),
        ("1GB", 1_000_000_000),
        ("512MiB", 536_870_912),
        ("1.5 gb", 1_500_000_000),
        (" 2 kib ", 2048),
        ("7B", 7),
        ("0.000001TB", 1_000_000),
    ],
)
def test_sizes_are_read_exactly(text: str, expected: int) -> None:
    """Decimal and binary units, in any case."""
    assert expected == size_bytes("size", text)


@pytest.mark.parametrize("text", ["", "MB", "-1", "1e3", "1,5GB", "1 PB", "٣", "1MB2", "9" * 40])
def test_what_is_no_size_is_refused(text: str) -> None:
    """With the field and what it would take."""
    with pytest.raises(InvalidInput) as caught:
        size_bytes("size", text)
    assert caught.value.field == "size"


@given(st.text())
def test_no_text_breaks_a_reader(text: str) -> None:
    """Whatever a caller writes is read or refused, and quoted in a line of bounded length."""
    for read in (moment, size_bytes):
        with suppress(InvalidInput):
            read("field", text)
    assert quoted(text).isprintable()
    assert len(quoted(text)) <= 12 * 60 + 20
