"""badwords, !badwords"""

from __future__ import annotations

import re

import pytest

from botkit import ChatContext, command
from tests.plugins.conftest import SHIRA, ZOE

WORDS = {"words": ["heck", "son of a gun", "lồn", "ass"]}

pytestmark = pytest.mark.botkit(plugins={"badwords": WORDS, "plugins": {}, "chat": {}, "roles": {}})

PLEASE = "Ben, please find other words."
REMOVED = "Ben goes on like that, so I remove them. Admins can take that back with !badwords undo."


@command("heck")
def heck(ctx: ChatContext) -> str:
    """Have the bot swear: !heck"""
    return "heck"


@pytest.fixture
def polite(bot, friends):
    """The bot asks for other words."""
    bot.settings(badwords={**WORDS, "then": "reply"})
    return friends


@pytest.fixture
def strict(bot, friends):
    """The bot is an admin and removes people at the third word."""
    bot.settings(badwords={**WORDS, "then": "remove", "remove_after": 3})
    friends.ann.does("admin", person="Bot")
    return friends


@pytest.mark.parametrize(
    "text",
    [
        "What the HECK!",
        "h3ck",
        "Héck, no",
        "„heck“…heck",
        "You  Son of a\nGUN.",
        "a55",
        "a$$!",
        "đồ lồn",
        "ｈｅｃｋ",
        "he\u200bck",
        "heck's _heck_",
        "l\u00f4\u0300n",
    ],
)
def test_what_is_found(friends, text):
    """In any letter case, with accents, with signs that look alike, several words in a row: there is a reaction."""
    friends.ben.says(text).silent().reacts("🤐")


def test_what_is_not_found(polite):
    """What only contains it, numbers, and what is another word without its accents."""
    for text in ("checked, hecktic", "assistant class", "455 $$", "a lon, lớn", "son of the gun", "he ck", "", "!!!"):
        polite.ben.says(text or ".")
    polite.ben.sends_picture()
    polite.silent()


def test_one_sentence_in_ten_minutes(polite, bot):
    """To each person, if an owner wants a sentence."""
    polite.ben.says("heck").replies(PLEASE)
    polite.ben.says("heck").silent()
    polite[ZOE].says("heck").replies()
    bot.clock.advance(minutes=11)
    polite.ben.says("heck").replies(PLEASE)
    assert "Ben" in polite.names


def test_owners_admins_and_mods_may(polite):
    """Else nobody could speak about it."""
    polite.ann.says("!roles set Ben mod").replies()
    for person in (polite.ann, polite.ben, polite.eve):
        person.says("heck").silent()


@pytest.mark.botkit(plugins={"badwords": {**WORDS, "then": "reply"}}, options={"self_listen": True})
def test_the_bot_itself_may(friends, bot):
    """Also where plugins hear what it says."""
    bot.load(heck)
    friends.ann.says("!heck").replies("heck").silent()


def test_words_are_added_and_removed(polite):
    """Half hidden in the list; those of the bot file stay."""
    polite.ann.says("!badwords add Blast  IT").replies("b***t i* is not welcome here from now on.")
    polite.ann.says("!badwords add blast it").replies()
    polite.ann.says("!badwords add darn").replies("d**n is not welcome here from now on.")
    polite.ann.says("!badwords list").replies("1. b***t i*\n2. d**n\n– h**k\n– s*n o* a* g*n\n– l*n\n– a*s")
    polite.ben.says("Blast it!").replies(PLEASE)
    polite.ann.says("!badwords remove 1").replies("b***t i* is welcome here again.")
    polite.ann.says("!badwords remove DARN").replies("d**n is welcome here again.")
    polite[ZOE].says("Darn it, blast it!").silent()
    for text in ("1", "0", "heck"):
        polite.ann.says(f"!badwords remove {text}").replies(re.compile("^That is none of the words that were added"))


@pytest.mark.botkit(plugins={"badwords": {"words": ["…!"], "then": "reply"}})
def test_a_setting_without_a_word_in_it_is_found_nowhere(friends):
    """Not even in a message that has no words either."""
    friends.ben.says("🌷 …!").silent()


@pytest.mark.parametrize("text", ["x", "…!", "x" * 51])
def test_what_cannot_be_added(friends, text):
    """Too short, too long, no word at all."""
    friends.ann.says(f"!badwords add {text}").replies(re.compile("^Write a word, or several"))


def test_there_is_an_end_to_the_list(friends, bot):
    """Of two hundred words; with those of the bot file three hundred are shown."""
    bot.store("badwords").thread(friends)["words"] = [f"word{number}x" for number in range(200)]
    friends.ann.says("!badwords add darn").replies("I know 200 words already; remove some first.")
    friends.ben.says("word199x").reacts("🤐")
    bot.store("badwords").thread(friends)["words"] = ["x" * 50] * 200
    bot.settings(badwords={"words": ["y" * 50] * 200})
    friends.ann.says("!badwords list").replies(lambda text: len(text.splitlines()) == 301)


def test_who_goes_on_is_removed_if_an_owner_wants_it(strict, bot):
    """At the third within a day; an admin can take it back."""
    strict.ben.says("heck").replies(PLEASE)
    strict.ben.says("heck").silent()
    bot.clock.advance(hours=25)
    strict.ben.says("heck").replies(PLEASE)
    strict.ben.says("heck").silent()
    strict.ben.says("heck").replies(REMOVED)
    assert "Ben" not in strict.names
    strict.ann.says("!badwords undo").replies("Ben is added again.")
    assert "Ben" in strict.names
    strict.ann.says("!badwords undo").replies("I have removed nobody here.")


def test_who_is_added_by_hand_begins_anew(strict, bot):
    """Also for what they wrote before they were out and the bot heard after it: one sentence is enough."""
    strict.ann.says("Hello")
    bot.kill()
    for _ in range(7):
        strict.ben.says("heck")
    bot.clock.advance(seconds=5)
    bot.start()
    strict.expect(PLEASE)
    strict.expect(REMOVED).silent()
    strict.ann.adds("Ben")
    bot.clock.advance(minutes=11)
    strict.ben.says("heck").replies(PLEASE)
    assert "Ben" in strict.names


def test_without_rights_it_goes_on_asking(friends, bot):
    """And when the network adds nobody, it says so."""
    bot.settings(badwords={**WORDS, "then": "remove", "remove_after": 2})
    bot.store("badwords").thread(friends)["removed"] = ["4"]
    friends.ben.says("heck").replies(PLEASE)
    friends.ben.says("heck").silent()
    assert "Ben" in friends.names
    friends.ann.says("!badwords undo").replies(
        "I could not add somebody again. Please do it yourself, or try again later."
    )


def test_where_nobody_is_an_admin_everybody_may_remove(friends, bot):
    """So may the bot."""
    bot.settings(badwords={**WORDS, "then": "remove", "remove_after": 2})
    friends.ann.does("admin", person="Ann", on=False)
    friends.ben.says("heck").replies(PLEASE)
    friends.ben.says("heck").replies(REMOVED)
    assert "Ben" not in friends.names


def test_members_may_not(friends):
    """Decide about words, or see them."""
    for line in ("add darn", "remove 1", "list", "undo"):
        friends.ben.says(f"!badwords {line}").replies(re.compile("^Only (moderators and )?admins"))


def test_two_chats_do_not_mix(polite, family):
    """What is unwelcome in one is fine in the other."""
    polite.ann.says("!badwords add darn").replies()
    polite.ben.says("darn").replies(PLEASE)
    family.ann.says("darn").silent()
    for chat in (polite, family):
        chat[ZOE].says("heck").replies(f"{ZOE}, please find other words.")
    family.ben.says("!badwords list").replies(re.compile("^– h"))


def test_it_rests_where_it_is_switched_off(polite, family):
    """And is at work in the other chat."""
    polite.eve.says("!disable badwords").replies()
    polite.ben.says("heck").silent()
    family.ann.says("heck").replies("Ann, please find other words.")


def test_a_restart_in_the_middle(strict, bot):
    """Words and what was counted are known afterwards; what was written hours ago is over."""
    strict.ann.says("!badwords add darn").replies()
    strict.ben.says("darn").replies(PLEASE)
    bot.kill()
    strict.ben.says("darn")
    bot.clock.advance(hours=2)
    bot.start()
    strict.silent()
    strict.ben.says("darn").replies(PLEASE)
    bot.restart()
    strict.ben.says("darn").replies(REMOVED)
    bot.restart()
    strict.ann.says("!badwords undo").replies("Ben is added again.")


def test_names_with_an_emoji_and_from_right_to_left(polite):
    """In another language, too; and words can be of another script."""
    polite.ann.says("!language set nl").replies()
    polite.ann.says("!badwords add לעזאזל").replies()
    for name, text in ((ZOE, "heck 🌷"), (SHIRA, "לעזאזל!")):
        polite[name].says(text).replies(f"{name}, gebruik alsjeblieft andere woorden.")
