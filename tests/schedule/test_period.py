"""Windows that move with their run: the whole periods before its tick."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from cxport.domain.catalogue import DataType, Family
from cxport.domain.errors import InvalidInput
from cxport.domain.job import JobSpec, Schedule
from cxport.domain.period import joined, period
from tests.schedule.series import at

UTC = ZoneInfo("UTC")
#: A Wednesday.
TICK = at("2026-05-13T03:25:30")


@pytest.mark.parametrize(
    ("relative", "start", "end"),
    [
        ("P1D", "2026-05-12", "2026-05-13"),
        ("P7D", "2026-05-06", "2026-05-13"),
        ("P1W", "2026-05-04", "2026-05-11"),
        ("P2W", "2026-04-27", "2026-05-11"),
        ("P1M", "2026-04-01", "2026-05-01"),
        ("P3M", "2026-02-01", "2026-05-01"),
        ("P1Y", "2025-01-01", "2026-01-01"),
        ("P1M3D", "2026-04-10", "2026-05-13"),
        ("PT1H", "2026-05-13T02:00", "2026-05-13T03:00"),
        ("PT36H", "2026-05-11T15:00", "2026-05-13T03:00"),
        ("PT15M", "2026-05-13T03:10", "2026-05-13T03:25"),
        ("P1DT6H", "2026-05-11T21:00", "2026-05-13T03:00"),
    ],
)
def test_whole_periods_end_before_the_tick(relative: str, start: str, end: str) -> None:
    """They are counted back from where the smallest unit that is named began."""
    window = period(relative).before(TICK, UTC)

    assert (window.start, window.end) == (at(start), at(end))


def test_a_tick_at_the_very_end_of_a_period_takes_it() -> None:
    """At midnight the day before is whole."""
    window = period("P1D").before(at("2026-05-13"), UTC)

    assert (window.start, window.end) == (at("2026-05-12"), at("2026-05-13"))


def test_days_are_those_of_the_jobs_zone() -> None:
    """Also the one that has 23 hours."""
    window = period("P1D").before(at("2026-03-30T03:00"), ZoneInfo("Europe/Paris"))

    assert (window.start, window.end) == (at("2026-03-28T23:00"), at("2026-03-29T22:00"))


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P0D", "P1S", "PT1S", "P1.5D", "-P1D", "P1H", "1D", "p1d", "P1M1Y"),
        *("P999Y", "P\u0661D", "P1D ", "PT1H1D", f"P{'9' * 5000}D"),
    ],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    """The error names the field and shows what is right."""
    with pytest.raises(InvalidInput) as caught:
        period(text)

    assert caught.value.field == "timeFrame.relative"
    assert "P1D" in caught.value.expected


def test_merged_ticks_have_the_union_of_their_windows() -> None:
    """A run that covers three daily ticks exports three days, and its window no longer moves."""
    spec = JobSpec(
        source="History",
        family=Family.UCS,
        data_type=DataType.INTERACTION,
        title="Daily",
        relative="P1D",
        schedule=Schedule(cron="0 3 * * *"),
    )
    ticks = [at(f"2026-05-{day}T03:00") for day in (11, 12, 13)]

    window = spec.at(ticks).window

    assert (window.start, window.end) == (at("2026-05-10"), at("2026-05-13"))
    assert spec.at(ticks).selection().window == window


def test_windows_with_a_gap_between_do_not_join() -> None:
    """A weekly tick with a day's window: no union of two would be one window."""
    weekly = [at("2026-05-06T03:00"), at("2026-05-13T03:00")]

    assert joined("P1D", weekly, UTC) == 1
    assert joined("P7D", weekly, UTC) == 2
    assert joined("P1D", [at("2026-05-12T03:00"), *weekly[1:]], UTC) == 2
