"""!remind"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from botkit import ChatContext, command
from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["reminders", "plugins", "chat"])

WHEN = (
    ("me at 18:30 tea", "on 2026-01-01 18:30"),
    ("me 6 pm tea", "on 2026-01-01 18:00"),
    ("me on 2026-12-24 18:00 tea", "on 2026-12-24 18:00"),
    ("me tomorrow 9:15 tea", "on 2026-01-02 09:15"),
    ("me tomorrow at 9:15 5 teas", "on 2026-01-02 09:15"),
    ("me tomorrow tea", "on 2026-01-02 09:00"),
    ("me 2 Jan 0:00 tea", "on 2026-01-02 00:00"),
    ("me 2 Jan the 0:00 train", "on 2026-01-02 09:00"),
    ("me in 1 day 30m tea", "on 2026-01-02 09:30"),
    ("me every 2h tea", "every 2 h"),
    ("me every 90 minutes tea", "every 1 h 30 min"),
    ("me every day at 09:00 tea", "at 09:00 every day"),
    ("me every Weekday 9:05 tea", "at 09:05 on Monday, Tuesday, Wednesday, Thursday and Friday"),
    ("me every mon 09:00 tea", "at 09:00 on Monday"),
    ("me every Friday at Ann's", "at 09:00 on Friday"),
    ("me every day 6 pm tea", "at 18:00 every day"),
    ("me every day at 12:30AM tea", "at 00:30 every day"),
    ("me every month on the 1st 09:00 tea", "at 09:00 on day 1 of the month"),
)

REFUSED = (
    ("me tea", re.compile("Usage: !remind me")),
    ("me in tea", re.compile("length must be a length of time")),
    ("me fri 18:00", "Tell me too what it is about."),
    ("me in 10 minutes", "Tell me too what it is about."),
    ("us every monday 09:00", "Tell me too what it is about."),
    ("me 2025-12-31 18:00 tea", "That time has gone by, or there is no such time."),
    ("me in 0s tea", "That time has gone by, or there is no such time."),
    ("me in 9999999 weeks tea", "That time has gone by, or there is no such time."),
    ("me every day 24:00 tea", "That time has gone by, or there is no such time."),
    ("me every 3 eggs now", "That time has gone by, or there is no such time."),
    ("us every full moon", re.compile("^Say it like !remind us every day 09:00")),
    ("us every month on the 31st 09:00 rent", re.compile("to the 28th")),
    ("us every 9m tea", "Ten minutes is the shortest time between two reminders."),
    (f"us in 1h {'x' * 1001}", "A reminder may have 1000 characters at most."),
)


@command("whom", role="owner")
def whom(ctx: ChatContext) -> str:
    """Whom did the bot mention last? !whom"""
    past = ctx.api.get_thread_history(ctx.thread_id, 0, 10)
    return " ".join(text for one in past if one.type == "message" for text in one.mentions.values())


def test_after_a_while_whoever_asked_is_named(friends, bot):
    """Once, and nobody else."""
    friends.ben.says("!remind me in 2h tea").replies("I will remind you on 2026-01-01 02:00 (number 1).")
    bot.clock.advance(hours=1, minutes=59)
    friends.silent()
    bot.clock.advance(minutes=1)
    friends.expect("⏰ @Ben: tea")
    bot.clock.advance(days=8)
    friends.silent()
    friends.ben.says("!remind list").replies("You have no reminders here.")


def test_it_says_when_that_is(friends):
    """As clocks of the chat will show it, so that a misunderstanding is seen at once; what it is about is no time."""
    friends.ann.says("!timezone set Asia/Tokyo").replies()
    for number, (said, when) in enumerate(WHEN, 1):
        friends.ann.says(f"!remind {said}").replies(f"I will remind you {when} (number {number}).")


def test_what_is_not_understood_is_told(friends):
    """And nothing is kept."""
    for said, answer in REFUSED:
        friends.ann.says(f"!remind {said}").replies(answer)
    friends.ann.says("!remind list").replies("You have no reminders here.")


def test_repeated_ones_come_by_the_clock_of_the_chat(friends, bot):
    """Again and again, until they are called off."""
    friends.ann.says("!timezone set Europe/Amsterdam").replies()
    friends.ben.says("!remind us every monday 09:00 bins").replies(re.compile("everybody here at 09:00 on Monday"))
    for day in (5, 12):
        bot.clock.advance_to(datetime(2026, 1, day, 7, 59, tzinfo=UTC))
        friends.silent()
        bot.clock.advance(minutes=1)
        friends.expect("⏰ bins").silent()
    friends.ben.says("!remind cancel 1").replies("Called off: bins")
    bot.clock.advance(days=15)
    friends.silent()


def test_everybody_sees_and_cancels_their_own(friends):
    """What is for all is seen by all; an admin may call off everything."""
    friends.ben.says("!remind me in 3h tea").replies()
    friends.ben.says("!remind us in 2h the pizza").replies()
    friends.eve.says("!remind list").replies("2: on 2026-01-01 02:00 – the pizza")
    friends.ben.says("!remind list").replies("2: on 2026-01-01 02:00 – the pizza\n1: on 2026-01-01 03:00 – tea")
    only = "Only admins may call off what somebody else wants to be reminded of."
    friends[ZOE].says("!remind cancel 2").replies(only)
    friends.ann.says("!remind cancel 2").replies("Called off: the pizza")
    friends.ann.says("!remind cancel 2").replies("There is no reminder 2 here.")


@pytest.mark.botkit(plugins={"reminders": {"most": 55}})
def test_there_is_an_end_to_it(friends):
    """Of one person's in a chat, and of what is listed, one's own first; a long text is cut there."""
    friends.ben.says("!remind us in 30m pizza").replies()
    friends.ann.says(f"!remind me in 1h {'long ' * 100}").replies()
    for number in range(2, 56):
        friends.ann.says(f"!remind me in {number}h tea")
    friends.ann.says("!remind me in 56h tea").replies("You have 55 reminders here already; call one off first.")
    friends.ben.says("!remind me in 56h tea").replies()
    lines = friends.ann.says("!remind list").answers[-1].splitlines()
    assert (len(lines), lines[-1]) == (51, "… and 6 more.")
    assert lines[0].startswith("2: on 2026-01-01 01:00 – long long")
    assert max(map(len, lines)) < 100


@pytest.mark.botkit(plugins={"reminders": {"us_role": "mod", "us_most": 2}, "roles": {}})
def test_reminding_everybody_has_its_bounds(friends):
    """The settings say who may do it, and how many may wait in a chat, whoever has made them."""
    friends.ann.says("!roles set Ben mod").replies()
    friends[ZOE].says("!remind us in 2h tea").replies("Only moderators and admins may have everybody here reminded.")
    friends[ZOE].says("!remind me in 2h tea").replies()
    friends.ben.says("!remind us every 2h tea").replies()
    friends.ann.says("!remind us in 2h tea").replies()
    full = "There are 2 reminders for everybody here already; call one off first."
    for one in (friends.eve, friends.ben):
        one.says("!remind us in 2h tea").replies(full)
    friends.ben.says("!remind me in 2h tea").replies()


def test_who_has_left_is_reminded_no_more(friends, bot):
    """Nor later, should they come back; what was for all is still said once, and not again and again."""
    friends.ben.says("!remind me every 1h tea").replies()
    friends.ben.says("!remind us every 1h stand up").replies()
    friends.ben.says("!remind us in 2h pizza").replies()
    friends.ben.leaves()
    bot.clock.advance(hours=2)
    friends.expect("⏰ pizza")
    friends.add("Ben")
    bot.clock.advance(hours=5)
    friends.silent()


def test_two_chats_do_not_mix(friends, family, bot):
    """Each has its own list, and what is for all is said where it was asked for."""
    friends.ann.says("!remind us in 1h pizza").replies()
    family.ann.says("!remind list").replies("You have no reminders here.")
    family.ann.says("!remind cancel 1").replies("There is no reminder 1 here.")
    family.ann.says("!remind me in 1h bed").replies()
    bot.clock.advance(hours=1)
    friends.expect("⏰ pizza").silent()
    family.expect("⏰ @Ann: bed").silent()


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """What falls due meanwhile comes late when it is on again."""
    friends.ann.says("!remind me in 1h tea").replies()
    family.ann.says("!remind me in 1h bed").replies()
    friends.eve.says("!disable reminders").replies()
    bot.clock.advance(hours=2)
    friends.silent()
    family.expect("⏰ @Ann: bed")
    friends.eve.says("!enable reminders").replies()
    friends.expect("⏰ @Ann: tea (late)").silent()


def test_a_restart_in_the_middle(friends, bot):
    """Nothing is lost or said twice; after days without the bot a repeated one comes once, and says that it is late."""
    friends.ann.says("!remind me in 1h tea").replies()
    friends.ben.says("!remind us every day 09:00 vitamins").replies()
    friends.ben.says("!remind me in 1h soup").replies()
    bot.restart()
    bot.kill(at="call committed")
    bot.clock.advance(hours=1)
    bot.start()
    friends.expect("⏰ @Ann: tea").expect("⏰ @Ben: soup").silent()
    bot.kill()
    bot.clock.advance(days=3)
    bot.start()
    friends.expect("⏰ vitamins (late)").silent()
    bot.clock.advance(days=1)
    friends.expect("⏰ vitamins").silent()


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """Are mentioned as a whole."""
    bot.load(whom)
    friends[ZOE].says("!remind me in 1h שלום 🌷").replies()
    bot.clock.advance(hours=1)
    friends.expect(f"⏰ @{ZOE}: שלום 🌷")
    friends[SHIRA].says("!remind me in 1h trà").replies()
    bot.clock.advance(hours=1)
    friends.expect(f"⏰ @{SHIRA}: trà")
    friends.eve.says("!whom").replies(f"@{ZOE} @{SHIRA}")


def test_it_speaks_the_language_of_the_chat(friends, bot):
    """Its schedules, too."""
    friends.ann.says("!language set nl").replies()
    friends.ann.says("!remind us every monday 09:00 vuilnis").replies(
        "Ik herinner iedereen hier om 09:00 op maandag (nummer 1)."
    )
    friends.ann.says("!remind me in 2h").replies("Zeg er ook bij waaraan ik moet herinneren.")


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("me morgen om 9:00 melk", "2026-01-02 09:00"),
        ("me mañana a las 9:00 leche", "2026-01-02 09:00"),
        ("me mai lúc 9:00 sữa", "2026-01-02 09:00"),
        ("us viernes 18:00 leche", "2026-01-02 18:00"),
        ("us thứ sáu 18:00 sữa", "2026-01-02 18:00"),
        ("me 3 de mayo leche", "2026-05-03 09:00"),
        ("me in 2 uur melk", "2026-01-01 02:00"),
    ],
)
def test_days_may_be_written_in_any_of_its_languages(friends, said, at):
    """Whichever the chat has."""
    friends.ann.says(f"!remind {said}").replies(lambda text: at in text)
