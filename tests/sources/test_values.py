"""Values: what drivers give becomes what kinds promise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.catalogue import Kind
from cxport.sources.values import (
    EARLIEST,
    LATEST,
    UnfitValue,
    converter,
    to_time,
    wire_time,
)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Kind.TEXT, b"a\xffb", "a\ufffdb"),
        (Kind.TEXT, 7, "7"),
        (Kind.TEXT, 7.0, "7"),
        (Kind.INTEGER, Decimal(7), 7),
        (Kind.INTEGER, 7.0, 7),
        (Kind.INTEGER, " 7 ", 7),
        (Kind.INTEGER, "", None),
        (Kind.INTEGER, True, 1),
        (Kind.BOOLEAN, 0, False),
        (Kind.BOOLEAN, Decimal(1), True),
        (Kind.BOOLEAN, b"\x01", True),
        (Kind.BOOLEAN, "Y", True),
        (Kind.BOOLEAN, "0", False),
        (Kind.BOOLEAN, "", None),
        (Kind.NUMBER, "1.5", Decimal("1.5")),
        (Kind.BYTES, "\u00e9", b"\xc3\xa9"),
        (Kind.BYTES, memoryview(b"a"), b"a"),
        (Kind.TIME, date(2024, 5, 6), "2024-05-06T00:00:00.000Z"),
        (Kind.TIME, b"2024-05-06", "2024-05-06T00:00:00.000Z"),
        (Kind.TIME, "", None),
        (Kind.TIME, "2024-00-00", None),
        (Kind.TIME, 1e30, LATEST),
        (Kind.TIME, -1e30, EARLIEST),
        (Kind.TIME, "0001-01-01T00:00:00+05:00", EARLIEST),
        (Kind.TIME, "9999-12-31T23:59:59-05:00", LATEST),
    ],
)
def test_values_fit_their_kind(kind: Kind, value: object, expected: object) -> None:
    """Each value becomes one of the type that its kind promises."""
    found = converter(kind, "", "T.C").value(value)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.INTEGER, "seven"),
        (Kind.INTEGER, 7.5),
        (Kind.INTEGER, float("nan")),
        (Kind.BOOLEAN, "perhaps"),
        (Kind.TIME, "2024-13-01"),
        (Kind.TIME, "soon"),
        (Kind.NUMBER, "x"),
    ],
)
def test_values_that_cannot_fit_are_refused(kind: Kind, value: object) -> None:
    """A value of another kind is an error that names the column only."""
    with pytest.raises(UnfitValue, match=f"T.C must be of the kind {kind}") as caught:
        converter(kind, "", "T.C").value(value)

    assert str(value) not in str(caught.value)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))])))
def test_times_are_written_to_the_millisecond(moment: datetime) -> None:
    """Any time, text or not, is written in UTC and cut below the millisecond."""
    text = wire_time(moment)

    assert to_time(moment.isoformat()) == to_time(moment) == text
    if text not in (EARLIEST, LATEST):
        gap = moment - datetime.fromisoformat(text)
        assert timedelta(0) <= gap < timedelta(milliseconds=1)


@given(st.integers(-62_000_000_000_000, 250_000_000_000_000))
def test_numbers_count_from_1970(milliseconds: int) -> None:
    """Milliseconds and seconds mean the same moment, before 1970 too."""
    expected = wire_time(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds))

    assert to_time(milliseconds, milliseconds=True) == expected
    assert to_time(Decimal(milliseconds) / 1000) == expected
