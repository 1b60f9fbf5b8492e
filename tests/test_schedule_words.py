"""Schedules in words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from botkit.schedule import At, Cron, Every
from botkit.schedule_words import words

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    "text,told",
    [
        ("0 9 * * mon", "at 09:00 on Monday"),
        ("30 8,18 * * 1-5", "at 08:30 and 18:30 on Monday, Tuesday, Wednesday, Thursday and Friday"),
        ("0 9 * * *", "at 09:00 every day"),
        ("0 9 13 * fri", "at 09:00 on day 13 of the month or on Friday"),
        ("0 9 */15 * mon", "at 09:00 on days 1, 16 and 31 of the month and also on Monday"),
        ("0 9 1,L * *", "at 09:00 on day 1 of the month or on the last day of the month"),
        ("0 9 * * 5#2,L0", "at 09:00 on the second Friday of the month or on the last Sunday of the month"),
        ("0 9 1 1,7 *", "at 09:00 on day 1 of the month in January and July"),
        ("0 9 * dec *", "at 09:00 every day in December"),
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("*/7 * * * sun", "at :00, :07, :14, :21, :28, :35, :42, :49 and :56 of every hour on Sunday"),
        ("30 * * * *", "at :30 of every hour"),
        ("0 */6 * * *", "at 00:00, 06:00, 12:00 and 18:00 every day"),
        ("*/30 9-12 * * *", "at :00 and :30 of the hours 9, 10, 11 and 12 every day"),
    ],
)
def test_crontabs(text, told):
    """As a person would say it."""
    assert words(Cron(text), AMSTERDAM) == told


@pytest.mark.parametrize(
    "when,told",
    [
        (Every("90m"), "every 1 h 30 min"),
        (Every("1 day 30s"), "every 1 d 30 s"),
        (At("2026-12-24 18:00"), "on 2026-12-24 18:00"),
        (At("2026-12-24T18:00:00+00:00"), "on 2026-12-24 19:00"),
    ],
)
def test_intervals_and_moments(when, told):
    """A moment as clocks of the zone show it."""
    assert words(when, AMSTERDAM) == told


@pytest.mark.parametrize(
    "language,told",
    [
        ("nl", "om 09:00 op de laatste vrijdag van de maand in december"),
        ("es", "a las 09:00 el último viernes del mes en diciembre"),
        ("vi", "lúc 09:00 vào Thứ Sáu cuối cùng của tháng trong tháng 12"),
    ],
)
def test_other_languages(language, told):
    """Whole sentences of their own."""
    assert words(Cron("0 9 * dec last fri"), AMSTERDAM, language) == told
