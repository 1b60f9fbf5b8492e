"""Every hook: the order in which plugins are asked, and what ends the asking."""

from __future__ import annotations

import inspect

import pytest

from botkit import STOP, command, hookimpl, hookspecs
from botkit.runner import loader
from botkit.runner.faults import HOOKS
from botkit.testing import Stage


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as made:
        yield made


def message(stage, bot):
    return stage.person("Ann").says("Friends", "hello")


def run_command(stage, bot):
    stage.person("Ann").says("Friends", "!say")


def title(stage, bot):
    stage.person("Ann").does("Friends", "title", text="Best friends")


def reaction(stage, bot):
    stage.person("Ben").reacts("Friends", message(stage, bot), "❤")


def unsend(stage, bot):
    stage.person("Ann").does("Friends", "unsend", message=message(stage, bot))


def own_read(stage, bot):
    message(stage, bot)
    stage.person("Bot").reads("Friends")


def receipt(stage, bot):
    message(stage, bot)
    stage.person("Ben").reads("Friends")


def gap(stage, bot):
    stage.fault("overflow")
    stage.fault("cut")
    stage.advance(60)


def dead_session(stage, bot):
    stage.fault("login_page", times=1_000)
    run_command(stage, bot)
    stage.advance(60)


CAUSES = {
    "on_start": lambda stage, bot: None,
    "on_stop": lambda stage, bot: bot.stop(),
    "on_message": message,
    "on_event": title,
    "on_reaction": reaction,
    "on_unsend": unsend,
    "on_read": own_read,
    "on_read_receipt": receipt,
    "on_typing": lambda stage, bot: stage.person("Ann").types("Friends"),
    "on_presence": lambda stage, bot: stage.person("Ben"),
    "on_connection": lambda stage, bot: None,
    "on_gap": gap,
    "on_account": dead_session,
    "on_background": lambda stage, bot: stage.person("Ann").says("Friends", "!work"),
    "on_plugin_error": lambda stage, bot: stage.person("Ann").says("Friends", "!fail"),
    "allow": run_command,
    "outgoing": run_command,
    "register_commands": lambda stage, bot: None,
    "register_jobs": lambda stage, bot: None,
    "register_cli": lambda stage, bot: None,
}
"""What makes each hook come."""

NO_WALK = ("on_background", "allow", "register_commands", "register_jobs", "register_cli")
"""Hooks that do not end by STOP."""


def nothing():
    """Work for the background."""


class Tools:
    """What the causes need: a command, one that fails, and one that asks for work."""

    @command("say")
    def say(self, ctx):
        return "said"

    @command("fail")
    def fail(self, ctx):
        raise ValueError

    @command("work")
    def work(self, ctx):
        ctx.background(nothing)


class Asker:
    """Appends its name when its hook is called, and returns the same each time."""

    def __init__(self, hook, name, asked, value):
        def function():
            asked.append(name)
            return value

        setattr(self, hook, hookimpl(function))


def asked_by(stage, hook, first=None):
    """The names of the plugins that were asked, in their order; the first returns `first`."""
    asked = []
    value = [] if hook.startswith("register_") else None
    askers = {"b": Asker(hook, "b", asked, first or value), "a": Asker(hook, "a", asked, value)}
    bot = stage.start_bot(things={**askers, "tools": Tools()})
    CAUSES[hook](stage, bot)
    stage.settle()
    return asked


def test_each_hook_has_a_cause():
    """A new hook needs one here."""
    assert list(CAUSES) == list(HOOKS)


@pytest.mark.parametrize("hook", [one for one in HOOKS if one not in ("on_background", "register_cli")])
def test_plugins_are_asked_in_the_order_of_the_bot_file(stage, hook):
    """Not in that of their names, nor the last first."""
    asked = asked_by(stage, hook)
    assert asked
    assert asked == ["b", "a"] * (len(asked) // 2)


@pytest.mark.parametrize("hook", [one for one in HOOKS if one not in NO_WALK])
def test_stop_ends_the_walk(stage, hook):
    """Later plugins are not asked."""
    assert "STOP" in inspect.getdoc(getattr(hookspecs, hook))
    assert set(asked_by(stage, hook, STOP)) == {"b"}


def test_the_result_of_background_work_is_its_own_plugins(stage):
    """Nobody else is asked."""
    told = []
    tools = Tools()
    tools.on_background = hookimpl(lambda: told.append("tools"))
    other = Asker("on_background", "other", told, None)
    bot = stage.start_bot(things={"other": other, "tools": tools})
    CAUSES["on_background"](stage, bot)
    stage.settle()
    assert told == ["tools"]


def test_a_no_ends_the_asking_for_leave(stage):
    """The command is not run, and the next plugin not asked."""
    assert asked_by(stage, "allow", "Not now.") == ["b"]
    assert stage.person("Ann").history("Friends")[-1] == ("Bot", "Not now.")


def test_subcommands_are_asked_for_in_the_same_order():
    """By the command line, which has the table."""
    askers = [loader.plugin_of(name, Asker("register_cli", name, [], [])) for name in ("b", "a")]
    assert [one.plugin.name for one in loader.build(askers).handlers("register_cli")] == ["b", "a"]
