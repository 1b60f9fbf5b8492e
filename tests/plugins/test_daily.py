"""!daily"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["daily", "plugins", "chat"])


def to(bot, day, hour, minute=0):
    """Let the time of a day in January 2026 come; the 1st is a Thursday."""
    bot.clock.advance_to(datetime(2026, 1, day, hour, minute, tzinfo=UTC))


def test_it_is_posted_every_day(friends, bot):
    """At its time, with what a template can say."""
    friends.ann.says("!daily 9:00 Good morning, {thread.name}!\nIt is {now|%A %-d %B}.").replies(
        "I will post it at 09:00 every day (UTC). It is number 1."
    )
    to(bot, 1, 8, 59)
    friends.silent()
    to(bot, 1, 9)
    friends.expect("Good morning, Friends!\nIt is Thursday 1 January.").silent()
    to(bot, 2, 9)
    friends.expect("Good morning, Friends!\nIt is Friday 2 January.").silent()


def test_on_some_days_only(friends, bot):
    """As they are written, by the clock of the chat."""
    friends.ann.says("!timezone set Europe/Amsterdam").replies()
    friends.ann.says("!daily Monday-Friday 09:00 Stand-up!").replies(
        "I will post it at 09:00 on Monday, Tuesday, Wednesday, Thursday and Friday (Europe/Amsterdam). It is number 1."
    )
    friends.ann.says("!daily sat,sun 10:30 Sleep on.").replies(re.compile("at 10:30 on Sunday and Saturday"))
    to(bot, 2, 8)
    friends.expect("Stand-up!").expect("Stand-up!").silent()
    to(bot, 4, 23)
    friends.expect("Sleep on.").expect("Sleep on.").silent()
    to(bot, 5, 8)
    friends.expect("Stand-up!").silent()


def test_several_texts_take_turns(friends, bot):
    """One after the other; the turn is kept when one is removed, and a test takes none."""
    friends.ann.says("!daily 09:00 One").replies()
    friends.ann.says("!daily add 1 Two").replies("There are 2 texts now, which are said in turn.")
    friends.ann.says("!daily add 1 Three").replies("There are 3 texts now, which are said in turn.")
    friends.ann.says("!daily test 1").replies("One")
    for day, said in ((1, "One"), (2, "Two"), (3, "Three"), (4, "One")):
        to(bot, day, 10)
        friends.expect(said).silent()
    friends.ann.says("!daily remove 1 1").replies("It is posted no more: One\n!daily undo takes that back.")
    for day, said in ((5, "Two"), (6, "Three"), (7, "Two")):
        to(bot, day, 10)
        friends.expect(said).silent()
    friends.ann.says("!daily remove 1 2").replies("It is posted no more: Three\n!daily undo takes that back.")
    friends.ann.says("!daily test 1").replies("Two")
    friends.ann.says("!daily remove 1 1").replies(
        "It is posted no more: 1: at 09:00 every day – Two\n!daily undo takes that back."
    )
    friends.ann.says("!daily").replies("Nothing is posted here.")


def test_what_is_posted_can_be_listed_and_removed(friends, bot):
    """By numbers, which are used again; long texts are cut."""
    friends.ann.says("!daily 09:00 Good morning!").replies()
    friends.ann.says(f"!daily fri 18:00 {'Weekend! ' * 50}").replies()
    friends.ann.says("!daily add 2 At last.").replies()
    first, second = friends.ann.says("!daily list").answers[-1].splitlines()
    assert first == "1: at 09:00 every day – Good morning!"
    assert second.startswith("2: at 18:00 on Friday – Weekend! ")
    assert second.endswith("… (2 texts)")
    friends.ann.says("!daily list 2").replies(re.compile(r"^1\. Weekend! .*…\n2\. At last\.$"))
    removed = "It is posted no more: 1: at 09:00 every day – Good morning!\n!daily undo takes that back."
    friends.ann.says("!daily remove 1").replies(removed)
    friends.ann.says("!daily remove 1").replies("There is no number 1 here.")
    friends.ann.says("!daily remove 2 3").replies("Number 2 has no text 3.")
    to(bot, 1, 10)
    friends.forget()
    friends.ann.says("!daily 11:00 Coffee?").replies(re.compile("It is number 1.$"))


def test_what_was_removed_comes_back(friends, bot):
    """The last of it, all its texts; under another number where that is taken."""
    friends.ann.says("!daily sat, fri-mon 09:00 One").replies(re.compile("on Sunday, Monday, Friday and Saturday"))
    friends.ann.says("!daily add 1 Two").replies()
    friends.ann.says("!daily remove 1 1").replies()
    friends.ann.says("!daily undo").replies("There are 2 texts now, which are said in turn.")
    friends.ann.says("!daily list 1").replies("1. Two\n2. One")
    friends.ann.says("!daily undo").replies("Nothing was removed here.")
    friends.ann.says("!daily remove 1").replies()
    friends.ann.says("!daily 18:00 Evening").replies(re.compile("It is number 1.$"))
    bot.restart()
    friends.ann.says("!daily undo").replies(re.compile("at 09:00 on .* It is number 2.$"))
    friends.ann.says("!daily list 2").replies("1. Two\n2. One")
    to(bot, 2, 9)
    friends.expect("Evening")
    friends.expect("Two").silent()


def test_what_is_not_understood_is_told(friends):
    """And nothing is kept."""
    how = "Write it like !daily 09:00 Good morning! or !daily mon-fri 09:00 Stand-up!"
    for said in (
        "Good morning!",
        "09:00",
        "25:00 Hi",
        "fri-moon 09:00 Hi",
        "fri- 09:00 Hi",
        "someday 09:00 Hi",
        "09:60 Hi",
    ):
        friends.ann.says(f"!daily {said}").replies(how)
    friends.ann.says("!daily 09:00 {sender.name}").replies(re.compile("^I cannot use that text"))
    friends.ann.says("!daily 09:00 {nwo}").replies(re.compile("^I cannot use that text .*did you mean 'now'"))
    friends.ann.says("!daily 09:00 {now").replies(re.compile("^I cannot use that text .*is not closed"))
    friends.ann.says(f"!daily 09:00 {'x' * 1001}").replies("A text may have 1000 characters at most.")
    friends.ann.says("!daily list").replies("Nothing is posted here.")


def test_it_is_for_admins(friends):
    """Others are told so."""
    friends.ann.says("!daily 09:00 Good morning!").replies()
    for line in ("!daily 09:00 Spam", "!daily add 1 Spam", "!daily list", "!daily remove 1", "!daily test 1"):
        friends.ben.says(line).replies("Only admins of this group may do that.")


def test_there_is_an_end_to_it(friends, bot):
    """Of posts in a chat, and of texts of one."""
    for number in range(1, 21):
        bot.clock.advance(seconds=30)
        friends.ann.says(f"!daily 09:00 Post {number}").replies(re.compile(f"number {number}"))
    friends.ann.says("!daily 09:00 Post").replies("There are 20 posts here already; remove one first.")
    bot.store("daily").thread(friends)["post.1"] = {"texts": ["One"] * 30, "next": 0}
    friends.ann.says("!daily add 1 Two").replies("It has 30 texts already; remove one first.")


def test_nothing_is_posted_where_nothing_is_said(friends, bot):
    """As in a group without a title."""
    friends.ann.says("!daily 09:00 {thread.name}").replies()
    friends.ann.renames("")
    friends.ann.says("!daily test 1").replies("Nothing would be said.")
    to(bot, 1, 10)
    friends.silent()


def test_two_chats_do_not_mix(friends, family, bot):
    """Each has its own numbers and its own clock."""
    family.ben.says("!timezone set Asia/Tokyo").replies()
    friends.ann.says("!daily 09:00 Hello").replies(re.compile("number 1"))
    family.ben.says("!daily 20:00 Dinner").replies(re.compile("number 1"))
    friends.ann.says("!daily remove 2").replies("There is no number 2 here.")
    to(bot, 1, 9)
    friends.expect("Hello")
    family.silent()
    to(bot, 1, 11)
    family.expect("Dinner").silent()
    friends.ann.says("!daily remove 1").replies()
    to(bot, 2, 12)
    friends.silent()
    family.expect("Dinner").silent()


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """And goes on with the next when it is on again."""
    friends.ann.says("!daily 09:00 Hello").replies()
    family.ben.says("!daily 09:00 Hello").replies()
    friends.eve.says("!disable daily").replies()
    to(bot, 1, 12)
    friends.silent()
    family.expect("Hello").silent()
    friends.eve.says("!enable daily").replies().silent()
    to(bot, 2, 9)
    friends.expect("Hello").silent()


def test_a_restart_in_the_middle(friends, bot):
    """Once, a little late if need be; hours later not at all, and the turn is not lost."""
    friends.ann.says("!daily 09:00 One").replies()
    friends.ann.says("!daily add 1 Two").replies()
    bot.kill(at="call committed")
    to(bot, 1, 9)
    bot.start()
    friends.expect("One").silent()
    bot.stop()
    to(bot, 2, 9, 30)
    bot.start()
    friends.expect("Two").silent()
    bot.kill()
    to(bot, 3, 14)
    bot.start()
    friends.silent()
    to(bot, 4, 9)
    friends.expect("One").silent()


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """May stand in a text and in the title."""
    friends.ann.renames(f"{ZOE} & {SHIRA}")
    friends.ann.says("!daily 09:00 בוקר טוב {thread.name}").replies()
    to(bot, 1, 9)
    friends.expect(f"בוקר טוב {ZOE} & {SHIRA}").silent()


def test_it_speaks_the_language_of_the_chat(friends, bot):
    """In its answers, and in the dates of what it posts."""
    friends.ann.says("!language set nl").replies()
    friends.ann.says("!daily mon 09:00 Het is {now|%A}.").replies(
        "Ik plaats het om 09:00 op maandag (UTC). Het is nummer 1."
    )
    to(bot, 5, 9)
    friends.expect("Het is maandag.").silent()
