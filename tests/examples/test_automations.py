"""examples/automations: bot files for group owners, each lived through on a clock that jumps."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "automations"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def of(name):
    return pytest.mark.botkit(bot_file=f"../../examples/automations/{name}.yaml")


def until(bot, *moment, zone=AMSTERDAM):
    """Let time pass until clocks show it."""
    bot.clock.advance_to(datetime(*moment, tzinfo=zone))


def changes(group):
    """The grey lines of a chat, in which its changes are told."""
    return [one.text for one in group.messages if one.kind == "log"]


def test_each_example_is_lived_through():
    """Here below."""
    here = Path(__file__).read_text(encoding="utf-8")
    names = [path.stem for path in FOLDER.glob("*.yaml")]
    assert len(names) >= 5
    assert [name for name in names if f'@of("{name}")' not in here] == []


@of("monday-stand-up")
def test_monday_stand_up(bot):
    """The group is greeted and renamed each Monday at nine, though its name is another one by then; other groups are
    left alone."""
    group, other = bot.group("Stand-up", "Ann", "Ben"), bot.group("Friends", "Ann", "Ben")
    bot.start()
    until(bot, 2026, 1, 5, 8, 59)
    group.silent()
    bot.clock.advance(minutes=1)
    group.expect("Good morning! It is week 2. What is the plan?").silent()
    assert group.title == "Stand-up, week 2"
    until(bot, 2026, 1, 12, 9)
    group.expect("Good morning! It is week 3. What is the plan?").silent()
    assert group.title == "Stand-up, week 3"
    other.silent()
    assert other.title == "Friends"


@of("monday-stand-up")
def test_monday_stand_up_is_made_up_for_soon_or_not_at_all(bot):
    """The bot was down at nine: at half past ten it still greets, at noon no more."""
    group = bot.group("Stand-up", "Ann", "Ben")
    bot.start()
    until(bot, 2026, 1, 5, 8)
    bot.stop()
    until(bot, 2026, 1, 5, 10, 30)
    bot.start()
    group.expect("Good morning! It is week 2. What is the plan?").silent()
    bot.stop()
    until(bot, 2026, 1, 12, 12)
    bot.start()
    group.silent()


@of("welcome")
def test_welcome(bot):
    """In three steps, through a restart; a second newcomer has steps of their own, and no other group sees any."""
    group, other = bot.group("Lake", "Ann"), bot.group("Hill", "Ann")
    group.ann.adds("Zoë 🌷")
    group.expect("Welcome to Lake, Zoë!").silent()
    bot.clock.advance(minutes=5)
    group.ann.adds("שירה לוי")
    group.expect("Welcome to Lake, שירה!").silent()
    bot.restart()
    bot.clock.advance(minutes=5)
    group.expect(lambda text: text.startswith("Three rules")).silent()
    bot.clock.advance(minutes=5)
    group.expect(lambda text: text.endswith("What is said here stays here.")).silent()
    bot.kill()
    bot.start()
    bot.clock.advance(days=1)
    group.expect("Zoë, how do you like it here so far?").expect("שירה, how do you like it here so far?").silent()
    other.silent()


@of("monthly-question")
def test_monthly_question(bot):
    """A picture and one of the questions in each group, also in one that the bot has joined later; not on the Friday
    before."""
    groups = [bot.group("Lake", "Ann")]
    bot.start()
    until(bot, 2026, 1, 23, 18)
    groups.append(bot.group("Hill", "Ben"))
    assert [group.answers for group in groups] == [(), ()]
    asked = []
    for month, day in ((1, 30), (2, 27)):
        until(bot, 2026, month, day, 17, 29)
        before = [len(group.messages) for group in groups]
        bot.clock.advance(minutes=1)
        for group, count in zip(groups, before, strict=True):
            picture, question = group.messages[count:]
            assert [one["name"] for one in picture.attachments] == ["question.png"]
            asked.append(question.text)
    assert all(text.endswith("?") for text in asked)
    assert len({*asked}) > 1


@of("quiet-hours")
def test_quiet_hours(bot):
    """Each of the two groups by its own clock, and without a message."""
    bot.owner("Ann")
    friends, family = bot.group("Friends", "Ann", "Ben"), bot.group("Family", "Ann", "Cem")
    bot.start()
    bot.store("botkit").thread(family)["timezone"] = "America/New_York"
    bot.restart()
    seen = []
    for hour in (3, 4, 7, 13, 22):
        before = [len(changes(group)) for group in (friends, family)]
        until(bot, 2026, 1, 1, hour)
        fresh = [changes(group)[count:] for group, count in zip((friends, family), before, strict=True)]
        # Two lines each: the emoji, then the colour.
        seen.append([lines[0].rstrip(".").split()[-1] if len(lines) == 2 else lines for lines in fresh])
    assert seen == [[[], []], [[], "🌙"], ["👍", []], [[], "👍"], ["🌙", []]]
    friends.silent()
    family.silent()


@of("shop")
def test_shop(bot):
    """The hours are told to whoever asks, once in ten minutes; the sign on the door is for admins."""
    shop, other = bot.group("The Shop", "Ann", "Ben"), bot.group("Friends", "Ann", "Ben")
    shop.ben.says("When are you open?").replies("We are open from Monday to Saturday, 9:00 to 17:00.")
    shop.ben.says("and the OPENING HOURS of Sunday?").silent()
    other.ben.says("What are your opening hours?").replies("We are open from Monday to Saturday, 9:00 to 17:00.")
    bot.clock.advance(minutes=10)
    shop.ann.says("opening hours").replies("We are open from Monday to Saturday, 9:00 to 17:00.")
    shop.ben.says("closed today").silent()
    assert shop.title == "The Shop"
    shop.ann.says("Closed today").silent()
    assert shop.title == "The Shop (closed on Thursday 1 January)"
    other.ann.says("closed today").silent()
    assert other.title == "Friends"
    shop.ann.says("open again").silent()
    assert shop.title == "The Shop"
