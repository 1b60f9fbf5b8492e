"""A replay: what plugins would have done, without a network, twice the same."""

from __future__ import annotations

import json
import random
import threading
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from botkit import command, config, hookimpl
from botkit.limits import FUNCTION_KINDS
from botkit.messenger import FUNCTION_CLASSES, BadArgument, NetworkError
from botkit.runner import loader
from botkit.runner.record import Head, Record
from botkit.runner.replay import Deed, replay
from botkit.testing import VirtualClock

OWN, ANN, GROUP = "100000000000001", "100000000000002", "7000000000000001"
START = 1_767_225_600_000


@pytest.fixture
def said(tmp_path):
    """Runs rows through plugin objects: `said([delta, …], name=plugin, …)` gives the deeds; each row comes `every_ms`
    after the last."""
    count = iter(range(100))

    def run(deltas, *, text="", every_ms=1000, seed=1, clock=None, **things):
        number = next(count)
        path = tmp_path / f"record-{number}"
        head = asdict(Head("0.1.0", OWN, "!", bodies=True))
        rows = [{"received_ms": START + n * every_ms, "delta": delta} for n, delta in enumerate(deltas)]
        path.write_text("".join(json.dumps(line) + "\n" for line in (head, *rows)))
        settings = config.parse(text, tmp_path / "bot.yaml", {})
        table = loader.load(settings)
        table = loader.build([*(loader.plugin_of(name, thing) for name, thing in things.items()), *table.plugins])
        clock = clock or VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
        folder = tmp_path / f"folder-{number}"
        return list(replay(Record(path), table, settings.file, folder, clock, random.Random(seed)))

    return run


class Repeats:
    @hookimpl
    def on_message(self, ctx, message):
        return f"{message.body}?"


def test_what_a_plugin_would_have_said_is_told(said, delta):
    """When, where, by whom and what; as JSON values, too."""
    found = said([delta("mid.$1", "hello"), delta("mid.$2", "so", thread="7000000000000002")], repeats=Repeats())
    assert found == [
        Deed(START, GROUP, "repeats", "message", "hello?"),
        Deed(START + 1000, "7000000000000002", "repeats", "message", "so?"),
    ]
    assert found[0].to_dict() == {
        "time_ms": START, "thread_id": GROUP, "plugin": "repeats", "what": "message", "text": "hello?", "details": {},
    }  # fmt: skip


def test_commands_are_found_by_the_prefix_of_the_bot_file(said, delta):
    """The router is the real one."""

    class Dice:
        @command("roll")
        def roll(self, ctx, sides: int = 6) -> str:
            """Roll a die."""
            return str(sides)

    found = said([delta("mid.$1", "?roll 20"), delta("mid.$2", "!roll 20")], text="prefix: '?'", dice=Dice())
    assert [(deed.plugin, deed.text) for deed in found] == [("dice", "20")]


def test_the_network_is_called_a_replay(said, delta):
    """What a plugin asks about is neither the real network nor a sandbox."""

    class Where:
        @hookimpl
        def on_message(self, ctx, message):
            return ctx.status().describe(ctx.clock.time_ms())

    (deed,) = said([delta("mid.$1")], where=Where())
    assert f"account: {OWN} on replay, started 0 s ago" in deed.text.splitlines()


def test_what_the_account_itself_wrote_is_not_answered(said, delta):
    """Its messages are in the record as they came back."""
    assert said([delta("mid.$1", sender=OWN)], repeats=Repeats()) == []


def test_the_same_message_twice_is_answered_once(said, delta):
    """The journal knows its key."""
    assert len(said([delta("mid.$1"), delta("mid.$1")], repeats=Repeats())) == 1


def test_the_store_begins_empty_and_goes_along(said, delta):
    """From the first row to the last."""

    class Counts:
        @hookimpl
        def on_message(self, ctx, message):
            ctx.store["seen"] = ctx.store.get("seen", 0) + 1
            return str(ctx.store["seen"])

    for _ in range(2):
        assert [deed.text for deed in said([delta(f"mid.${n}") for n in range(3)], counts=Counts())] == ["1", "2", "3"]


def test_the_clock_stands_at_each_arrival(said, delta):
    """Also when the call before was slow and has not ended by then."""

    class Waits:
        @hookimpl
        def on_message(self, ctx, message):
            at = ctx.clock.time_ms() - START
            ctx.clock.wait(threading.Event(), 30.0)
            return f"{at} {ctx.clock.time_ms() - START}"

    rows = [delta("mid.$1"), delta("mid.$2", thread="7000000000000002")]
    for every_ms, texts in ((100_000, ["0 30000", "100000 130000"]), (1_000, ["0 30000", "1000 31000"])):
        found = said(rows, waits=Waits(), every_ms=every_ms)
        assert [deed.text for deed in found] == texts
        assert [deed.time_ms - START for deed in found] == [30_000, every_ms + 30_000]


def test_reading_fails_as_without_a_network(said, delta):
    """Whatever is asked for; the plugin may deal with it."""
    reads = [name for name, kind in FUNCTION_CLASSES.items() if kind == "read" and FUNCTION_KINDS[name] != "local"]

    class Asks:
        @hookimpl
        def on_message(self, ctx, message):
            with pytest.raises(NetworkError, match="get_user_info: a replay has no network"):
                ctx.api.get_user_info(ANN)
            return f"I am {ctx.api.get_current_user_id()}"

    assert "get_user_info" in reads
    assert [deed.text for deed in said([delta("mid.$1")], asks=Asks())] == [f"I am {OWN}"]


def test_what_a_plugin_does_at_once_is_told_with_its_name(said, delta):
    """And gets an answer that it can go on with."""

    class Acts:
        @hookimpl
        def on_message(self, ctx, message):
            sent = ctx.api.send_message({"body": "now", "url": "https://example.test"}, ctx.thread_id)
            ctx.api.set_message_reaction("👍", sent.message_id)
            ctx.api.set_title("New", ctx.thread_id)
            end = ctx.api.send_typing_indicator(ctx.thread_id)
            end()
            group = ctx.api.create_group([ANN, "100000000000003"], "Us")
            ctx.api.send_message("to both", [ANN, "100000000000003"])
            ctx.reply(f"made {group}")

    found = said([delta("mid.$1")], acts=Acts())
    mid = found[1].details["message_id"]
    assert [(deed.thread_id, deed.what, deed.text, deed.details) for deed in found] == [
        (GROUP, "message", "now", {"url": "https://example.test"}),
        (None, "reaction", "👍", {"message_id": mid}),
        (GROUP, "set_title", "", {"new_title": "New"}),
        (GROUP, "send_typing_indicator", "", {}),
        (None, "create_group", "", {"user_ids": [ANN, "100000000000003"], "title": "Us"}),
        (f"{ANN},100000000000003", "message", "to both", {}),
        (GROUP, "message", "made replay.5", {}),
    ]
    assert {deed.plugin for deed in found} == {"acts"}


def test_what_a_row_led_to_is_told_in_order_of_time(said, delta):
    """Direct calls and messages alike."""

    class Late:
        @hookimpl
        def on_message(self, ctx, message):
            ctx.clock.wait(threading.Event(), 30.0)
            ctx.api.set_title("late", ctx.thread_id)

    found = said([delta("mid.$1")], repeats=Repeats(), late=Late())
    assert [(deed.what, deed.time_ms - START) for deed in found] == [("message", 0), ("set_title", 30_000)]


def test_each_message_gets_an_id_of_its_own(said, delta):
    """A later call can ask for it."""

    class Remembers:
        @hookimpl
        def on_message(self, ctx, message):
            ids = [ctx.sent(handle) for handle in ctx.store.get("sent", [])]
            ctx.store["sent"] = [ctx.send(ctx.thread_id, "one"), ctx.send(ctx.thread_id, "two")]
            return " ".join(map(str, ids)) or None

    texts = [deed.text for deed in said([delta("mid.$1"), delta("mid.$2")], remembers=Remembers())]
    assert texts[:4] == ["one", "two", "one", "two"]
    assert len({one for one in texts[4].split() if one.startswith("mid.replay.")}) == 2


def test_files_are_told_by_their_kind(said, delta):
    """Not by what is in them."""

    class Sends:
        @hookimpl
        def on_message(self, ctx, message):
            ctx.api.send_message({"body": "", "attachment": ("a.txt", b"words")}, ctx.thread_id)

    (deed,) = said([delta("mid.$1")], sends=Sends())
    assert deed.details == {"attachment": ["a.txt", "bytes"]}


def test_a_queued_function_is_told_with_its_arguments(said, delta):
    """Once, as one that is called at once is."""

    class Renames:
        @hookimpl
        def on_message(self, ctx, message):
            ctx.queue("set_title", "Lake")

    assert said([delta("mid.$1")], renames=Renames()) == [
        Deed(START, GROUP, "renames", "set_title", "", {"new_title": "Lake"})
    ]


def test_a_queued_reaction_is_told_with_its_message(said, delta):
    """And what a message has beside its text."""

    class Reacts:
        @hookimpl
        def on_message(self, ctx, message):
            ctx.react("❤")
            ctx.reply("yes", reply_to=message.message_id)

    reaction, reply = said([delta("mid.$1")], reacts=Reacts())
    assert (reaction.what, reaction.text, reaction.details) == ("reaction", "❤", {"message_id": "mid.$1"})
    assert (reply.what, reply.text, reply.details) == ("message", "yes", {"reply_to": "mid.$1"})


def test_a_failing_plugin_does_not_end_the_replay(said, delta):
    """As in a live bot, with the bot file's sentence."""

    class Fails:
        @hookimpl
        def on_message(self, ctx, message):
            raise ValueError

    found = said([delta("mid.$1")], text="error_reply: Sorry.", fails=Fails(), repeats=Repeats())
    assert [(deed.plugin, deed.text) for deed in found] == [("fails", "Sorry."), ("repeats", "hello?")]


def test_limits_do_not_hold_up_a_replay(said, delta):
    """They say when, not what; and direct calls are not refused."""
    text = "limits: {message: {overall: 1 per 1h}, change: {overall: 1 per 1h}}"

    class Titles:
        @hookimpl
        def on_message(self, ctx, message):
            ctx.api.set_title(message.body, ctx.thread_id)

    found = said([delta(f"mid.${n}") for n in range(5)], text=text, titles=Titles(), repeats=Repeats())
    assert [deed.what for deed in found] == ["set_title", "message"] * 5
    assert [deed.time_ms - START for deed in found] == [n * 1000 for n in range(5) for _ in "ab"]


class Draws:
    """Draws lots, keeps counts for the chat and for everybody, and answers elsewhere."""

    @hookimpl
    def on_message(self, ctx, message):
        ctx.store["all"] = ctx.store.get("all", 0) + 1
        ctx.store.thread["here"] = ctx.store.thread.get("here", 0) + 1
        ctx.clock.wait(threading.Event(), ctx.random.choice([0.0, 0.4, 3.0]))
        ctx.send(str(7000000000000001 + ctx.random.randrange(50)), f"{ctx.store['all']} {ctx.store.thread['here']}")
        if ctx.random.random() < 0.3:
            ctx.api.set_title(str(ctx.random.random()), ctx.thread_id)
        return f"{ctx.random.randint(1, 6)} at {ctx.clock.time_ms()}"


def test_twice_the_same_with_fifty_chats_mixed(said, delta):
    """Slow calls, dice, shared counters and messages to other chats: the deeds do not hang on threads."""
    chance = random.Random(1)
    chats = [str(7000000000000001 + chance.randrange(50)) for _ in range(120)]
    rows = [delta(f"mid.${n}", f"word {n}", thread=chat) for n, chat in enumerate(chats)]
    first, second = (said(rows, every_ms=170, draws=Draws(), repeats=Repeats()) for _ in range(2))
    assert len(first) >= 360
    assert first == second
    assert first != said(rows, every_ms=170, seed=2, draws=Draws(), repeats=Repeats())


def test_a_record_that_is_wrong_in_the_middle_is_told(said, delta, tmp_path):
    """What came before it is there."""
    found = []
    path = tmp_path / "record"
    row = {"received_ms": START, "delta": delta("mid.$1")}
    path.write_text(f"{json.dumps(asdict(Head('0.1.0', OWN, '!', bodies=True)))}\n{json.dumps(row)}\nhello\n")
    table = loader.build([loader.plugin_of("repeats", Repeats())])
    clock, file = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)), config.BotFile()
    with pytest.raises(BadArgument, match="record:3: is no line of a record"):
        for deed in replay(Record(path), table, file, tmp_path / "folder", clock, random.Random(1)):
            found.append(deed)
    assert [deed.text for deed in found] == ["hello?"]
