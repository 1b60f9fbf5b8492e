"""Plugins that are asked about what others do: `allow` and `outgoing`."""

from __future__ import annotations

import threading

import pytest

from botkit import STOP, command, hookimpl
from botkit.messenger.errors import ContextError

STAND_UP = "7000000000000002"


class Say:
    """Commands that answer, react, fail, and tell what became of the last message."""

    @command("say")
    def say(self, ctx):
        ctx.store.increment("said")
        return "said"

    @command("like")
    def like(self, ctx):
        ctx.react("👍")

    @command("fail")
    def fail(self, ctx):
        raise ValueError

    @command("why")
    def why(self, ctx):
        return "\n".join(ctx.host.why())


@pytest.fixture
def ann(stage):
    return stage.person("Ann")


@pytest.fixture
def start(stage, plugin):
    """Starts a bot with the commands and plugins of one hook each: `start(a={"allow": …})`."""
    return lambda text="", **hooks: stage.start_bot(
        text, {"say": Say(), **{name: plugin(**given) for name, given in hooks.items()}}
    )


def boom(ctx):
    raise ValueError("bad day")


def hang(ctx):
    ctx.clock.wait(threading.Event())


@pytest.mark.parametrize("value", [None, True])
def test_no_objection_lets_a_command_run(ann, start, value):
    """None is the usual way to say so."""
    start(a={"allow": lambda command: value})
    ann.says("Friends", "!say")
    assert ann.heard() == [("Bot", "said")]


@pytest.mark.parametrize(("value", "heard"), [("Not now.", [("Bot", "Not now.")]), (False, [])])
def test_an_objection_keeps_a_command_from_running(ann, start, value, heard):
    """A text is said, False is silent; other commands are asked about anew."""
    start(a={"allow": lambda command: value if command.name == "say" else None})
    ann.says("Friends", "!say")
    assert ann.heard() == heard
    ann.says("Friends", "!like")
    assert [one["reactions"] != [] for one in ann.messages("Friends")[-1:]] == [True]


def test_what_a_plugin_keeps_and_says_while_it_objects_counts(ann, start):
    """It is committed with the call that was not run."""

    def allow(ctx, command):
        ctx.store.increment("asked")
        ctx.reply(f"asked {ctx.store['asked']} times")
        return False

    start(a={"allow": allow})
    for _ in range(2):
        ann.says("Friends", "!say")
    assert ann.heard() == [("Bot", "asked 1 times"), ("Bot", "asked 2 times")]


def test_a_plugin_that_fails_when_asked_for_leave_says_no(stage, ann, start, caplog):
    """The failure is its own: the command's plugin has none. After five it is paused, and not asked."""
    bot = start(a={"allow": boom})
    for number in range(5):
        ann.says("Friends", "!say")
        assert ann.heard() == [], number
    assert "plugin a: a:allow failed" in caplog.text
    ann.says("Friends", "!say")
    assert ann.heard() == [("Bot", "said")]
    errors = {one.name: one.errors for one in bot.status().plugins}
    assert (errors["a"], errors["say"], errors["commands"]) == (5, 0, 0)
    stage.advance(61)
    ann.says("Friends", "!say")
    assert ann.heard() == []


def test_a_plugin_that_does_not_come_back_when_asked_for_leave_says_no(stage, ann, start):
    """It is paused at once; the chat goes on."""
    bot = start(a={"allow": hang})
    ann.says("Friends", "!say")
    ann.says("Friends", "!say")
    stage.advance(61)
    assert ann.heard() == [("Bot", "said")]
    status = next(one for one in bot.status().plugins if one.name == "a")
    assert (status.errors, status.missed, bot.status().open_rows) == (1, 1, 0)


@pytest.mark.parametrize("hook", ["allow", "outgoing"])
def test_a_plugin_that_comes_back_too_late_changes_nothing(stage, ann, start, hook):
    """Its worker asks nobody else and runs no command: that has been decided without it."""
    let_go, asked, workers = threading.Event(), [], []

    def hang_once(ctx):
        workers.append(threading.current_thread())
        ctx.clock.wait(let_go)

    start(a={hook: hang_once}, b={hook: lambda: asked.append("b")})
    ann.says("Friends", "!say")
    stage.advance(61)
    let_go.set()
    workers[0].join(5.0)
    assert asked == []
    ann.says("Friends", "!say")
    assert (len(ann.heard()), asked) == (1 if hook == "allow" else 2, ["b"])


def test_other_plugins_are_told_of_its_failure(stage, ann, start):
    """As of any other; also when it was asked about a message."""
    told = []
    tell = {"on_plugin_error": lambda plugin, error: told.append((plugin, str(error)))}
    start(a={"allow": boom}, b={"outgoing": boom}, c=tell)
    ann.says("Friends", "hello")
    ann.says("Friends", "!say")
    stage.settle()
    assert told == [("a", "bad day")]


def test_a_message_is_seen_before_it_goes(ann, start):
    """With its chat, its text, its kind, and whose it is; reactions too."""
    seen = []
    see = {"outgoing": lambda message: seen.append((message.plugin, message.kind, message.body))}
    start(a=see, b={"on_message": lambda message: f"b: {message.body}"})
    ann.says("Friends", "!say")
    ann.says("Friends", "!like")
    ann.heard()
    assert seen == [
        ("b", "message", "b: !say"),
        ("say", "message", "said"),
        ("b", "message", "b: !like"),
        ("say", "reaction", "👍"),
    ]


def test_a_text_takes_the_place_of_a_message(ann, start):
    """Later plugins see that one; a reaction gets another emoji."""
    start(a={"outgoing": lambda message: "💙" if message.kind == "reaction" else f"<{message.body}>"})
    ann.says("Friends", "!say")
    liked = ann.says("Friends", "!like")
    assert ann.heard() == [("Bot", "<said>")]
    (message,) = [one for one in ann.messages("Friends") if one["id"] == liked]
    assert "💙" in str(message["reactions"])


def test_changes_add_up_in_the_order_of_the_plugins(ann, start):
    """Each sees what the one before has made of it."""
    start(b={"outgoing": lambda message: f"{message.body} b"}, a={"outgoing": lambda message: f"{message.body} a"})
    ann.says("Friends", "!say")
    assert ann.heard() == [("Bot", "said b a")]


def test_a_veto_keeps_a_message_back(ann, start, caplog):
    """The call counts all the same; the log says who it was."""
    start(a={"outgoing": lambda message: STOP if message.body == "said" else None})
    ann.says("Friends", "!say")
    assert ann.heard() == []
    assert "4 characters by say, by plugin a" in caplog.text
    ann.says("Friends", "!why")
    assert ann.heard()[-1] == ("Bot", "I ran the command say of the plugin say.\nThe plugin a kept my answer back.")


def test_a_plugin_sees_its_own_messages_too(ann, start):
    """It may leave them alone by their name."""
    start(a={"on_message": lambda: "mine", "outgoing": lambda message: f"{message.body}, of {message.plugin}"})
    ann.says("Friends", "hello")
    assert ann.heard() == [("Bot", "mine, of a")]


def test_nothing_can_be_queued_while_a_message_is_looked_at(ann, start):
    """Else there would be no end."""
    raised = []

    def outgoing(ctx, message):
        for queue in (lambda: ctx.reply("more"), lambda: ctx.send(STAND_UP, "more"), lambda: ctx.react("❤")):
            with pytest.raises(ContextError, match="nothing can be queued while a message is looked at") as caught:
                queue()
            raised.append(caught.value)

    start(a={"outgoing": outgoing})
    ann.says("Friends", "!say")
    assert ann.heard() == [("Bot", "said")]
    assert len(raised) == 3


def test_what_it_keeps_is_committed_with_the_call(ann, start):
    """And counts once, though the call may be rerun."""

    def outgoing(ctx, message):
        ctx.store["seen"] = ctx.store.get("seen", 0) + 1
        return f"{message.body} {ctx.store['seen']}"

    start(a={"outgoing": outgoing})
    for _ in range(2):
        ann.says("Friends", "!say")
    assert ann.heard() == [("Bot", "said 1"), ("Bot", "said 2")]


def test_all_parts_of_a_call_share_the_store_of_their_plugin(ann, start, plugin):
    """A plugin is asked about its own messages: it sees what its handler has just stored, and adds to it."""

    def count(ctx):
        ctx.store["count"] = ctx.store.get("count", 0) + 1
        return ctx.store["count"]

    def on_message(ctx, message):
        ctx.reply("first")
        return f"handled as {count(ctx)}" if message.body == "hello" else None

    start(a={"on_message": on_message, "outgoing": lambda ctx, message: f"{message.body}, sent as {count(ctx)}"})
    ann.says("Friends", "hello")
    assert ann.heard() == [("Bot", "first, sent as 2"), ("Bot", "handled as 1, sent as 3")]
    ann.says("Friends", "hello")
    assert ann.heard() == [("Bot", "first, sent as 5"), ("Bot", "handled as 4, sent as 6")]


def test_a_command_goes_on_where_its_plugin_gave_leave(stage, ann):
    """What `allow` has stored is there when the command runs, and is kept when the command fails."""

    class Strict:
        @hookimpl
        def allow(self, ctx, command):
            ctx.store["asked"] = ctx.store.get("asked", 0) + 1

        @command("asked")
        def asked(self, ctx):
            ctx.store["run"] = ctx.store.get("run", 0) + 1
            return f"asked {ctx.store['asked']}, run {ctx.store['run']}"

        @command("fail")
        def fail(self, ctx):
            ctx.store["asked"] = 100
            raise ValueError

    stage.start_bot(things={"strict": Strict()})
    for line in ("!asked", "!fail", "!asked"):
        ann.says("Friends", line)
    assert ann.heard() == [("Bot", "asked 1, run 1"), ("Bot", "asked 3, run 2")]


def test_what_it_keeps_and_does_not_fit_is_its_own_fault(ann, start):
    """A text cannot be incremented; the call that it was asked about is committed all the same."""

    def outgoing(ctx, message):
        if message.body == "again":
            ctx.store.increment("name")
        else:
            ctx.store["name"] = "Ann"

    bot = start(a={"outgoing": outgoing}, b={"on_message": lambda message: message.body})
    for text in ("once", "again"):
        ann.says("Friends", text)
    assert ann.heard() == [("Bot", "once"), ("Bot", "again")]
    assert {one.name: one.errors for one in bot.status().plugins if one.errors} == {"a": 1}


@pytest.mark.parametrize("value", ["", "x" * 20_001, 7])
def test_what_is_no_message_leaves_it_as_it_was(ann, start, caplog, value):
    """And is the fault of the plugin that returned it."""
    bot = start(a={"outgoing": lambda message: value})
    ann.says("Friends", "!say")
    assert ann.heard() == [("Bot", "said")]
    assert next(one for one in bot.status().plugins if one.name == "a").errors == 1


def test_a_plugin_that_fails_does_not_silence_the_others(stage, ann, start):
    """The messages go as they are, and the others are asked; after five failures it is left out for a minute."""
    asked = []
    fail = {"outgoing": lambda ctx: asked.append(1) or boom(ctx)}
    start(a=fail, b={"outgoing": lambda message: f"{message.body} b"})
    for _ in range(6):
        ann.says("Friends", "!say")
    assert ann.heard() == [("Bot", "said b")] * 6
    assert len(asked) == 5


def test_a_plugin_that_does_not_come_back_does_not_silence_the_others(stage, ann, start):
    """After a minute the messages go, changed as far as they were, and the plugin is paused."""
    bot = start(a={"outgoing": lambda message: f"{message.body} a"}, b={"outgoing": hang})
    ann.says("Friends", "!say")
    ann.says("Friends", "!say")
    stage.advance(61)
    assert ann.heard() == [("Bot", "said a"), ("Bot", "said a")]
    assert {one.name: one.errors for one in bot.status().plugins if one.errors} == {"b": 1}
    assert bot.status().open_rows == 0


def test_a_trial_after_a_pause_ends_it(stage, ann, start):
    """Asking is a call like any other for the breaker."""
    broken = [True]

    def outgoing(ctx, message):
        return boom(ctx) if broken else "mended"

    bot = start(a={"outgoing": outgoing})
    for _ in range(5):
        ann.says("Friends", "!say")
    stage.advance(61)
    broken.clear()
    for _ in range(2):
        ann.says("Friends", "!say")
    assert ann.heard()[-2:] == [("Bot", "mended"), ("Bot", "mended")]
    assert next(one for one in bot.status().plugins if one.name == "a").paused_until_ms is None


def test_error_reply_and_the_api_do_not_pass(ann, start):
    """The one is the owner's own sentence, the other acts at once."""

    def at_once(ctx, message):
        if message.body == "now":
            ctx.api.send_message("at once", ctx.thread_id)

    start("error_reply: Sorry.\n", a={"outgoing": lambda message: STOP}, b={"on_message": at_once})
    ann.says("Friends", "now")
    ann.says("Friends", "!fail")
    assert ann.heard() == [("Bot", "at once"), ("Bot", "Sorry.")]


def test_it_can_be_a_message_of_no_chat(stage, ann, start):
    """What is sent at the start passes as well."""
    start(
        a={"on_start": lambda ctx: ctx.send(STAND_UP, "hello") and None},
        b={"outgoing": lambda ctx, message: f"{message.body} in {message.thread_id}"},
    )
    assert ann.heard() == [("Bot", f"hello in {STAND_UP}")]
