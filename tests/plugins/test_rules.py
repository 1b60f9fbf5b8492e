"""!rules"""

from __future__ import annotations

import re

import pytest

from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["rules", "plugins", "chat"])

NONE = "There are no rules here yet. Admins write them: !rules set Be kind."


def test_admins_write_them_and_everybody_reads_them(friends):
    """Lines and braces stay as they are."""
    friends.ben.says("!rules").replies(NONE)
    friends.ann.says("!rules set\n1. Be kind.\n2. No {names} calling.\n\n   — the admins").replies(
        "These are the rules now."
    )
    friends.ben.says("!rules").replies("1. Be kind.\n2. No {names} calling.\n\n   — the admins")
    for line in ("!rules set Be rude.", "!rules clear", "!rules undo"):
        friends.ben.says(line).replies("Only admins of this group may do that.")


def test_a_change_can_be_taken_back(friends, bot):
    """Each of the last five, the first text too; then the newest comes again, lest it be lost."""
    friends.ann.says("!rules undo").replies("There is nothing left to take back.")
    for number in range(1, 4):
        friends.ann.says(f"!rules set Rule {number}.").replies()
    friends.ann.says("!rules undo").replies("Rule 2.")
    friends.ann.says("!rules undo").replies("Rule 1.")
    friends.ann.says("!rules undo").replies(NONE)
    friends.ann.says("!rules undo").replies("Rule 3.")
    for number in range(1, 10):
        friends.ann.says(f"!rules set Rule {number}.").replies()
    bot.clock.advance(minutes=5)
    for number in range(8, 3, -1):
        friends.ann.says("!rules undo").replies(f"Rule {number}.")
    friends.ann.says("!rules undo").replies("Rule 9.")


def test_clearing_is_asked_about(friends, bot):
    """And can be taken back as well."""
    friends.ann.says("!rules clear").replies(re.compile("^Are you sure"))
    friends.ann.says("!yes").replies(NONE)
    friends.ann.says("!rules set Be kind.").replies()
    friends.ann.says("!rules clear").replies(re.compile("^Are you sure"))
    friends.ben.says("!rules").replies("Be kind.")
    friends.ann.says("!yes").replies("There are no rules any more. They come back with !rules undo.")
    friends.ben.says("!rules").replies(NONE)
    friends.ann.says("!rules undo").replies("Be kind.")


def test_there_is_an_end_to_them(friends):
    """What is too long is not kept."""
    friends.ann.says(f"!rules set {'x' * 5001}").replies("Rules may have 5000 characters at most.")
    friends.ann.says(f"!rules set {'x' * 5000}").replies("These are the rules now.")
    friends.ben.says("!rules").replies("x" * 5000)


def test_newcomers_are_not_shown_them(friends):
    """Unless the setting says so."""
    friends.ann.says("!rules set Be kind.").replies()
    friends.add("Gil")
    friends.silent()


@pytest.mark.botkit(plugins={"rules": {"on_join": True}})
def test_newcomers_may_be_shown_them(friends, bot):
    """Once in ten minutes, not to the bot itself, and not without any; nobody is shown them who came long ago."""
    friends.add("Gil")
    friends.silent()
    friends.ann.says("!rules set Be kind.").replies()
    friends.ann.removes("Bot")
    friends.ann.does("add", people=["Bot"])
    friends.silent()
    friends.add("Hal")
    friends.expect("Be kind.")
    friends.add("Ida")
    bot.clock.advance(minutes=11)
    friends.silent()
    friends.add("Jon")
    friends.expect("Be kind.")
    bot.stop()
    friends.add("Kim")
    bot.clock.advance(hours=1)
    bot.start()
    friends.silent()


def test_two_chats_do_not_mix(friends, family):
    """Each has its own, with its own undo."""
    friends.ann.says("!rules set Be kind.").replies()
    family.ann.says("!rules").replies(NONE)
    family.ben.says("!rules set Eat your greens.").replies()
    family.ben.says("!rules undo").replies(NONE)
    friends.ben.says("!rules").replies("Be kind.")


def test_it_rests_where_it_is_switched_off(friends, family):
    """What was written is kept."""
    friends.ann.says("!rules set Be kind.").replies()
    family.ben.says("!rules set Eat your greens.").replies()
    friends.eve.says("!disable rules").replies()
    friends.ben.says("!rules").silent()
    family.ann.says("!rules").replies("Eat your greens.")
    friends.eve.says("!enable rules").replies()
    friends.ben.says("!rules").replies("Be kind.")


def test_a_restart_in_the_middle(friends, bot):
    """Between the question and the answer, and between a change and its undo."""
    friends.ann.says("!rules set Be kind.").replies()
    friends.ann.says("!rules clear").replies(re.compile("^Are you sure"))
    bot.kill()
    friends.ann.says("!yes")
    bot.start()
    friends.expect("There are no rules any more. They come back with !rules undo.")
    bot.restart()
    friends.ann.says("!rules undo").replies("Be kind.").silent()


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """May stand in the rules, and those who have them may read them."""
    text = f"1. {ZOE} is right.\n2. {SHIRA} — תמיד.\u2067"
    friends.ann.says(f"!rules set {text}").replies()
    friends[ZOE].says("!rules").replies(text)
    friends[SHIRA].says("!rules").replies(text)


def test_it_speaks_the_language_of_the_chat(friends):
    """But for the rules themselves."""
    friends.ann.says("!language set nl").replies()
    friends.ann.says("!rules set Wees aardig.").replies("Dit zijn nu de regels.")
    friends.ann.says("!rules set Wees lief.").replies("Dit zijn nu de regels. De oude komen terug met !rules undo.")
    friends.ann.says("!rules undo").replies("Wees aardig.")
