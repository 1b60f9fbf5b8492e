"""!unsendlog"""

from __future__ import annotations

import re

import pytest

from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["unsendlog", "plugins", "chat"])

NEWCOMERS = re.compile("^For those who are new here: I keep what you write for 24 hours.")


def kept(bot, person):
    """What is kept of what somebody wrote."""
    return {key: value for key, value in bot.store("unsendlog").member(person).items() if "." in key}


def test_nothing_is_kept_unless_an_admin_wants_it(friends, bot):
    """And members can neither want nor see it."""
    friends.ben.unsends(friends.ben.says("oops"))
    assert not kept(bot, friends.ben)
    for line in ("!unsendlog", "!unsendlog on", "!unsendlog off"):
        friends.ben.says(line).replies("Only admins of this group may do that.")
    friends.ann.says("!unsendlog").replies("Messages that are taken back are not kept here.")
    friends.ann.says("!unsendlog off").replies("Messages that are taken back are not kept here.")


def test_what_is_taken_back_is_shown_to_admins(friends, bot):
    """After the group was told; the last one at the end, with the chat's own time."""
    friends.ann.says("!timezone set Europe/Amsterdam").replies()
    said = friends.ben.says("before")
    friends.ann.says("!unsendlog on").replies(
        "To everybody here: from now on I keep what you write for 24 hours. If you take a message back in that time, "
        "admins can still have its text shown here. !unsendlog off ends this and deletes it all."
    )
    friends.ben.unsends(said)
    friends.ann.says("!unsendlog").replies("Nothing has been taken back lately.")
    friends.ben.unsends(friends.ben.says("{oops}"))
    friends.eve.unsends(friends.eve.sends_picture())
    bot.clock.advance(minutes=5)
    friends.eve.unsends(friends.eve.says("two\nlines"))
    told = "Ben, 2026-01-01 01:00: {oops}\nEve, 2026-01-01 01:05: two\nlines"
    friends.ann.says("!unsendlog").replies(told).silent()
    friends.ben.leaves()
    friends.ann.says("!unsendlog").replies(told.replace("Ben", "Somebody"))


def test_old_ones_are_forgotten(friends, bot):
    """After the hours that were told, from the store as well, whatever the setting says by then."""
    friends.ann.says("!unsendlog on").replies()
    friends.ben.unsends(friends.ben.says("oops"))
    friends.ben.says("never mind")
    bot.settings(unsendlog={"keep": "72h"})
    bot.clock.advance(hours=24, minutes=1)
    friends.ann.says("!unsendlog").replies("Nothing has been taken back lately.")
    bot.clock.advance(hours=1)
    assert not kept(bot, friends.ben)
    assert set(bot.store("unsendlog").thread(friends)) == {"log", "recent.2"}
    friends.ann.says("!unsendlog on").replies(re.compile("for 72 hours"))


def test_what_was_erased_is_skipped(friends, bot):
    """A person's own values are gone after `botkit data erase`; what others took back is still shown."""
    friends.ann.says("!unsendlog on").replies()
    for person in (friends.ben, friends.eve):
        person.unsends(person.says("oops"))
    bot.store("unsendlog").member(friends.ben).clear()
    friends.ann.says("!unsendlog").replies("Eve, 2026-01-01 00:00: oops")
    friends.ann.says("!unsendlog off").replies()


def test_off_deletes_everything(friends, bot):
    """At once, and the jobs too."""
    friends.ann.says("!unsendlog on").replies()
    friends.ann.adds("Cem")
    friends.ben.unsends(friends.ben.says("oops"))
    friends.ben.says("never mind")
    friends.ann.says("!unsendlog off").replies("I keep no messages here any more, and have deleted what I had.")
    friends.ben.unsends(friends.ben.says("again"))
    for person in (friends.ann, friends.ben, friends["Cem"]):
        assert not bot.store("unsendlog").member(person)
    assert not bot.store("unsendlog").thread(friends)
    bot.clock.advance(days=2)
    friends.silent()


def test_newcomers_are_told(friends, bot):
    """Once a day at most; until then nothing of theirs is kept."""
    friends.ann.says("!unsendlog on").replies()
    bot.clock.advance(hours=23)
    cem, fay = friends.ann.adds("Cem"), friends.ann.adds("Fay")
    fay.leaves()
    cem.says("hello")
    assert not kept(bot, cem)
    friends.silent()
    bot.clock.advance(hours=1)
    friends.expect(NEWCOMERS).silent()
    cem.says("hello")
    assert len(kept(bot, cem)) == 1
    bot.clock.advance(days=2)
    friends.ann.adds("Dan")
    friends.expect(NEWCOMERS).silent()
    friends["Dan"].unsends(friends["Dan"].says("oops"))
    friends.ann.says("!unsendlog").replies(re.compile("^Dan, "))


def test_it_does_not_grow(friends, bot, monkeypatch):
    """Of messages, and of those taken back, only the newest are kept; long ones are cut, and ten are shown."""
    monkeypatch.setattr("botkit_plugins.unsendlog._RECENT", 12)
    monkeypatch.setattr("botkit_plugins.unsendlog._UNSENT", 11)
    friends.ann.says("!unsendlog on").replies()
    first = friends.ben.says("x" * 5000)
    for number in range(12):
        friends.eve.unsends(friends.eve.says(f"oops {number} {'x' * 5000}"))
    friends.ben.unsends(first)
    lines = friends.ann.says("!unsendlog").answers[0].splitlines()
    assert (len(lines), len(lines[0]), lines[0][:32]) == (10, 1023, "Eve, 2026-01-01 00:00: oops 2 xx")
    assert (len(kept(bot, friends.eve)), len(kept(bot, friends.ben))) == (11, 0)
    assert len(bot.store("unsendlog").thread(friends)) == 13


def test_two_chats_do_not_mix(friends, family, bot):
    """Nothing is kept in the other, nor shown there."""
    friends.ann.says("!unsendlog on").replies()
    family.ben.unsends(family.ben.says("oops"))
    family.ben.says("!unsendlog").replies("Messages that are taken back are not kept here.")
    family.ben.says("!unsendlog on").replies()
    friends.ben.unsends(friends.ben.says("oops"))
    family.ben.says("!unsendlog").replies("Nothing has been taken back lately.")


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """Nothing is kept there; what was kept goes when it is on again."""
    for group, admin in ((friends, friends.ann), (family, family.ben)):
        admin.says("!unsendlog on").replies()
        group[ZOE].unsends(group[ZOE].says("oops"))
    friends.eve.says("!disable unsendlog").replies()
    for group in (friends, family):
        group.eve.unsends(group.eve.says("oops"))
    assert "unsent" not in str(kept(bot, friends.eve))
    assert "unsent" in str(kept(bot, family.eve))
    bot.clock.advance(days=3)
    friends.eve.says("!enable unsendlog").replies()
    bot.clock.advance(hours=1)
    assert not kept(bot, friends[ZOE])


def test_a_restart_in_the_middle(friends, bot):
    """What was written and taken back while the bot was down is kept, if it may be; and forgotten in time."""
    friends.ann.says("!unsendlog on").replies()
    said = friends.ben.says("oops")
    bot.kill()
    friends.ben.unsends(said)
    friends.eve.unsends(friends.eve.says("oops again"))
    bot.start()
    friends.ann.says("!unsendlog").replies("Ben, 2026-01-01 00:00: oops\nEve, 2026-01-01 00:00: oops again")
    bot.restart()
    bot.clock.advance(hours=26)
    assert not kept(bot, friends.ben)


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """And their texts are shown as they were."""
    friends.ann.says("!language set nl").replies()
    friends.ann.says("!unsendlog on").replies(re.compile("^Aan iedereen hier: vanaf nu bewaar ik 24 uur lang"))
    friends[ZOE].unsends(friends[ZOE].says("🌷🌷"))
    friends[SHIRA].unsends(friends[SHIRA].says("אופס"))
    friends.ann.says("!unsendlog").replies(f"{ZOE}, 2026-01-01 00:00: 🌷🌷\n{SHIRA}, 2026-01-01 00:00: אופס")
