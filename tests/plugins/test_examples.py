"""The examples of the shipped plugins' commands are answered as they say, and no command is without one."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from botkit import config
from botkit.runner import loader

SHIPPED = sorted(point.name for point in entry_points(group="botkit") if point.module.startswith("botkit_plugins."))
BOT_FILE = f"plugins: {{{', '.join(f'{name}: ' for name in SHIPPED)}}}"
COMMANDS = loader.load(config.parse(BOT_FILE, Path("bot.yaml"), {})).commands.commands
HAVING = sorted({one.plugin for one in COMMANDS if one.examples})


@pytest.mark.parametrize("plugin", [pytest.param(name, marks=pytest.mark.botkit(plugins=[name])) for name in HAVING])
def test_what_an_example_says_is_answered(bot, plugin):
    """By a bot that has this plugin alone."""
    bot.check_examples(plugin)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
def test_each_command_has_an_example(command):
    """One that is tried here, or one in its help: a shipped plugin is a lesson too."""
    assert command.examples or f"!{command.name}" in command.help
