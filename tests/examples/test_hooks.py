"""examples/hooks: one small plugin for each hook."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.messenger import NotLoggedIn
from botkit.testing import Stage

HOOKS = Path(__file__).parents[2] / "examples" / "hooks"


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as made:
        yield made


@pytest.fixture
def start(stage):
    """Starts a bot with some of the examples and their settings: `start(on_background="")`."""

    def begin(**plugins):
        lines = [f"  {name}: {settings}" for name, settings in plugins.items()]
        return stage.start_bot("\n".join([f"plugin_dirs: [{HOOKS}]", "plugins:", *lines]))

    return begin


def test_on_background(stage, start):
    """The answer comes when the work is done."""
    ann = stage.person("Ann")
    start(on_background="")
    ann.says("Friends", "!prime 100")
    assert ann.heard() == [("Bot", "I am looking for it."), ("Bot", "The largest prime number below 100 is 97.")]
    ann.says("Friends", "!prime 2")
    assert ann.heard() == [("Bot", "There is no prime number below 2.")]


def test_on_account(stage, start):
    """The chat hears of it as soon as the bot is back."""
    ann = stage.person("Ann")
    plugins = {"on_account": "{chat: 7000000000000001}", "ping": ""}
    bot = start(**plugins)
    stage.fault("login_page", times=1_000)
    ann.says("Stand-up", "!ping")
    with pytest.raises(NotLoggedIn):
        bot.wait(60)
    bot.stop()
    stage.fault("login_page", times=0)
    start(**plugins)
    told = "This bot was away from 01 January, 00:00 UTC on: it was logged out."
    assert ("Bot", told) in ann.heard()
