"""Slow work that no chat waits for."""

from __future__ import annotations

import threading

import pytest

from botkit.context import ChatContext
from botkit.messenger.errors import BadArgument, StoreError
from botkit.runner.in_hand import InHand

FRIENDS = "7000000000000001"
GATE = threading.Event()
CLOCKS = []
DONE = []


@pytest.fixture(autouse=True)
def gate(stage):
    """What the work waits for, on the stage's clock."""
    GATE.clear()
    CLOCKS[:] = [stage.clock]
    DONE.clear()
    yield GATE
    GATE.set()


def double(number):
    DONE.append(number)
    return number * 2


def wait_for_the_gate(name):
    DONE.append(name)
    CLOCKS[0].wait(GATE)
    return name


def fail(text):
    raise ValueError(text)


def give_a_set(text):
    return {1, 2}


@pytest.fixture
def ann(stage):
    return stage.person("Ann")


@pytest.fixture
def start(stage, plugin):
    """Starts a bot whose plugin puts the function into the background that a message names."""

    def begin(work=None, *arguments, answer=None, **options):
        def on_message(ctx, message):
            if work is not None:
                ctx.background(work, *(arguments or (message.body,)))

        def on_background(ctx, result):
            return f"{result.function}{list(result.arguments)}: {result.value} {result.error}"

        hooks = {"on_message": on_message, "on_background": answer or on_background}
        return stage.start_bot(things={"slow": plugin(**hooks), **options.pop("others", {})}, **options)

    return begin


def test_the_result_comes_to_the_plugin_in_the_chat(start, ann, plugin):
    """With what was asked for, and only to the plugin that has asked."""
    nosy = plugin(on_background=lambda ctx, result: "nosy")
    start(double, 21, others={"nosy": nosy})
    ann.says("Friends", "go")
    assert ann.heard() == [("Bot", "double[21]: 42 None")]


def test_its_context_is_that_of_the_chat_and_the_person(start, ann, stage):
    """As if that person had brought the result."""
    seen = []
    start(double, 1, answer=lambda ctx, result: seen.append((type(ctx), ctx.thread_id, ctx.sender_id, ctx.event)))
    ann.says("Friends", "go")
    stage.settle()
    ((kind, thread_id, sender_id, event),) = seen
    assert (kind, thread_id, sender_id) == (ChatContext, FRIENDS, "100000000000002")
    assert (event.thread_id, event.sender_id, event.value) == (FRIENDS, "100000000000002", 2)


def test_the_chat_goes_on_meanwhile(start, ann, stage):
    """Messages are handled while the work is done, and the status counts it."""
    bot = start(wait_for_the_gate)
    ann.says("Friends", "one")
    ann.says("Friends", "two")
    stage.settle()
    assert DONE == ["one", "two"]
    assert (bot.status().background_waiting, bot.status().lanes_waiting) == (2, 0)
    GATE.set()
    assert sorted(text for _, text in ann.heard()) == [
        "wait_for_the_gate['one']: one None",
        "wait_for_the_gate['two']: two None",
    ]


def test_four_are_done_side_by_side(start, ann, stage):
    """The others wait for their turn."""
    start(wait_for_the_gate)
    for number in range(6):
        ann.says("Friends", str(number))
    stage.settle()
    assert len(DONE) == 4
    GATE.set()
    assert len(ann.heard()) == 6


@pytest.mark.parametrize(
    ("work", "told"), [(fail, "ValueError: go"), (give_a_set, "StoreError: store key 'give_a_set()': set is not JSON")]
)
def test_what_it_raises_comes_as_an_error(start, ann, stage, work, told):
    """So does a result that is not JSON."""
    results = []
    start(work, answer=lambda result: results.append(result))
    ann.says("Friends", "go")
    stage.settle()
    ((result),) = results
    assert result.value is None
    assert result.error.startswith(told)


def test_an_error_is_logged_without_its_text(start, ann, stage, caplog):
    """It may quote what somebody wrote."""
    caplog.set_level("INFO", logger="botkit")
    start(fail)
    ann.says("Friends", "very private")
    stage.settle()
    assert "plugin slow: background fail failed at " in caplog.text and "with ValueError" in caplog.text
    assert "very private" not in caplog.text


def test_it_is_run_again_from_its_beginning_after_a_stop(start, ann, stage):
    """What it has done so far is not known to anybody."""
    first = start(wait_for_the_gate)
    ann.says("Friends", "one")
    stage.settle()
    first.stop()
    assert DONE == ["one"]
    start()
    stage.settle()
    assert DONE == ["one", "one"]
    GATE.set()
    assert ann.heard() == [("Bot", "wait_for_the_gate['one']: one None")]


def test_a_result_that_nobody_has_got_yet_comes_after_a_restart(start, ann, stage, tmp_path):
    """It is a row of the journal, like a message."""
    bot = start(double, 1, answer=lambda ctx: hold(ctx))

    def hold(ctx):
        ctx.clock.wait(GATE)
        return "too late"

    ann.says("Friends", "go")
    stage.settle()
    bot.stop()
    GATE.set()
    start()
    assert ann.heard() == [("Bot", "double[1]: 2 None")]
    assert DONE == [1]


def test_it_is_given_up_after_ten_minutes(start, ann, stage, caplog):
    """The plugin is told; what it returns later is dropped."""
    start(wait_for_the_gate)
    ann.says("Friends", "one")
    stage.advance(599)
    assert ann.heard() == []
    assert "background work slow:wait_for_the_gate has been at work for 60 s" in caplog.text
    stage.advance(2)
    assert ann.heard() == [("Bot", "wait_for_the_gate['one']: None did not come back within 10 minutes")]
    GATE.set()
    assert ann.heard() == []


def test_a_lost_one_makes_room_for_others(start, ann, stage):
    """Four lost ones do not stop the work for good."""
    start(wait_for_the_gate)
    for number in range(5):
        ann.says("Friends", str(number))
    stage.advance(601)
    assert DONE[4:] == ["4"]


def test_work_that_ends_the_process_three_times_is_set_aside(start, ann, stage, tmp_path):
    """As an event would be; it is listed among the dead rows."""
    bot = start(wait_for_the_gate)
    ann.says("Friends", "one")
    stage.settle()
    ((row),) = bot.rows(["open"])
    bot.stop()
    for _ in range(3):
        # As a process leaves it that has not stopped in good order.
        InHand(tmp_path / "bots" / "Bot" / "in-hand").take(row.id, "slow:wait_for_the_gate")
        bot = start()
        stage.settle()
        found = bot.rows(["open", "dead"])
        bot.stop()
    assert [(one.id, one.kind, one.state) for one in found] == [(row.id, "work", "dead")]
    assert DONE == ["one"] * 3


def test_a_function_that_is_not_there_any_more_is_an_error(stage, plugin, ann, start):
    """The plugin was changed between two starts."""
    first = start(wait_for_the_gate)
    ann.says("Friends", "one")
    stage.settle()
    first.stop()
    results = []
    changed = plugin(on_background=lambda result: results.append(result.error))
    type(changed).__module__ = "json"
    stage.start_bot(things={"slow": changed})
    stage.settle()
    assert results == ["PluginError: there is no function wait_for_the_gate any more"]


def test_only_a_function_at_the_top_of_the_plugins_module_can_be_found_again(start, ann, stage, plugin):
    """No lambda, no inner function, no method, no other module's."""

    def inner():
        pass

    class Owner:
        def method(self):
            pass

    refused = []

    def on_message(ctx):
        for work in (lambda: 1, inner, Owner().method, threading.active_count, "double", print):
            try:
                ctx.background(work)
            except BadArgument as error:
                refused.append(str(error))
        for argument in ({1}, object(), threading):
            try:
                ctx.background(double, argument)
            except StoreError as error:
                refused.append(str(error))

    stage.start_bot(things={"slow": plugin(on_message=on_message)})
    ann.says("Friends", "go")
    stage.settle()
    assert len(refused) == 9
    assert "top level of the plugin" in refused[0]
    assert "background(double)" in refused[-1]


def test_work_of_a_call_that_fails_is_not_done(stage, plugin, ann):
    """It goes with its store changes and messages."""

    def on_message(ctx):
        ctx.background(double, 1)
        raise ValueError

    bot = stage.start_bot(things={"slow": plugin(on_message=on_message)})
    ann.says("Friends", "go")
    stage.settle()
    assert DONE == []
    assert bot.status().open_rows == 0


def test_a_hook_without_a_chat_gets_its_result_without_one(stage, plugin):
    """on_start may ask for work too."""
    seen = []
    hooks = {
        "on_start": lambda ctx: ctx.background(double, 4),
        "on_background": lambda ctx, result: seen.append((isinstance(ctx, ChatContext), result.value)),
    }
    stage.start_bot(things={"slow": plugin(**hooks)})
    stage.settle()
    assert seen == [(False, 8)]
    assert DONE == [4]
