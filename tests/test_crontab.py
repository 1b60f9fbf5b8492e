"""Crontab expressions: what they mean by the calendar, and what is wrong with those that mean nothing."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta

import pytest

from botkit.crontab import parse

FIRST, LAST = date(2027, 1, 1), date(2028, 12, 31)


def nth(day):
    """The how manieth of its weekday in its month a day is."""
    return (day.day - 1) // 7 + 1


def is_last(day):
    """Whether no such weekday follows in the month."""
    return day.day + 7 > calendar.monthrange(day.year, day.month)[1]


# Weekdays of Python count from Monday, 0.
DAYS = [
    ("0 9 * * mon", lambda d: d.weekday() == 0),
    ("0 9 * * 1", lambda d: d.weekday() == 0),
    ("0 9 * * 0", lambda d: d.weekday() == 6),
    ("0 9 * * 7", lambda d: d.weekday() == 6),
    ("0 9 * * SUN", lambda d: d.weekday() == 6),
    ("0 9 * * 5-7", lambda d: d.weekday() in (4, 5, 6)),
    ("0 9 * * fri-sun", lambda d: d.weekday() in (4, 5, 6)),
    ("0 9 * * 0-2", lambda d: d.weekday() in (6, 0, 1)),
    ("0 9 * * 1-5/2", lambda d: d.weekday() in (0, 2, 4)),
    ("0 9 * * */2", lambda d: d.weekday() in (6, 1, 3, 5)),
    ("0 9 13 * *", lambda d: d.day == 13),
    ("0 9 13 * fri", lambda d: d.day == 13 or d.weekday() == 4),
    ("0 9 */10 * *", lambda d: d.day in (1, 11, 21, 31)),
    ("0 9 */2 * mon", lambda d: d.day % 2 == 1 and d.weekday() == 0),
    ("0 9 13 * */3", lambda d: d.day == 13 and d.weekday() in (6, 2, 5)),
    ("0 9 1,15 * *", lambda d: d.day in (1, 15)),
    ("0 9 31 * *", lambda d: d.day == 31),
    ("0 9 29 feb *", lambda d: (d.month, d.day) == (2, 29)),
    ("0 9 1 jan,jul-aug *", lambda d: d.day == 1 and d.month in (1, 7, 8)),
    ("0 9 1 */5 *", lambda d: d.day == 1 and d.month in (1, 6, 11)),
    ("0 9 L * *", lambda d: (d + timedelta(days=1)).day == 1),
    ("0 9 1,L * *", lambda d: d.day == 1 or (d + timedelta(days=1)).day == 1),
    ("0 9 L * mon", lambda d: (d + timedelta(days=1)).day == 1 or d.weekday() == 0),
    ("0 9 * * 5#2", lambda d: d.weekday() == 4 and nth(d) == 2),
    ("0 9 * * fri#5", lambda d: d.weekday() == 4 and nth(d) == 5),
    ("0 9 * * 0#1,7#3", lambda d: d.weekday() == 6 and nth(d) in (1, 3)),
    ("0 9 * * L5", lambda d: d.weekday() == 4 and is_last(d)),
    ("0 9 * * last fri", lambda d: d.weekday() == 4 and is_last(d)),
    ("0 9 * * mon,5#2", lambda d: d.weekday() == 0 or (d.weekday() == 4 and nth(d) == 2)),
    ("0 9 24 12 L5", lambda d: d.month == 12 and (d.day == 24 or (d.weekday() == 4 and is_last(d)))),
    ("0 9 * * *", lambda d: True),
]


@pytest.mark.parametrize("text,fits", DAYS, ids=[text for text, _ in DAYS])
def test_days_are_those_of_cron(text, fits):
    """Of two years, against a walk through all their days."""
    walk = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    shown, found = datetime(2027, 1, 1, tzinfo=UTC), []
    while (shown := parse(text).next_after(shown)) is not None and shown.date() <= LAST:
        assert (shown.hour, shown.minute) == (9, 0)
        found.append(shown.date())
    assert found == [day for day in walk if fits(day)]


@pytest.mark.parametrize(
    "text,times",
    [
        ("5 4 * * *", ["04:05"]),
        ("0,30 8-9 * * *", ["08:00", "08:30", "09:00", "09:30"]),
        ("0 8-18/5 * * *", ["08:00", "13:00", "18:00"]),
        ("59 23 * * *", ["23:59"]),
        ("0 */6 * * *", ["00:00", "06:00", "12:00", "18:00"]),
        ("@daily", ["00:00"]),
        ("@hourly", [f"{hour:02}:00" for hour in range(24)]),
    ],
)
def test_times_of_a_day(text, times):
    """Lists, ranges, steps and nicknames."""
    shown, found = datetime(2026, 5, 3, tzinfo=UTC) - timedelta(seconds=1), []
    while (shown := parse(text).next_after(shown)).day == 3:
        found.append(f"{shown:%H:%M}")
    assert found == times


def test_the_next_is_later_than_the_time_itself():
    """Unless it may be the same."""
    nine = datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert parse("0 9 * * *").next_after(nine) == nine + timedelta(days=1)
    assert parse("0 9 * * *").next_after(nine, inclusive=True) == nine
    assert parse("0 9 * * *").next_after(nine - timedelta(microseconds=1)) == nine


@pytest.mark.parametrize(
    "text,problem",
    [
        ("", "wanted are five fields, not 0: minute"),
        ("0 9 * *", "wanted are five fields, not 4"),
        ("@noon", "wanted are five fields, not 1"),
        ("60 9 * * *", "'60' is no minute; wanted is 0 to 59"),
        ("0 24 * * *", "'24' is no hour; wanted is 0 to 23"),
        ("0 9 0 * *", "'0' is no day of the month; wanted is 1 to 31"),
        ("0 9 * 13 *", "'13' is no month; wanted is 1 to 12, or jan to dec"),
        ("0 9 * * 8", "'8' is no day of the week; wanted is 0 to 7, or sun to sat"),
        ("0 9 * * monday", "'monday' is no day of the week; wanted is 0 to 7, or sun to sat"),
        ("0 9 * * 5#6", "'5#6' is no day of the week; behind # stands a number from 1 to 5"),
        ("0 9 * * Lxyz", "'xyz' is no day of the week"),
        ("0 9 * * sat-mon", "'sat-mon' is no day of the week; a range goes from the smaller to the larger"),
        ("*/0 9 * * *", "'*/0' is no minute; behind / stands a whole number from 1 on"),
        ("5/10 9 * * *", "'5/10' is no minute; a step goes with * or a range, as in */10"),
        ("-5 9 * * *", "'' is no minute"),
        ("0 9 30 2 *", "never comes: feb has no day 30"),
        ("0 9 31 apr,jun *", "never comes: apr, jun has no day 31"),
        ("0 9 */2 * 5#2", "do not go together"),
        ("0 0 30 2 */1", "never comes: feb has no day 30"),
        ("0 9 * * last", "'last' is no day of the week; write which, as in 'last fri'"),
    ],
)
def test_what_is_wrong_is_told(text, problem):
    """The part, the field, and what would be right."""
    with pytest.raises(ValueError) as raised:
        parse(text)
    assert problem in str(raised.value)
