"""!level, !levels"""

from __future__ import annotations

import pytest

from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["levels", "plugins", "chat"])


def chat_on(bot, person, messages):
    """Somebody writes a message a minute; the last of them."""
    for _ in range(messages):
        bot.clock.advance(minutes=1)
        said = person.says("hello")
    return said


def test_a_new_level_is_a_reaction(friends, bot):
    """To the message that reached it, and no word."""
    chat_on(bot, friends.ben, 10).reacts("🎉").silent()
    friends.ann.says("!level Ben").replies("Ben: level 1, points: 10. The next level begins at 30.")
    assert not chat_on(bot, friends.ben, 1).chat.messages[-1].reactions


def test_spam_does_not_pay(friends):
    """A message a minute counts; the question is the one of this minute."""
    for _ in range(20):
        friends.ben.says("a")
    friends.ben.says("!level").replies("Ben: level 0, points: 1. The next level begins at 10.")


@pytest.mark.botkit(plugins={"levels": {"announce": "message"}})
def test_announced_with_a_message(friends, bot):
    """Where the group wants it so, once for each level; higher ones take longer."""
    chat_on(bot, friends.ben, 31)
    assert friends.answers == ("Ben has reached level 1.", "Ben has reached level 2.")


@pytest.mark.botkit(plugins={"levels": {"announce": "nothing"}})
def test_announced_not_at_all(friends, bot):
    """The points count all the same."""
    said = chat_on(bot, friends.ben, 10).silent()
    assert not said.chat.messages[-1].reactions
    friends.ann.says("!level Ben").replies("Ben: level 1, points: 10. The next level begins at 30.")


def test_the_best(friends, bot):
    """The most points first; who has none is not there, nor who has left, until they come back."""
    friends.ann.says("!language set nl").replies()
    chat_on(bot, friends.ben, 11)
    friends.eve.says("hello")
    told = "1. Ben: niveau 1 (11 punten)\n2. Ann: niveau 0 (2 punten)"
    friends.ann.says("!levels").replies(f"{told}\n3. Eve: niveau 0 (1 punt)")
    friends.eve.leaves()
    friends.ben.says("!levels").replies(told)
    friends.ann.adds("Eve")
    friends.ben.says("!levels").replies(f"{told}\n3. Eve: niveau 0 (1 punt)")


@pytest.mark.botkit(plugins={"levels": {"top": 3, "pause": "1h"}})
def test_only_so_many_are_listed(friends):
    """As the setting says."""
    for person in (friends.ann, friends.ben, friends.eve, friends[ZOE]):
        person.says("hello")
    assert len(friends.ann.says("!levels").answers[0].splitlines()) == 3


def test_who_is_there_is_not_known(friends, bot):
    """When the network does not tell; that is said."""
    friends.ann.says("!level").replies()
    bot.restart()
    bot.fault("server error", path="/api/graphqlbatch/", times=20)
    friends.ann.says("!levels").replies("I cannot find out at the moment who is in this chat.")


@pytest.mark.botkit(plugins=["levels"], options={"self_listen": True})
def test_the_bot_itself_has_none(friends):
    """Also where plugins hear it."""
    friends.ann.says("!level").replies()
    friends.ann.says("!levels").replies("1. Ann: level 0 (1 point)")


def test_two_chats_do_not_mix(friends, family, bot):
    """A minute in one is none in the other, and so are points."""
    chat_on(bot, friends.ben, 2)
    family.ben.says("!level").replies("Ben: level 0, points: 1. The next level begins at 10.")
    friends.ben.says("!level Ben").replies("Ben: level 0, points: 2. The next level begins at 10.")


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """Nothing is counted and answered there."""
    family.eve.says("!disable levels").replies()
    chat_on(bot, family.ben, 10)
    family.ben.says("!levels").silent()
    assert not bot.store("levels").member(family.ben)
    chat_on(bot, friends.ben, 10).reacts("🎉")


def test_a_restart_in_the_middle(friends, bot):
    """The points stay, and what was written while the bot was down counts; that is not celebrated a day later."""
    chat_on(bot, friends.ben, 8)
    bot.kill()
    for _ in range(2):
        bot.clock.advance(minutes=1)
        said = friends.ben.says("anybody?")
    bot.clock.advance(days=1)
    bot.start()
    friends.ann.says("!level Ben").replies("Ben: level 1, points: 10. The next level begins at 30.")
    assert not next(one for one in friends.messages if one.id == said.id).reactions


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """Are said as they are."""
    chat_on(bot, friends[SHIRA], 10).reacts("🎉")
    friends[ZOE].says("!levels").replies(f"1. {SHIRA}: level 1 (10 points)\n2. {ZOE}: level 0 (1 point)")
    friends.ann.says(f"!level {ZOE}").replies(f"{ZOE}: level 0, points: 1. The next level begins at 10.")
