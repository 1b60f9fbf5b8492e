"""!plugins, !enable, !disable, !reload"""

from __future__ import annotations

from types import ModuleType

import pytest

DICE = """
from typing import Annotated

from pydantic import Field

from botkit import ChatContext, Settings, command

class DiceSettings(Settings):
    sides: int = Field(default=6, ge=2, description="how many sides a die has")
    names: list[str] = ["one", "two"]
    greeting: str = "Here it rolls!"

@command("roll")
def roll(ctx: ChatContext) -> str:
    return f"{ctx.settings.greeting} 1 to {ctx.settings.sides}"
"""


@pytest.fixture
def dice(bot):
    """The plugin `dice` with settings of several kinds is loaded."""
    module = ModuleType("dice")
    exec(DICE, module.__dict__)
    bot.load(module, name="dice")


@pytest.fixture
def group(bot):
    """A group with the bot's owner Ann; Ben is nobody."""
    bot.owner("Ann")
    return bot.group("Friends", "Ann", "Ben")


@pytest.mark.botkit(plugins=["echo", "plugins"])
def test_a_plugin_is_switched_off_in_one_chat(bot, group):
    """And on again; elsewhere it stays on."""
    group.ann.says("!plugins").replies("On in this chat: echo, plugins, commands.")
    group.ann.says("!disable echo").replies("echo is off in this chat.")
    group.ann.says("!plugins").replies("On in this chat: plugins, commands.\nOff in this chat: echo.")
    group.ben.says("!echo hello").silent()
    bot.chat("Ben").ben.says("!echo hello").replies("hello")
    group.ann.says("!enable echo").replies("echo is on in this chat.")
    group.ben.says("!echo hello").replies("hello")


def test_what_is_needed_to_switch_on_again_stays_on(group):
    """The router, and the plugin that switches."""
    for name in ("plugins", "commands"):
        told = f"{name} has to stay on: without it nothing could be switched on again."
        group.ann.says(f"!disable {name}").replies(told)


@pytest.mark.parametrize("line", ["!enable ecko", "!disable ecko", "!reload ecko", "!plugins get ecko"])
def test_a_plugin_that_is_not_there_is_told(group, line):
    """With those that are."""
    group.ann.says(line).replies("There is no plugin ecko. There are: plugins, commands.")


def test_it_shows_how_a_plugin_is_set(dice, group):
    """A line for each setting, as it is typed, with what it is for."""
    lines = ["sides = 6 – how many sides a die has", 'names = ["one", "two"]', "greeting = Here it rolls!"]
    group.ann.says("!plugins get dice").replies("\n".join(lines))
    group.ann.says("!plugins get plugins").replies("plugins has no settings.")


def test_a_setting_is_changed_and_kept(bot, dice, group):
    """From the next message on, over a restart, until it is reset."""
    group.ann.says("!plugins set dice.sides 20").replies("dice.sides is set.")
    group.ann.says("!plugins set dice.greeting  Come, {name}!").replies("dice.greeting is set.")
    group.ben.says("!roll").replies("Come, {name}! 1 to 20")
    bot.restart()
    group.ben.says("!roll").replies("Come, {name}! 1 to 20")
    group.ann.says("!plugins reset dice.sides").replies("dice.sides is what the bot file says again.")
    group.ben.says("!roll").replies("Come, {name}! 1 to 6")


def test_what_the_plugin_refuses_is_not_set(dice, group):
    """The chat is told why, and nothing has changed."""
    group.ann.says("!plugins set dice.sides 1").replies(lambda text: "greater than or equal to 2" in text)
    group.ann.says("!plugins set dice.side 8").replies(lambda text: "sides" in text)
    group.ben.says("!roll").replies("Here it rolls! 1 to 6")


@pytest.mark.parametrize("line", ["!plugins set dice 8", "!plugins reset dice"])
def test_a_setting_is_named_with_its_plugin(group, line):
    """With a dot between them."""
    told = "Name the plugin and the setting, as in dice.text. What there is, !plugins get dice tells."
    group.ann.says(line).replies(told)


@pytest.mark.botkit(plugins=["echo", "plugins"])
def test_a_plugin_is_loaded_anew(group):
    """Afterwards it does what it did."""
    group.ann.says("!reload echo").replies("The plugin echo is reloaded.")
    group.ben.says("!echo hello").replies("hello")


@pytest.mark.parametrize(
    "line",
    [
        "!plugins",
        "!plugins get commands",
        "!plugins set commands.suggest false",
        "!plugins reset commands.suggest",
        "!enable commands",
        "!disable commands",
        "!reload commands",
    ],
)
def test_plugins_are_the_owners_affair(group, line):
    """An admin of the group is told so."""
    group.ben.says(line).replies("Only an owner of this bot may do that.")
