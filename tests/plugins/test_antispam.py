"""antispam, !antispam"""

from __future__ import annotations

import re

import pytest

from botkit import ChatContext, command
from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["antispam", "plugins", "chat", "roles"])

SLOW_DOWN = "Ben, that is a lot at once. Please slow down a little."
GOES_ON = "Ben goes on writing too much. Admins, please have a look."
REMOVED = "Ben goes on writing too much, so I remove them. Admins can take that back with !antispam undo."


@command("loud")
def loud(ctx: ChatContext) -> None:
    """Write the same often: !loud"""
    for _ in range(12):
        ctx.reply("la")


def floods(person, times=9):
    """Write so often at once; the last of it."""
    for number in range(times):
        said = person.says(f"message {number}")
    return said


@pytest.fixture
def strict(bot, friends):
    """The bot is an admin and removes people."""
    bot.settings(antispam={"then": "remove"})
    friends.ann.does("admin", person="Bot")
    return friends


def test_who_writes_too_much_at_once_is_asked_to_slow_down(friends):
    """At the ninth message within ten seconds, once."""
    floods(friends.ben, 8).silent()
    friends.ben.says("and one more").replies(SLOW_DOWN)
    friends.ben.says("and another").silent()


def test_who_writes_steadily_is_left_alone(friends, bot):
    """However long; what others write does not count, nor does a talk of many at once."""
    for number in range(30):
        bot.clock.advance(seconds=2)
        friends.ben.says(f"message {number}")
    bot.clock.advance(minutes=1)
    for number in range(6):
        for person in (friends.ben, friends[ZOE], friends[SHIRA]):
            person.says(f"mine {number}")
    friends.silent()


def test_the_same_again_and_again(friends, bot):
    """The same text in other letter case within a minute; after it, or something else, is fine."""
    for text in ("Buy this", "buy  THIS", "hello", "Buy this"):
        bot.clock.advance(seconds=15)
        friends.ben.says(text)
    bot.clock.advance(seconds=16)
    friends.ben.says("Buy this").silent()
    friends.ben.says("buy this").replies(SLOW_DOWN)


def test_pictures_count_but_are_not_the_same(friends):
    """Four holiday pictures are no repetition; nine at once are too many."""
    for _ in range(8):
        friends.ben.sends_picture()
    friends.silent()
    friends.ben.sends_picture().replies(SLOW_DOWN)


@pytest.mark.botkit(plugins=["antispam"], options={"self_listen": True})
def test_the_bot_itself_is_no_spammer(friends, bot):
    """Also where plugins hear what it says."""
    bot.load(loud)
    friends.ann.says("!loud")
    assert [one.text for one in friends.messages].count("la") == 12
    friends.expect("la")
    assert friends.messages[-1].text == "la"


def test_admins_are_told_once_of_who_goes_on(friends, bot):
    """Then nothing more is said until it has been calm for ten minutes."""
    floods(friends.ben).replies(SLOW_DOWN)
    floods(friends.ben).replies(GOES_ON)
    floods(friends.ben, 27).silent()
    bot.clock.advance(minutes=11)
    floods(friends.ben).replies(SLOW_DOWN)
    assert "Ben" in friends.names


def test_owners_admins_and_mods_are_left_alone(friends):
    """They may have to say a lot."""
    friends.ann.says("!roles set Ben mod").replies()
    for person in (friends.ann, friends.ben, friends.eve):
        floods(person, 12)
    friends.silent()


def test_who_goes_on_is_removed_if_an_owner_wants_it(strict):
    """And an admin can take it back; then they begin anew."""
    floods(strict.ben).replies(SLOW_DOWN)
    floods(strict.ben).replies(REMOVED)
    assert "Ben" not in strict.names
    strict.ann.says("!antispam").replies(re.compile("times in a minute.\nRemoved for it: Ben.$"))
    strict.ann.says("!antispam undo").replies("Ben is added again.")
    assert "Ben" in strict.names
    strict.ann.says("!antispam undo").replies("I have removed nobody here.")
    floods(strict.ben).replies(SLOW_DOWN)


def test_without_rights_it_says_so(friends, bot):
    """Once, in place of trying."""
    bot.settings(antispam={"then": "remove"})
    floods(friends.ben).replies(SLOW_DOWN)
    floods(friends.ben).replies(re.compile("since I am no admin"))
    floods(friends.ben, 20).silent()
    assert "Ben" in friends.names


def test_where_nobody_is_an_admin_everybody_may_remove(friends, bot):
    """So may the bot."""
    bot.settings(antispam={"then": "remove"})
    friends.ann.does("admin", person="Ann", on=False)
    floods(friends.ben).replies(SLOW_DOWN)
    floods(friends.ben).replies(REMOVED)
    assert "Ben" not in friends.names


def test_when_the_network_adds_nobody(strict, bot):
    """Whoever asked is told so, and it can be tried again; whom somebody else has added needs nothing."""
    bot.store("antispam").thread(strict)["removed"] = ["4"]
    for _ in range(2):
        strict.ann.says("!antispam undo").replies(
            "I could not add somebody again. Please do it yourself, or try again later."
        )
    floods(strict.ben)
    floods(strict.ben).replies(REMOVED)
    strict.ann.adds("Ben")
    strict.ann.says("!antispam undo").replies("Ben is added again.")


def test_members_may_not(friends):
    """Look or undo."""
    friends.ben.says("!antispam").replies("Only moderators and admins of this group may do that.")
    friends.ben.says("!antispam undo").replies("Only admins of this group may do that.")
    friends.ann.says("!antispam").replies(
        "Too much is more than 8 messages in 10 seconds, or the same 4 times in a minute."
    )


def test_little_is_kept(friends, bot):
    """No text at all, and of a thousand messages the latest few marks."""
    floods(friends.ann, 100)
    kept = bot.store("antispam").member(friends.ann)["recent"]
    assert len(kept) == 60
    assert "message" not in str(kept)


def test_what_was_written_meanwhile_is_over(friends, bot):
    """After two hours without the bot nobody is scolded for what they wrote then."""
    friends.ben.says("Hello")
    bot.kill()
    floods(friends.ben, 12)
    bot.clock.advance(hours=2)
    bot.start()
    friends.silent()


def test_two_chats_do_not_mix(friends, family):
    """Half of it here and half of it there is not too much."""
    floods(friends[ZOE], 5)
    floods(family[ZOE], 5)
    for chat in (friends, family):
        chat.silent()
    floods(friends[ZOE], 4).replies(f"{ZOE}, that is a lot at once. Please slow down a little.")
    floods(family[ZOE], 3).silent()


def test_it_rests_where_it_is_switched_off(friends, family):
    """And is at work in the other chat."""
    friends.eve.says("!disable antispam").replies()
    floods(friends.ben, 12)
    friends.silent()
    floods(family.ann).replies()


def test_a_restart_in_the_middle(strict, bot):
    """What was counted, and who was asked to slow down, is known afterwards."""
    floods(strict.ben, 8)
    bot.kill()
    bot.start()
    floods(strict.ben, 1).replies(SLOW_DOWN)
    bot.restart()
    floods(strict.ben).replies(REMOVED)
    bot.restart()
    strict.ann.says("!antispam undo").replies("Ben is added again.")


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """In another language, too."""
    friends.ann.says("!language set nl").replies()
    for name in (ZOE, SHIRA):
        floods(friends[name]).replies(f"{name}, dat is veel tegelijk. Doe het even rustig aan, alsjeblieft.")
