"""Schedules and periods in words, in each language."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cxport.console.schedule_words import in_plain_words, relative_words, schedule_words
from cxport.console.wording import Wording
from cxport.domain.job import Schedule
from cxport.services.schedules import Upcoming

ENGLISH = Wording("en", ZoneInfo("UTC"))
START = datetime(2031, 1, 31, 7, 15, tzinfo=UTC)


def said(schedule: Schedule, fields: str = "") -> str:
    """Give the words of a schedule in English."""
    return schedule_words(Upcoming(schedule=schedule, cron_fields=fields, runs=()), ENGLISH)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule(), "As soon as it is saved, once"),
        (Schedule(immediately=False, runs="once"), "Once, at the next midnight (UTC)"),
        (
            Schedule(immediately=False, start_at=START, timezone="Asia/Tokyo"),
            "Once, on 2031-01-31 16:15 (Asia/Tokyo)",
        ),
        (Schedule(immediately=False, runs="hourly"), "Every hour at minute 00 (UTC)"),
        (Schedule(immediately=False, runs="daily"), "Every day at 00:00 (UTC)"),
        (
            Schedule(runs="weekly"),
            "Every week on Monday at 00:00, and once as soon as it is saved (UTC)",
        ),
        (
            Schedule(immediately=False, runs="monthly", start_at=START),
            "Every month on day 31 at 07:15, from 2031-01-31 07:15 on (UTC)",
        ),
        (
            Schedule(immediately=False, cron="@daily", runs="7"),
            "By cron expression: @daily, 7 runs in all (UTC)",
        ),
    ],
)
def test_a_schedule_is_said(schedule: Schedule, words: str) -> None:
    """With its start, its limit and the zone by whose clock it goes."""
    assert said(schedule) == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("30 6 * * *", "Every day at 06:30"),
        ("5 * * * *", "Every hour at minute 05"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("0 8 * * mon-wed,SUN", "Every week on Monday, Tuesday, Wednesday, Sunday at 08:00"),
        ("0 8 * * 0,7", "Every week on Sunday at 08:00"),
        ("0 8 15 * *", "Every month on day 15 at 08:00"),
        ("*/7 * * * *", ""),
        ("0 8 * * 5-1", ""),
        ("0 8 * * 1#2", ""),
        ("0 8 L * *", ""),
        ("0 8 1 * 1", ""),
        ("0 8 1 6 *", ""),
        ("0 8,12 * * *", ""),
        ("", ""),
    ],
)
def test_usual_expressions_are_said_in_words(fields: str, words: str) -> None:
    """And those that words would not say whole are repeated as they are."""
    schedule = Schedule(immediately=False, cron="as typed")
    expected = words or "By cron expression: as typed"

    assert said(schedule, fields) == f"{expected} (UTC)"
    upcoming = Upcoming(schedule=schedule, cron_fields=fields, runs=())
    assert in_plain_words(upcoming) is bool(words)


def test_periods_are_said() -> None:
    """One, several, and one of several units."""
    assert relative_words("P1D", ENGLISH) == "The day before each run"
    assert relative_words("PT6H", ENGLISH) == "The 6 full hours before each run"
    assert (
        relative_words("P1W", Wording("de", ZoneInfo("UTC"))) == "Die Kalenderwoche vor jedem Lauf"
    )
    assert relative_words("P1DT6H", ENGLISH) == "The whole periods before each run: P1DT6H"
