"""Settings that an owner changes from a chat: in force from the next event on, kept, and never lost."""

from __future__ import annotations

import pytest

from botkit import ChatContext, Rest, Settings, command, config
from botkit.runner import loader

OWNER = "owners: [100000000000002]\n"


class Welcome(Settings):
    text: str = "Hello!"
    most: int = 3


class Settled:
    """Says its setting, and lets the owner change those of all."""

    @command("text")
    def text(self, ctx: ChatContext) -> str:
        return ctx.settings.text

    @command("set")
    def set(self, ctx: ChatContext, plugin: str, key: str, value: Rest) -> str:
        ctx.host.set_setting(plugin, key, value)
        return f"{ctx.host.settings(plugin)[key]}, and still {ctx.settings.text}"

    @command("reset")
    def reset(self, ctx: ChatContext, plugin: str, key: str) -> str:
        ctx.host.reset_setting(plugin, key)
        return str(ctx.host.settings(plugin)[key])

    @command("fail")
    def fail(self, ctx: ChatContext) -> str:
        ctx.host.set_setting("welcome", "text", "lost")
        raise RuntimeError


@pytest.fixture
def start(stage, tmp_path):
    """Starts a bot whose plugin `welcome` has the class `model` and these values in the bot file."""

    def begin(model=Welcome, **values):
        thing = type("Settled", (Settled,), {"Model": model, "__module__": __name__})()
        settings = config.parse(OWNER, tmp_path / "bot.yaml", {})
        plugins = [loader.plugin_of("welcome", thing, values), *loader.load(settings).plugins]
        return stage.run_bot(settings, loader.build(plugins))

    return begin


@pytest.fixture
def ann(stage):
    return stage.person("Ann")


@pytest.fixture
def asks(stage, ann):
    """What the bot answers Ann."""

    def ask(text):
        before = len(ann.heard())
        ann.says("Friends", text)
        stage.settle()
        return [said for _, said in ann.heard()[before:] if said != text][-1]

    return ask


def test_a_change_holds_from_the_next_event_on_and_over_a_restart(start, asks):
    """The call that makes it sees it through `ctx.host`; over the bot file, until it is reset."""
    bot = start(text="from the file")
    assert asks("!set welcome text Hi there, you") == "Hi there, you, and still from the file"
    assert asks("!text") == "Hi there, you"
    bot.stop()
    start(text="from a newer file")
    assert asks("!text") == "Hi there, you"
    assert asks("!reset welcome text") == "from a newer file"
    assert asks("!text") == "from a newer file"


def test_a_change_of_a_call_that_fails_is_dropped(start, asks, ann):
    """It is committed with the call, or not at all."""
    start()
    ann.says("Friends", "!fail")
    assert asks("!text") == "Hello!"


def test_what_the_class_refuses_is_told_in_the_chat(start, asks):
    """And nothing is changed."""
    start()
    assert asks("!set welcome most many") == "Setting most should be a whole number, not 'many'."
    assert asks("!set welcom text x").startswith("There is no plugin welcom.")
    assert asks("!text") == "Hello!"


def test_a_change_that_no_longer_fits_is_named_in_the_log_once_and_kept(start, asks, caplog):
    """The plugin was edited; should it take the setting again, it is there."""

    class Shorter(Settings):
        text: str = "Short!"

    bot = start()
    assert asks("!set welcome most 5").startswith("5")
    assert asks("!set welcome text Hi").startswith("Hi")
    bot.stop()
    bot = start(Shorter)
    assert [asks("!text"), asks("!text")] == ["Hi", "Hi"]
    told = [record.message for record in caplog.records if "left aside" in record.message]
    assert told == [
        "plugin welcome: the setting most, changed from a chat, does not fit any more and is left aside: "
        "There is no setting most; there are text."
    ]
    bot.stop()
    start()
    assert asks("!set welcome text Hey").startswith("Hey")
    assert asks("!reset welcome most") == "3"
