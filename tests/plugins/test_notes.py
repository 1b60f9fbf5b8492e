"""!note"""

from __future__ import annotations

import re

import pytest

from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["notes", "plugins", "chat", "roles"])


def test_what_one_writes_all_can_read(friends):
    """By its name in any letter case, and as it was written."""
    friends.ben.says("!note set WiFi the password\n  is tulips").replies("The note WiFi is written.")
    friends.ann.says("!note wifi").replies("the password\n  is tulips")
    friends.ann.says("!note").replies("There is 1 note here: WiFi")
    friends.ann.says('!note set "Dinner  on Friday" soup').replies()
    friends.ben.says("!note dinner on FRIDAY").replies("soup")
    friends.ben.says("!note list").replies("There are 2 notes here: Dinner on Friday, WiFi")


def test_only_its_author_and_moderators_change_a_note(friends):
    """Nobody else deletes it or takes a change back either."""
    told = "Only whoever has written the note, and moderators, may change it."
    friends.ben.says("!note set wifi tulips").replies()
    for line in ("set wifi roses", "delete wifi", "undo wifi"):
        friends[ZOE].says(f"!note {line}").replies(told)
    friends.ann.says(f"!roles set {SHIRA} mod").replies()
    friends[SHIRA].says("!note set wifi roses").replies("The note wifi is changed. !note undo wifi takes that back.")
    friends.ben.says("!note delete wifi").replies("The note wifi is deleted. !note undo wifi takes that back.")
    friends[ZOE].says("!note set wifi mine now").replies("The note wifi is written.")
    friends.ben.says("!note undo wifi").replies(told)


@pytest.mark.botkit(plugins={"notes": {"shared": True}})
def test_notes_may_be_everybodys(friends):
    """If the bot file says so."""
    friends.ben.says("!note set shopping milk").replies()
    friends[ZOE].says("!note set shopping milk, eggs").replies()
    friends.ann.says("!note shopping").replies("milk, eggs")


def test_the_last_change_can_be_taken_back(friends):
    """And that again; a deletion, too, and the writing of a new note."""
    friends.ben.says("!note set wifi tulips").replies()
    friends.ben.says("!note set wifi roses").replies()
    friends.ben.says("!note undo wifi").replies("The note wifi says again: tulips")
    friends.ben.says("!note undo wifi").replies("The note wifi says again: roses")
    friends.ben.says("!note delete wifi").replies()
    friends.ben.says("!note wifi").replies("There is no note wifi here.")
    friends.ben.says("!note undo wifi").replies("The note wifi says again: roses")
    friends.ben.says("!note set door 1234").replies()
    friends.ben.says("!note undo DOOR").replies("There is no note door any more.")
    friends.ben.says("!note list").replies("There is 1 note here: wifi")
    friends.ben.says("!note undo roof").replies("There is no note roof here.")


def test_signs_that_nobody_sees_make_no_other_name(friends):
    """Nor a name of their own."""
    friends.ann.says("!note set ❤️ love").replies()
    friends.ben.says("!note ❤").replies("love")
    friends.ann.says("!note set שלום peace").replies()
    friends.ben.says("!note \u200fשלום").replies("peace")
    friends.ann.says("!note set \u200b nothing").replies(re.compile("^A name"))


def test_a_name_that_is_nearly_right_is_suggested(friends):
    """What is far from all of them is not there."""
    friends.ben.says("!note set Address Main Street 1").replies()
    friends.ann.says("!note adress").replies("There is no note adress here. Do you mean Address?")
    friends.ann.says(f"!note {'x' * 5000}").replies(f"There is no note {'x' * 39}… here.")


def test_there_is_an_end_to_it(friends, bot):
    """Of names, texts and notes; deleted ones make room, the oldest first."""
    for name in ("list", '"Undo it"', "x" * 41, '" "'):
        friends.ann.says(f"!note set {name} text").replies(lambda told: told.startswith("A name has at most 40"))
    friends.ann.says(f"!note set wifi {'x' * 4001}").replies("A note may have 4000 characters at most.")
    bot.settings(notes={"most": 3})
    for name in ("a1", "b2", "c3"):
        friends.ann.says(f"!note set {name} text").replies()
    friends.ann.says("!note set d4 text").replies("There are 3 notes here already; delete one first.")
    friends.ann.says("!note delete b2").replies()
    bot.clock.advance(minutes=1)
    friends.ann.says("!note delete a1").replies()
    friends.ann.says("!note set d4 text").replies()
    assert sorted(bot.store("notes").thread(friends)) == ["note.a1", "note.c3", "note.d4"]
    friends.ann.says("!note undo a1").replies()
    friends.ann.says("!note delete c3").replies()
    friends.ann.says("!note set e5 text").replies()
    friends.ann.says("!note undo c3").replies("There is no note c3 here.")


def test_two_chats_do_not_mix(friends, family):
    """The same name is another note elsewhere."""
    friends.ann.says("!note set wifi tulips").replies()
    family.ann.says("!note wifi").replies("There is no note wifi here.")
    family.ben.says("!note set wifi roses").replies("The note wifi is written.")
    friends.ben.says("!note wifi").replies("tulips")


def test_it_rests_where_it_is_switched_off(friends, family):
    """And has kept everything when it is on again."""
    friends.ann.says("!note set wifi tulips").replies()
    family.ann.says("!note set wifi roses").replies()
    friends.eve.says("!disable notes").replies()
    friends.ann.says("!note wifi").silent()
    family.ann.says("!note wifi").replies("roses")
    friends.eve.says("!enable notes").replies()
    friends.ann.says("!note wifi").replies("tulips")


def test_a_restart_in_the_middle(friends, bot):
    """What was written stays, and can still be undone."""
    friends.ann.says("!note set wifi tulips").replies()
    friends.ann.says("!note set wifi roses").replies()
    bot.kill()
    friends.ann.says("!note undo wifi")
    bot.start()
    friends.expect("The note wifi says again: tulips").silent()
    bot.restart()
    friends.ben.says("!note wifi").replies("tulips")


def test_names_with_an_emoji_and_from_right_to_left(friends):
    """Names and texts may be in any script; letters with signs are the same however a phone puts them together."""
    friends[ZOE].says("!note set 🌷 tưới hoa").replies("The note 🌷 is written.")
    friends[SHIRA].says("!note set סיסמה שלום 🌷").replies("The note סיסמה is written.")
    friends[SHIRA].says("!note 🌷").replies("tưới hoa")
    friends[ZOE].says("!note סיסמה").replies("שלום 🌷")
    friends.ann.says("!note set Phở ngon").replies()
    friends.ann.says("!note pho\u031b\u0309").replies("ngon")


def test_it_speaks_the_language_of_the_chat(friends):
    """What people have written stays as it is."""
    friends.ann.says("!language set es").replies()
    friends.ben.says("!note set wifi {name} {0}").replies("La nota wifi está escrita.")
    friends.ben.says("!note wifi").replies("{name} {0}")
    friends.ben.says("!note list").replies("Aquí hay 1 nota: wifi")
