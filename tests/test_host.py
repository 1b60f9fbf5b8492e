"""What the bot keeps about chats, people and plugins, as an owner's plugin changes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from botkit.host import HOST, ChatSettings, Desk, Host, PluginInfo
from botkit.messenger.errors import BadArgument, CommandError, ContextError
from botkit.storage import apply, open_store
from botkit.store import Database

OWNER, ANN, BEN = "100000000000001", "100000000000002", "100000000000003"
HERE, THERE = "7000000000000001", "7000000000000002"
DICE = PluginInfo("dice", "dice.py", None, "Dice.", ("on_message",), ("roll",))
PLUGINS = (DICE, replace(DICE, name="keeper"), replace(DICE, name="commands"))


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "bot.db")
    yield opened
    opened.close()


@pytest.fixture
def desk(database):
    def holding(key):
        rows = database.read("SELECT scope, value FROM store WHERE plugin = ? AND key = ?", (HOST, key))
        return dict(rows)

    return Desk(
        defaults=ChatSettings("!", "en", "UTC"),
        owners=frozenset({OWNER}),
        chat=lambda thread_id: ChatSettings("!", "en", "UTC"),
        plugins=lambda: PLUGINS,
        configured=lambda plugin: None,
        languages=lambda: ("en", "nl"),
        jobs=lambda thread_id, language: (),
        holding=holding,
        time_ms=lambda: 1000,
        role_of=lambda thread_id, user_id: "member",
        find_chat=lambda name: None,
        why=lambda thread_id, user_id: ("It was late.",),
    )


@pytest.fixture
def host(database, desk):
    """A host of a new call; `with host() as one:` commits what it has changed."""

    class Call:
        def __init__(self, thread_id=HERE, sender_id=ANN):
            store = open_store(database.read, HOST, thread_id, sender_id, all_shared=True)
            self.host = Host(store, desk, thread_id, sender_id, "keeper")

        def __enter__(self):
            return self.host

        def __exit__(self, *error):
            changes, self.reloads, self.jobs = self.host.end()
            database.write(lambda c: apply(c, changes))

    return Call


def test_a_chat_has_the_bots_settings_until_it_has_its_own(host):
    """And again when they are taken back; other chats keep theirs."""
    with host() as one:
        one.set_prefix("?")
        one.set_language("nl")
        one.set_timezone("Europe/Amsterdam")
        one.mute()
    with host() as one:
        assert one.chat() == ChatSettings("?", "nl", "Europe/Amsterdam", muted=True)
        assert one.chat(THERE) == ChatSettings("!", "en", "UTC")
        for take_back in (one.set_prefix, one.set_language, one.set_timezone):
            take_back(None)
        one.unmute()
    with host() as one:
        assert one.chat() == ChatSettings("!", "en", "UTC")


def test_another_chat_may_be_meant(host):
    """By its id; without a chat it has to be."""
    with host() as one:
        one.mute(thread_id=THERE)
    with host(thread_id=None) as one:
        assert one.chat(THERE).muted
        with pytest.raises(ContextError, match="this call has no chat"):
            one.chat()


@pytest.mark.parametrize("prefix", ["", "a b", "123456"])
def test_a_prefix_is_short_and_has_no_spaces(host, prefix):
    """Else nobody could type a command."""
    with host() as one, pytest.raises(CommandError, match="one to 5 characters"):
        one.set_prefix(prefix)


@pytest.mark.parametrize("zone", ["Amsterdam/Europe", "../etc/passwd", "", "/etc/localtime"])
def test_a_time_zone_is_one_that_there_is(host, zone):
    """Told in words for the chat."""
    with host() as one, pytest.raises(CommandError, match="There is no time zone"):
        one.set_timezone(zone)


def test_people_are_ignored_until_they_are_not(host):
    """Not owners: nobody could take it back."""
    with host() as one:
        one.ignore(BEN)
        with pytest.raises(CommandError, match="cannot be ignored"):
            one.ignore(OWNER)
    with host() as one:
        assert one.ignored() == (BEN,)
        one.unignore(BEN)
        assert one.ignored() == ()


def test_roles_are_given_in_a_chat(host):
    """And taken back; the other chat has its own."""
    with host() as one:
        one.set_role(BEN, "mod")
        one.set_role(ANN, "admin", thread_id=THERE)
        with pytest.raises(BadArgument, match="mod, admin or None"):
            one.set_role(BEN, "owner")
    with host() as one:
        assert one.roles() == {BEN: "mod"}
        assert one.roles(thread_id=THERE) == {ANN: "admin"}
        one.set_role(BEN, None)
        assert one.roles() == {}


def test_plugins_are_switched_off_in_a_chat(host):
    """Each chat for itself."""
    with host() as one:
        one.disable("dice")
    with host() as one:
        assert [(p.name, p.is_enabled) for p in one.plugins()] == [
            ("dice", False),
            ("keeper", True),
            ("commands", True),
        ]
        assert (one.is_enabled("dice"), one.is_enabled("dice", thread_id=THERE)) == (False, True)
        one.enable("dice")
        assert one.plugins()[0].is_enabled
    with host(thread_id=THERE) as one:
        assert one.plugins()[0].is_enabled


@pytest.mark.parametrize("name", ["commands", "keeper"])
def test_what_switches_on_again_cannot_be_switched_off(host, name):
    """The router, and the plugin that asks."""
    with host() as one, pytest.raises(CommandError, match="has to stay on"):
        one.disable(name)


def test_unknown_plugins_are_named_with_what_there_is(host):
    """Before anything is changed."""
    with host() as one:
        for use in (one.enable, one.disable, one.reload):
            with pytest.raises(CommandError, match=r"There is no plugin dicee\. There are: dice, keeper, commands\."):
                use("dicee")


def test_a_reload_is_left_for_the_commit(host):
    """It is not done within the call."""
    call = host()
    with call as one:
        one.reload("dice")
    assert call.reloads == ("dice",)


def test_a_confirmation_is_taken_once_and_in_time(host, database, desk):
    """By whom it waits for; late it is none."""
    for until_ms, found in ((1000, ("wipe", " all")), (999, None)):
        store = open_store(database.read, HOST, None, None)
        waiting = {"command": "wipe", "text": " all", "until_ms": until_ms}
        store.scope(f"member:{HERE}:{ANN}")["confirmation"] = waiting
        changes = store.changes()
        database.write(lambda c, one=changes: apply(c, one))
        with host(sender_id=BEN) as one:
            assert one.take_confirmation() is None
        with host() as one:
            assert one.take_confirmation() == found
        with host() as one:
            assert one.take_confirmation() is None


def test_why_is_about_the_sender_in_this_chat(host):
    """Nobody without a chat has anything to ask."""
    with host() as one:
        assert one.why() == ("It was late.",)
    with host(thread_id=None) as one:
        assert one.why() == ()
