"""`@cron`, `@every` and `@at`, and what is wrong with jobs that cannot be."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from botkit import at, cron, every, hookimpl
from botkit.jobs import plan_of
from botkit.messenger.errors import ConfigError, PluginError
from botkit.runner.loader import build, plugin_of
from botkit.schedule import At, Catching, Cron, Every


def job(ctx):
    """What is marked."""


def fresh():
    """A function without a marker."""

    def work(ctx):
        """Nothing."""

    return work


@pytest.mark.parametrize(
    "marker,when",
    [
        (cron("0 9 * * mon"), Cron("0 9 * * mon")),
        (every("2h"), Every("2h")),
        (every(90), Every("90s")),
        (every(14 * 86_400), Every("1209600s")),
        (every(100_001.5), Every("100001.5s")),
        (every(timedelta(days=400)), Every("34560000s")),
        (at("2026-12-24 18:00"), At("2026-12-24 18:00")),
    ],
)
def test_a_marker_notes_when_a_function_is_called(marker, when):
    """The function stays what it is."""
    function = fresh()
    assert marker(function) is function
    assert plan_of(function).when == when


def test_a_marker_notes_the_rest():
    """Where it runs, what it is called, and what becomes of missed runs."""
    plan = plan_of(cron("0 9 * * *", each="thread", name="morning", missed="run_all", within="2 days")(fresh()))
    assert (plan.is_each, plan.name, plan.catching) == (True, "morning", Catching("run_all", 172_800.0))
    plan = plan_of(cron("0 9 * * *")(fresh()))
    assert (plan.is_each, plan.name, plan.catching) == (False, None, Catching("run_once", 21_600.0))


@pytest.mark.parametrize(
    "mark,problem",
    [
        (lambda: cron("0 9 * *"), "@cron('0 9 * *'): wanted are five fields, not 4"),
        (lambda: cron(9), "@cron(9): 9 is no text such as '0 9 * * mon'"),
        (lambda: every("tea"), "@every('tea'): 'tea' is no length of time"),
        (lambda: every(-1), "@every(-1): -1 is no length of time; give seconds, or a text such as '2h30m'"),
        (lambda: at("noon"), "@at('noon'): 'noon' is no date and time"),
        (lambda: cron("0 9 * * *", each="chat"), "each must be 'thread' or None, not 'chat'"),
        (lambda: cron(lambda settings: "", each="chat"), "@cron(…): each must be 'thread' or None, not 'chat'"),
        (lambda: cron("0 9 * * *", name="12"), "name must be a text without a colon, and no number, not '12'"),
        (lambda: cron("0 9 * * *", name="a\nb"), "name must be a text without a colon, and no number"),
        (lambda: cron("0 9 * * *", name="a:b"), "name must be a text without a colon, and no number, not 'a:b'"),
        (lambda: cron("0 9 * * *", missed="all"), "missed must be one of run_once, skip, run_all, not 'all'"),
        (lambda: cron("0 9 * * *", within="long"), "'long' is no length of time"),
        (lambda: cron("0 9 * * *")("text"), "write it above a function"),
        (lambda: cron("0 9 * * *")(every(60)(fresh())), "work has a schedule already; one function has one"),
    ],
)
def test_what_is_wrong_with_a_marker_is_told(mark, problem):
    """When the plugin is loaded, with what would be right."""
    with pytest.raises(PluginError) as raised:
        mark()
    assert problem in str(raised.value)


def table(**functions):
    """The hook table of a plugin of these functions."""
    return build([plugin_of("work", SimpleNamespace(**functions))])


def test_jobs_of_a_plugin_are_in_the_table():
    """By the names of their functions, or their own; those of the hook as well."""
    made = [every("1h", name=f"job {number}")(fresh()) for number in range(2)]
    found = table(
        first=cron("0 9 * * *")(fresh()),
        second=every("1h", name="other", each="thread")(fresh()),
        register_jobs=hookimpl(named("register_jobs", lambda: made)),
    )
    assert [(one.id, one.is_each) for one in found.jobs] == [
        ("work:work", False),
        ("work:other", True),
        ("work:job 0", False),
        ("work:job 1", False),
    ]


def named(name, function):
    """The function under another name."""
    function.__name__ = name
    return function


async def later(ctx):
    """No plugin does this."""


def asking(ctx):
    """Only commands ask."""
    yield "what?"


@pytest.mark.parametrize(
    "functions,problem",
    [
        ({"job": every(60)(later)}, "later: plugins are sync Python; write def instead of async def"),
        ({"job": every(60)(asking)}, "asking: only a command can be a conversation; write return instead of yield"),
        ({"job": every(60)(lambda: None)}, "a job takes one argument, ctx, not nothing"),
        ({"job": every(60)(lambda ctx, event: None)}, "a job takes one argument, ctx, not ctx, event"),
        ({"job": every(60)(lambda *ctx: None)}, "a job takes one argument, ctx, not *ctx"),
        ({"a": every(60)(fresh()), "b": every(60)(fresh())}, "there are two jobs work; give one another name"),
        ({"register_jobs": hookimpl(named("register_jobs", lambda: [job]))}, "is not marked with @cron, @every or @at"),
    ],
)
def test_what_cannot_be_a_job_is_refused_at_load(functions, problem):
    """With file and line."""
    with pytest.raises(ConfigError) as raised:
        table(**functions)
    (told,) = raised.value.problems
    assert problem in told
    assert told.startswith(__file__)
