"""The fixture `bot`: people, what they do, what the bot does, and what a failed test is told."""

from __future__ import annotations

import logging
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from botkit import ChatContext, CommandError, Message, Settings, command, hookimpl
from botkit.clock import SystemClock
from botkit.sandbox.errors import ControlError

pytestmark = pytest.mark.botkit(plugins=["echo"])


@command("count", examples=[("!count", "1")])
def count(ctx: ChatContext) -> str:
    """Count: !count"""
    ctx.store.thread["count"] = ctx.store.thread.get("count", 0) + 1
    return str(ctx.store.thread["count"])


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> str | None:
    if message.body == "good bot":
        ctx.react("❤")
    if message.attachments:
        return message.attachments[0].type
    return f"mentions {len(message.mentions)}" if message.mentions else None


class Diary:
    """Writes down what happens."""

    def __init__(self):
        self.seen = []

    @hookimpl
    def on_start(self):
        self.seen.append("start")

    @hookimpl
    def on_stop(self):
        self.seen.append("stop")

    @hookimpl
    def on_event(self, event):
        self.seen.append(event.log_message_type)

    @hookimpl
    def on_typing(self, typing):
        self.seen.append(f"typing {typing.is_typing}")


def test_an_answer_is_the_next_thing_that_the_bot_writes(bot):
    """By its text, a pattern, a function, or whatever it is."""
    ann = bot.group("Friends", "Ann", "Ben").ann
    ann.says("!echo 1").replies("1").silent()
    ann.says("!echo hello").replies(re.compile("ell"))
    ann.says("!echo 12").replies(str.isdigit)
    ann.says("!echo x").replies()


@pytest.mark.parametrize(
    ("expected", "wanted"),
    [
        ("2", "answer '2'"),
        (re.compile("^2"), "something with /^2/ in it"),
        (str.isalpha, "something that isalpha takes"),
    ],
)
def test_a_wrong_answer_is_shown(bot, expected, wanted):
    """What was said, what was wanted, what came instead, and the chat."""
    said = bot.group("Friends", "Ann").ann.says("!echo 1")
    with pytest.raises(AssertionError) as failed:
        said.replies(expected)
    text = str(failed.value)
    assert text.startswith(f"Ann wrote '!echo 1', the bot was to answer {wanted.removeprefix('answer ')}")
    assert "  it wrote: '1'\n" in text
    assert "  the chat:\n    · Ann created the group.\n    Ann: !echo 1\n    Bot: 1\n" in text
    assert text.endswith("  what became of it:\n    I ran the command echo of the plugin echo.")


def test_that_the_bot_is_down_is_told(bot):
    """So that nobody looks for a fault in the plugin."""
    group = bot.group("Friends", "Ann")
    bot.start()
    bot.stop()
    with pytest.raises(AssertionError, match=r"it wrote: nothing(.|\n)*the bot is not running"):
        group.ann.says("!echo 1").replies("1")


def test_silence(bot):
    """Of the whole chat, and after one message."""
    group = bot.group("Friends", "Ann")
    group.ann.says("hello").silent()
    group.ann.says("!echo 1")
    with pytest.raises(AssertionError, match="Friends: the bot was to be silent\n  it wrote: '1'"):
        group.silent()
    group.forget().silent()


def test_what_is_expected_may_come_after_other_things(bot):
    """Each thing that the bot writes is asked about once."""
    group = bot.group("Friends", "Ann")
    for word in ("one", "two", "three"):
        group.ann.says(f"!echo {word}")
    group.expect("two").expect("three").silent()
    assert group.answers == ("one", "two", "three")
    with pytest.raises(AssertionError, match="was to write 'one'"):
        group.expect("one")


def test_what_was_said_earlier_is_no_answer(bot):
    """Nor is what was asked about already."""
    group = bot.group("Friends", "Ann", "Ben")
    first, second = group.ann.says("!echo 1"), group.ben.says("!echo 2")
    assert first.answers == ("1", "2")
    second.replies("2")
    assert first.answers == ("1",)


def test_people_have_names_of_all_kinds(bot):
    """With blanks, emoji, or from right to left."""
    group = bot.group("Friends 🌷", "Ann 🌷", "דנה", "Ben van Dam")
    group["Ann 🌷"].says("!echo 1").replies("1")
    group["דנה"].says("!echo שלום").replies("שלום")
    group.ben_van_dam.says("!echo 2").replies("2")
    assert group.title == "Friends 🌷"
    with pytest.raises(AttributeError, match=r"nobody in 'Friends 🌷' is called 'cem'; there are Ann 🌷, דנה"):
        _ = group.cem


def test_a_chat_of_two(bot):
    """Its id is the person's, as plugins see it."""
    bot.load(count)
    chat = bot.chat("Ann")
    chat.ann.says("!count").replies("1")
    assert chat.id == chat.ann.id != bot.group("Friends", "Ann").id
    assert bot.store("test").thread(chat)["count"] == 1


def test_people_join_and_leave(bot):
    """And the bot hears of it."""
    diary = Diary()
    bot.load(diary)
    group = bot.group("Friends", "Ann", "Ben")
    cem = group.add("Cem")
    cem.says("!echo hi").replies("hi")
    group.ben.leaves()
    group.ann.removes("Cem")
    group.ann.renames("Lake")
    assert (group.names, group.title) == (("Ann", "Bot"), "Lake")
    assert diary.seen == ["start", "log:subscribe", "log:unsubscribe", "log:unsubscribe", "log:thread-name"]
    with pytest.raises(ControlError):
        group.ben.says("still there?")
    group.ann.leaves()
    assert group.messages[-1].text == "Ann left the group."
    assert abs(bot.clock.now() - group.messages[-1].at) < timedelta(seconds=1)


def test_pictures_replies_mentions_reactions_typing_and_unsending(bot):
    """Both ways, as far as there are two."""
    bot.load(on_message)
    group = bot.group("Friends", "Ann", "Ben")
    praise = group.ann.says("good bot").reacts("❤").silent()
    group.ben.reacts(praise, "👍")
    group.ann.says("not you", reply_to=praise).silent()
    assert [one.reply_to for one in group.messages][-2:] == [None, praise.id]
    assert next(one for one in group.messages if one.id == praise.id).reactions == {"Bot": "❤", "Ben": "👍"}
    group.ann.sends_picture().replies("photo")
    group.ann.sends_file("notes.txt", b"milk").replies("file")
    group.ann.says("🌷 @Ben and @Bot!", mentions=["Ben", "Bot"]).replies("mentions 2")
    group.ben.unsends(group.ben.says("never mind"))
    assert group.messages[-1].is_unsent
    with pytest.raises(AssertionError, match="the bot was to react with 👍, but it has not reacted"):
        group.ann.says("hm").reacts("👍")


def test_typing_and_reading(bot):
    """Which leave no message."""
    diary = Diary()
    bot.load(diary)
    group = bot.group("Friends", "Ann")
    group.ann.reads()
    group.ann.types()
    group.ann.types(False)
    group.silent()
    assert diary.seen == ["start", "typing True", "typing False"]


def test_a_plugin_in_hand_comes_with_settings(bot):
    """A change restarts a bot that runs."""

    class Dice:
        """Dice."""

        class DiceSettings(Settings):
            most: int = 10

        DiceSettings.__module__ = __name__

        @command("most")
        def most(self, ctx: ChatContext) -> str:
            """How many?"""
            return str(ctx.settings.most)

    bot.load(Dice(), name="dice")
    chat = bot.chat("Ann")
    chat.ann.says("!most").replies("10")
    bot.settings(dice={"most": 3})
    chat.ann.says("!most").replies("3")


def test_an_owner_may_do_what_owners_may(bot):
    """Others may not."""

    @command("secret", role="owner")
    def secret(ctx: ChatContext) -> str:
        """A secret."""
        return "42"

    bot.load(secret)
    bot.owner("Ann")
    group = bot.group("Friends", "Ann", "Ben")
    group.ann.says("!secret").replies("42")
    assert "42" not in group.ben.says("!secret").answers


def test_a_restart_goes_on_and_a_kill_tells_nobody(bot):
    """What was written meanwhile is answered afterwards."""
    diary = Diary()
    bot.load(diary)
    group = bot.group("Friends", "Ann")
    group.ann.says("!echo 1").replies("1")
    bot.restart()
    bot.kill()
    assert diary.seen == ["start", "stop", "start"]
    group.ann.says("!echo 2").silent()
    bot.start()
    group.expect("2")


@pytest.mark.parametrize("moment", ["call begun", "call committed", "answer read"])
def test_it_can_be_killed_at_a_bad_moment(bot, moment):
    """It is gone from there on until it is started; what it has promised it keeps."""
    group = bot.group("Friends", "Ann")
    bot.kill(at=moment)
    said = group.ann.says("!echo 1")
    group.ann.says("!echo 2")
    was_told = said.answers
    bot.start()
    assert (was_told, group.answers) == (("1",) if moment == "answer read" else (), ("1", "2"))
    group.ann.says("!echo 3").replies("3")


def test_moments_that_there_are_not_are_refused(bot):
    """With those that there are."""
    with pytest.raises(AssertionError, match="there is no moment 'noon'; there are call begun, call committed, "):
        bot.kill(at="noon")


def test_what_a_killed_call_has_done_is_undone(bot):
    """Only what is committed stays."""
    begun, go_on = threading.Event(), threading.Event()

    @command("slow")
    def slow(ctx: ChatContext) -> str:
        """Slow."""
        ctx.store["half"] = True
        if not begun.is_set():
            begun.set()
            ctx.clock.wait(go_on, 30)
            raise CommandError("too late")
        return f"again, with {dict(ctx.store)}"

    bot.load(slow)
    group = bot.group("Friends", "Ann")
    group.ann.says("!slow").silent()
    assert begun.is_set()
    bot.kill()
    assert dict(bot.store("test")) == {}
    bot.start()
    group.expect("again, with {'half': True}")


def test_the_store_is_read_and_seeded(bot):
    """In each scope, before the first start as well."""
    bot.load(count)
    group = bot.group("Friends", "Ann")
    store = bot.store("test")
    store.thread(group)["count"] = 41
    store["all"], store.user(group.ann)["one"], store.member(group.ann)["both"] = 1, 2, 3
    group.ann.says("!count").replies("42")
    assert dict(store.thread(group)) == {"count": 42}
    del store["all"]
    assert (dict(store), dict(store.user(group.ann)), dict(store.member(group.ann))) == ({}, {"one": 2}, {"both": 3})


def test_time_stands_still(bot):
    """Unless the test moves it."""
    assert bot.clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    bot.clock.advance(1, minutes=1, hours=1, days=1)
    assert bot.clock.now() == datetime(2026, 1, 2, 1, 1, 1, tzinfo=UTC)
    bot.clock.advance_to(datetime(2026, 1, 3, 9, tzinfo=UTC))
    assert bot.clock.now() == datetime(2026, 1, 3, 9, tzinfo=UTC)
    with pytest.raises(AssertionError, match="lies behind"):
        bot.clock.advance_to(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("fault", ["disconnect", "lost messages", "lost queue", "repeated message", "lost answer"])
def test_a_fault_is_got_over(bot, fault):
    """The answer comes once."""
    group = bot.group("Friends", "Ann")
    bot.fault(fault)
    group.ann.says("!echo 1")
    bot.clock.advance(minutes=20)
    group.expect("1").silent()


def test_a_fault_of_the_sandbox_has_its_own_name(bot):
    """With its fields."""
    group = bot.group("Friends", "Ann")
    bot.fault("status", status=500, path="/messaging/send/")
    group.ann.says("!echo 1").silent()
    bot.clock.advance(minutes=1)
    group.expect("1")


def test_an_error_that_is_expected_is_no_failure(bot):
    """It is there to look at, and so are the lines of the log."""

    @command("divide")
    def divide(ctx: ChatContext) -> str:
        """Divide."""
        return str(1 // 0)

    bot.load(divide)
    bot.expects_error(ZeroDivisionError)
    bot.chat("Ann").ann.says("!divide").silent()
    assert [type(error) for error in bot.errors] == [ZeroDivisionError]
    assert any(line.startswith("ERROR plugin test: test:!divide failed at ") for line in bot.log)


def test_the_seed_is_that_of_the_dice(bot):
    """So the same test throws the same."""

    @command("throw")
    def throw(ctx: ChatContext) -> str:
        """Throw."""
        return str(ctx.random.randint(1, 10**9))

    bot.load(throw)
    first = bot.chat("Ann").ann.says("!throw").answers
    bot.restart()
    assert bot.chat("Ben").ben.says("!throw").answers != first


def test_examples_are_tried(bot):
    """Each with a bot of its own; what is not answered so is told."""

    @command("wrong", examples=[("!wrong", "right"), ("!wrong 2", "wrong…")])
    def wrong(ctx: ChatContext, number: int = 1) -> str:
        """Wrong."""
        return f"wrong {number}"

    bot.load(count)
    bot.check_examples()
    bot.load(count, wrong)
    with pytest.raises(AssertionError, match="test: the example '!wrong' is to be answered 'right'") as failed:
        bot.check_examples("test")
    assert "!wrong 2" not in str(failed.value)
    with pytest.raises(AssertionError, match="nothing: there is no command with an example"):
        bot.check_examples("nothing")


@pytest.mark.botkit(sockets=True)
def test_over_real_sockets(bot):
    """The same, but for real ports; time leaps."""
    bot.load(count)
    group = bot.group("Friends", "Ann", "Ben")
    group.ann.says("!count").replies("1").silent()
    bot.fault("disconnect")
    group.ben.says("!count")
    bot.clock.advance(minutes=1)
    group.expect("2")
    bot.kill()
    group.ann.says("!count").silent()
    bot.start()
    group.expect("3")
    group.ann.sends_picture().silent()
    assert bot.store("test").thread(group)["count"] == 3


def in_use():
    """How many threads, open files and handlers of the log there are."""
    files = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    return threading.active_count(), files, len(logging.getLogger("botkit").handlers)


def test_nothing_is_left_of_a_bot(bot):
    """Its threads may take a moment to end."""
    before = in_use()
    for _ in range(3):
        other = bot._another()
        other.chat("Ann").ann.says("!echo 1").replies("1")
        other.close()
    for _ in range(100):
        if in_use() <= before:
            break
        SystemClock().wait(threading.Event(), 0.02)
    assert in_use() <= before
