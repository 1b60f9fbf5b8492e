"""!prefix, !language, !timezone"""

from __future__ import annotations

import pytest


@pytest.fixture
def group(bot):
    """A group whose admin is the bot's owner Ann; Ben is nobody."""
    bot.owner("Ann")
    return bot.group("Friends", "Ann", "Ben")


def test_everybody_may_look(group):
    """At what holds in the chat."""
    group.ben.says("!prefix").replies("Commands begin with ! here.")
    group.ben.says("!language").replies("I speak en here. I know en, es, nl, vi.")
    group.ben.says("!timezone").replies("This chat is in the time zone UTC.")


@pytest.mark.parametrize("line", ["!prefix set ?", "!language set nl", "!timezone set UTC", "!prefix reset"])
def test_members_may_not_change_it(group, line):
    """Admins of the group and owners may."""
    group.ben.says(line).replies("Only admins of this group may do that.")


def test_a_prefix_holds_from_the_next_message_on(bot, group):
    """In this chat and in no other; it is kept over a restart."""
    group.ann.says("!prefix set ?").replies("Commands begin with ? here.")
    group.ben.says("!prefix").silent()
    bot.restart()
    group.ben.says("?prefix").replies("Commands begin with ? here.")
    bot.chat("Ben").ben.says("!prefix").replies("Commands begin with ! here.")
    group.ann.says("?prefix reset").replies("Commands begin with ! here.")


@pytest.mark.parametrize("prefix", ["toolong", '"a b"'])
def test_a_prefix_is_short(group, prefix):
    """And has no spaces, as nobody could type it."""
    group.ann.says(f"!prefix set {prefix}").replies("A prefix has one to 5 characters and no spaces.")


def test_a_language_is_spoken_at_once(group):
    """By all plugins, and by the bot itself."""
    group.ann.says("!language set nl").replies("Ik spreek hier nl. Ik ken en, es, nl, vi.")
    group.ben.says("!language set en").replies("Dat mogen alleen beheerders van deze groep.")
    group.ann.says("!language reset").replies("I speak en here. I know en, es, nl, vi.")


def test_a_region_speaks_the_language_of_all(group):
    """`vi-VN` is answered in the texts of `vi`."""
    group.ann.says("!language set vi-VN").replies("Ở đây mình nói vi-vn. Mình biết en, es, nl, vi.")


@pytest.mark.botkit(language="es")
def test_the_bot_file_says_what_is_spoken_elsewhere(bot):
    """`language: es`."""
    bot.chat("Ann").ann.says("!prefix").replies("Aquí los comandos empiezan con !.")


@pytest.mark.parametrize("tag", ["xx", "dutch", "!"])
def test_a_language_that_nobody_knows_is_refused(group, tag):
    """With those that there are."""
    group.ann.says(f"!language set {tag}").replies("I know these languages: en, es, nl, vi.")


def test_a_time_zone_is_one_that_there_is(group):
    """Told by its name."""
    group.ann.says("!timezone set Asia/Tokyo").replies("This chat is in the time zone Asia/Tokyo.")
    wrong = "There is no time zone Mars/Base. They are named like Europe/Amsterdam or UTC."
    group.ann.says("!timezone set Mars/Base").replies(wrong)
    group.ann.says("!timezone").replies("This chat is in the time zone Asia/Tokyo.")
    group.ann.says("!timezone reset").replies("This chat is in the time zone UTC.")
