"""examples/hooks: one small plugin for each hook, each seen to do what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.messenger import NotLoggedIn
from botkit.runner.faults import HOOKS
from botkit.testing import Stage

FOLDER = Path(__file__).parents[2] / "examples" / "hooks"
FRIENDS = "7000000000000001"
STAND_UP = "7000000000000002"
BEN = "100000000000003"


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as made:
        yield made


@pytest.fixture
def start(stage):
    """Starts a bot with some of the examples and their settings: `start(on_background="")`."""

    def begin(plugins=None, /, **more):
        lines = [f"  {name}: {settings}" for name, settings in {**(plugins or {}), **more}.items()]
        return stage.start_bot("\n".join([f"plugin_dirs: [{FOLDER}]", "plugins:", *lines]))

    return begin


@pytest.fixture
def ann(stage):
    return stage.person("Ann")


def test_every_hook_has_an_example_and_a_test():
    """The example has the hook's name, and so has its test here."""
    assert {path.stem for path in FOLDER.glob("*.py")} == set(HOOKS)
    # What a subcommand does is tested with the command line.
    assert {f"test_{hook}" for hook in HOOKS} - {"test_register_cli"} <= globals().keys()


def test_on_start(ann, stage, start):
    """The count outlives the bot."""
    start(on_start=f"{{chat: {FRIENDS}}}").stop()
    start(on_start=f"{{chat: {FRIENDS}}}")
    said = [f"I am here. This is start number {number}." for number in (1, 2)]
    assert ann.heard() == [("Bot", text) for text in said]


def test_on_stop(ann, stage, start):
    """The last thing that the bot does."""
    start(on_stop=f"{{chat: {FRIENDS}}}").stop()
    assert ann.heard() == [("Bot", "I have to go. See you!")]


def test_on_message(ann, stage, start):
    """A heart each time, and words at the fourth."""
    start(on_message="")
    said = [ann.says("Friends", text) for text in ("Good bot!", "bad bot", "good bot", "good bot", "good bot")]
    assert ann.heard() == [("Bot", "That was kind, for the 4th time!")]
    hearts = {one["id"]: bool(one["reactions"]) for one in ann.messages("Friends") if one["id"] in said}
    assert [hearts[one] for one in said] == [True, False, True, True, True]


def test_on_event(ann, stage, start):
    """Who joins is welcomed, and former names are known."""
    start(on_event="")
    ann.does("Stand-up", "add", people=["Chloe"])
    assert ann.heard() == [("Bot", "Welcome, Chloe!")]
    for title in ("Sit-down", "Lie-down"):
        ann.does(STAND_UP, "title", text=title)
    ann.says(STAND_UP, "!names")
    assert ann.heard() == [("Bot", "So far: Sit-down, Lie-down.")]


def test_on_reaction(ann, stage, start):
    """A star counts for who wrote the message, unless it is one's own, or another emoji."""
    start(on_reaction="")
    ben = stage.person("Ben")
    first, second = (ann.says("Friends", text) for text in ("hello", "again"))
    for person, message, emoji in ((ben, first, "⭐"), (ben, second, "⭐"), (ann, first, "⭐"), (ben, first, "❤")):
        person.reacts("Friends", message, emoji)
        stage.settle()
    ann.says("Friends", "!stars")
    assert ann.heard() == [("Bot", "You have 2 ⭐.")]


def test_on_unsend(ann, start):
    """The quote goes with its message."""
    start(on_unsend="")
    sent = ann.says("Friends", "!quote Well done.")
    ann.says("Friends", "!quotes")
    ann.does("Friends", "unsend", message=sent)
    ann.says("Friends", "!quotes")
    said = ["Kept.", "Well done.", "Forgotten.", "Nobody has said anything yet."]
    assert ann.heard() == [("Bot", text) for text in said]


def test_on_read(ann, stage, start):
    """The account has looked on another device."""
    start(on_read="")
    ann.says("Friends", "hello")
    ann.says("Friends", "!unread")
    assert ann.heard() == [("Bot", "2 messages are not read.")]
    stage.person("Bot").reads("Friends")
    stage.settle()
    ann.says("Friends", "!unread")
    assert ann.heard() == [("Bot", "1 messages are not read.")]


def test_on_read_receipt(ann, stage, start):
    """Each reader counts once, from the announcement on."""
    start(on_read_receipt="")
    ann.says("Friends", "!announce We meet at nine.")
    assert ann.heard() == [("Bot", "📣 We meet at nine.")]
    for name in ("Ben", "Chloe", "Ben"):
        stage.advance(1)
        stage.person(name).reads("Friends")
        stage.settle()
    ann.says("Friends", "!seen")
    assert ann.heard() == [("Bot", "2 have read it.")]


def test_on_typing(ann, stage, start):
    """Three times begun and nothing sent; a message begins the count anew."""
    start(on_typing="")
    for _ in range(2):
        ann.types("Friends")
        ann.types("Friends", False)
    ann.says("Friends", "hm")
    for _ in range(2):
        ann.types("Friends")
        ann.types("Friends", False)
    assert ann.heard() == []
    ann.types("Friends")
    assert ann.heard() == [("Bot", "Just say it!")]


def test_on_presence(ann, stage, start):
    """Who was there is known, and who was not is not."""
    start(on_presence="")
    stage.advance(120)
    stage.person("Ben")
    stage.settle()
    ann.says("Friends", f"!lastseen {BEN}")
    ann.says("Friends", "!lastseen 100000000000004")
    said = ["On 01 January at 00:02 UTC.", "I have not seen that friend yet."]
    assert ann.heard() == [("Bot", text) for text in said]


def test_on_connection(ann, stage, start):
    """The chat hears how long it took."""
    start(on_connection=f"{{chat: {FRIENDS}}}")
    stage.fault("cut")
    stage.advance(120)
    (said,) = ann.heard()
    assert said[1].startswith("I was offline for ")


def test_on_gap(ann, stage, start):
    """The network has lost what it had kept."""
    start(on_gap=f"{{chat: {FRIENDS}}}")
    stage.fault("overflow")
    stage.fault("cut")
    stage.advance(120)
    assert ("Bot", "I may have missed something. If I owe you an answer, please ask again.") in ann.heard()


def test_on_account(ann, stage, start):
    """The chat hears of it as soon as the bot is back."""
    plugins = {"on_account": f"{{chat: {FRIENDS}}}", "ping": ""}
    bot = start(plugins)
    stage.fault("login_page", times=1_000)
    ann.says("Stand-up", "!ping")
    with pytest.raises(NotLoggedIn):
        bot.wait(60)
    bot.stop()
    stage.fault("login_page", times=0)
    start(plugins)
    told = "This bot was away from 01 January, 00:00 UTC on: it was logged out."
    assert ("Bot", told) in ann.heard()


def test_on_background(ann, start):
    """The answer comes when the work is done."""
    start(on_background="")
    ann.says("Friends", "!prime 100")
    assert ann.heard() == [("Bot", "I am looking for it."), ("Bot", "The largest prime number below 100 is 97.")]
    ann.says("Friends", "!prime 2")
    assert ann.heard() == [("Bot", "There is no prime number below 2.")]


def test_on_plugin_error(ann, stage, start):
    """Once an hour for each plugin."""

    start_with_bad = f"plugin_dirs: [{FOLDER}, {FOLDER.parents[1] / 'tests' / 'bad_plugins'}]"
    stage.start_bot(f"{start_with_bad}\nplugins:\n  raises:\n  on_plugin_error: {{chat: {FRIENDS}}}\n")
    told = ("Bot", "The plugin raises has failed with ValueError; the log says where.")
    for seconds, heard in ((0, [told]), (60, []), (3600, [told])):
        stage.advance(seconds)
        ann.says("Friends", "hello")
        assert ann.heard() == heard


def test_allow(ann, stage, start):
    """At midnight the bot sleeps, at eight it does not."""
    start(allow="", ping="")
    ann.says("Friends", "!ping")
    assert ann.heard() == [("Bot", "I sleep. Try !ping after 7:00.")]
    stage.advance(8 * 3600)
    ann.says("Friends", "!ping")
    assert ann.heard() == [("Bot", "pong (0 ms)")]


def test_outgoing(ann, stage, start):
    """Words are starred out, and a quiet chat hears nothing."""
    start(outgoing="{words: [darn], quiet: ['7000000000000002']}", echo="")
    ann.says("Friends", "!echo Darn it")
    ann.says("Stand-up", "!echo hello")
    assert ann.heard() == [("Bot", "**** it")]


def test_register_commands(ann, start):
    """Each greeting is a command."""
    start(register_commands="")
    ann.says("Friends", "!goedendag")
    ann.says("Friends", "!buenas")
    assert ann.heard() == [("Bot", "Goedendag!"), ("Bot", "¡Buenas!")]


def test_register_jobs(ann, stage, start):
    """Each hour of the list has its job, in the chats that the bot file names."""
    start(register_jobs="{threads: [Friends]}")
    stage.advance(12.5 * 3600)
    assert ann.heard() == [("Bot", "It is 9:00."), ("Bot", "It is 12:00.")]
