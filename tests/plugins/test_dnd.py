"""!dnd"""

from __future__ import annotations

import re

import pytest

from botkit import ChatContext, command
from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["dnd", "plugins", "chat"])

TOLD = "Ben does not want to be disturbed until 02:00: exam"


def test_whoever_mentions_them_is_told(friends):
    """By a mention or by answering one of their messages; their mere name is none, and what they do themselves."""
    said = friends.ben.says("Good night!")
    friends.ben.says("!dnd 2h exam").replies(
        "Until 02:00 I tell whoever mentions you here that you do not want to be disturbed."
    )
    friends.ann.says("Is Ben there?").silent()
    friends.ann.says("@Ben?", mentions="Ben").replies(TOLD)
    friends[ZOE].says("Sleep well", reply_to=said).replies(TOLD)
    friends.ben.says("Only looking, @Ben", mentions="Ben", reply_to=said).silent()
    friends.ann.says("!dnd @Ben", mentions="Ben").replies(re.compile("Usage"))


def test_nobody_is_told_twice_within_an_hour(friends, bot):
    """Each who asks is told once, and again when that was long ago."""
    friends.ben.says("!dnd 1 day").replies(re.compile("^Until 2026-01-02 00:00"))
    friends.ann.says("@Ben", mentions="Ben").replies("Ben does not want to be disturbed until 2026-01-02 00:00.")
    for _ in range(3):
        bot.clock.advance(minutes=19)
        friends.ann.says("@Ben!", mentions="Ben").silent()
    friends.eve.says("@Ben", mentions="Ben").replies()
    bot.clock.advance(minutes=4)
    friends.ann.says("@Ben!!", mentions="Ben").replies()


def test_it_ends_by_itself_and_tells_who_asked(friends, bot):
    """Once, when they write next; who was mentioned by nobody hears nothing."""
    friends.ben.says("!dnd 2h exam").replies()
    friends.ann.says("!dnd 1h").replies()
    friends.eve.says("@Ben", mentions="Ben").replies()
    friends.ann.says("@Ben @Ben", mentions="Ben").replies()
    friends.ben.says("Psst").silent()
    bot.clock.advance(hours=2)
    friends.silent()
    friends.eve.says("@Ben", mentions="Ben").silent()
    friends.ann.says("Here I am").silent()
    friends.ben.says("Here I am, too").replies("You were mentioned meanwhile by Eve, Ann.")
    friends.ben.says("Thanks").silent()
    friends.ben.says("!dnd").replies("You can be disturbed here.")


def test_it_can_be_changed_and_ended(friends):
    """Who has asked is not forgotten over it."""
    friends.ben.says("!dnd until 18:00 exam").replies(re.compile("^Until 18:00"))
    friends.ann.says("@Ben", mentions="Ben").replies("Ben does not want to be disturbed until 18:00: exam")
    friends.ben.says("!dnd 30m").replies(re.compile("^Until 00:30"))
    friends.eve.says("@Ben", mentions="Ben").replies("Ben does not want to be disturbed until 00:30.")
    friends.ben.says("!dnd").replies("You do not want to be disturbed here until 00:30.")
    friends.ben.says("!dnd off").replies("You can be disturbed here. You were mentioned meanwhile by Ann, Eve.")
    friends.ben.says("!dnd off").replies("You can be disturbed here.")
    friends.ann.says("@Ben", mentions="Ben").silent()


def test_a_new_rest_begins_with_nobody(friends, bot):
    """Who has asked during the last one, which is over, is told at once and forgotten."""
    friends.ben.says("!dnd 1h").replies()
    friends.ann.says("@Ben", mentions="Ben").replies()
    bot.clock.advance(hours=2)
    friends.ben.says("!dnd 2h exam").replies(re.compile("^Until 04:00 .* You were mentioned meanwhile by Ann.$"))
    friends.eve.says("@Ben", mentions="Ben").replies()
    friends.ben.says("!dnd off").replies("You can be disturbed here. You were mentioned meanwhile by Eve.")


@command("call")
def call(ctx: ChatContext) -> None:
    """Have the bot mention Ben: !call"""
    found = next(one for one in ctx.lookup.members() if one.name == "Ben")
    ctx.reply({"body": "@Ben!", "mentions": [{"tag": "@Ben", "id": found.id}]})


@pytest.mark.botkit(plugins=["dnd"], options={"self_listen": True})
def test_the_bot_itself_disturbs_nobody(friends, bot):
    """Though it may hear itself."""
    bot.load(call)
    friends.ben.says("!dnd 2h exam").replies()
    friends.ann.says("!call").replies("@Ben!").silent()
    friends.ben.says("!dnd off").replies("You can be disturbed here.")


def test_there_is_an_end_to_it(bot):
    """Of the time, of what is said, of those who are named and of those who are told of at once."""
    names = [f"Person {number:02}" for number in range(14)]
    group = bot.group("Many", *names)
    first = group[names[0]]
    far = "The end must lie ahead, and 30 days away at most."
    for line in ("!dnd 31 days", "!dnd 0s", "!dnd 99999999 weeks", "!dnd until 2025-12-31 18:00"):
        first.says(line).replies(far)
    first.says(f"!dnd 1h {'x' * 201}").replies("Please say why in 200 characters at most.")
    for name in names[1:]:
        group[name].says("!dnd 2h").replies()
        group[name].says("!dnd 2h").replies()
    told = first.says(" ".join(f"@{name}" for name in names[1:]), mentions=names[1:]).answers[-1]
    assert len(told.splitlines()) == 10
    first.says("!dnd 1h").replies()
    for name in names[1:]:
        group[name].says(f"@{names[0]}", mentions=names[0])
    first.says("!dnd off").replies(
        f"You can be disturbed here. You were mentioned meanwhile by {', '.join(names[4:])}, and 3 more."
    )


def test_two_chats_do_not_mix(friends, family):
    """Who is not to be disturbed in one group may be in another."""
    friends.ben.says("!dnd 2h exam").replies()
    family.ann.says("@Ben, dinner!", mentions="Ben").silent()
    family.ben.says("!dnd").replies("You can be disturbed here.")
    friends.ann.says("@Ben", mentions="Ben").replies(TOLD)
    family.ben.says("!dnd off").replies("You can be disturbed here.")
    friends.eve.says("@Ben", mentions="Ben").replies(TOLD)


def test_it_rests_where_it_is_switched_off(friends, family):
    """And goes on elsewhere."""
    friends.ben.says("!dnd 2h exam").replies()
    family.ben.says("!dnd 2h exam").replies()
    friends.eve.says("!disable dnd").replies()
    friends.ann.says("@Ben", mentions="Ben").silent()
    family.ann.says("@Ben", mentions="Ben").replies(TOLD)
    friends.eve.says("!enable dnd").replies()
    friends.ann.says("@Ben", mentions="Ben").replies(TOLD)


def test_a_restart_in_the_middle(friends, bot):
    """What was asked while the bot was away counts by when it was written; nobody is told of it hours later."""
    friends.ben.says("!dnd 2h exam").replies()
    friends.ann.says("@Ben", mentions="Ben").replies(TOLD)
    bot.kill()
    friends.eve.says("@Ben?", mentions="Ben")
    bot.clock.advance(minutes=90)
    bot.start()
    friends.silent()
    friends.eve.says("@Ben??", mentions="Ben").replies(TOLD)
    bot.stop()
    bot.clock.advance(hours=1)
    friends[ZOE].says("@Ben?", mentions="Ben")
    bot.start()
    friends.silent()
    friends.ben.says("Done!").replies("You were mentioned meanwhile by Ann, Eve.")


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """And a nickname before them; whoever has left is somebody."""
    friends[ZOE].says("!dnd 2h בחינה 🌷").replies()
    friends[SHIRA].says(f"@{ZOE}", mentions=ZOE).replies(f"{ZOE} does not want to be disturbed until 02:00: בחינה 🌷")
    friends.ben.says("Psst", reply_to=friends[ZOE].says("Hm")).replies()
    friends.ben.leaves()
    friends.ann.does("nickname", person=ZOE, text="Zed {name}")
    friends.ann.says(f"@{ZOE}", mentions=ZOE).replies(re.compile(r"^Zed \{name\} does not"))
    friends[ZOE].says("!dnd off").replies(
        f"You can be disturbed here. You were mentioned meanwhile by {SHIRA}, somebody, Ann."
    )


def test_it_speaks_the_language_and_the_time_of_the_chat(friends):
    """As everything here."""
    friends.ann.says("!language set nl").replies()
    friends.ann.says("!timezone set Europe/Amsterdam").replies()
    friends.ben.says("!dnd 2h examen").replies(
        "Tot 03:00 zeg ik tegen wie je hier noemt dat je niet gestoord wilt worden."
    )
    friends.ann.says("@Ben", mentions="Ben").replies("Ben wil tot 03:00 niet gestoord worden: examen")
