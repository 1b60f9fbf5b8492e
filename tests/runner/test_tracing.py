"""`--trace-hooks`: what is told of each call, and of what was not called"""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from botkit import STOP, ask, command, every, hookimpl, keyword
from botkit.runner import loader
from botkit.runner.tracing import Trace
from botkit.testing import ManualClock, Stage

FRIENDS = "7000000000000001"


class First:
    @hookimpl
    def on_start(self, ctx): ...

    @hookimpl
    def on_message(self, ctx, message):
        if message.body == "stop here":
            return STOP
        if message.body == "fall over":
            raise KeyError(message.body)
        return None

    @keyword("tea")
    def tea(self, ctx):
        return "my-private-answer"

    @every("7d")
    def tidy(self, ctx): ...

    @command("roll")
    def roll(self, ctx):
        """Roll."""
        ctx.host.disable("second")
        return "my-private-answer"

    @command("ask")
    def ask(self, ctx):
        """Ask."""
        stars = yield ask("How many stars?", int)
        yield stars

    @command("secret", role="owner")
    def secret(self, ctx):
        """For owners."""


class Second:
    @hookimpl
    def on_message(self, message): ...


@pytest.fixture
def told(tmp_path, caplog):
    """Says something as Ann, and gives what is traced about it; the time that it took reads N."""
    with Stage(tmp_path) as stage:
        stage.start_bot(things={"first": First(), "second": Second()}, trace=Trace(stage.clock))
        ann = stage.person("Ann")

        def say(text):
            caplog.clear()
            ann.says("Friends", text)
            ann.heard()
            return lines(caplog.records)

        yield say


def lines(records):
    found = [one.getMessage() for one in records if one.name == "botkit.runner.tracing"]
    return [re.sub(r"\d+\.\d ms", "N ms", one.removeprefix("trace      ")) for one in found]


def traced(*lines):
    return [f"Message in chat {FRIENDS}: {line}" for line in lines]


def test_each_call_is_told_with_its_time_and_what_kind_of_thing_it_returned(told, caplog):
    """A hook without a chat, a hook without ctx, and those that do not want the event."""
    assert lines(caplog.get_records("setup")) == ["no event: first:on_start: N ms, returned None"]
    assert told("hello") == traced(
        "first:tea: not called: its conditions do not fit",
        "first:on_message: N ms, returned None",
        "second:on_message: N ms, returned None",
        "commands:on_message: N ms, returned None",
    )


def test_a_command_is_told_beside_the_router_that_asked_for_it(told):
    """And the texts are not in the log, neither what was asked nor what was answered."""
    of_command = told("!roll")
    assert of_command[-2:] == traced(
        "commands:on_message: N ms, returned the command roll", "first:!roll: N ms, returned a text"
    )
    assert "my-private-answer" not in "".join(of_command + told("tea"))


def test_each_turn_of_a_conversation_is_told(told):
    """Its questions, and how it ends; a fault is blamed on the plugin's own line."""
    assert told("!ask")[-1] == traced("first:!ask: N ms, asked")[0]
    assert told("five") == traced("first:!ask: why: I took it as the answer to a question of ask.")
    assert told("5") == traced("first:!ask: N ms, asked", "first:!ask: N ms, raised PluginError")


def test_a_plugin_that_is_off_in_the_chat_is_told(told):
    """From the event after the one that has switched it off."""
    told("!roll")
    assert traced("second:on_message: not called: the plugin is off in this chat")[0] in told("hello")


def test_a_job_is_told(caplog):
    """By its own name."""
    caplog.set_level("INFO", "botkit.runner.tracing")
    table = Trace(ManualClock()).table(loader.build([loader.plugin_of("first", First())]))
    (job,) = table.jobs
    job.function(None)
    assert lines(caplog.records) == ["no event: first:@tidy: N ms, returned None"]


def test_a_job_that_a_call_has_made_is_told(tmp_path, caplog):
    """By the number that it was given."""
    work = ModuleType("work")
    exec(
        "from botkit import command\n"
        "def ding(ctx): pass\n"
        "@command('later')\n"
        "def later(ctx):\n"
        "    'Later.'\n"
        "    ctx.schedule.after('1h', ding)\n",
        work.__dict__,
    )
    with Stage(tmp_path) as stage:
        stage.start_bot(things={"work": work}, trace=Trace(stage.clock))
        stage.person("Ann").says("Friends", "!later")
        stage.settle()
        caplog.clear()
        stage.advance(3600)
        assert lines(caplog.records) == [f"JobRun in chat {FRIENDS}: work:@1: N ms, returned None"]


def test_who_ends_the_walk_and_who_falls_over_is_told(told):
    """The others were not called; or they were all the same."""
    assert told("stop here")[1:] == traced(
        "first:on_message: N ms, returned STOP",
        "second:on_message: not called: first:on_message has ended the walk",
        "commands:on_message: not called: first:on_message has ended the walk",
    )
    assert traced("first:on_message: N ms, raised KeyError")[0] in told("fall over")


def test_a_command_that_a_gate_refuses_is_told(told):
    """In the words of `!why`."""
    assert "owner" in told("!secret")[-1].partition("commands:on_message: why: ")[2]


def test_a_bot_that_does_not_trace_calls_the_plugins_own_functions(tmp_path):
    """So it pays nothing."""
    with Stage(tmp_path) as stage:
        first = First()
        bot = stage.start_bot(things={"first": first})
        (handler,) = bot._tables.current().handlers("on_start")
        assert handler.function == first.on_start
