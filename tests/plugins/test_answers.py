"""!answer"""

from __future__ import annotations

import pytest

from botkit_plugins.answers import AnswersSettings
from tests.plugins.conftest import SHIRA, ZOE

PLUGINS = {"answers": {}, "plugins": {}, "chat": {}}
FAQ = {"answers": {"keywords": {"hours": "Which?", "Opening hours": "From 9 to 5."}}, "plugins": {}, "chat": {}}

pytestmark = pytest.mark.botkit(plugins=PLUGINS)


def test_words_are_answered_where_they_stand_as_words(friends, bot):
    """In any letter case and among any signs, but not as a part of other words."""
    friends.ann.says("!answer add Apple  pie = Yummy!").replies("I answer apple pie from now on.")
    for text in ("pineapple pie", "apple pies", "an apple, and a pie", "apple"):
        friends.ben.says(text).silent()
    for text in ("APPLE PIE", "Who likes apple\npie?", "(apple-pie)", "🥧apple pie🥧"):
        friends.ben.says(text).replies("Yummy!")
        bot.clock.advance(minutes=1)


def test_two_people_cannot_make_it_flood(friends, bot):
    """The same words rest for a while after they were answered; others do not wait for them."""
    friends.ann.says("!answer add ping = pong").replies()
    friends.ann.says("!answer add hey = Hey.").replies()
    friends.ben.says("ping").replies("pong")
    for _ in range(5):
        friends[ZOE].says("ping").silent()
        friends.ben.says("ping ping").silent()
    friends.ben.says("hey").replies("Hey.")
    bot.clock.advance(seconds=61)
    friends.ben.says("ping").replies("pong")
    assert list(bot.store("answers").thread(friends)["said"]) == ["ping"]


def test_of_several_answers_one_is_said(friends, bot):
    """Each now and then."""
    friends.ann.says("!answer add coin = heads | tails |").replies()
    said = set()
    for _ in range(12):
        said.update(friends.ben.says("a coin!").answers)
        bot.clock.advance(minutes=2)
    assert said >= {"heads", "tails"}
    assert "" not in said


@pytest.mark.botkit(plugins=FAQ)
def test_those_of_the_bot_file_hold_everywhere(friends, family):
    """The longest that fit are answered; a chat may have its own answer to the same words."""
    friends.ben.says("What are your opening hours?").replies("From 9 to 5.")
    family.ben.says("What are your opening hours?").replies("From 9 to 5.")
    family.ben.says("The hours?").replies("Which?")
    friends.ann.says("!answer add HOURS = We never close.").replies()
    friends.ben.says("hours").replies("We never close.")
    friends.ann.says("!answer list").replies("1. hours = We never close.\n– opening hours = From 9 to 5.")


def test_admins_see_to_them(friends):
    """What was replaced or removed is shown, so that it can be put back."""
    friends.ann.says("!answer add site = https://a.example/?b=c").replies()
    friends.ann.says("!answer add ann = That is me.").replies()
    friends.ann.says("!answer add site = gone").replies(
        "I answer site anew from now on. So far it was: https://a.example/?b=c"
    )
    friends.ann.says("!answer list").replies("1. site = gone\n2. ann = That is me.")
    friends.ann.says("!answer remove 3").replies("There is no number 3; see !answer list.")
    friends.ann.says("!answer remove 1").replies("I do not answer site any more. It was: gone")
    friends.ben.says("the site").silent()
    friends.ben.says("Ann?").replies("That is me.")
    friends.ben.says("!answer remove 1").replies("Only admins of this group may do that.")


def test_there_is_an_end_to_it(friends, bot):
    """Of words, answers and the list of them."""
    how = "Write the words, = and the answer: !answer add opening hours = From 9 to 5."
    for text in ("hello", "hello =", "= hello", "?! = hello", "hello = | |"):
        friends.ann.says(f"!answer add {text}").replies(how)
    friends.ann.says(f"!answer add {'x' * 101} = y").replies(lambda told: told.startswith("The words may have 100"))
    friends.ann.says(f"!answer add x = {'y' * 2001}").replies(lambda told: told.startswith("The words may have 100"))
    words = [f"{'word ' * 15}{number}" for number in range(100)]
    bot.store("answers").thread(friends)["words"] = words
    for one in words:
        bot.store("answers").thread(friends)[f"text.{one}"] = "long " * 300
    friends.ann.says("!answer add x = y").replies("I answer 100 words here already; remove some first.")
    general = {f"{'general ' * 12}{number}": "answer " * 200 for number in range(60)}
    bot.settings(answers={"keywords": general})
    told = friends.ann.says("!answer list").answers[-1]
    assert (len(told.splitlines()), told.splitlines()[-1]) == (151, "… and 10 more.")
    assert len(told) < 20_000
    friends.ben.says("so many word " + "word " * 14 + "99").replies()


def test_symbols_are_words(friends):
    """What is written with them is not the same without."""
    friends.ann.says("!answer add <3 = And I you.").replies("I answer < 3 from now on.")
    friends.ann.says("!answer add C++ = A language.").replies()
    for text in ("3", "c", "C+"):
        friends.ben.says(text).silent()
    friends.ben.says("I <3 you").replies("And I you.")
    friends.ben.says("c++?").replies("A language.")


@pytest.mark.parametrize("key", ["?!", "", " ", "x" * 101])
def test_words_that_would_fit_no_message_are_refused(key):
    """With the bot file."""
    with pytest.raises(ValueError, match="keywords"):
        AnswersSettings.model_validate({"keywords": {key: "answer"}})


@pytest.mark.botkit(plugins=PLUGINS, options={"self_listen": True})
def test_the_bot_does_not_answer_itself(friends):
    """Though it may hear itself."""
    friends.ann.says("!answer add ping = pong").replies("I answer ping from now on.").silent()


def test_commands_and_late_messages_are_not_answered(friends, bot):
    """Nor the bot itself."""
    friends.ann.says("!answer add echo = I said echo").replies()
    friends.ann.says("!echo echo").silent()
    friends.ann.says("echo").replies("I said echo").silent()
    bot.stop()
    friends.ben.says("echo")
    bot.clock.advance(hours=3)
    bot.start()
    friends.silent()


def test_two_chats_do_not_mix(friends, family):
    """Neither words nor their rest."""
    friends.ann.says("!answer add ping = pong").replies()
    family.ben.says("ping").silent()
    family.ben.says("!answer list").replies("There are no words here that I answer.")
    family.ben.says("!answer add ping = PONG").replies("I answer ping from now on.")
    friends.ben.says("ping").replies("pong")
    family.ben.says("ping").replies("PONG")


@pytest.mark.botkit(plugins=FAQ)
def test_it_rests_where_it_is_switched_off(friends, family):
    """And only there."""
    friends.eve.says("!disable answers").replies()
    friends.ben.says("Opening hours?").silent()
    family.ben.says("Opening hours?").replies("From 9 to 5.")
    friends.eve.says("!enable answers").replies()
    friends.ben.says("Opening hours?").replies("From 9 to 5.")


def test_a_restart_in_the_middle(friends, bot):
    """Words that rest still do afterwards."""
    friends.ann.says("!answer add ping = pong").replies()
    friends.ben.says("ping").replies("pong")
    bot.kill()
    bot.start()
    friends.ben.says("ping").silent()
    bot.clock.advance(minutes=1)
    friends.ben.says("ping").replies("pong").silent()


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """Words may be in any script, or emoji; letters with signs are the same however a phone puts them together."""
    friends.ann.says("!answer add שלום = שלום 🌷").replies("I answer שלום from now on.")
    friends[SHIRA].says("\u200fשלום, חברים!").replies("שלום 🌷")
    friends[SHIRA].says("שלומי").silent()
    friends.ann.says("!answer add cha\u0300o = Chào bạn!").replies("I answer chào from now on.")
    friends[ZOE].says("xin CHÀO nhé").replies("Chào bạn!")
    friends.ann.says("!answer add ❤️ = 🌷").replies()
    friends[ZOE].says("love❤you").replies("🌷")
    friends.ann.says("!answer add कल = ?").replies()
    friends[ZOE].says("कला").silent()


def test_it_speaks_the_language_of_the_chat(friends):
    """What it answers is what admins have written."""
    friends.ann.says("!language set vi").replies()
    friends.ann.says("!answer add giờ mở cửa = {name} 9 giờ").replies("Từ giờ mình sẽ trả lời khi có giờ mở cửa.")
    friends.ben.says("Giờ mở cửa?").replies("{name} 9 giờ")
