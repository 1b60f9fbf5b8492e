"""!poll, !vote"""

from __future__ import annotations

import re

import pytest

from tests.plugins.conftest import SHIRA, ZOE

PLUGINS = {"poll": {"native": "no"}, "plugins": {}, "chat": {}, "roles": {}}
NATIVE = {"poll": {}, "plugins": {}}
PIZZA = "!poll Pizza or pasta? | pizza | pasta | both"
MADE = "Bot created a poll: Pizza or pasta?"
NONE = "There is no poll here. !poll Pizza or pasta? | pizza | pasta begins one."
OPEN = "Vote with the number, such as !vote 1. This poll closes on 2026-01-02 00:00."
ASKED = f"📊 Pizza or pasta?\n1. pizza\n2. pasta\n3. both\n{OPEN}"

pytestmark = pytest.mark.botkit(plugins=PLUGINS)


def grey_lines(chat):
    """What Messenger itself says in a chat."""
    return [one.text for one in chat.messages if one.kind == "log"]


def test_people_vote_by_number(friends):
    """Or by what stands behind it; a vote is acknowledged by a reaction, and the last one of a person counts."""
    friends.ben.says(PIZZA).replies(ASKED)
    friends.ann.says("!vote 2").silent().reacts("👍")
    friends[ZOE].says("!vote BOTH").silent().reacts("👍")
    friends.ann.says("!vote 3").silent().reacts("👍")
    for choice in ("0", "4", "-1", "fish"):
        friends.ann.says(f"!vote {choice}").replies("Please vote for a number from 1 to 3, such as !vote 1.")
    counted = f"3. both – 2 votes: Ann, {ZOE}\n1. pizza – no votes\n2. pasta – no votes"
    friends.eve.says("!poll results").replies(f"📊 Pizza or pasta?\n{counted}\n{OPEN}")
    friends.eve.says("!poll").replies(f"📊 Pizza or pasta?\n{counted}\n{OPEN}")


def test_who_has_begun_it_closes_it(friends):
    """Or a moderator; afterwards nobody votes, and the results can still be read."""
    friends.ben.says(PIZZA).replies()
    friends[ZOE].says("!vote 1").silent()
    friends[ZOE].says("!poll close").replies(
        "Only whoever has begun the poll, and moderators, may close it on its first day."
    )
    ended = (
        f"📊 Pizza or pasta?\n1. pizza – 1 vote: {ZOE}\n2. pasta – no votes\n3. both – no votes\nThis poll is closed."
    )
    friends.ben.says("!poll close").replies(ended)
    for line in ("!vote 1", "!poll close"):
        friends[ZOE].says(line).replies(NONE)
    friends.ann.says("!poll results").replies(ended)
    friends[ZOE].says(PIZZA).replies(ASKED)
    friends.ann.says("!poll close").replies(re.compile("This poll is closed."))


def test_a_day_later_everybody_may_close_it(friends, bot):
    """So that a long poll of somebody who is away does not keep others from theirs."""
    friends.ben.says("!poll 30d Pizza or pasta? | pizza | pasta").replies()
    bot.clock.advance(hours=23)
    friends[ZOE].says("!poll close").replies(re.compile("^Only whoever has begun"))
    bot.clock.advance(hours=1)
    friends[ZOE].says("!poll close").replies(re.compile("This poll is closed.$"))
    friends[ZOE].says(PIZZA).replies()


def test_it_closes_by_itself(friends, bot):
    """At the time that it was given, which is told in the chat's own, or after a day; once."""
    friends.ann.says("!timezone set Europe/Amsterdam").replies()
    friends.ben.says("!poll 2h30m Who comes? | I | not I").replies(re.compile(r"closes on 2026-01-01 03:30\.$"))
    friends.ann.says("!vote not I").silent()
    bot.clock.advance(hours=2.6)
    friends.expect("📊 Who comes?\n2. not I – 1 vote: Ann\n1. I – no votes\nThis poll is closed.").silent()
    friends.ben.says("!poll 1h First? | a | b").replies()
    friends.ben.says("!poll close").replies()
    friends.ben.says("!poll Second? | a | b").replies()
    bot.clock.advance(hours=2)
    friends.silent()
    bot.clock.advance(days=1)
    friends.expect(re.compile("Second.*This poll is closed.$", re.DOTALL)).silent()


def test_one_poll_at_a_time(friends, bot):
    """So that a number means one thing; one whose end nobody heard is over all the same."""
    friends.ben.says(PIZZA).replies()
    friends.ann.says("!poll Now? | yes | no").replies("A poll is open already: Pizza or pasta? !poll close ends it.")
    friends.eve.says("!disable poll").replies()
    bot.clock.advance(days=8)
    friends.eve.says("!enable poll").replies()
    friends.ann.says("!vote 1").replies(NONE)
    friends.ann.says("!poll Now? | yes | no").replies()


def test_what_cannot_be_a_poll(friends):
    """Too few answers, the same twice, too much, too long a time; a question like a command stands in quotes."""
    how = "Write the question and at least two different answers with | between them: "
    for text in ("Pizza?", "Pizza? | yes", "| a | b", "Pizza? | a | A", "2h | a | b"):
        friends.ben.says(f"!poll {text}").replies(f"{how}!poll Pizza or pasta? | pizza | pasta")
    long = "There may be 10 answers with 100 characters each, and 300 characters in the question."
    for text in (f"{'x' * 301} | a | b", f"x | {'a' * 101} | b", f"x | {' | '.join('abcdefghijk')}"):
        friends.ben.says(f"!poll {text}").replies(long)
    for length in ("59s", "91d", "999999999w"):
        friends.ben.says(f"!poll {length} Now? | a | b").replies("A poll may be open for a minute to 90 days.")
    friends.ben.says('!poll "Close the shop?" | yes | no |').replies(
        re.compile("^📊 Close the shop\\?\n1. yes\n2. no\n")
    )


def test_a_large_group(bot):
    """Names have an end; who has left does not count."""
    bot.owner("Eve")
    group = bot.group("Large", *[f"Person {number}" for number in range(14)])
    group["Person 0"].says(PIZZA).replies()
    bot.store("poll").thread(group)["poll"] |= {"votes": {group[f"Person {n}"].id: 1 for n in range(14)}}
    group["Person 13"].leaves()
    shown = ", ".join(f"Person {number}" for number in range(10))
    group["Person 0"].says("!poll").replies(re.compile(f"\n2. pasta – 13 votes: {shown} and 3 more\n"))


@pytest.mark.botkit(plugins=NATIVE)
def test_in_groups_it_is_messengers_own(friends, bot):
    """Which shows itself; with a time, and in a chat of two, it goes by number."""
    friends.ann.says(PIZZA).silent()
    friends.ann.says("!poll 1h Now? | yes | no").replies(re.compile("^📊 Now"))
    bot.chat("Ben").ben.says(PIZZA).replies(ASKED)
    assert grey_lines(friends).count(MADE) == 1


@pytest.mark.botkit(plugins=NATIVE)
def test_where_messenger_takes_none(friends, bot):
    """It goes by number: here it says no because the bot is out of the group for a moment."""
    friends.ann.says("hello").silent()
    bot.stop()
    friends.ann.says(PIZZA)
    friends.ann.removes("Bot")
    bot.start()
    friends.ann.adds("Bot")
    friends.ben.says("!poll").replies(re.compile(f"{re.escape(OPEN)}$"))
    assert MADE not in grey_lines(friends)
    bot.settings(poll={"native": "yes"})
    bot.chat("Ben").ben.says(PIZZA).replies("Messenger takes no poll here.")
    friends.ben.says("!poll 2h Now? | yes | no").replies(
        "Polls are Messenger's own here, and those have no end; please leave the time out."
    )


@pytest.mark.botkit(plugins=NATIVE)
def test_a_poll_of_which_nobody_knows_is_not_made_twice(friends, bot):
    """Its answer was lost, so people are asked to look."""
    friends.ann.says("hello").silent()
    bot.fault("drop_answer", path="/ls_req")
    friends.ann.says(PIZZA).replies("I could not find out whether the poll was made; please look before you try again.")
    bot.clock.advance(minutes=1)
    friends.silent()
    assert grey_lines(friends).count(MADE) == 1


@pytest.mark.botkit(plugins=NATIVE, limits={"change": {"per_chat": "1 per 60s"}})
def test_too_many_polls_wait(friends):
    """Which a person is told."""
    friends.ann.says(PIZZA).silent()
    friends.ann.says(PIZZA).replies("That did not work just now; please try again later.")


def test_two_chats_do_not_mix(friends, family):
    """Each has its poll and its votes."""
    friends.ann.says(PIZZA).replies()
    family.ann.says("!vote 1").replies(NONE)
    family.ann.says("!poll When? | now | never").replies()
    family.ann.says("!vote never").silent()
    friends.ann.says("!vote 1").silent()
    friends.ann.says("!poll").replies(re.compile("1. pizza – 1 vote: Ann\n2. pasta – no votes"))
    family.ann.says("!poll").replies(re.compile("2. never – 1 vote: Ann\n1. now – no votes"))


def test_it_rests_where_it_is_switched_off(friends, family):
    """And counts again when it is back."""
    friends.ann.says(PIZZA).replies()
    friends.eve.says("!disable poll").replies()
    friends.ann.says("!vote 2").silent().reacts("")
    family.ann.says(PIZZA).replies(ASKED)
    friends.eve.says("!enable poll").replies()
    friends.ann.says("!vote 1").silent().reacts("👍")
    friends.ann.says("!poll").replies(re.compile("1. pizza – 1 vote: Ann"))


def test_a_restart_in_the_middle(friends, bot):
    """Votes stay, and results that fell due meanwhile are told afterwards, once."""
    friends.ann.says("!poll 1d Pizza or pasta? | pizza | pasta").replies()
    friends.ann.says("!vote 1").silent()
    bot.kill()
    friends.ben.says("!vote 1")
    bot.start()
    bot.stop()
    bot.clock.advance(days=3)
    bot.start()
    bot.clock.advance(minutes=1)
    friends.expect(
        "📊 Pizza or pasta?\n1. pizza – 2 votes: Ann, Ben\n2. pasta – no votes\nThis poll is closed."
    ).silent()


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """Of people and of answers; nicknames come first, and braces are no places for values."""
    friends[SHIRA].says("!poll {name}? 🌷 | כן | לא").replies(re.compile("^📊 {name}\\? 🌷\n1. כן\n2. לא\n"))
    friends[ZOE].says("!vote כן").silent()
    friends[SHIRA].says("!vote 1").silent()
    friends.ann.does("nickname", person=SHIRA, text="שיר 🌟")
    friends.ann.says("!poll").replies(re.compile(f"1. כן – 2 votes: {ZOE}, שיר 🌟\n"))


def test_it_speaks_the_language_of_the_chat(friends):
    """Also when it closes."""
    friends.ann.says("!language set nl").replies()
    friends.ben.says("!poll Pizza? | ja | nee").replies(re.compile("Deze peiling sluit op 2026-01-02 00:00."))
    friends.ben.says("!vote ja").silent()
    friends.ben.says("!poll close").replies(
        "📊 Pizza?\n1. ja – 1 stem: Ben\n2. nee – geen stemmen\nDeze peiling is gesloten."
    )
