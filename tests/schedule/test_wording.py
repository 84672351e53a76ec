"""Schedules in the contract's words: frequencies, starts, numbers of runs, and contradictions."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cxport.domain.errors import InvalidInput
from cxport.domain.job import MissedTicks
from cxport.schedule import ScheduleWords, first_tick, next_tick, read_schedule
from tests.schedule.series import NOW, at, ticks

_UTC = st.just(UTC)


@pytest.mark.parametrize(
    ("words", "kind", "expected"),
    [
        ({"immediately": True}, "immediate", []),
        ({"immediately": True, "runs": "1"}, "immediate", []),
        ({"immediately": True, "runs": "once"}, "once", []),
        ({"immediately": True, "start_at": at("2020-01-01")}, "immediate", []),
        ({"start_at": at("2026-05-01")}, "once", ["2026-05-01 00:00"]),
        ({"start_at": at("2026-05-01"), "runs": "1"}, "once", ["2026-05-01 00:00"]),
        ({"start_at": at("2026-05-01"), "runs": "Once"}, "once", ["2026-05-01 00:00"]),
        ({"start_at": at("2020-05-01")}, "once", ["2026-03-28 12:00:30"]),
        ({"runs": "once"}, "once", ["2026-03-29 00:00"]),
        ({"runs": "hourly"}, "hourly", ["2026-03-28 13:00", "2026-03-28 14:00"]),
        ({"runs": "daily"}, "daily", ["2026-03-29 00:00", "2026-03-30 00:00"]),
        ({"runs": "weekly"}, "weekly", ["2026-03-30 00:00", "2026-04-06 00:00"]),
        ({"runs": "monthly"}, "monthly", ["2026-04-01 00:00", "2026-05-01 00:00"]),
        (
            {"runs": "hourly", "start_at": at("2026-03-28T09:10:05")},
            "hourly",
            ["2026-03-28 12:10:05", "2026-03-28 13:10:05"],
        ),
        (
            {"runs": "daily", "start_at": at("2026-01-31T08:15:00.000001")},
            "daily",
            ["2026-03-29 08:15:01", "2026-03-30 08:15:01"],
        ),
        (
            {"runs": "weekly", "start_at": at("2026-04-02T08:15")},
            "weekly",
            ["2026-04-02 08:15", "2026-04-09 08:15"],
        ),
        (
            {"immediately": True, "runs": "monthly", "start_at": at("2026-01-31T08:00")},
            "monthly",
            ["2026-03-31 08:00", "2026-04-30 08:00"],
        ),
        (
            {"cron": "0 3 * * *", "start_at": at("2026-05-01T03:00")},
            "cron",
            ["2026-05-01 03:00", "2026-05-02 03:00"],
        ),
        ({"cron": " 0  3 * * * ", "runs": "7"}, "cron", ["2026-03-29 03:00", "2026-03-30 03:00"]),
        (
            {"runs": "daily", "timezone": "america/new_york"},
            "daily",
            ["2026-03-29 04:00", "2026-03-30 04:00"],
        ),
    ],
)
def test_words_and_their_ticks(words: dict[str, Any], kind: str, expected: list[str]) -> None:
    """Each way to say when gives its type and its first ticks."""
    assert read_schedule(ScheduleWords(**words), NOW).kind == kind
    assert ticks(2, **words) == expected


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ({"immediately": True}, 1),
        ({"runs": "once"}, 1),
        ({"cron": "@daily", "runs": "007"}, 7),
        ({"cron": "@daily"}, None),
        ({"runs": "daily"}, None),
    ],
)
def test_the_number_of_runs(words: dict[str, Any], limit: int | None) -> None:
    """A number counts all runs; a frequency has no end."""
    assert read_schedule(ScheduleWords(**words), NOW).limit == limit


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({}, "schedulerParam"),
        ({"runs": "0"}, "schedulerParam.runs"),
        ({"runs": "-1"}, "schedulerParam.runs"),
        ({"runs": "1.5"}, "schedulerParam.runs"),
        ({"runs": "9" * 5000}, "schedulerParam.runs"),
        ({"runs": "often"}, "schedulerParam.runs"),
        ({"runs": "5"}, "schedulerParam.runs"),
        ({"runs": "5", "immediately": True}, "schedulerParam.runs"),
        ({"runs": "2", "start_at": at("2026-05-01")}, "schedulerParam.runs"),
        ({"runs": "daily", "cron": "@daily"}, "schedulerParam.runs"),
        ({"runs": "once", "cron": "@daily"}, "schedulerParam.runs"),
        ({"immediately": True, "start_at": at("2026-05-01")}, "schedulerParam.startDate"),
        ({"start_at": at("2100-01-01")}, "schedulerParam.startDate"),
        ({"runs": "once", "timezone": "Europe/Rom"}, "schedulerParam.timezone"),
        ({"runs": "once", "timezone": "../etc/passwd"}, "schedulerParam.timezone"),
        (
            {"cron": "0 0 0 1 1 ? 2027", "start_at": at("2028-01-01")},
            "schedulerParam.cron",
        ),
        ({"runs": "once", "missed_ticks": "some"}, "jobParams.missedTicks"),
    ],
)
def test_words_that_cannot_be_followed(words: dict[str, Any], field: str) -> None:
    """The error names the field and says what it would take."""
    with pytest.raises(InvalidInput) as caught:
        read_schedule(ScheduleWords(**words), NOW)

    assert caught.value.field == field
    assert field in caught.value.message
    assert caught.value.expected


def test_missed_ticks_are_caught_up_in_one_run_unless_told_otherwise() -> None:
    """The default is `one`, and the words are read in any case of letters."""
    assert read_schedule(ScheduleWords(runs="once"), NOW).missed_ticks is MissedTicks.ONE
    words = ScheduleWords(runs="once", missed_ticks="None")
    assert read_schedule(words, NOW).missed_ticks is MissedTicks.NONE


@given(
    cron=st.sampled_from(["", "*/7 * * * *", "30 2 * * *", "0 0 31 * *", "5 0 2 ? * L 2026/3"]),
    runs=st.sampled_from(["", "hourly", "daily", "weekly", "monthly"]),
    zone=st.sampled_from(["UTC", "Europe/Paris", "Australia/Lord_Howe", "Pacific/Apia"]),
    start_at=st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=_UTC),  # noqa: DTZ001 - the strategy adds the zone
    now=st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=_UTC),  # noqa: DTZ001 - the strategy adds the zone
)
def test_ticks_only_go_forward(
    cron: str, runs: str, zone: str, start_at: datetime | None, now: datetime
) -> None:
    """Each is strictly later than the one before, none before the start, all on whole seconds."""
    assume(cron or runs)
    words = ScheduleWords(cron=cron, runs="" if cron else runs, timezone=zone, start_at=start_at)
    with suppress(InvalidInput):
        schedule = read_schedule(words, now)
        before, tick = now, first_tick(schedule, now)
        for _ in range(4):
            assert tick is None or (tick > before and not tick.microsecond)
            assert tick is None or start_at is None or tick >= start_at
            before, tick = tick or before, tick and next_tick(schedule, tick)
