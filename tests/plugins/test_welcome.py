"""What newcomers are told, and those who leave"""

from __future__ import annotations

import re

import pytest

from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["welcome", "plugins", "chat"])


def test_newcomers_are_welcomed(friends):
    """By name; about who leaves nothing is said."""
    friends.add("Gil")
    friends.expect("Welcome, Gil!")
    friends.ben.leaves()
    friends.ann.removes("Gil")
    friends.silent()


def test_several_at_once_are_welcomed_together(bot, friends):
    """In one message."""
    friends.ann.does("add", people=[bot.newcomer(name) for name in ("Gil", "Hal", "Ida")])
    friends.expect("Welcome, Gil, Hal and Ida!").silent()


def test_a_crowd_makes_no_flood(friends, bot):
    """The first is welcomed at once, who comes within the next minute together with the others at its end."""
    friends.add("Gil")
    friends.expect("Welcome, Gil!")
    for number in range(50):
        friends.add(f"Guest {number}")
    friends.ann.removes("Guest 3")
    bot.clock.advance(seconds=59)
    friends.silent()
    bot.clock.advance(seconds=1)
    friends.expect(lambda said: "Guest 2, Guest 4," in said and said.endswith("and 19 more!"))
    friends.add("Hal")
    bot.clock.advance(minutes=2)
    friends.expect("Welcome, Hal!").silent()


def test_a_list_of_members_that_is_old_loses_nobody(friends, bot):
    """Who waits is welcomed though the list does not have them yet, by the name that came with the news."""
    friends.add("Gil")
    friends.expect("Welcome, Gil!")
    friends.add("Hal")
    bot.store("welcome").thread(friends)["welcome.waiting"] |= {"100000000099999": "Ida"}
    bot.clock.advance(minutes=1)
    friends.expect("Welcome, Hal and Ida!").silent()


def test_comings_and_goings_count_as_they_happened(friends, bot):
    """Who has left again waits no more, and who has come again does."""
    friends.add("Gil")
    friends.expect("Welcome, Gil!")
    for name in ("Hal", "Ida"):
        friends.add(name)
        friends.ann.removes(name)
    friends.add("Ida")
    bot.restart()
    bot.clock.advance(minutes=1)
    friends.expect("Welcome, Ida!").silent()


def test_when_the_network_does_not_tell_who_is_here(friends, bot):
    """The news itself has told the name."""
    friends.ann.says("hello").silent()
    bot.fault("status", status=502, path="/api/graphqlbatch/", times=50)
    bot.fault("status", status=502, path="/chat/user_info/", times=50)
    friends.add("Gil")
    bot.clock.advance(minutes=5)
    friends.expect("Welcome, Gil!").silent()


def test_who_comes_back_soon_is_not_welcomed_twice(friends, bot):
    """The next day they are."""
    friends.add("Gil")
    friends.expect("Welcome, Gil!")
    for hours in (1, 10, 12):
        friends.ann.removes("Gil")
        bot.clock.advance(hours=hours)
        friends.add("Gil")
        bot.clock.advance(minutes=2)
        friends.silent()
    friends.ann.removes("Gil")
    bot.clock.advance(hours=1)
    friends.add("Gil")
    friends.expect("Welcome, Gil!")


def test_a_group_has_words_of_its_own(friends):
    """Which its admins give it, and are shown how they sound."""
    friends.ann.says("!welcome set {sender.name} lets in:\n{names|upper} ({thread.name})").replies(
        "From now on it sounds so: Ann lets in:\nANN (Friends)"
    )
    friends.ben.adds("Gil")
    friends.expect("Ben lets in:\nGIL (Friends)")
    friends.ben.says("!welcome").replies("I say to newcomers: {sender.name} lets in:\n{names|upper} ({thread.name})")
    friends.ann.says("!welcome off").replies("I say nothing to newcomers.")
    friends.add("Hal")
    friends.silent()
    friends.ann.says("!welcome reset").replies("I say to newcomers: Welcome, {names}!")
    for line in ("!welcome set Hi", "!welcome off", "!welcome reset", "!goodbye set Hi", "!goodbye reset"):
        friends.ben.says(line).replies("Only admins of this group may do that.")


def test_a_text_that_cannot_be_read_is_refused(friends):
    """With what is wrong; the old one stays."""
    friends.ann.says("!welcome set Hi {nams}").replies(re.compile("^I cannot use that text .*did you mean 'names'"))
    friends.ann.says("!welcome set Hi {names").replies(re.compile("^I cannot use that text .*is not closed"))
    friends.ann.says(f"!goodbye set {'x' * 2001}").replies(re.compile("^I cannot use that text .*2000"))
    told = friends.ann.says(f"!welcome set {'{a}' * 600}").answers[-1]
    assert told.startswith("I cannot use that text (") and len(told) < 500
    friends.ann.says("!welcome").replies("I say to newcomers: Welcome, {names}!")
    friends.ann.renames("Friends" * 30)
    told = friends.ann.says(f"!welcome set {'{thread.name}' * 150}").answers[-1]
    assert told.endswith("…") and len(told) < 6000


def test_goodbye_has_to_be_given_words(friends, bot):
    """Then it is said to who leaves and to who is removed, in one when there are many; a return is no reason."""
    friends.ann.says("!goodbye").replies("I say nothing when somebody leaves.")
    friends.ann.says("!goodbye set Farewell, {names}.").replies("From now on it sounds so: Farewell, Ann.")
    friends.ben.leaves()
    friends.expect("Farewell, Ben.")
    friends.eve.leaves()
    friends.ann.removes(ZOE)
    friends.ann.removes(SHIRA)
    friends.add(SHIRA)
    friends.expect(f"Welcome, {SHIRA}!")
    bot.clock.advance(minutes=2)
    friends.expect(f"Farewell, Eve and {ZOE}.").silent()
    friends.ann.says("!goodbye off").replies("I say nothing when somebody leaves.")
    friends.ann.says("!goodbye reset").replies("I say nothing when somebody leaves.")


@pytest.mark.botkit(plugins={"welcome": {"welcome": "Hi {names}", "goodbye": "Bye {names}", "pause": "1s"}})
def test_the_bot_itself_is_no_newcomer(friends, bot):
    """Nor said goodbye to; the bot file gives the words for all groups."""
    friends.ann.removes("Bot")
    bot.clock.advance(minutes=1)
    friends.ann.does("add", people=["Bot", bot.newcomer("Gil")])
    friends.expect("Hi Gil").silent()
    friends.ann.removes("Gil")
    friends.expect("Bye Gil").silent()


def test_when_the_network_does_not_tell_who_left(friends, bot):
    """A word stands for the name."""
    friends.ann.says("!goodbye set Farewell, {names}.").replies()
    bot.fault("status", status=502, path="/chat/user_info/", times=50)
    friends.ben.leaves()
    bot.clock.advance(minutes=5)
    friends.expect("Farewell, somebody.").silent()


def test_two_chats_do_not_mix(friends, family):
    """Each has its words, and a welcome in one makes nobody wait in the other."""
    friends.ann.says("!welcome set Hello {names}").replies()
    family.ben.says("!goodbye set Farewell, {names}.").replies()
    friends.add("Gil")
    friends.expect("Hello Gil")
    family.add("Gil")
    family.expect("Welcome, Gil!")
    family.ben.removes("Gil")
    family.expect("Farewell, Gil.")
    friends.ann.removes("Gil")
    friends.silent()


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """Who came meanwhile is not welcomed later."""
    friends.eve.says("!disable welcome").replies()
    friends.add("Gil")
    family.add("Hal")
    friends.silent()
    family.expect("Welcome, Hal!")
    friends.eve.says("!enable welcome").replies()
    friends.add("Ida")
    friends.expect("Welcome, Ida!").silent()


def test_a_restart_in_the_middle(friends, bot):
    """Who waits is welcomed all the same, and once; who came days ago, while the bot was down, no more."""
    friends.add("Gil")
    friends.expect("Welcome, Gil!")
    friends.add("Hal")
    friends.silent()
    bot.kill()
    bot.clock.advance(minutes=5)
    bot.start()
    friends.expect("Welcome, Hal!").silent()
    friends.add("Ida")
    bot.kill()
    friends.add("Kim")
    bot.start()
    bot.clock.advance(minutes=1)
    friends.expect(re.compile("^Welcome, (Ida and Kim|Kim and Ida)!$")).silent()
    bot.stop()
    friends.add("Jon")
    bot.clock.advance(days=1)
    bot.start()
    friends.silent()


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """Are said as they are, whatever looks like a place for a value."""
    friends.ann.removes(ZOE)
    friends.ann.removes(SHIRA)
    friends.ann.does("add", people=[ZOE, SHIRA])
    friends.expect(re.compile(f"^Welcome, ({ZOE} and {SHIRA}|{SHIRA} and {ZOE})!$"))
    friends.ann.says("!goodbye set Bye {names}").replies()
    friends.add("{now} 🎈")
    friends.ann.removes("{now} 🎈")
    friends.expect("Bye {now} 🎈").silent()


def test_it_speaks_the_language_of_the_chat(friends):
    """As long as the group has no words of its own."""
    friends.ann.says("!language set nl").replies()
    friends.ann.says("!welcome").replies("Tegen nieuwkomers zeg ik: Welkom, {names}!")
    friends.add("Gil")
    friends.expect("Welkom, Gil!")
