"""!everyone"""

from __future__ import annotations

import re

import pytest

from botkit import ChatContext, command
from tests.plugins.conftest import SHIRA, ZOE

CALL = "📣 We leave. @Ben @Eve @Zoë 🌷 @שירה לוי"

pytestmark = pytest.mark.botkit(plugins=["everyone", "plugins", "chat", "roles"])


@command("mentions")
def mentions(ctx: ChatContext) -> None:
    """Keep what the bot's messages here mention, as the network has it: !mentions"""
    history = ctx.api.get_thread_history(ctx.thread_id, 0, 20)
    own_id = ctx.api.get_current_user_id()
    ctx.store.thread["found"] = [dict(one.mentions) for one in history if getattr(one, "sender_id", "") == own_id]


def mentioned(bot, chat):
    """[{id: the text that stands for it}] of the bot's messages in a chat, oldest first."""
    bot.load(mentions, name="mentions")
    chat.ann.says("!mentions").silent()
    return bot.store("mentions").thread(chat)["found"]


def test_everybody_is_mentioned_once(friends, bot):
    """But for the bot and whoever calls; also where one name begins like another, or stands in the text."""
    friends.add("Ben Bos")
    friends.ann.says("!everyone @Ben and\nall: we leave.").replies(
        f"📣 @Ben and\nall: we leave. @Ben @Eve @{ZOE} @{SHIRA} @Ben Bos"
    )
    names = {friends[name].id: f"@{name}" for name in ("Ben", "Eve", ZOE, SHIRA, "Ben Bos")}
    assert mentioned(bot, friends) == [names]


def test_it_is_for_admins(friends, bot):
    """Unless the settings say otherwise."""
    friends.ann.says(f"!roles set {ZOE} mod").replies()
    friends.ben.says("!everyone hello").replies("Only moderators and admins of this group may do that.")
    friends[ZOE].says("!everyone hello").replies("Only admins of this group may call everybody here.")
    bot.settings(everyone={"role": "owner"})
    friends.ann.says("!everyone hello").replies("Only owners of this bot may call everybody here.")
    bot.settings(everyone={"role": "mod"})
    friends[ZOE].says("!everyone hello").replies(re.compile("^📣 hello @Ann @Ben"))


def test_a_group_is_left_alone_for_a_while(friends, bot):
    """An hour after a call, whoever has called; a clock that was set back does not make it longer."""
    friends.ann.says("!everyone We leave.").replies(CALL)
    bot.clock.advance(minutes=15.5)
    friends.eve.says("!everyone Really.").replies(
        "Everybody was called here a short while ago; please wait for 45 minutes."
    )
    bot.clock.advance(minutes=44)
    friends.eve.says("!everyone Really.").replies(re.compile("please wait for 1 minute.$"))
    bot.clock.advance(minutes=1)
    friends.eve.says("!everyone Really.").replies()
    bot.store("everyone").thread(friends)["called_ms"] += 100 * 86_400_000
    friends.eve.says("!everyone Really.").replies(re.compile("^📣"))


def test_whoever_wants_is_left_out(friends, bot):
    """Until they want otherwise; who leaves the group is forgotten."""
    bot.settings(everyone={"pause": 1})
    for name in ("Ben", ZOE):
        for _ in range(2):
            friends[name].says("!everyone leave me out").replies(
                "I do not call you here any more when everybody is called. !everyone count me in takes that back."
            )
    friends.ann.says("!everyone leave now").replies(f"📣 leave now @Eve @{SHIRA}")
    bot.clock.advance(seconds=2)
    friends.ben.says("!everyone count me in").replies("I call you here again.")
    friends.ben.says("!everyone count me in").replies()
    friends[ZOE].leaves()
    friends.ann.says("!everyone go").replies(f"📣 go @Ben @Eve @{SHIRA}")
    assert bot.store("everyone").thread(friends)["left_out"] == []


def test_many_people_are_called_only_when_it_is_meant(bot):
    """In several messages, each with fifty of them at most."""
    bot.owner("Ann")
    group = bot.group("Large", "Ann", "Ben", *[f"P{number}" for number in range(59)])
    group.ann.says("!everyone Fire!").replies("This calls 60 people. Are you sure? (yes or no)")
    group.ann.says("no").replies("All right, nobody is called.")
    group.ann.says("!everyone Fire!").replies()
    group.ann.says("yes").replies(re.compile("^📣 Fire! @Ben @P0 ")).replies(re.compile("^📣 @P49 ")).silent()
    found = mentioned(bot, group)[-2:]
    assert [len(one) for one in found] == [50, 10]
    assert len({user_id for one in found for user_id in one}) == 60


@pytest.mark.botkit(plugins={"everyone": {"sure_over": 2}}, language="nl")
@pytest.mark.parametrize("answer", ["ja", "Ja!", "yes", "!yes"])
def test_it_is_meant_in_either_language(friends, answer):
    """Written as a command is answered, too."""
    friends.ann.says("!everyone We leave.").replies(
        "Hiermee worden 4 mensen opgeroepen. Weet je het zeker? (ja of nee)"
    )
    friends.ann.says(answer).replies(CALL)


@pytest.mark.botkit(plugins={"everyone": {"sure_over": 2}})
@pytest.mark.parametrize("answer", ["no", "!no", "Where are you?"])
def test_whatever_is_not_a_yes_is_a_no(friends, answer):
    """Once; what comes after it is talk."""
    friends.ann.says("!everyone We leave.").replies("This calls 4 people. Are you sure? (yes or no)")
    friends.ann.says(answer).replies("All right, nobody is called.")
    friends.ann.says("yes").silent()


@pytest.mark.botkit(plugins={"everyone": {"sure_over": 2, "role": "mod"}, "roles": {}})
def test_who_may_not_call_any_more_when_saying_yes(friends):
    """Is told so."""
    friends.ann.says("!roles set Ben mod").replies()
    friends.ben.says("!everyone We leave.").replies()
    friends.ann.says("!roles reset Ben").replies()
    friends.ben.says("yes").replies("Only moderators and admins of this group may call everybody here.")


@pytest.mark.botkit(plugins={"everyone": {"sure_over": 2}})
def test_two_who_are_asked_at_once(friends):
    """The one who says yes first calls."""
    friends.ann.says("!everyone We leave.").replies("This calls 4 people. Are you sure? (yes or no)")
    friends.eve.says("!everyone Come.").replies("This calls 4 people. Are you sure? (yes or no)")
    friends.ann.says("yes").replies(CALL)
    friends.eve.says("yes").replies(re.compile("please wait for 60 minutes.$")).silent()


@pytest.mark.botkit(plugins={"everyone": {"sure_over": 2}})
def test_who_is_called_counts_when_it_is_done(friends):
    """Not when it was asked about: people come, go and want to be left out meanwhile."""
    friends.ann.says("!everyone We leave.").replies("This calls 4 people. Are you sure? (yes or no)")
    friends.ben.says("!everyone leave me out").replies()
    friends.eve.leaves()
    friends.add("Gil")
    friends.ann.says("yes").replies(f"📣 We leave. @{ZOE} @{SHIRA} @Gil")


def test_where_nobody_can_be_called(friends, bot):
    """There is nobody, there are too many, it is a chat of two, or the text is too long."""
    friends.ann.says(f"!everyone {'x' * 2001}").replies("Such a text may have 2000 characters.")
    friends.ann.says("!everyone").replies(re.compile("!everyone <text…>"))
    bot.chat("Eve").eve.says("!everyone hello").replies("That can be done in groups only.")
    bot.group("Alone", "Fay").fay.says("!everyone hello").replies("There is nobody here whom I could call.")
    large = bot.group("Large", *[f"P{number}" for number in range(252)])
    large["P0"].says("!everyone hello").replies("I can call 250 people at most, and here are more.")


def test_two_chats_do_not_mix(friends, family):
    """Neither the pause nor who is left out."""
    family.ann.says("!everyone leave me out").replies()
    family.ben.says("!everyone Dinner!").replies(f"📣 Dinner! @Eve @{ZOE}")
    friends.eve.says("!everyone We leave.").replies(f"📣 We leave. @Ann @Ben @{ZOE} @{SHIRA}")


def test_it_rests_where_it_is_switched_off(friends, family):
    """And only there."""
    friends.eve.says("!disable everyone").replies()
    friends.ann.says("!everyone We leave.").silent()
    family.ben.says("!everyone Dinner!").replies(f"📣 Dinner! @Ann @Eve @{ZOE}")


def test_a_restart_in_the_middle(friends, bot):
    """A question stays open, the pause stays, and nobody is called twice."""
    bot.settings(everyone={"sure_over": 2})
    friends[ZOE].says("!everyone leave me out").replies()
    friends.ann.says("!everyone We leave.").replies("This calls 3 people. Are you sure? (yes or no)")
    bot.kill()
    friends.ann.says("yes")
    bot.start()
    friends.expect(f"📣 We leave. @Ben @Eve @{SHIRA}").silent()
    bot.restart()
    friends.ann.says("!everyone Again!").replies(re.compile("please wait for 60 minutes.$"))


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """Each mention stands exactly for its name, also behind an emoji; nicknames come first."""
    friends.ann.does("nickname", person="Ben", text="בן 🎸🎸")
    friends.ann.says("!everyone 🔥👩‍👩‍👧 {name}").replies(f"📣 🔥👩‍👩‍👧 {{name}} @בן 🎸🎸 @Eve @{ZOE} @{SHIRA}")
    tags = {"Ben": "@בן 🎸🎸", "Eve": "@Eve", ZOE: f"@{ZOE}", SHIRA: f"@{SHIRA}"}
    assert mentioned(bot, friends) == [{friends[name].id: tag for name, tag in tags.items()}]


def test_it_speaks_the_language_of_the_chat(friends, bot):
    """Its question is answered in it, too."""
    bot.settings(everyone={"sure_over": 2})
    friends.ann.says("!language set nl").replies()
    friends.ann.says("!everyone We gaan.").replies("Hiermee worden 4 mensen opgeroepen. Weet je het zeker? (ja of nee)")
    friends.ann.says("ja").replies(f"📣 We gaan. @Ben @Eve @{ZOE} @{SHIRA}")
