"""!lock, !unlock"""

from __future__ import annotations

import pytest

from botkit import ChatContext, command
from botkit.testing.chats import PIXEL
from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["lock", "plugins", "chat"])

FIGHT = (
    "Somebody keeps changing this: title. I leave it alone for a while, then I put it back. Admins, please have a look."
)


@command("title")
def title(ctx: ChatContext, text: str) -> None:
    """What an automation does: !title Lake"""
    ctx.queue("set_title", text)


@command("look")
def look(ctx: ChatContext) -> str:
    """How does this chat look? !look"""
    info = ctx.api.get_thread_info(ctx.thread_id)
    nicknames = ", ".join(info.nicknames[one.id] for one in ctx.lookup.members() if one.id in info.nicknames)
    return f"{info.name} {info.emoji} {(info.thread_theme or {}).get('accessibility_label')} {nicknames or None}"


def test_what_is_locked_is_put_back(friends, bot):
    """Without a word, and only what is locked."""
    bot.load(look)
    friends.ann.does("emoji", text="🐝")
    friends.ann.does("color", text="#ff7e29")
    friends.ann.does("nickname", person="Eve", text="Evie")
    friends.ann.says("!lock all").replies("Only admins may change this here: title, emoji, colour, nicknames.")
    for action, more in (("title", {}), ("emoji", {}), ("color", {}), ("nickname", {"person": "Eve"})):
        friends.ben.does(action, text="", **more)
    friends.ben.does("nickname", person="Ann", text="Boss")
    friends.ann.says("!look").replies("Friends 🐝 Orange Evie").silent()
    friends.ann.says("!unlock title").replies("Only admins may change this here: emoji, colour, nicknames.")
    friends.ann.says("!unlock colour").replies("Only admins may change this here: emoji, nicknames.")
    friends.ben.does("color", text="")
    friends.ben.renames("Pond")
    friends.ben.does("emoji", text="🌷")
    friends.ann.says("!look").replies("Pond 🐝 None Evie").silent()
    friends.ann.says("!unlock all").replies("Everybody may change everything here.")
    friends.ben.does("emoji", text="")
    friends.ann.says("!look").replies("Pond None None Evie").silent()


def test_what_was_ordinary_becomes_ordinary_again(friends, bot):
    """The thumb, the colour that a chat begins with, and no nickname."""
    bot.load(look)
    friends.ann.says("!lock all").replies()
    friends.ben.does("emoji", text="🌷")
    friends.ben.does("color", text="#ff7e29")
    friends.ben.does("nickname", person="Eve", text="Evie")
    friends.ann.says("!look").replies("Friends None None None")


def test_what_admins_change_is_the_new_state(friends):
    """And the bot's owner is one of them."""
    friends.ann.says("!lock title").replies()
    friends.ann.renames("Lake")
    friends.ben.renames("Pond")
    assert friends.title == "Lake"
    friends.eve.renames("Sea")
    friends.ben.renames("Pond")
    assert friends.title == "Sea"
    friends.ann.renames("")
    friends.ben.renames("Pond")
    assert not any(one.sender == "Bot" and one.kind == "text" for one in friends.messages[3:])
    friends.ann.says("!lock").replies("Only admins may change this here: title.")


@command("picture")
def picture(ctx: ChatContext) -> str:
    """The name of the picture here, or none: !picture"""
    url = ctx.api.get_thread_info(ctx.thread_id).image_src
    return str(len(ctx.api.download(url).data)) if url else "none"


PICTURES = [PIXEL + b" " * number for number in [*range(5), 2_000_000]]
LARGE = 5


def hang(person, number: int) -> None:
    """Make the picture of this number the group's."""
    sent = person.sends_file("lake.png", PICTURES[number], "image/png")
    person.does("picture", message=sent.id)


def length(number: int) -> str:
    return str(len(PICTURES[number]))


def test_the_picture_is_put_back(friends, bot):
    """To the byte, also when it was taken away; and what an admin hangs is the new one."""
    bot.load(picture)
    hang(friends.ann, 1)
    friends.ann.says("!lock picture").replies("Only admins may change this here: picture.")
    hang(friends.ben, 2)
    friends.ben.says("!picture").replies(length(1))
    friends.ben.does("picture", message="")
    friends.ben.says("!picture").replies(length(1))
    hang(friends.ann, 3)
    hang(friends.ben, 2)
    friends.ben.says("!picture").replies(length(3))
    friends.ann.says("!unlock picture").replies("Everybody may change everything here.")
    hang(friends.ben, 2)
    friends.ben.says("!picture").replies(length(2))
    assert list(bot.store("lock").thread(friends)) == ["lock"]


def test_no_picture_is_nothing_to_put_back(friends, bot):
    """It is said when the picture is asked for, and left out of all; when an admin takes it away, it may be changed."""
    bot.load(picture)
    friends.ann.says("!lock picture").replies("This group has no picture that I could put back. Give it one first.")
    friends.ann.says("!lock").replies("Everybody may change everything here.")
    friends.ann.says("!lock all").replies("Only admins may change this here: title, emoji, colour, nicknames.")
    hang(friends.ann, 1)
    friends.ann.says("!lock all").replies("Only admins may change this here: title, emoji, colour, nicknames, picture.")
    friends.ann.does("picture", message="")
    hang(friends.ben, 2)
    friends.ben.says("!picture").replies(length(2)).silent()


def test_no_fight_about_the_picture(friends, bot):
    """As about all else; and it is the first picture that comes back in the end."""
    bot.load(picture)
    hang(friends.ann, 0)
    friends.ann.says("!lock picture").replies()
    for number in range(1, 5):
        hang(friends.ben, number)
    friends.expect(FIGHT.replace("title", "picture"))
    friends.ben.says("!picture").replies(length(4))
    bot.clock.advance(hours=1)
    friends.ben.says("!picture").replies(length(0))


@pytest.mark.botkit(plugins=["lock"], limits={"change": {"daily": 1}})
def test_a_picture_waits_for_the_limit(friends, bot):
    """However long that is; and what hangs meanwhile is not taken for wanted."""
    bot.load(picture)
    hang(friends.ann, 1)
    friends.ann.says("!lock picture").replies()
    hang(friends.ben, 2)
    hang(friends.ben, 3)
    bot.clock.advance(hours=20)
    friends.ben.says("!picture").replies(length(3))
    bot.clock.advance(hours=5)
    friends.ben.says("!picture").replies(length(1))


def test_a_picture_that_nobody_told_of(friends, bot):
    """What hangs when the plugin comes back is wanted."""
    bot.load(picture)
    hang(friends.ann, 1)
    friends.ann.says("!lock picture").replies()
    friends.eve.says("!disable lock").replies()
    hang(friends.ben, 3)
    friends.eve.says("!enable lock").replies()
    bot.clock.advance(hours=1)
    hang(friends.ben, 4)
    friends.ben.says("!picture").replies(length(3))


def test_a_picture_that_cannot_be_had(friends, bot):
    """As one that is too large: then no older one comes back in the place of an admin's."""
    bot.load(picture)
    hang(friends.ann, 1)
    friends.ann.says("!lock picture").replies()
    hang(friends.ann, LARGE)
    hang(friends.ben, 2)
    friends.ben.says("!picture").replies(length(2))
    hang(friends.ann, 3)
    hang(friends.ben, 2)
    friends.ben.says("!picture").replies(length(3))
    hang(friends.ann, LARGE)
    friends.ann.says("!lock picture").replies("I could not get this group's picture. Please try again later.")


def test_pictures_of_while_the_bot_was_down(friends, bot):
    """An admin's is the wanted one, whatever came after it."""
    bot.load(picture)
    hang(friends.ann, 1)
    friends.ann.says("!lock picture").replies()
    bot.kill()
    hang(friends.ann, 2)
    hang(friends.ben, 3)
    hang(friends.ben, 4)
    bot.start()
    friends.ben.says("!picture").replies(length(2))
    bot.kill()
    hang(friends.ben, 3)
    hang(friends.ann, 4)
    bot.start()
    friends.ben.says("!picture").replies(length(4))


def test_members_may_not(friends):
    """Lock, unlock or see it."""
    for line in ("!lock title", "!unlock title", "!lock"):
        friends.ben.says(line).replies("Only admins of this group may do that.")


def test_no_fight(friends, bot):
    """After the third time in ten minutes it rests for an hour, says so once, and then puts it back."""
    friends.ann.says("!lock title").replies()
    for number in range(3):
        friends.ben.renames(f"Pond {number}")
        assert friends.title == "Friends"
    for number in range(3, 6):
        friends.ben.renames(f"Pond {number}")
        assert friends.title == f"Pond {number}"
    friends.expect(FIGHT).silent()
    bot.clock.advance(minutes=59)
    assert friends.title == "Pond 5"
    bot.clock.advance(minutes=1)
    assert friends.title == "Friends"
    friends.ben.renames("Pond 6")
    assert friends.title == "Friends"
    friends.silent()


def test_slow_changes_are_no_fight(friends, bot):
    """Each is put back, and nothing of them is kept for ever."""
    friends.ann.says("!lock all").replies()
    for number in range(8):
        bot.clock.advance(minutes=5)
        friends.ben.renames(f"Pond {number}")
        assert friends.title == "Friends"
    friends.silent()
    friends.ben.does("nickname", person="Eve", text="Evie")
    bot.clock.advance(hours=3)
    friends.ben.renames("Pond")
    assert len(bot.store("lock").thread(friends)["lock"]["trouble"]) == 1


def test_what_the_bot_does_itself_is_wanted(friends, bot):
    """It is found out within the hour; a member's change is not taken for it."""
    bot.load(title)
    friends.ann.says("!lock title").replies()
    friends.ann.says("!title Monday")
    assert friends.title == "Monday"
    bot.clock.advance(hours=1)
    friends.ben.renames("Pond")
    assert friends.title == "Monday"


@pytest.mark.botkit(plugins=["lock"], limits={"change": {"daily": 1}})
def test_what_cannot_be_put_back_is_not_wanted(friends, bot):
    """However long it stays."""
    friends.ann.says("!lock title").replies()
    friends.ben.renames("Pond")
    assert friends.title == "Friends"
    friends.ben.renames("Pool")
    bot.clock.advance(hours=5)
    assert friends.title == "Pool"
    bot.clock.advance(days=1)
    assert friends.title == "Friends"


@pytest.mark.botkit(plugins=["lock"], limits={"change": {"daily": 2}})
def test_what_the_bot_sets_in_spite_of_a_member_is_wanted(friends, bot):
    """A trouble is over when something else is there than what the member has set."""
    bot.load(title)
    friends.ann.says("!lock title").replies()
    friends.ben.renames("Pond")
    friends.ann.says("!title Monday")
    assert friends.title == "Monday"
    bot.clock.advance(hours=3)
    friends.ben.renames("Pool")
    bot.clock.advance(days=1)
    assert friends.title == "Monday"


def test_the_network_does_not_tell(friends, bot):
    """Then nothing is locked anew, nothing is forgotten by the hourly look, and no admin is taken for a member."""
    friends.ann.says("!lock title").replies()
    bot.fault("server error", path="/api/graphqlbatch/", times=40)
    friends.ann.says("!lock emoji")
    bot.clock.advance(hours=1, minutes=1)
    friends.expect("I cannot see this chat at the moment. Please try again later.")
    bot.fault("none")
    friends.ben.renames("Pond")
    friends.ann.says("!lock").replies("Only admins may change this here: title.")
    assert friends.title == "Friends"
    bot.fault("server error", path="/api/graphqlbatch/", times=40)
    friends.ann.renames("Lake")
    bot.clock.advance(minutes=1)
    assert friends.title == "Lake"


@pytest.mark.botkit(plugins=["lock"], options={"self_listen": True})
def test_the_bots_own_changes_are_none(friends, bot):
    """Also where plugins hear them: else it would fight itself."""
    bot.load(title)
    friends.ann.says("!lock title").replies()
    friends.ben.renames("Pond")
    friends.ann.says("!title Lake")
    assert friends.title == "Lake"


def test_two_chats_do_not_mix(friends, family):
    """What is locked in one is free in the other."""
    friends.ann.says("!lock title").replies()
    family.ann.renames("Cousins")
    family.ben.says("!lock").replies("Everybody may change everything here.")
    friends.ben.renames("Cousins")
    assert (friends.title, family.title) == ("Friends", "Cousins")


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """And when it is on again, what has become of the chat meanwhile is not undone."""
    friends.ann.says("!lock title").replies()
    family.ben.says("!lock title").replies()
    friends.eve.says("!disable lock").replies()
    friends.ben.renames("Pond")
    family.ann.renames("Pond")
    assert (friends.title, family.title) == ("Pond", "Family")
    friends.eve.says("!enable lock").replies()
    bot.clock.advance(hours=1)
    friends.ben.renames("Puddle")
    assert friends.title == "Pond"


def test_a_restart_in_the_middle(friends, bot):
    """What was changed while the bot was down is put back, unless an admin was there first. A rest ends as ever."""
    friends.ann.says("!lock all").replies()
    bot.kill()
    friends.ben.renames("Pond")
    friends.ann.renames("Lake")
    friends.ben.does("emoji", text="🌷")
    bot.clock.advance(hours=30.5)
    bot.start()
    assert friends.title == "Lake"
    for number in range(4):
        friends.ben.renames(f"Pond {number}")
    friends.expect(FIGHT)
    bot.restart()
    bot.clock.advance(hours=1)
    assert friends.title == "Lake"
    assert not bot.store("lock").thread(friends)["lock"]["kept"]["emoji"]


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """Titles and nicknames are put back to the letter, in another language too."""
    bot.load(look)
    friends.ann.renames("שלום 🌷{x}")
    friends.ann.does("nickname", person=ZOE, text="🌷🌷")
    friends.ann.says("!language set nl").replies()
    friends.ann.says("!lock all").replies("Alleen beheerders mogen dit hier veranderen: titel, emoji, kleur, bijnamen.")
    friends[SHIRA].renames("Pond")
    friends[SHIRA].does("nickname", person=ZOE, text="Z")
    friends[SHIRA].does("nickname", person=SHIRA, text="S")
    friends.ann.says("!look").replies("שלום 🌷{x} None None 🌷🌷")
