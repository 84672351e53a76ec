"""Times of the sample: milliseconds into its two years, and how a database reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

#: The sample begins here and covers the years 2024 and 2025, whenever it is made.
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 731

_DATES = [(BEGIN + timedelta(days=day)).strftime("%Y-%m-%d ") for day in range(DAYS)]
_MINUTES = [f"{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)]
_SECONDS = [f"{second:02}." for second in range(60)]
_MILLISECONDS = [f"{millisecond:03}" for millisecond in range(1000)]


def moment(at: int) -> str:
    """Write `at` (milliseconds since BEGIN, before the end) as UTC, as each database reads it."""
    day, rest = divmod(at, DAY)
    minute, rest = divmod(rest, MINUTE)
    second, millisecond = divmod(rest, SECOND)
    return _DATES[day] + _MINUTES[minute] + _SECONDS[second] + _MILLISECONDS[millisecond]
