"""Cron expressions: the contract's three forms, each with the ticks it stands for."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxport.domain.errors import InvalidInput
from cxport.schedule.cron import NICKNAMES, read_cron
from tests.schedule.series import ticks


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 3 * * *", ["2026-03-29 03:30", "2026-03-30 03:30"]),
        ("0 12 * * 0", ["2026-03-29 12:00", "2026-04-05 12:00"]),
        ("0 12 * * 7", ["2026-03-29 12:00", "2026-04-05 12:00"]),
        ("0 12 * * sun", ["2026-03-29 12:00", "2026-04-05 12:00"]),
        ("0 12 * * 1-5", ["2026-03-30 12:00", "2026-03-31 12:00"]),
        ("*/20 12 28 3 *", ["2026-03-28 12:20", "2026-03-28 12:40"]),
        ("0 0 29 feb *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 0 13 * FRI", ["2026-04-03 00:00", "2026-04-10 00:00"]),
        ("0 0 L * *", ["2026-03-31 00:00", "2026-04-30 00:00"]),
    ],
)
def test_five_fields_are_crons_own(cron: str, expected: list[str]) -> None:
    """Minute first; days of the week from 0, Sunday; a day of either kind is enough."""
    assert ticks(2, cron=cron) == expected


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 30 3 * * ?", ["2026-03-29 03:30", "2026-03-30 03:30"]),
        ("15 30 3 ? * *", ["2026-03-29 03:30:15", "2026-03-30 03:30:15"]),
        ("0 0 12 ? * 1", ["2026-03-29 12:00", "2026-04-05 12:00"]),
        ("0 0 12 ? * SUN", ["2026-03-29 12:00", "2026-04-05 12:00"]),
        ("0 0 12 ? * 7", ["2026-04-04 12:00", "2026-04-11 12:00"]),
        ("0 0 12 ? * L", ["2026-04-04 12:00", "2026-04-11 12:00"]),
        ("0 0 12 ? * MON-FRI", ["2026-03-30 12:00", "2026-03-31 12:00"]),
        ("0 0 12 ? * 2-6", ["2026-03-30 12:00", "2026-03-31 12:00"]),
        ("0 0 12 ? * FRI-SUN", ["2026-03-29 12:00", "2026-04-03 12:00"]),
        ("0 0 12 ? * 6L", ["2026-04-24 12:00", "2026-05-29 12:00"]),
        ("0 0 12 ? * FRIL", ["2026-04-24 12:00", "2026-05-29 12:00"]),
        ("0 0 12 ? * 6#3", ["2026-04-17 12:00", "2026-05-15 12:00"]),
        ("0 5/25 22-1 * * ?", ["2026-03-28 22:05", "2026-03-28 22:30"]),
        ("0 0 0 L * ?", ["2026-03-31 00:00", "2026-04-30 00:00"]),
        ("0 0 0 LW * ?", ["2026-03-31 00:00", "2026-04-30 00:00"]),
        ("0 0 0 1 nov-FEB ?", ["2026-11-01 00:00", "2026-12-01 00:00"]),
        ("0 0 0 1 1 ? 2028", ["2028-01-01 00:00"]),
        ("0 0 0 1 1 ? 2027,2030/50", ["2027-01-01 00:00", "2030-01-01 00:00"]),
        ("0 0 0 1 1 ? *", ["2027-01-01 00:00", "2028-01-01 00:00"]),
    ],
)
def test_six_and_seven_fields_are_quartzs(cron: str, expected: list[str]) -> None:
    """Seconds first, days of the week from 1, Sunday; ranges may wrap; years end it."""
    assert ticks(2, cron=cron) == expected


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("@hourly", "2026-03-28 13:00"),
        ("@Daily", "2026-03-29 00:00"),
        ("@midnight", "2026-03-29 00:00"),
        ("@weekly", "2026-03-29 00:00"),
        ("@monthly", "2026-04-01 00:00"),
        ("@yearly", "2027-01-01 00:00"),
        ("@annually", "2027-01-01 00:00"),
    ],
)
def test_nicknames_stand_for_five_fields(cron: str, expected: str) -> None:
    """In any case of letters."""
    assert ticks(1, cron=cron) == [expected]


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day-of-month"),
        ("* * * 13 *", "month"),
        ("* * * * 8", "day-of-week"),
        ("? * * * *", "minute"),
        ("5-1 * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("0 0 30 2 *", "day-of-month"),
        ("0 0 31 4,6 *", "day-of-month"),
        ("* * * *", "4 fields"),
        ("0 0 0 1 1 ? 2027 8", "8 fields"),
        ("@reboot", "1 fields"),
        ("* * * * * ?", "once a minute"),
        ("0,30 * * * * ?", "once a minute"),
        ("60 * * * * ?", "second"),
        ("0 0 12 1 * 2", "day of the week"),
        ("0 0 12 ? * 0", "1 to 7"),
        ("0 0 12 ? * 8", "1 to 7"),
        ("0 0 12 15W * ?", "day of the month"),
        ("0 0 12 L-3 * ?", "day of the month"),
        ("0 0 12 30 2 ?", "day-of-month"),
        ("0 0 0 1 1 ? 1969", "1970 to 2099"),
        ("0 0 0 1 1 ? 2020", "never comes"),
        ("0 0 0 29 2 ? 2027", "never comes"),
        ("0 " * 2000, "200 characters"),
        ("\u0663 * * * *", "minute"),
        ("0 0/x * * * ?", "step"),
    ],
)
def test_what_is_wrong_or_never_comes_is_refused(cron: str, said: str) -> None:
    """The error names the field, says what is wrong with it and what would be right."""
    with pytest.raises(InvalidInput) as caught:
        ticks(cron=cron)

    assert caught.value.field == "schedulerParam.cron"
    assert said in f"{caught.value.message} {caught.value.expected}"
    assert caught.value.expected


@given(st.text("0123456789*,-/?LW#@ SUNMOFRIJAN", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is sent, the answer is an expression or an error of ours."""
    with suppress(InvalidInput):
        assert read_cron(text).fields


def test_every_nickname_is_valid() -> None:
    """None of the names that the refusal lists is refused itself."""
    for name in NICKNAMES:
        assert len(read_cron(name).fields.split()) == 5
