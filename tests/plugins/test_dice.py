"""!roll, !flip"""

from __future__ import annotations

import re

import pytest

from tests.plugins.conftest import SHIRA, ZOE

HOW = "Write how many sides, or dice such as 2d6, 2d6+1 or 4d6kh3 (the highest three of four): !roll 2d6"

pytestmark = pytest.mark.botkit(plugins=["dice", "plugins", "chat"])


def said(bot, person, text, times):
    """What the bot says to the same message, so many times, in its own pace."""
    for _ in range(times):
        bot.clock.advance(seconds=5)
        yield person.says(text).answers[0]


def test_one_die(friends, bot):
    """Of six sides unless another number is given; with nothing to add up there is no sum."""
    friends.ben.says("!roll").replies(re.compile(r"^🎲 Ben: [1-6]$"))
    friends.ben.says("!dice D1").replies("🎲 Ben: 1")
    assert set(said(bot, friends.ben, "!roll 2", 12)) == {"🎲 Ben: 1", "🎲 Ben: 2"}


def test_several_dice(friends, bot):
    """Each is shown, with the sum; spaces and capitals do not matter."""
    friends.ben.says("!roll 3d1").replies("🎲 Ben: 1 + 1 + 1 = 3")
    friends.ben.says("!roll 2 D 1 - 5").replies("🎲 Ben: 1 + 1 - 5 = -3")
    friends.ben.says("!roll 1+2").replies("🎲 Ben: 1 + 2 = 3")
    for answer in said(bot, friends.ben, "!roll 2d6+0", 5):
        one, other, total = map(int, re.findall(r"\d+", answer))
        assert one + other == total


def test_only_the_best_or_the_worst_count(friends, bot):
    """The others are shown as well."""
    form = re.compile(r"^🎲 Ben: (\d) \+ (\d) \+ (\d) = (\d+) \(not counted: (\d)\)$")
    for answer in said(bot, friends.ben, "!roll 4d6kh3", 5):
        *kept, total, dropped = map(int, form.search(answer).groups())
        assert sum(kept) == total and kept == sorted(kept, reverse=True) and dropped <= kept[-1]
    lowest, dropped = re.findall(r"\d+", friends.ben.says("!roll 2d1000kl").answers[0])
    assert int(lowest) <= int(dropped)
    friends.ben.says("!roll 1d1KH+2").replies("🎲 Ben: 1 + 2 = 3")


@pytest.mark.parametrize(
    "dice", ["0", "d", "0d6", "six", "20 2", "2d6kh3", "2d6kh0", "2d0", "1d6+", "2d6+1+1", "٢", "1d6kx", "9999999999"]
)
def test_what_is_no_roll(friends, dice):
    """Is answered with what is one."""
    friends.ben.says(f"!roll {dice}").replies(HOW)


def test_too_many(friends, bot):
    """Dice or sides; as many as the settings say are rolled."""
    for dice in ("21d6", "999999999d6", "1001", "2d999999999"):
        friends.ben.says(f"!roll {dice}").replies("I roll up to 20 dice at once, with up to 1000 sides each.")
    bot.settings(dice={"most_dice": 100, "most_sides": 1_000_000})
    text = friends.ben.says("!roll 100d1000000kh100-999999").answers[0]
    assert text.count("+") == 99 and len(text) < 1_000


def test_a_coin(friends, bot):
    """Falls on both of its sides, and on no other."""
    assert set(said(bot, friends.ben, "!flip", 12)) == {"🪙 Ben: heads", "🪙 Ben: tails"}


def test_dutch(friends):
    """It speaks the language of the chat."""
    friends.ann.says("!language set nl").replies()
    friends.ben.says("!coin").replies(re.compile("^🪙 Ben: (kop|munt)$"))
    friends.ben.says("!roll 2d1kh").replies("🎲 Ben: 1 (telt niet mee: 1)")


def test_two_chats_do_not_mix(friends, family):
    """Each roll is answered where it was asked for."""
    friends.ann.says("!roll 1d1+5").replies("🎲 Ann: 1 + 5 = 6").silent()
    family.ben.says("!roll 1d1+7").replies("🎲 Ben: 1 + 7 = 8").silent()
    friends.silent()


def test_it_rests_where_it_is_switched_off(friends, family):
    """And rolls on elsewhere."""
    friends.eve.says("!disable dice").replies()
    friends.ann.says("!roll 1").silent()
    family.ann.says("!roll 1").replies("🎲 Ann: 1")
    friends.eve.says("!enable dice").replies()
    friends.ann.says("!roll 1").replies("🎲 Ann: 1")


def test_a_restart_in_the_middle(friends, bot):
    """A roll that the bot dies over falls once, also when it was read already."""
    friends.ann.says("!roll 1").replies()
    bot.kill(at="call begun")
    friends.ann.says("!roll 1d1+9").silent()
    bot.start()
    friends.expect("🎲 Ann: 1 + 9 = 10").silent()


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """Are said as they are."""
    friends[ZOE].says("!roll 1").replies(f"🎲 {ZOE}: 1")
    friends[SHIRA].says("!roll 2d1").replies(f"🎲 {SHIRA}: 1 + 1 = 2")
    friends.ann.does("nickname", person=SHIRA, text="{count} שיר")
    friends[SHIRA].says("!roll 1").replies("🎲 {count} שיר: 1")
