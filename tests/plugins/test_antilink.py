"""antilink, !antilink"""

from __future__ import annotations

import re

import pytest

from botkit import ChatContext, Message, command
from botkit.messenger.attachments import Attachment
from botkit_plugins import antilink
from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["antilink", "plugins", "chat", "roles"])

PLEASE = "Ben, please send no links here. An admin or a moderator can allow it."
REMOVED = "Ben goes on sending links, so I remove them. Admins can take that back with !antilink undo."
LINK = "https://example.org/page"


@command("link")
def link(ctx: ChatContext) -> str:
    """Have the bot send a link: !link"""
    return LINK


@pytest.fixture
def strict(bot, friends):
    """The bot is an admin and removes people at the third link."""
    bot.settings(antilink={"then": "remove", "remove_after": 3})
    friends.ann.does("admin", person="Bot")
    return friends


@pytest.mark.parametrize(
    "text",
    [
        "look: https://example.org/page",
        "HTTP://1.2.3.4:80",
        "(www.example.museum)",
        "buy at example.com.",
        "example.co.uk!",
        "t.me/cheap and more",
        "exa\u200bmple.com",
        "https://example.net@evil.example/",
    ],
)
def test_what_is_a_link(friends, text):
    """With and without http, and with something invisible in it."""
    friends.ben.says(text).replies(PLEASE)


def test_what_is_no_link(friends):
    """Abbreviations, files, numbers, mail addresses, sentences without a space between them."""
    for text in (
        "e.g. this, i.e. that",
        "see file.py and README.md",
        "That is 3.14 or 1.000.000,00",
        "write to ann@example.org",
        "fine.it is late.me too",
        "v1.2.3 … and so on...com",
        "example.common",
        "http:// is how it begins",
    ):
        friends.ben.says(text)
    friends.silent()


def test_a_shared_page_is_a_link():
    """Also when the text has none in it; a picture is none, wherever it may lie."""
    files = [Attachment("share", {"url": "https://example.org/x"}), Attachment("photo", {"url": "https://a.example"})]
    message = Message("1", "2", "3", "look", 0, True, (*files, Attachment("share", {"url": None})))
    assert list(antilink._hosts(message)) == ["example.org"]


def test_what_is_below_an_allowed_place_is_allowed(friends, bot):
    """But not what only looks like it."""
    bot.settings(antilink={"allow": ["example.org"]})
    friends.ben.says("https://www.example.org/ and https://news.example.org:443/x?y").silent()
    friends.ben.says("https://example.org.evil.example/").replies(PLEASE)
    bot.clock.advance(minutes=11)
    friends.ben.says("https://notexample.org").replies(PLEASE)


def test_one_sentence_in_ten_minutes(friends, bot):
    """To each person."""
    friends.ben.says(LINK).replies(PLEASE)
    friends.ben.says(LINK).silent()
    friends[ZOE].says(LINK).replies()
    bot.clock.advance(minutes=11)
    friends.ben.says(LINK).replies(PLEASE)
    assert "Ben" in friends.names


@pytest.mark.botkit(plugins=["antilink"], options={"self_listen": True})
def test_the_bot_itself_may(friends, bot):
    """Also where plugins hear what it says."""
    bot.load(link)
    friends.ann.says("!link").replies(LINK).silent()


def test_owners_admins_and_mods_may(friends):
    """They decide about it."""
    friends.ann.says("!roles set Ben mod").replies()
    for person in (friends.ann, friends.ben, friends.eve):
        person.says(LINK).silent()


def test_a_reaction_in_place_of_a_sentence(friends, bot):
    """On each message with a link, without a word."""
    bot.settings(antilink={"then": "react"})
    for _ in range(2):
        friends.ben.says(LINK).silent().reacts("🚫")


def test_places_are_allowed_and_forgotten(friends):
    """As they are written or as an address, once."""
    friends.ann.says("!antilink list").replies("Please send no links here.")
    for text in ("example.org", "https://www.Example.org/page"):
        friends.ann.says(f"!antilink allow {text}").replies("Links to example.org are fine from now on.")
    friends.ben.says(LINK).silent()
    friends.ben.says("!antilink list").replies("Links to these places are fine here: example.org.")
    friends.ann.says("!antilink allow example").replies("Write the place as in !antilink allow example.org.")
    friends.ann.says("!antilink forget example.org").replies("Links to example.org are not wanted any more.")
    friends.ann.says("!antilink forget example.org").replies(re.compile("^That is none of the places"))
    friends.ben.says(LINK).replies(PLEASE)


def test_there_is_an_end_to_the_list(friends, bot):
    """Of a hundred places of a hundred characters; so many are shown."""
    friends.ann.says(f"!antilink allow {'x' * 97}.org").replies(re.compile("^Write the place"))
    bot.settings(antilink={"allow": ["example.org"]})
    bot.store("antilink").thread(friends)["allowed"] = [f"{'x' * 93}{number:03}.org" for number in range(100)]
    friends.ann.says("!antilink allow example.net").replies("I keep 100 places already; forget some first.")
    friends.ann.says("!antilink list").replies(re.compile("099.org, ….$"))


def test_one_person_may_for_a_while(friends, bot):
    """An hour unless another time is named."""
    friends.ann.says("!antilink permit Ben").replies("Ben may send links for 60 minutes.")
    friends.ben.says(LINK).silent()
    friends[ZOE].says(LINK).replies()
    bot.clock.advance(hours=1)
    friends.ben.says(LINK).replies(PLEASE)
    friends.ann.says("!antilink permit Ben 1s").replies("Ben may send links for 1 minute.")


def test_who_goes_on_is_removed_if_an_owner_wants_it(strict, bot):
    """At the third within a day; an admin can take it back."""
    strict.ben.says(LINK).replies(PLEASE)
    strict.ben.says(LINK).silent()
    bot.clock.advance(hours=25)
    strict.ben.says(LINK).replies(PLEASE)
    strict.ben.says(LINK).silent()
    strict.ben.says(LINK).replies(REMOVED)
    assert "Ben" not in strict.names
    strict.ann.says("!antilink undo").replies("Ben is added again.")
    assert "Ben" in strict.names
    strict.ann.says("!antilink undo").replies("I have removed nobody here.")
    strict.ben.says(LINK).replies(PLEASE)


def test_who_is_added_by_hand_begins_anew(strict, bot):
    """Also for what they wrote before they were out and the bot heard after it: one sentence is enough."""
    strict.ann.says("Hello")
    bot.kill()
    for _ in range(7):
        strict.ben.says(LINK)
    bot.clock.advance(seconds=5)
    bot.start()
    strict.expect(PLEASE)
    strict.expect(REMOVED).silent()
    strict.ann.adds("Ben")
    bot.clock.advance(minutes=11)
    strict.ben.says(LINK).replies(PLEASE)
    assert "Ben" in strict.names


def test_without_rights_it_goes_on_asking(friends, bot):
    """And when the network adds nobody, it says so."""
    bot.settings(antilink={"then": "remove", "remove_after": 2})
    bot.store("antilink").thread(friends)["removed"] = ["4"]
    friends.ben.says(LINK).replies(PLEASE)
    friends.ben.says(LINK).silent()
    assert "Ben" in friends.names
    friends.ann.says("!antilink undo").replies(
        "I could not add somebody again. Please do it yourself, or try again later."
    )


def test_where_nobody_is_an_admin_everybody_may_remove(friends, bot):
    """So may the bot."""
    bot.settings(antilink={"then": "remove", "remove_after": 2})
    friends.ann.does("admin", person="Ann", on=False)
    friends.ben.says(LINK).replies(PLEASE)
    friends.ben.says(LINK).replies(REMOVED)
    assert "Ben" not in friends.names


def test_members_may_not(friends):
    """Decide what is allowed; only look."""
    for line in ("allow lake", "forget lake", "permit Ben", "undo"):
        friends[ZOE].says(f"!antilink {line}").replies(re.compile("^Only (moderators and )?admins"))


def test_what_was_written_meanwhile_is_over(friends, bot):
    """After two hours without the bot nobody is asked about what they wrote then."""
    friends.ben.says("Hello")
    bot.kill()
    friends.ben.says(LINK)
    bot.clock.advance(hours=2)
    bot.start()
    friends.silent()


def test_two_chats_do_not_mix(friends, family):
    """What is allowed to whom in one is not in the other."""
    friends.ann.says("!antilink allow example.org").replies()
    friends.ann.says(f"!antilink permit {ZOE}").replies()
    family[ZOE].says(LINK).replies()
    family.ann.says(LINK).replies()
    friends.ben.says(LINK).silent()


def test_it_rests_where_it_is_switched_off(friends, family):
    """And is at work in the other chat."""
    friends.eve.says("!disable antilink").replies()
    friends.ben.says(LINK).silent()
    family.ann.says(LINK).replies()


def test_a_restart_in_the_middle(strict, bot):
    """What was allowed and counted, and who was removed, is known afterwards."""
    strict.ann.says("!antilink allow example.net").replies()
    strict.ben.says(LINK).replies(PLEASE)
    bot.kill()
    bot.start()
    strict.ben.says("example.net").silent()
    strict.ben.says(LINK).silent()
    strict.ben.says(LINK).replies(REMOVED)
    bot.restart()
    strict.ann.says("!antilink undo").replies("Ben is added again.")


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """In another language, too."""
    friends.ann.says("!language set nl").replies()
    for name in (ZOE, SHIRA):
        friends[name].says(LINK).replies(
            f"{name}, stuur hier alsjeblieft geen links. Een beheerder of moderator kan het toestaan."
        )
