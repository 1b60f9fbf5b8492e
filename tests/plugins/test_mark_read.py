"""mark_read"""

from __future__ import annotations

import pytest

from botkit import ChatContext, Read, hookimpl
from botkit.settings import descriptions
from botkit_plugins.mark_read import MarkReadSettings
from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["mark_read", "plugins"])


@hookimpl
def on_read(ctx: ChatContext, read: Read) -> None:
    """The network tells that the bot has read something."""
    ctx.store.thread.increment("times")
    ctx.store.thread["until_ms"] = read.time_ms


@pytest.fixture
def times(bot):
    """How often the bot has read a chat."""
    bot.load(on_read)
    return lambda chat: bot.store("test").thread(chat).get("times", 0)


def test_a_chat_is_read_when_somebody_has_written(start_bot, ann):
    """The others are told how far the bot has read."""
    start_bot("plugins: {mark_read: }")
    sent = ann.says("Friends", "anybody there?")
    seen = ann.next("read")
    assert seen["reader"] == "100000000000001"
    assert seen["watermark_ms"] >= sent["timestamp_ms"]


@pytest.mark.parametrize(("where", "read"), [("everywhere", (1, 1)), ("groups", (1, 0)), ("chats", (0, 1))])
def test_where(bot, friends, times, where, read):
    """In groups, in chats of two, or in both."""
    bot.settings(mark_read={"where": where})
    chat = bot.chat("Ann")
    friends.ann.says("hello").silent()
    chat.ann.says("hello").silent()
    assert (times(friends), times(chat)) == read


def test_where_is_explained():
    """With the values that it has."""
    told = descriptions(MarkReadSettings)["where"]
    assert all(f"{value}:" in told for value in ("everywhere", "groups", "chats"))


def test_a_while_later(bot, friends, times):
    """All that was written meanwhile at once, and again after the next message."""
    bot.settings(mark_read={"after": "30s"})
    for _ in range(5):
        friends.ann.says("hello").silent()
        bot.clock.advance(seconds=5)
    assert times(friends) == 0
    bot.clock.advance(seconds=10)
    assert times(friends) == 1
    bot.clock.advance(hours=1)
    friends.ben.says("hello").silent()
    bot.clock.advance(seconds=40)
    assert times(friends) == 2
    friends.silent()


@pytest.mark.botkit(plugins=["mark_read"], limits={"small": {"per_chat": "2 per 60s"}})
def test_a_burst_is_read_in_the_end(bot, friends, times):
    """Though the limit does not let each message be marked."""
    for _ in range(5):
        bot.clock.advance(seconds=1)
        friends.ann.says("hello").silent()
    assert times(friends) == 2
    bot.clock.advance(minutes=1)
    assert times(friends) == 3
    bot.clock.advance(hours=1)
    assert times(friends) == 3


def test_the_network_refuses(bot, friends, times):
    """Then it is left; the next message is another try."""
    bot.settings(mark_read={"after": "30s"})
    friends.ann.says("hello").silent()
    bot.fault("refuse_connect", times=100)
    bot.fault("status", status=404, path="/ajax/mercury/change_read_status.php", times=100)
    bot.fault("disconnect")
    bot.clock.advance(minutes=1)
    assert times(friends) == 0
    assert any("was not marked as read" in line for line in bot.log)
    bot.fault("none")
    bot.clock.advance(minutes=10)
    friends.ann.says("hello").silent()
    bot.clock.advance(seconds=40)
    assert times(friends) == 1


def test_two_chats_do_not_mix(bot, friends, family, times):
    """Only the chat is read in which something was written, and each waits for itself."""
    bot.settings(mark_read={"after": "30s"})
    friends.ann.says("hello").silent()
    bot.clock.advance(seconds=20)
    family.ann.says("hello").silent()
    bot.clock.advance(seconds=15)
    assert (times(friends), times(family)) == (1, 0)
    bot.clock.advance(seconds=20)
    assert (times(friends), times(family)) == (1, 1)


def test_it_rests_where_it_is_switched_off(bot, friends, family, times):
    """And where it has just been switched off, the order itself was read."""
    friends.eve.says("!disable mark_read").replies()
    before = times(friends)
    bot.clock.advance(seconds=1)
    friends.ann.says("hello").silent()
    family.ann.says("hello").silent()
    assert (times(friends) - before, times(family)) == (0, 1)


def test_a_restart_in_the_middle(bot, friends, times):
    """What was to be read is read, without a further message."""
    bot.settings(mark_read={"after": "30s"})
    friends.ann.says("hello").silent()
    bot.kill()
    bot.clock.advance(minutes=1)
    bot.start()
    bot.clock.advance(minutes=1)
    assert bot.store("test").thread(friends)["until_ms"] > friends.messages[-1].at.timestamp() * 1000


def test_names_with_an_emoji_and_from_right_to_left(bot, friends, times):
    """Are read like others."""
    friends[ZOE].says("🌷").silent()
    bot.clock.advance(seconds=1)
    friends[SHIRA].says("שלום")
    assert times(friends) == 2
    friends.silent()
