"""!counts, !silent"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["counts", "plugins", "chat"])

WEEK = "Messages here in the last 7 days:"
SINCE = "I have counted since 1 January 2026."


def test_it_lists_who_writes_most(friends):
    """The busiest first, and who wrote nothing is not listed; the question itself counts."""
    for _ in range(3):
        friends.ben.says("hello")
    friends.ann.says("hi")
    friends.ann.says("!counts").replies(f"{WEEK}\n1. Ben: 3\n2. Ann: 2\n5 messages in all; {SINCE}").silent()


def test_days_pass(friends, bot):
    """A week and a month forget, the total does not, and no more days are kept than are asked about."""
    friends.ann.says("hello")
    bot.clock.advance(days=6)
    friends.ben.says("!counts").replies(f"{WEEK}\n1. Ann: 1\n2. Ben: 1\n2 messages in all; {SINCE}")
    bot.clock.advance(days=1)
    friends.ben.says("!counts").replies(re.compile("7 days:\n1. Ben: 2\n2 messages"))
    friends.ben.says("!counts month").replies(re.compile("30 days:\n1. Ben: 3\n2. Ann: 1\n4 messages"))
    bot.clock.advance(days=60)
    friends.ben.says("!counts month").replies(re.compile("30 days:\n1. Ben: 1\n1 message in all"))
    friends.ben.says("!counts all").replies(f"All messages here:\n1. Ben: 5\n2. Ann: 1\n6 messages in all; {SINCE}")
    assert list(bot.store("counts").member(friends.ben)["count"]["days"]) == ["2026-03-09"]


def test_ones_own(friends, bot):
    """A week, a month and all at once."""
    friends.ann.says("hello")
    bot.clock.advance(days=10)
    told = "Messages that you wrote here: 1 in the last 7 days, 2 in the last 30, 2 since 1 January 2026."
    friends.ann.says("!counts me").replies(told)


def test_a_day_is_one_of_the_chat(friends, bot):
    """Noon on the 1st in London is the 2nd at the other side of the world."""
    friends.ann.says("!timezone set Pacific/Auckland").replies()
    bot.clock.advance(hours=12)
    friends.ben.says("hello")
    assert list(bot.store("counts").member(friends.ben)["count"]["days"]) == ["2026-01-02"]


def test_only_so_many_are_listed(friends, bot):
    """As the setting says; all are in the sum."""
    bot.settings(counts={"top": 3})
    for person in (friends.ann, friends.ben, friends.eve, friends[ZOE]):
        person.says("hello")
    assert len(friends.ann.says("!counts").answers[0].splitlines()) == 5


def test_who_is_silent(friends, bot):
    """Only who is still there, with the day of the last message; newcomers are heard when they join."""
    friends.ben.says("hello")
    friends.ann.says("!silent 30d").replies("I have counted only since 1 January 2026, so I cannot know that yet.")
    bot.clock.advance(days=20)
    friends.eve.says("hello")
    friends.ann.adds("Cem")
    friends[SHIRA].leaves()
    bot.clock.advance(days=11)
    told = f"Nothing was heard from:\nBen, since 1 January 2026\n{ZOE}, since 1 January 2026"
    friends.ann.says("!silent 30d").replies(told).silent()
    friends.ann.says("!silent 1s").replies(re.compile(r"\nCem, since 21 January 2026\nEve"))
    for person in (friends.ben, friends[ZOE]):
        person.says("hello")
    friends.ann.says("!silent").replies("Everybody has been heard from.")


def test_a_crowd_is_not_listed_whole(bot):
    """Thirty are named, the others counted."""
    crowd = bot.group("Crowd", "Ann", *(f"Member {number}" for number in range(32)))
    crowd.ann.says("hello")
    bot.clock.advance(days=40)
    lines = crowd.ann.says("!silent").answers[0].splitlines()
    assert (len(lines), lines[-1]) == (32, "… and 2 more")


def test_who_is_there_is_not_known(friends, bot):
    """When the network does not tell; that is said."""
    bot.fault("server error", path="/api/graphqlbatch/", times=20)
    friends.ann.says("!counts").replies("I cannot find out at the moment who is in this chat.")


def test_two_chats_do_not_mix(friends, family):
    """Each has its own numbers."""
    friends.ann.says("hello")
    family.ben.says("!counts").replies(f"{WEEK}\n1. Ben: 1\n1 message in all; {SINCE}")


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """It neither counts nor answers there."""
    family.ann.says("!counts").replies()
    family.eve.says("!disable counts").replies()
    family.ann.says("hello")
    family.ann.says("!counts").silent()
    friends.ann.says("!counts").replies(f"{WEEK}\n1. Ann: 1\n1 message in all; {SINCE}")
    assert bot.store("counts").member(family.ann)["count"]["all"] == 1


def test_a_restart_in_the_middle(friends, bot):
    """What was written while the bot was down counts on the day on which it was written, once."""
    friends.ann.says("hello").silent()
    bot.kill()
    friends.ann.says("anybody?")
    bot.clock.advance_to(bot.clock.now() + timedelta(days=1))
    bot.start()
    friends.ann.says("!counts").replies(f"{WEEK}\n1. Ann: 3\n3 messages in all; {SINCE}")
    assert bot.store("counts").member(friends.ann)["count"]["days"] == {"2026-01-01": 2, "2026-01-02": 1}


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """Are listed as they are, and a nickname comes first."""
    friends[ZOE].says("hello")
    friends[SHIRA].says("שלום")
    friends.ann.does("nickname", person=SHIRA, text="{since}")
    friends.ann.says("!language set nl").replies()
    told = f"Berichten hier in de laatste 7 dagen:\n1. Ann: 2\n2. {ZOE}: 1\n3. {{since}}: 1\n"
    friends.ann.says("!counts").replies(f"{told}In totaal 4 berichten; ik tel sinds 1 januari 2026.")
