"""!choose"""

from __future__ import annotations

import pytest

from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["choose", "plugins", "chat"])

HOW = "Give me at least two things: !choose tea, coffee or beer"


def chosen(bot, person, text, times=1):
    """All that the bot chooses when it is asked the same so many times, in its own pace."""
    found = set()
    for _ in range(times):
        bot.clock.advance(seconds=5)
        (answer,) = person.says(text).answers
        assert answer.startswith("👉 ")
        found |= set(answer.removeprefix("👉 ").split(", "))
    return found


@pytest.mark.parametrize(
    "text",
    [
        "a cup of tea, ice cream, beer",
        "a cup of tea, ice cream or beer?",
        "a cup of tea, ice cream, or beer",
        "a cup of tea OR ice cream or beer",
        "a cup of tea | ice cream|beer |",
        "a cup of tea\nice cream\n\nbeer",
        "3 a cup of tea; ice cream; beer",
    ],
)
def test_however_it_is_written(friends, bot, text):
    """Each of the things is chosen some time, and nothing else."""
    assert chosen(bot, friends.ben, f"!choose {text}", 15) == {"a cup of tea", "ice cream", "beer"}


def test_single_words(friends, bot):
    """May stand there as they are; bars allow for commas, and amounts are no count."""
    assert chosen(bot, friends.ben, "!pick tea coffee", 10) == {"tea", "coffee"}
    assert chosen(bot, friends.ben, "!choose 2 or 3", 10) == {"2", "3"}
    assert chosen(bot, friends.ben, "!choose 2 euros, 5 euros", 10) == {"2 euros", "5 euros"}
    friends.ben.says("!choose tea, hot|tea, hot").replies("👉 tea, hot")


def test_several_things(friends, bot):
    """None of them twice; all of them are a random order."""
    for _ in range(5):
        assert len(chosen(bot, friends.ben, "!choose 2 a, b, c")) == 2
    orders = set()
    for _ in range(12):
        bot.clock.advance(seconds=5)
        orders |= set(friends.ben.says("!choose 2 a, b").answers)
    assert orders == {"👉 a, b", "👉 b, a"}


def test_what_cannot_be_chosen_from(friends):
    """Is answered with a sentence."""
    for text in ("", "tea", "?", "or", "|", ",,,", "tea or", "tea,"):
        friends.ben.says(f"!choose {text}").replies(HOW)
    for count in (0, 3, 100):
        friends.ben.says(f"!choose {count} a, b").replies("There are only 2 things to choose from.")
    friends.ben.says(f"!choose {'a,' * 101}").replies("I can choose from 100 things at most.")
    friends.ben.says(f"!choose {'a' * 1999}, b").replies(
        "That is more than I can read; please use at most 2000 characters."
    )


def test_one_of_us(friends, bot):
    """Everybody in the chat, also who asks, but not the bot; several are different ones."""
    everybody = {"Ann", "Ben", "Eve", ZOE, SHIRA}
    assert chosen(bot, friends.ben, "!choose one of us", 40) == everybody
    assert chosen(bot, friends.ben, "!choose person 5") == everybody
    for count in (0, 6):
        friends.ben.says(f"!choose person {count}").replies("I can choose 1 to 5 people here.")
    friends.eve.leaves()
    assert chosen(bot, friends.ben, "!choose person 4") == everybody - {"Eve"}


def test_things_that_begin_like_people(friends, bot):
    """Are things, where something other than a number follows."""
    assert chosen(bot, friends.ben, "!choose person or dog", 10) == {"person", "dog"}
    assert chosen(bot, friends.ben, "!choose one of us, nobody", 10) == {"one of us", "nobody"}
    assert chosen(bot, friends.ben, "!pick person, 3", 10) == {"person", "3"}


def test_a_large_group(bot):
    """A few people are chosen at most."""
    group = bot.group("Large", *[f"Person {number}" for number in range(30)])
    group["Person 0"].says("!choose person 21").replies("I can choose 1 to 20 people here.")
    assert len(chosen(bot, group["Person 0"], "!choose person 20")) == 20


def test_other_languages(friends, bot):
    """Have a word for or of their own; the English one is none there."""
    friends.ann.says("!language set nl").replies()
    assert chosen(bot, friends.ben, "!choose een or, thee of koffie", 15) == {"een or", "thee", "koffie"}
    friends.ann.says("!language set vi").replies()
    assert chosen(bot, friends.ben, "!choose trà hay cà phê hoặc bia", 15) == {"trà", "cà phê", "bia"}
    friends.ann.says("!language set es").replies()
    assert chosen(bot, friends.ben, "!choose ¿siete u ocho?", 10) == {"siete", "ocho"}


def test_two_chats_do_not_mix(friends, family, bot):
    """Only people of the chat are chosen."""
    assert chosen(bot, family.ben, "!choose person 4") == {"Ann", "Ben", "Eve", ZOE}
    assert SHIRA in chosen(bot, friends.ben, "!choose person 5")
    assert len(family.answers) == len(friends.answers) == 1


def test_it_rests_where_it_is_switched_off(friends, family):
    """And chooses elsewhere."""
    friends.eve.says("!disable choose").replies()
    friends.ann.says("!choose a, b").silent()
    family.ann.says("!choose a, a").replies("👉 a")


def test_a_restart_in_the_middle(friends, bot):
    """What was chosen when the bot dies is said once, and is not chosen anew."""
    friends.ann.says("!choose b, b").replies("👉 b")
    bot.kill(at="call committed")
    friends.ann.says("!choose a, a").silent()
    bot.start()
    friends.expect("👉 a").silent()


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """Are said as they are, a nickname before the name; things may be written so as well."""
    friends.ann.does("nickname", person="Ben", text="بن {x}")
    assert chosen(bot, friends[SHIRA], "!choose person 5") == {"Ann", "بن {x}", "Eve", ZOE, SHIRA}
    assert chosen(bot, friends[ZOE], "!choose 🌷، תה", 10) == {"🌷", "תה"}
