"""The loop guard: wars of two bots end, and people are left alone."""

from __future__ import annotations

import pytest

from botkit.runner.loop_guard import LoopGuard

GROUP, BOT, ANN = "7000000000000001", "100000000000009", "100000000000002"
START = 1_767_225_600_000


class War:
    """Our bot and somebody else in a chat; `quiet` holds what `other` said to each message."""

    def __init__(self, clock):
        self.told = []
        self.guard = LoopGuard(clock, lambda *what: self.told.append(what))
        self.quiet = []

    def round(self, at_ms, own="ping", other="ping", after_ms=500, sender=BOT, chat=GROUP, **options):
        self.guard.own(chat, own, START + at_ms)
        self.quiet.append(self.guard.other(chat, sender, other, START + at_ms + after_ms, **options))
        return self.quiet[-1]


@pytest.fixture
def war(clock):
    return War(clock)


def test_an_echo_war_ends_at_the_sixth_round(war):
    """The five before are answered; it is told once, with chat and account."""
    for number in range(20):
        war.round(number * 1000, own=f"word {number}", other=f"word {number}")
    assert war.quiet == [False] * 5 + [True] * 15
    assert war.told == [(GROUP, BOT)]


def test_a_bot_that_says_the_same_again_and_again_is_met_too(war):
    """It repeats itself, not us; its first message repeats nothing."""
    for number in range(10):
        war.round(number * 1000, own=f"answer {number}", other="Please use /help.")
    assert war.quiet == [False] * 6 + [True] * 4


def test_who_gives_the_same_command_again_is_a_person_for_longer(war):
    """Dice are rolled many times in a row; but two bots that command each other end as well."""
    for number in range(30):
        war.round(number * 1000, own=f"{number % 6}", other="!roll", is_command=True)
    assert war.quiet == [False] * 20 + [True] * 10


def test_six_rounds_within_exactly_a_minute_count(war):
    """From the first to the sixth message of the other."""
    for number in range(6):
        war.round(number * 12_000)
    assert war.quiet[-1]


def test_six_rounds_in_a_moment_more_than_a_minute_do_not(war):
    """Nor do any later ones at this pace."""
    for number in range(20):
        war.round(number * 12_001)
    assert not any(war.quiet)


def test_exactly_three_seconds_after_ours_is_a_round(war):
    """The bound belongs to it."""
    for number in range(6):
        war.round(number * 10_000, after_ms=3_000)
    assert war.quiet[-1]


@pytest.mark.parametrize("after_ms", [3_001, -1])
def test_what_comes_later_or_before_ours_is_none(war, after_ms):
    """It does not follow."""
    for number in range(10):
        war.round(number * 5_000, after_ms=after_ms)
    assert not any(war.quiet)


def test_the_quiet_is_ten_minutes_for_this_account_in_this_chat(war):
    """By the times of the messages; others are answered, and so is the account elsewhere."""
    for number in range(6):
        war.round(number * 1000)
    begun = 5_500
    assert war.guard.other(GROUP, BOT, "anything", START + begun + 599_999)
    assert not war.guard.other(GROUP, ANN, "anything", START + begun + 1)
    assert not war.guard.other("7000000000000002", BOT, "anything", START + begun + 1)
    assert not war.guard.other(GROUP, BOT, "anything", START + begun + 600_000)


def test_after_the_quiet_it_takes_six_rounds_again(war):
    """And it is told again."""
    for number in range(6):
        war.round(number * 1000)
    war.quiet.clear()
    for number in range(6):
        war.round(1_000_000 + number * 1000)
    assert war.quiet == [False] * 5 + [True]
    assert war.told == [(GROUP, BOT)] * 2


def test_people_who_chat_fast_are_not_hit(war):
    """Different words, each within a moment of the bot's."""
    for number in range(100):
        war.round(number * 400, own=f"answer {number}", other=f"!roll {number}", after_ms=300, sender=ANN)
    assert not any(war.quiet)


def test_people_who_flood_after_one_answer_are_not_hit(war):
    """One own message makes one round, however often somebody says the same after it."""
    war.guard.own(GROUP, "hello", START)
    assert not any(war.guard.other(GROUP, ANN, "haha", START + number * 100) for number in range(30))


def test_several_people_who_repeat_the_bot_once_are_not_a_war(war):
    """Rounds are counted for each account alone."""
    for number in range(12):
        war.round(number * 1000, sender=str(number))
    assert not any(war.quiet)


def test_messages_without_text_are_no_repetition(war):
    """Seven pictures in a row are a holiday."""
    for number in range(12):
        war.round(number * 1000, own=f"nice {number}", other="")
    assert not any(war.quiet)


def test_a_war_of_two_messages_at_a_time_is_met(war):
    """Each of ours is echoed, after both were said."""
    quiet = []
    for number in range(5):
        at = START + number * 2000
        war.guard.own(GROUP, "one", at)
        war.guard.own(GROUP, "two", at + 10)
        quiet += [war.guard.other(GROUP, BOT, "one", at + 300), war.guard.other(GROUP, BOT, "two", at + 310)]
    assert quiet == [False] * 5 + [True] * 5


def test_it_does_not_matter_how_late_messages_are_handled(war):
    """The socket may be some own messages ahead of the lanes."""
    for number in range(10):
        war.guard.own(GROUP, f"word {number}", START + number * 1000)
    quiet = [war.guard.other(GROUP, BOT, f"word {number}", START + number * 1000 + 500) for number in range(10)]
    assert quiet == [False] * 5 + [True] * 5


def test_texts_are_not_kept(war):
    """Only their digests; half a character is a text, too."""
    war.round(0, own="a secret", other="a secret \ud83d")
    kept = repr([vars(chat) for chat in war.guard._chats.values()])
    assert "secret" not in kept


def test_chats_that_fell_silent_are_forgotten(war, clock):
    """Memory follows what goes on now, also when one chat is never silent."""
    for number in range(3000):
        war.round(0, chat="never silent")
        war.round(0, chat=str(number))
        clock.advance(1)
    assert len(war.guard._chats) <= 703


def test_a_crowd_does_not_fill_the_memory(war):
    """Of one chat the last hundred speakers are known; a bot that goes on among them is met all the same."""
    for number in range(1000):
        war.round(number * 10, sender=str(number))
        if number % 60 == 0 and number < 360:
            war.round(number * 10, sender=BOT)
    assert len(war.guard._chats[GROUP]._accounts) == 100
    assert war.told == [(GROUP, BOT)]
