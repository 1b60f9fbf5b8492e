"""!broadcast"""

from __future__ import annotations

import re

import pytest

from tests.plugins.conftest import SHIRA, ZOE

BEGUN = (
    "I begin in a moment. !broadcast status tells how far it is, !broadcast stop ends it, "
    "!broadcast undo takes it back."
)
SURE = "This goes to 2 chats: Family, Friends\n\n{}\n\nAre you sure? (yes or no)"

pytestmark = pytest.mark.botkit(plugins=["broadcast", "plugins", "chat", "gatekeeper", "jobs"])


@pytest.fixture
def owner(bot, friends, family):
    """The chat of two of the owner and the bot; the owner has two groups besides."""
    return bot.chat("Eve")


def begin(owner, text="hello"):
    """Have the owner broadcast something; it has been begun, and nothing was sent yet."""
    owner.eve.says(f"!broadcast {text}").replies(re.compile("Are you sure"))
    owner.eve.says("yes").replies(BEGUN)


def test_it_goes_to_all_groups_when_it_is_meant(friends, family, owner, bot):
    """One after the other, as it was written; chats of two do not get it."""
    bot.chat("Ann").ann.says("hi").silent()
    owner.eve.says("!broadcast We rest\ntonight.").replies(SURE.format("We rest\ntonight."))
    owner.eve.says("no").replies("All right, nothing is sent.")
    bot.clock.advance(minutes=1)
    owner.eve.says("!broadcast We rest\ntonight.").replies()
    owner.eve.says("yes").replies(BEGUN)
    bot.clock.advance(minutes=1)
    for chat in (friends, family):
        chat.expect("We rest\ntonight.").silent()
    first, second = sorted(chat.messages[-1].at for chat in (friends, family))
    assert 6 <= (second - first).total_seconds() <= 14
    bot.chat("Ann").silent()
    owner.silent()
    owner.eve.says("!broadcast status").replies("2026-01-01 00:01: 2 of 2 chats have got it.")


def test_it_is_for_owners(friends):
    """Also for those of a group that has them."""
    for line in ("hello", "status", "stop", "undo"):
        friends.ann.says(f"!broadcast {line}").replies("Only an owner of this bot may do that.")


def test_who_does_not_want_it_is_left_out(friends, family, owner, bot):
    """An admin of a group says so, there; it is heeded also while a broadcast is under way."""
    friends.ben.says("!broadcast receive off").replies("Only admins of this group may do that.")
    friends.ann.says("!broadcast receive off").replies("What is broadcast does not come here any more.")
    owner.eve.says("!broadcast hello").replies(re.compile("^This goes to 1 chat: Family\n"))
    owner.eve.says("yes").replies(BEGUN)
    family.ben.says("!broadcast receive no").replies()
    bot.clock.advance(minutes=1)
    for chat in (friends, family):
        chat.silent()
    owner.eve.says("!broadcast status").replies(re.compile(": 0 of 1 chat has got it.$"))
    owner.eve.says("!broadcast again").replies("There is no other chat that would get it.")
    friends.ann.says("!broadcast receive on").replies("What is broadcast comes here again.")
    owner.eve.says("!broadcast again").replies(re.compile("^This goes to 1 chat: Friends\n"))


def test_muted_chats_and_its_own_are_left_out(friends, family, owner, bot):
    """In its own everybody has read the text already. So are groups that the bot was put out of."""
    friends.eve.says("!mute").replies()
    bot.group("Gone", "Ann", "Ben").ann.removes("Bot")
    owner.eve.says("!broadcast hello").replies(re.compile("^This goes to 1 chat: Family\n"))
    family.eve.says("!broadcast hello").replies("There is no other chat that would get it.")


@pytest.mark.botkit(plugins={"broadcast": {"to": "all", "pause": "1m"}})
def test_it_may_go_to_chats_of_two(friends, family, owner, bot):
    """If the settings say so; there anybody may switch it off."""
    fay = bot.chat("Fay")
    bot.chat("Ann").ann.says("hi").silent()
    fay.fay.says("!broadcast receive off").replies()
    owner.eve.says("!broadcast hello").replies(re.compile("^This goes to 3 chats: Ann, Family, Friends\n"))
    owner.eve.says("yes").replies(BEGUN)
    bot.clock.advance(minutes=5)
    bot.chat("Ann").expect("hello").silent()
    fay.silent()


def test_it_can_be_stopped(friends, family, owner, bot):
    """Who has not got it does not get it; then another may begin, one at a time."""
    begin(owner)
    owner.eve.says("!broadcast another").replies("A broadcast is under way; !broadcast stop ends it.")
    bot.clock.advance(seconds=14)
    owner.eve.says("!broadcast status").replies(re.compile(": 1 of 2 chats have got it. 1 is still to come.$"))
    owner.eve.says("!broadcast stop").replies("Stopped: 1 chat does not get it.")
    bot.clock.advance(minutes=1)
    assert len(friends.answers + family.answers) == 1
    owner.eve.says("!broadcast status").replies(re.compile(": 1 of 2 chats have got it. It was stopped.$"))
    owner.eve.says("!broadcast stop").replies("No broadcast is under way.")
    owner.eve.says("!jobs").replies("Nothing is scheduled here.")
    begin(owner, "another")
    bot.clock.advance(minutes=1)
    assert (friends.answers + family.answers).count("another") == 2


def test_it_can_be_taken_back(friends, family, owner, bot):
    """From all who have got it, also before it has come to all."""
    owner.eve.says("!broadcast undo").replies("Nothing was broadcast lately.")
    begin(owner)
    bot.clock.advance(seconds=14)
    owner.eve.says("!broadcast undo").replies("I take it back from 1 chat.")
    bot.clock.advance(minutes=1)
    begin(owner)
    bot.clock.advance(minutes=1)
    owner.eve.says("!broadcast undo").replies("I take it back from 2 chats.")
    for chat in (friends, family):
        chat.silent()
        assert all(one.is_unsent for one in chat.messages if one.sender == "Bot")
    owner.eve.says("!broadcast undo").replies("Nothing was broadcast lately.")
    owner.eve.says("!broadcast status").replies("2026-01-01 00:01: taken back.\n2026-01-01 00:00: taken back.")


def test_what_was_refused_is_told(friends, family, owner, bot):
    """It is missing in the count, and cannot be taken back."""
    begin(owner)
    bot.fault("refused send")
    bot.clock.advance(minutes=1)
    owner.eve.says("!broadcast status").replies(re.compile(": 1 of 2 chats have got it.$"))
    owner.eve.says("!broadcast undo").replies(
        "I take it back from 1 chat. It is not known of 1 chat whether it has come; say it again in a while."
    )


def test_many_chats(owner, bot):
    """All are found, some are named; a text has an end, and ten broadcasts are kept."""
    people = ["Ann", "Bot"]
    bot.stage().control("POST", "groups", **{"as": "Eve", "people": people, "name": "G", "count": 120})
    told = owner.eve.says("!broadcast hello").answers[0]
    assert told.startswith("This goes to 122 chats: Family, Friends, G 1, G 10, G 100, ")
    assert "G 105, … and 112 more\n" in told
    owner.eve.says(f"!broadcast {'x' * 5001}").replies("Such a text may have 5000 characters.")
    kept = {"text": "x", "at_ms": 1_767_225_600_000, "chats": 2, "waiting": [], "sent": {}, "end": None}
    for number in range(1, 11):
        bot.store("broadcast")[f"broadcast.{number}"] = kept
    bot.store("broadcast")["last"] = 10
    owner.eve.says("cancel").replies()
    assert len(owner.eve.says("!broadcast status").answers[-1].splitlines()) == 10
    begin(owner)
    assert "broadcast.1" not in bot.store("broadcast")
    owner.eve.says("!broadcast stop").replies("Stopped: 122 chats do not get it.")
    bot.clock.advance(days=14)
    owner.eve.says("!broadcast status").replies("Nothing was broadcast lately.")


def test_more_chats_than_are_looked_at(owner, bot):
    """Which is told before."""
    people = ["Ann", "Bot"]
    bot.stage().control("POST", "groups", **{"as": "Eve", "people": people, "name": "G", "count": 500})
    told = owner.eve.says("!broadcast hello").answers[0]
    assert "\nThese are of the 500 chats in which something was written last; others do not get it.\n\nhello" in told


def test_a_mute_only_holds_it_up(friends, family, owner, bot):
    """Where the chat in which it was begun is muted it goes on within an hour after that is over; not days later."""
    begin(owner)
    bot.clock.advance(seconds=14)
    owner.eve.says("!mute").replies()
    bot.clock.advance(hours=5)
    assert len(friends.answers + family.answers) == 1
    owner.eve.says("!unmute").replies()
    bot.clock.advance(hours=1)
    for chat in (friends, family):
        chat.expect("hello").silent()
    begin(owner, "again")
    owner.eve.says("!mute").replies()
    bot.clock.advance(days=8)
    owner.eve.says("!unmute").replies()
    bot.clock.advance(hours=1)
    for chat in (friends, family):
        chat.silent()
    owner.eve.says("!broadcast status").replies(
        re.compile("^2026-01-01 06:00: 0 of 2 chats have got it. It was stopped.")
    )


def test_two_chats_do_not_mix(friends, family, owner, bot):
    """An owner sees from anywhere how far it is; what one group says of itself holds there alone."""
    family.ben.says("!broadcast receive off").replies()
    begin(owner)
    bot.clock.advance(minutes=1)
    friends.expect("hello").silent()
    family.silent()
    family.eve.says("!broadcast status").replies(re.compile("1 of 1 chat has got it"))


def test_it_rests_where_it_is_switched_off(friends, family, owner, bot):
    """Such a chat gets nothing."""
    friends.eve.says("!disable broadcast").replies()
    owner.eve.says("!broadcast hello").replies(re.compile("^This goes to 1 chat: Family\n"))
    owner.eve.says("yes").replies()
    friends.eve.says("!broadcast hello").silent()
    bot.clock.advance(minutes=1)
    family.expect("hello")
    friends.silent()


@pytest.mark.parametrize("moment", ["call begun", "call committed", "answer read"])
def test_a_restart_in_the_middle(friends, family, owner, bot, moment):
    """Each chat gets it once, however the bot ends."""
    begin(owner)
    bot.kill(at=moment)
    bot.clock.advance(seconds=14)
    bot.start()
    bot.clock.advance(seconds=5)
    bot.stop()
    bot.clock.advance(days=2)
    bot.start()
    bot.clock.advance(minutes=1)
    for chat in (friends, family):
        chat.expect("hello").silent()
    owner.eve.says("!broadcast status").replies(re.compile("2 of 2 chats have got it.$"))


def test_names_with_an_emoji_and_from_right_to_left(friends, family, owner, bot):
    """Of groups and in texts, and groups without a name."""
    friends.ann.renames("חברים 🎈")
    family.ben.renames("")
    owner.eve.says(f"!broadcast {ZOE} {SHIRA} {{name}}").replies(
        f"This goes to 2 chats: a group without a name, חברים 🎈\n\n{ZOE} {SHIRA} {{name}}\n\nAre you sure? (yes or no)"
    )
    owner.eve.says("yes").replies(BEGUN)
    bot.clock.advance(minutes=1)
    friends.expect(f"{ZOE} {SHIRA} {{name}}")


def test_it_speaks_the_language_of_the_chat(friends, owner):
    """Its question is answered in it, too."""
    owner.eve.says("!language set nl").replies()
    owner.eve.says("!broadcast hoi").replies(re.compile(r"^Dit gaat naar 2 chats: .*\(ja of nee\)$", re.DOTALL))
    owner.eve.says("nee").replies("Goed, er wordt niets verstuurd.")
