"""A year of a group of twenty with the bot of examples/group-bot, which is restarted and killed all the time."""

from __future__ import annotations

import itertools
import random
import re
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from botkit.testing.kit import MOMENTS

ZONE = ZoneInfo("Europe/Amsterdam")
BOT_FILE = "../../examples/group-bot/bot.yaml"
NAMES = [f"{name} {mark}".strip() for name, mark in zip(
    "Mia Tom Aylin Jonas Zoë Noor Sam Kai Eva Leo Ida Ben Ann Lou Max Amy Ole Pia שירה دانا".split(),
    ["", "", "", "", "🌷", *[""] * 15], strict=True,
)]  # fmt: skip
RESTARTS, KILLS, REMINDERS = 30, 10, 40


def birthdays(dice):
    """A day for each of them; the second has the one that most years lack."""
    days = dice.sample(range(365), len(NAMES))
    found = {name: date(2025, 1, 1) + timedelta(days=day) for name, day in zip(NAMES, days, strict=True)}
    return {**{name: f"{day:%m-%d}" for name, day in found.items()}, NAMES[1]: "02-29"}


def local(year, month, day, hour=9, minute=0):
    """When clocks of the group show it."""
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


class Life:
    """The year as it goes on: what happens at which moment, in order."""

    def __init__(self, bot):
        self.bot = bot
        self.plan = []
        self.gaps = []

    def at(self, moment, deed):
        self.plan.append((moment, len(self.plan), deed))

    def live(self, end):
        """Let time pass until the end, and do what is planned on the way."""
        for moment, _, deed in sorted(self.plan):
            self.bot.clock.advance_to(max(moment, self.bot.clock.now()))
            deed()
        self.bot.clock.advance_to(end)

    def restart(self):
        self.bot.restart()

    def be_away(self):
        """Down for two hours."""
        self.bot.stop()
        self.gap(hours=2)

    def die(self, moment):
        """Go at the first such moment within the next minutes, and come back."""
        self.bot.kill(at=moment)
        self.gap(minutes=5)

    def gap(self, **length):
        """Time in which the bot may be gone."""
        begin = self.bot.clock.now()
        self.bot.clock.advance(**length)
        self.bot.start()
        self.gaps.append((begin, self.bot.clock.now()))

    def is_near(self, at, due):
        """Whether something came in the minute when it was due, or as soon as the bot was there again."""
        late = max([due, *(end for begin, end in self.gaps if begin <= due <= end)])
        return timedelta(0) <= at - due < late - due + timedelta(minutes=1)


@pytest.mark.botkit(bot_file=BOT_FILE)
def test_nothing_is_lost_and_nothing_is_done_twice_in_a_year(bot):
    """Each birthday once and on its day, each Monday's post once, each reminder once and at its minute."""
    dice = random.Random(6)
    bot.owner("Mia")
    group = bot.group("Book club", *NAMES)
    days = birthdays(dice)
    for name, day in days.items():
        group[name].says(f"!birthday add {date.fromisoformat(f'2024-{day}'):%-d %B}").replies()
    life = Life(bot)
    nines = [local(2026, 1, 1) + timedelta(days=day) for day in range(1, 364)]
    special = [one for one in nines if one.weekday() == 0 or f"{one:%m-%d}" in days.values()]
    moments = dice.sample(special, KILLS + RESTARTS // 2)
    # Some are due when the bot is not there or dies.
    wanted = [moment + timedelta(minutes=dice.randrange(-1, 2)) for moment in moments[:: len(moments) // 10]]
    wanted += [local(2026, 1, 2) + timedelta(minutes=dice.randrange(360 * 24 * 60)) for _ in range(REMINDERS)]
    due = {f"thing {number}": moment for number, moment in enumerate(wanted)}
    for thing, moment in due.items():
        group[dice.choice(NAMES)].says(f"!remind us {moment:%Y-%m-%d %H:%M} {thing}").replies()
    for number, moment in enumerate(moments[:KILLS]):
        life.at(moment - timedelta(minutes=1), partial(life.die, MOMENTS[number % len(MOMENTS)]))
    for moment in moments[KILLS:]:
        life.at(moment - timedelta(hours=1), life.be_away)
    for _ in range(RESTARTS - RESTARTS // 2):
        life.at(local(2026, 1, 2) + timedelta(minutes=dice.randrange(360 * 24 * 60)), life.restart)
    group.forget()
    life.live(local(2027, 1, 1, 0))
    said = [(one.at.astimezone(ZONE), one.text) for one in group.messages if one.sender == "Bot"]
    for thing, moment in due.items():
        (at,) = (at for at, text in said if re.search(rf"{thing}\b", text) and "⏰" in text)
        assert life.is_near(at, moment), f"{thing} was due at {moment} and came at {at}"
    posts = [at for at, text in said if re.search(r"\bweek\b", text, re.IGNORECASE)]
    mondays = [local(2026, 1, 5) + timedelta(weeks=week) for week in range(52)]
    assert all(itertools.starmap(life.is_near, zip(posts, mondays, strict=True)))
    greeted = [(name, at) for at, text in said for name in NAMES if "irthday" in text and name in text]
    on = {**days, NAMES[1]: "02-28"}
    assert sorted((name, f"{at:%m-%d}") for name, at in greeted) == sorted(on.items())
