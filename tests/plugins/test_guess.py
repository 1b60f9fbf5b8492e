"""!guess and the numbers that follow"""

from __future__ import annotations

import pytest

from tests.plugins.conftest import SHIRA, ZOE

BEGUN = (
    "I have a number from 1 to 100 in mind. Just write one to guess; ⬆️ means that mine is higher, ⬇️ that it is lower."
)

pytestmark = pytest.mark.botkit(plugins=["guess", "plugins", "chat", "roles"])


def begin(bot, person, number):
    """Have somebody begin a round, of which we know the number."""
    bot.clock.advance(seconds=10)
    person.says("!guess").replies(BEGUN)
    bot.store("guess").thread(person.chat)["round"] |= {"number": number}


def test_a_round(friends, bot):
    """Reactions tell higher and lower, and one sentence who has found it; afterwards numbers are numbers again."""
    begin(bot, friends.ben, 42)
    friends.ann.says("50").silent().reacts("⬇️")
    friends[ZOE].says(" 41 \n").silent().reacts("⬆️")
    friends.eve.says("49").silent().reacts("⬇️")
    friends.ann.says("42").replies("🎉 42 it is, Ann! It took 4 guesses.")
    friends.ben.says("43").silent()
    assert not friends.messages[-1].reactions


def test_it_can_be_any_number(friends, bot):
    """Of those that it speaks of, the first and the last too."""
    bot.settings(guess={"most": 10})
    kept, numbers = bot.store("guess").thread(friends), set()
    for _ in range(60):
        bot.clock.advance(seconds=10)
        friends.ben.says("!guess")
        numbers.add(kept.pop("round")["number"])
    assert numbers == set(range(1, 11))


def test_other_messages_are_left_alone(friends, bot):
    """What is no plain number, and numbers that cannot be it: they are no guess and have no reaction."""
    friends.ben.says("42").silent()
    begin(bot, friends.ben, 42)
    friends.ann.says("50").reacts("⬇️")
    friends.ann.says("40").reacts("⬆️")
    for text in (
        "0",
        "101",
        "39",
        "40",
        "50",
        "99",
        "42!",
        "it is 42",
        "42 43",
        "-42",
        "4.2",
        "2026-01-01",
        "9" * 5000,
        "²",
        "٤2x",
    ):
        friends.ann.says(text).silent()
        assert not friends.messages[-1].reactions
    friends.ann.says("٤٢").replies("🎉 42 it is, Ann! It took 3 guesses.")


def test_at_the_first_guess(friends, bot):
    """Is a feat."""
    begin(bot, friends.ben, 7)
    friends.ben.says("7").replies("🎉 7 it is, Ben, at the first guess!")


def test_one_round_at_a_time(friends, bot):
    """Who asks for another is told how this one stands; not more often than every ten seconds."""
    begin(bot, friends.ben, 42)
    friends.ann.says("50").silent()
    friends.ann.says("!guess").replies("Please wait 10 seconds more.")
    bot.clock.advance(seconds=10)
    friends.ann.says("!guess").replies("A round is open already: my number is one from 1 to 49.")
    friends.ann.says("42").replies("🎉 42 it is, Ann! It took 2 guesses.")


def test_it_ends_by_itself(friends, bot):
    """Ten minutes after the last guess, with one sentence."""
    begin(bot, friends.ben, 42)
    bot.clock.advance(minutes=9)
    friends.ann.says("50").silent()
    bot.clock.advance(minutes=9)
    friends.silent()
    bot.clock.advance(minutes=1.1)
    friends.expect("Nobody guesses any more. My number was 42.")
    friends.ann.says("42").silent()
    bot.clock.advance(days=1)
    friends.silent()


def test_who_may_stop_it(friends, bot):
    """Whoever has begun it, and moderators."""
    friends.ben.says("!guess stop").replies("There is no round to end. !guess begins one.")
    begin(bot, friends.ben, 42)
    friends[ZOE].says("!guess stop").replies("Only whoever has begun the round, and moderators, may end it.")
    friends.ben.says("!guess stop").replies("The round is over. My number was 42.")
    begin(bot, friends.ben, 43)
    friends.ann.says("!guess stop").replies("The round is over. My number was 43.")
    bot.clock.advance(minutes=30)
    friends.silent()


def test_the_scores(friends, bot):
    """Most wins first, as many as the settings say; who has left is not there."""
    bot.settings(guess={"top": 3})
    for winner in (friends.ben, friends.eve, friends.ben, friends[ZOE], friends.ann, friends.ann, friends.ann):
        begin(bot, friends.eve, 42)
        winner.says("42").replies()
    friends.ann.says("!guess scores").replies("1. Ann: 3\n2. Ben: 2\n3. Eve: 1")
    friends.eve.leaves()
    friends.ann.says("!guess scores").replies(f"1. Ann: 3\n2. Ben: 2\n3. {ZOE}: 1")


def test_when_nobody_knows_who_is_here(friends, bot):
    """Nobody is said to have nothing."""
    bot.fault("server error", path="/api/graphqlbatch/", times=99)
    friends.ann.says("!guess scores")
    bot.clock.advance(minutes=1)
    friends.expect("I cannot find out at the moment who is in this chat.").silent()


def test_a_day_without_the_bot(friends, bot):
    """What was written meanwhile is no guess any more, and the end of the round is no news."""
    begin(bot, friends.ben, 42)
    bot.stop()
    friends.ann.says("42")
    bot.clock.advance(days=1)
    bot.start()
    friends.silent()
    begin(bot, friends.ben, 43)
    friends.ann.says("43").replies("🎉 43 it is, Ann, at the first guess!")


def test_dutch(friends, bot):
    """It speaks the language of the chat."""
    begin(bot, friends.ben, 42)
    friends.ann.says("!language set nl").replies()
    friends.ann.says("42").replies("🎉 42 is het, Ann, in één keer geraden!")


def test_two_chats_do_not_mix(friends, family, bot):
    """Each has a number and scores of its own."""
    begin(bot, friends.ben, 42)
    begin(bot, family.ben, 7)
    friends.ann.says("7").reacts("⬆️")
    family.ann.says("7").replies("🎉 7 it is, Ann, at the first guess!")
    friends.ann.says("!guess scores").replies("Nobody has found a number here yet. !guess begins a round.")
    friends.ann.says("42").replies("🎉 42 it is, Ann! It took 2 guesses.")


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """Numbers are numbers there; a round that should have ended meanwhile is over."""
    begin(bot, friends.ben, 42)
    begin(bot, family.ben, 42)
    friends.eve.says("!disable guess").replies()
    friends.ann.says("42").silent()
    family.ann.says("42").replies("🎉 42 it is, Ann, at the first guess!")
    bot.clock.advance(minutes=20)
    friends.eve.says("!enable guess").replies().silent()
    friends.ann.says("42").silent()
    begin(bot, friends.ben, 43)


def test_a_restart_in_the_middle(friends, bot):
    """The round goes on, and a guess that the bot dies over counts once."""
    begin(bot, friends.ben, 42)
    friends.ann.says("50").reacts("⬇️")
    bot.restart()
    friends.ann.says("40").reacts("⬆️")
    bot.kill(at="call begun")
    friends.ann.says("41").silent()
    bot.start()
    friends.eve.says("42").replies("🎉 42 it is, Eve! It took 4 guesses.")
    friends.ann.says("!guess scores").replies("1. Eve: 1")


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """Win as others do."""
    begin(bot, friends[SHIRA], 1)
    friends[SHIRA].says("1").replies(f"🎉 1 it is, {SHIRA}, at the first guess!")
    begin(bot, friends[SHIRA], 100)
    friends[ZOE].says("100").replies(f"🎉 100 it is, {ZOE}, at the first guess!")
    friends.ann.does("nickname", person=ZOE, text="{number}")
    friends.ann.says("!guess scores").replies("1. {number}: 1\n2. " + f"{SHIRA}: 1")
