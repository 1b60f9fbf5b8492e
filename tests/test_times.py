"""Dates, times and lengths of time as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from botkit.messenger.errors import CommandError
from botkit.times import read_date, read_datetime, read_duration

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 22, 21, 0, tzinfo=AMSTERDAM)
"""A Sunday evening."""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("2h30m", 9000),
        ("2H 30M", 9000),
        ("1.5 hours", 5400),
        ("1d", 86_400),
        ("2 weeks", 1_209_600),
        ("2 weeks 1 day", 1_296_000),
        ("5 min", 300),
        ("2 uur 30 minuten", 9000),
        ("1.5 u", 5400),
        ("2 horas 30 minutos", 9000),
        ("3 días", 259_200),
        ("2 giờ 30 phút", 9000),
        ("1 tuần", 604_800),
        ("0s", 0),
    ],
)
def test_a_length_of_time_is_read(text, seconds):
    """Numbers with units, one after the other."""
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "3", "h", "2x", "-1h", "1h x", "99999999999999d", "9" * 400 + "d"])
def test_what_is_no_length_of_time_is_refused(text):
    """A number without its unit too, and more than there is."""
    with pytest.raises(ValueError):
        read_duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-03", date(2026, 5, 3)),
        ("today", date(2026, 11, 22)),
        ("Tomorrow", date(2026, 11, 23)),
        ("sun", date(2026, 11, 22)),
        ("fri", date(2026, 11, 27)),
        ("Thursday", date(2026, 11, 26)),
        ("22 nov", date(2026, 11, 22)),
        ("3 May", date(2027, 5, 3)),
        ("3rd may", date(2027, 5, 3)),
        ("3. May", date(2027, 5, 3)),
        ("May 3, 2031", date(2031, 5, 3)),
        ("29 Feb", date(2028, 2, 29)),
        ("overmorgen", date(2026, 11, 24)),
        ("vrijdag", date(2026, 11, 27)),
        ("3 mei", date(2027, 5, 3)),
        ("14 maart 2028", date(2028, 3, 14)),
        ("mañana", date(2026, 11, 23)),
        ("man\u0303ana", date(2026, 11, 23)),
        ("pasado manana", date(2026, 11, 24)),
        ("miércoles", date(2026, 11, 25)),
        ("sabado", date(2026, 11, 28)),
        ("3 de mayo de 2028", date(2028, 5, 3)),
        ("hôm nay", date(2026, 11, 22)),
        ("Thứ Sáu", date(2026, 11, 27)),
        ("chủ nhật", date(2026, 11, 22)),
        ("ngày 3 tháng 5", date(2027, 5, 3)),
        ("3 tháng 5 năm 2028", date(2028, 5, 3)),
    ],
)
def test_a_day_is_read(text, expected):
    """What leaves the week or the year open is the next such day; today is one."""
    assert read_date(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-03 18:30", "2026-05-03 18:30"),
        ("2026-05-03T18:30", "2026-05-03 18:30"),
        ("2026-05-03", "2026-05-03 00:00"),
        ("18:30", "2026-11-23 18:30"),
        ("21:00", "2026-11-23 21:00"),
        ("21:01", "2026-11-22 21:01"),
        ("at 6 pm", "2026-11-23 18:00"),
        ("12am", "2026-11-23 00:00"),
        ("12:30pm", "2026-11-23 12:30"),
        ("today 9:00", "2026-11-22 09:00"),
        ("tomorrow 9:00", "2026-11-23 09:00"),
        ("tomorrow at 9:00", "2026-11-23 09:00"),
        ("fri 18:00", "2026-11-27 18:00"),
        ("sun 22:00", "2026-11-22 22:00"),
        ("sun 20:00", "2026-11-29 20:00"),
        ("3 May", "2027-05-03 00:00"),
        ("May 3", "2027-05-03 00:00"),
        ("3 May 18:00", "2027-05-03 18:00"),
        ("3 May 2031 at 6 pm", "2031-05-03 18:00"),
        ("morgen om 9:00", "2026-11-23 09:00"),
        ("3 de mayo de 2027 a las 18:30", "2027-05-03 18:30"),
        ("mai lúc 9:00", "2026-11-23 09:00"),
        (" 3 \n May" + " " * 10_000 + "18:00", "2027-05-03 18:00"),
    ],
)
def test_a_moment_is_read(text, expected):
    """In the zone of the chat; what leaves the day open is the next such moment."""
    found = read_datetime(text, NOW)
    assert f"{found:%Y-%m-%d %H:%M}" == expected
    assert found.tzinfo is AMSTERDAM


@pytest.mark.parametrize("text", ["", "3", "18", "may", "mo", "someday", "3 mars", "2026", "18:", "1830"])
def test_another_form_is_no_moment_and_no_day(text):
    """It may be meant for another argument."""
    for read in (read_date, read_datetime):
        with pytest.raises(ValueError):
            read(text, NOW)


@pytest.mark.parametrize("text", ["30 Feb", "2026-13-01", "2027-02-29", "May 32", "3 May 0000", "3 tháng 13"])
def test_a_day_that_there_is_not_is_told(text):
    """The form is right, so that is what was meant."""
    for read in (read_date, read_datetime):
        with pytest.raises(CommandError, match=f"There is no {text}."):
            read(text, NOW)


@pytest.mark.parametrize("text", ["25:00", "tomorrow 9:60", "13 pm", "0001-01-01"])
def test_a_moment_that_there_is_not_is_told(text):
    """Beyond the clock, and before the calendar."""
    with pytest.raises(CommandError, match=f"There is no {text}."):
        read_datetime(text, NOW)


@pytest.mark.parametrize(
    ("now", "text", "in_utc"),
    [
        # In the night of 29 March 2026 clocks go from 2:00 to 3:00.
        ("2026-03-29 00:30+01:00", "2:30", "2026-03-29 01:30"),
        ("2026-03-29 03:30+02:00", "2:30", "2026-03-30 00:30"),
        ("2026-03-28 12:00+01:00", "2026-03-29 02:30", "2026-03-29 01:30"),
        # In the night of 25 October 2026 clocks go from 3:00 back to 2:00.
        ("2026-10-25 01:00+02:00", "2:30", "2026-10-25 00:30"),
        ("2026-10-25 02:30+02:00", "2:30", "2026-10-25 01:30"),
        ("2026-10-25 02:30+01:00", "2:30", "2026-10-26 01:30"),
        ("2026-10-24 12:00+02:00", "tomorrow 2:30", "2026-10-25 00:30"),
    ],
)
def test_clock_changes_are_lived_through(now, text, in_utc):
    """A time that is left out moves on; of one that comes twice the first to come is meant."""
    found = read_datetime(text, datetime.fromisoformat(now).astimezone(AMSTERDAM))
    assert f"{found.astimezone(UTC):%Y-%m-%d %H:%M}" == in_utc


def test_the_zone_may_be_any():
    """A fixed one too."""
    zone = timezone(timedelta(hours=5, minutes=45))
    assert read_datetime("18:30", datetime(2026, 5, 3, 12, 0, tzinfo=zone)).isoformat() == "2026-05-03T18:30:00+05:45"
