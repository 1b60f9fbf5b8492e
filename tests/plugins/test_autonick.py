"""!autonick"""

from __future__ import annotations

import re

import pytest

from botkit import ChatContext, command
from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["autonick", "plugins", "chat", "jobs"])


@command("who")
def who(ctx: ChatContext) -> str:
    """Who is called what? !who"""
    nicknames = ctx.api.get_thread_info(ctx.thread_id).nicknames
    return ", ".join(nicknames[one.id] for one in ctx.lookup.members() if one.id in nicknames) or "nobody"


@pytest.fixture(autouse=True)
def whoever(bot):
    """Everybody may ask what the others are called."""
    bot.load(who)


def trouble(bot):
    """No nickname can be changed."""
    bot.fault("unreachable", times=999)
    bot.fault("disconnect")
    bot.fault("server error", path="/messaging/save_thread_nickname/", times=999)


def test_whoever_joins_gets_a_nickname(friends):
    """Once an admin has said so, without a word; the setting says which when nothing else is said."""
    friends.ann.adds("Cem Kaya")
    friends.ann.says("!autonick set").replies("Newcomers get this nickname: {name|first} 🌱")
    friends.ann.adds("Dan Brown")
    friends.ann.says("!who").replies("Dan 🌱").silent()
    friends.ann.says("!autonick off").replies("Newcomers get no nickname from me here.")
    friends.ann.adds("Fay")
    friends.ann.says("!who").replies("Dan 🌱").silent()


@pytest.mark.parametrize("text", ["{nam} 🌱", "{name|frist}", "{name", "Newbie", "{sender.password}"])
def test_a_template_that_is_none(friends, text):
    """Is told, with one that is."""
    friends.ann.says(f"!autonick set {text}").replies("Please write it like {name|first} 🌱, with the name in it.")
    friends.ann.says("!autonick").replies("Newcomers get no nickname from me here.")


def test_members_may_not(friends):
    """Nobody is renamed by them."""
    for line in ("", " set", " off", " apply", " undo"):
        friends.ben.says(f"!autonick{line}").replies("Only admins of this group may do that.")


def test_those_who_are_there_already(friends, bot):
    """After a yes, two a minute, and nobody who has a nickname or gets one meanwhile, nor the bot."""
    friends.ann.does("nickname", person="Ben", text="Bee")
    friends.ann.says("!autonick apply").replies()
    friends.ann.says("!yes").replies("Newcomers get no nickname from me here.")
    friends.ann.says("!autonick set {name} ✨").replies()
    friends.ann.says("!autonick apply").replies()
    friends.ann.says("!yes").replies("I give 4 people a nickname, two a minute.")
    friends[SHIRA].does("nickname", person=SHIRA, text="Shira")
    bot.clock.advance(minutes=1)
    friends.ann.says("!who").replies("Ann ✨, Bee, Eve ✨, Shira")
    bot.clock.advance(minutes=5)
    friends.ann.says("!who").replies(f"Ann ✨, Bee, Eve ✨, {ZOE} ✨, Shira")
    friends.silent()
    assert set(bot.store("autonick").thread(friends)) == {"template"}


def test_undo(friends, bot):
    """Takes back what is still as it was given."""
    friends.ann.says("!autonick set").replies()
    for name in ("Cem", "Dan", "Fay"):
        friends.ann.adds(name)
    friends.ben.does("nickname", person="Cem", text="Captain")
    friends.ann.says("!autonick undo").replies("I take back 2 nicknames, two a minute.")
    bot.clock.advance(minutes=2)
    friends.ann.says("!who").replies("Captain")
    friends.ann.says("!autonick undo").replies("I take back 0 nicknames, two a minute.")
    bot.clock.advance(minutes=2)
    friends.ann.says("!who").replies("Captain").silent()


def test_a_crowd_joins(friends, bot):
    """Two at once, the others a little later; who leaves again is left alone."""
    friends.ann.says("!autonick set {name}!").replies()
    names = [bot.newcomer(f"N{number}") for number in range(5)]
    friends.ann.does("add", people=names)
    friends.ann.says("!who").replies("N0!, N1!")
    friends.ann.removes("N3")
    friends.ann.removes("N1")
    bot.clock.advance(minutes=3)
    friends.ann.says("!who").replies("N0!, N2!, N4!")
    friends.ann.says("!autonick undo").replies("I take back 3 nicknames, two a minute.")


@pytest.mark.botkit(plugins=["autonick"], limits={"change": {"hourly": 3}})
def test_it_goes_on_when_it_may(friends, bot):
    """Over a limit it waits, and answers are not held up meanwhile."""
    friends.ann.says("!autonick set {name}!").replies()
    friends.ann.says("!autonick apply").replies()
    friends.ann.says("!yes").replies("I give 5 people a nickname, two a minute.")
    bot.clock.advance(minutes=10)
    friends.ann.says("!who").replies("Ann!, Ben!, Eve!")
    bot.clock.advance(minutes=55)
    friends.ann.says("!who").replies(f"Ann!, Ben!, Eve!, {ZOE}!, {SHIRA}!")


def test_trouble_of_the_network_costs_nobody_their_nickname(friends, bot):
    """Some minutes of it; of whom it goes on for they are left."""
    friends.ann.says("!autonick set {name}!").replies()
    friends.ann.says("!autonick apply").replies()
    friends.ann.says("!yes").replies()
    trouble(bot)
    bot.clock.advance(minutes=3)
    bot.fault("none")
    bot.clock.advance(minutes=10)
    friends.ann.says("!who").replies(f"Ann!, Ben!, Eve!, {ZOE}!, {SHIRA}!")
    friends.ann.says("!autonick undo").replies()
    trouble(bot)
    bot.clock.advance(minutes=30)
    bot.fault("none")
    bot.clock.advance(minutes=10)
    friends.ann.says("!who").replies(f"Ann!, Ben!, Eve!, {ZOE}!, {SHIRA}!")
    assert any("was not changed" in line for line in bot.log)


def test_off_ends_the_giving(friends, bot):
    """And not the taking back."""
    friends.ann.says("!autonick set {name}!").replies()
    friends.ann.says("!autonick apply").replies()
    friends.ann.says("!yes").replies()
    bot.clock.advance(minutes=1)
    friends.ann.says("!autonick off").replies()
    bot.clock.advance(minutes=10)
    friends.ann.says("!who").replies("Ann!, Ben!")
    friends.ann.says("!autonick undo").replies("I take back 2 nicknames, two a minute.")
    friends.ann.says("!autonick off").replies()
    bot.clock.advance(minutes=10)
    friends.ann.says("!who").replies("nobody")
    friends.eve.says("!jobs").replies("Nothing is scheduled here.")


def test_an_old_list_does_not_wake_up(friends, bot):
    """When the plugin is switched on again after weeks."""
    friends.ann.says("!autonick set {name}!").replies()
    friends.ann.says("!autonick apply").replies()
    friends.ann.says("!yes").replies()
    friends.eve.says("!disable autonick").replies()
    bot.clock.advance(days=20)
    friends.eve.says("!enable autonick").replies()
    bot.clock.advance(minutes=10)
    friends.ann.says("!who").replies("nobody")


def test_a_nickname_that_people_gave_is_theirs(friends, bot):
    """Though the plugin has not heard of it."""
    friends.ann.says("!autonick set {name}!").replies()
    friends.add("Cem")
    friends.eve.says("!disable autonick").replies()
    friends.ben.does("nickname", person="Cem", text="Captain")
    friends.eve.says("!enable autonick").replies()
    friends.ann.says("!autonick undo").replies("I take back 0 nicknames, two a minute.")
    bot.clock.advance(minutes=5)
    friends.ann.says("!who").replies("Captain")


def test_who_is_in_no_list_yet_is_named_later(friends, bot):
    """The list could not be had when they came."""
    friends.ann.says("!autonick set {name}!").replies()
    bot.fault("server error", path="/api/graphqlbatch/", times=20)
    friends.add("Cem")
    bot.clock.advance(minutes=5)
    bot.fault("none")
    bot.clock.advance(minutes=5)
    friends.ann.says("!who").replies("Cem!")


def test_a_long_name_is_cut_and_not_an_emoji(friends, bot):
    """Which may be of several signs."""
    friends.ann.says("!autonick set {name} 👨\u200d👩\u200d👧").replies()
    friends.add("Maximiliana " * 6)
    friends.ann.says("!who").replies(re.compile("^(Maximiliana ?)+M?a?x?i?m?i?l?i?a?n? 👨\u200d👩\u200d👧$"))


def test_two_chats_do_not_mix(bot, friends, family):
    """In the other group newcomers keep their names, and what was given in one is not taken back in the other."""
    friends.ann.says("!autonick set").replies()
    family.ben.adds("Cem")
    family.ben.says("!who").replies("nobody")
    family.ben.says("!autonick").replies("Newcomers get no nickname from me here.")
    friends.ann.adds("Cem")
    family.ben.does("nickname", person="Cem", text="Cem 🌱")
    family.ben.says("!autonick undo").replies("I take back 0 nicknames, two a minute.")


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """Nobody is renamed there."""
    friends.ann.says("!autonick set").replies()
    family.ben.says("!autonick set").replies()
    friends.eve.says("!disable autonick").replies()
    friends.ann.adds("Cem")
    family.ben.adds("Cem")
    friends.ann.says("!who").replies("nobody")
    family.ben.says("!who").replies("Cem 🌱")


def test_a_restart_in_the_middle(friends, bot):
    """Of giving nicknames to everybody: the rest get theirs, and who joined meanwhile too."""
    friends.ann.says("!autonick set {name}!").replies()
    friends.ann.says("!autonick apply").replies()
    friends.ann.says("!yes").replies()
    bot.clock.advance(minutes=1)
    bot.kill()
    friends.ann.adds("Cem")
    bot.start()
    bot.clock.advance(minutes=3)
    friends.ann.says("!who").replies(f"Ann!, Ben!, Eve!, {ZOE}!, {SHIRA}!, Cem!")


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """And with braces: what stands in a name is never read as a template, and the nickname is no longer than may be."""
    friends.ann.says("!language set nl").replies()
    friends.ann.says("!autonick set {name}").replies("Nieuwkomers krijgen deze bijnaam: {name}")
    friends.ann.removes(SHIRA)
    for name in (SHIRA, "{name} 🌷", "x" * 80):
        friends.ann.adds(name)
    friends.ann.says("!who").replies(f"{SHIRA}, {{name}} 🌷, {'x' * 50}")
