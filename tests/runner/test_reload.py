"""Plugins' code loaded anew while the bot runs."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import threading
from importlib.metadata import EntryPoint

import pytest

from botkit import hookimpl
from botkit.messenger.errors import BadArgument, ConfigError
from botkit.runner import plugin_source, reload
from botkit.runner.reload import FolderWatch

BOT_FILE = "plugin_dirs: [plugins]\nplugins: {word: , other: }\nowners: ['100000000000002']\n"
WORD = '''
from __future__ import annotations
import dataclasses
from botkit import command, hookimpl

@dataclasses.dataclass
class Answer:
    """Its annotations are looked up in the module while the module is being made."""
    text: str = "{word}"

@command("word")
def word(ctx):
    return Answer().text

@hookimpl
def on_message(ctx, message):
    ctx.store.append("heard", "{word} " + message.body)

@hookimpl
def on_start(ctx):
    ctx.store.append("log", "start {word}")

@hookimpl
def on_stop(ctx):
    ctx.store.append("log", "stop {word}")
'''
OTHER = "from botkit import command\n\n@command('other')\ndef other(ctx):\n    return 'other'\n"


@pytest.fixture
def write(tmp_path):
    """Writes a plugin's file."""
    folder = tmp_path / "plugins"
    folder.mkdir()

    def one(name, text, **words):
        path = folder / f"{name}.py"
        for key, value in words.items():
            text = text.replace("{" + key + "}", value)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    one("word", WORD, word="one")
    one("other", OTHER)
    return one


@pytest.fixture
def ann(stage):
    return stage.person("Ann")


def answers(ann):
    return [text for name, text in ann.heard() if name == "Bot"]


def ask(ann, stage, text):
    ann.says("Friends", text)
    stage.settle()
    return answers(ann)


def kept(bot, key):
    rows = bot._database.read("SELECT value FROM store WHERE plugin = 'word' AND key = ?", (key,))
    return json.loads(rows[0][0]) if rows else []


def test_new_code_takes_the_place_of_the_old(stage, ann, write):
    """The new one's on_start and the old one's on_stop are called; what is stored stays; others go on."""
    bot = stage.start_bot(BOT_FILE)
    assert ask(ann, stage, "!word") == ["one"]
    write("word", WORD, word="two")
    bot.reload("word")
    assert ask(ann, stage, "!word") == ["two"]
    assert ask(ann, stage, "!other") == ["other"]
    assert kept(bot, "heard") == ["one !word", "two !word", "two !other"]
    assert sorted(kept(bot, "log")) == ["start one", "start two", "stop one"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def broken(:\n", "word.py:1: "),
        ("from botkit import hookimpl\n\n\n@hookimpl\ndef on_massage(ctx):\n    pass\n", "did you mean 'on_message'?"),
        ("1 / 0\n", "word.py:1: ZeroDivisionError"),
        ("from botkit import command\n\n@command('other')\ndef word(ctx):\n    return 'x'\n", "both have a command"),
        ("import sys\nsys.exit(5)\n", "SystemExit"),
    ],
)
def test_code_that_does_not_pass_leaves_the_old_running(stage, ann, write, caplog, text, told):
    """The log and the owner are told where and why; no module of it stays."""
    bot = stage.start_bot(BOT_FILE)
    before = set(sys.modules)
    write("word", text)
    with pytest.raises(ConfigError, match="word") as refused:
        bot.reload("word")
    assert told in str(refused.value)
    assert "plugin word is not reloaded" in caplog.text
    assert "the old code keeps running" in caplog.text
    assert ask(ann, stage, "!word") == ["one"]
    assert {name for name in set(sys.modules) - before if "botkit_loaded" in name} == set()


def test_an_edit_of_the_same_size_and_time_is_seen(stage, ann, write):
    """Compiled code is not asked: it is told by these two."""
    path = write("word", WORD, word="one")
    known = path.stat()
    bot = stage.start_bot(BOT_FILE)
    write("word", WORD, word="six")
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))
    bot.reload("word")
    assert ask(ann, stage, "!word") == ["six"]


def test_an_event_in_hand_is_finished_by_the_old_code(stage, ann, write):
    """And the old one's on_stop comes after it."""
    begun, go_on = threading.Event(), threading.Event()

    class Gate:
        """Holds an event while it is in hand, before the plugin under test has its turn."""

        @staticmethod
        @hookimpl
        def on_message(ctx, message):
            if message.body == "wait":
                begun.set()
                ctx.clock.wait(go_on, 30)

    bot = stage.start_bot(BOT_FILE, {"gate": Gate()})
    ann.says("Friends", "wait")
    assert begun.wait(5)
    write("word", WORD, word="two")
    bot.reload("word")
    assert "stop one" not in kept(bot, "log")
    go_on.set()
    stage.settle()
    assert kept(bot, "heard") == ["one wait"]
    assert "stop one" in kept(bot, "log")


def test_a_shipped_plugin_is_loaded_anew_too(stage, ann, write):
    """From its own file."""
    bot = stage.start_bot(BOT_FILE)
    old = bot.tables.current().plugin("commands")
    bot.reload("commands")
    assert bot.tables.current().plugin("commands").thing is not old.thing
    assert ask(ann, stage, "!word") == ["one"]


def test_what_there_is_not_cannot_be_reloaded(stage, write):
    """An unknown name, and a plugin that is an object."""

    class Nothing:
        pass

    bot = stage.start_bot(BOT_FILE, {"thing": Nothing()})
    with pytest.raises(BadArgument, match="there is no plugin 'words'"):
        bot.reload("words")
    with pytest.raises(ConfigError, match="thing"):
        bot.reload("thing")


def test_an_owner_reloads_from_the_chat_and_hears_how_it_went(stage, ann, write):
    """In the chat's language, with file and line of what is wrong."""
    write("other", "from botkit import command\n\n@command('again')\ndef again(ctx):\n    ctx.host.reload('word')\n")
    stage.start_bot(BOT_FILE)
    write("word", WORD, word="two")
    assert ask(ann, stage, "!again") == ["The plugin word is reloaded."]
    assert ask(ann, stage, "!word") == ["two"]
    write("word", "def broken(:\n")
    (told,) = ask(ann, stage, "!again")
    assert told.startswith("The plugin word could not be reloaded, so the old one keeps running:")
    assert "word.py:1" in told


def test_a_change_in_a_folder_is_seen_at_the_next_look(stage, write, clock):
    """Once for each change; a file that is gone for a moment is none."""
    bot = stage.start_bot(BOT_FILE)
    changed = []
    watch = FolderWatch(bot.tables.current, clock, changed.append)
    watch._seen = {plugin.name: reload._files_of(plugin) for plugin in bot.tables.current().plugins}
    watch.look()
    assert changed == []
    path = write("word", WORD + "\n", word="two")
    watch.look()
    watch.look()
    assert changed == ["word"]
    path.unlink()
    watch.look()
    assert changed == ["word"]
    write("word", WORD, word="three")
    watch.look()
    assert changed == ["word", "word"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("from botkit import Settings\n\nclass S(Settings):\n    a: 'Nope' = 1\n", "its settings cannot be read"),
        (
            "import functools\nfrom botkit import keyword\n\nx = keyword('x')(functools.partial(print))\n",
            "above a function",
        ),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    ],
)
def test_whatever_new_code_raises_the_next_reload_works(stage, ann, write, text, told):
    """The one who looks at the folder, and the one who asks in the chat, are told, and go on."""
    bot = stage.start_bot(BOT_FILE)
    before = {name for name in sys.modules if "botkit_loaded" in name}
    write("word", text)
    with pytest.raises(ConfigError, match=told):
        bot.reload("word")
    assert {name for name in sys.modules if "botkit_loaded" in name} == before
    write("word", WORD, word="two")
    bot.reload("word")
    assert ask(ann, stage, "!word") == ["two"]


def test_new_code_has_begun_before_its_first_event(stage, ann, write):
    """As at the start of the bot."""
    bot = stage.start_bot(BOT_FILE)
    write("word", WORD, word="two")
    bot.reload("word")
    ask(ann, stage, "hello")
    assert kept(bot, "log")[:2] == ["start one", "start two"]
    assert kept(bot, "heard") == ["two hello"]


def test_mended_code_is_not_paused_any_more(stage, ann, write):
    """What it was paused for is the old code's."""
    write("word", "from botkit import command\n\n@command('word')\ndef word(ctx):\n    raise ValueError('no')\n")
    bot = stage.start_bot(BOT_FILE)
    for _ in range(10):
        ask(ann, stage, "!word")
    assert next(one for one in bot.status().plugins if one.name == "word").paused_until_ms
    write("word", WORD, word="two")
    bot.reload("word")
    assert ask(ann, stage, "!word") == ["two"]


def test_an_installed_plugin_finds_its_neighbours(stage, tmp_path, monkeypatch):
    """Loaded anew it is still in its package."""
    package = tmp_path / "neighbours"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "words.py").write_text("WORD = 'hi'\n")
    (package / "greet.py").write_text("from .words import WORD\n")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("greet", "neighbours.greet", "botkit")
    first, second = (plugin_source._import_installed_anew(point) for _ in range(2))
    assert first.WORD == second.WORD == "hi"
    assert first is not second
    for module in (first, second):
        plugin_source.forget(module)
    assert not [name for name in sys.modules if name.startswith("neighbours.botkit_loaded")]
    for name in ("neighbours", "neighbours.words"):
        sys.modules.pop(name, None)


class Watched(str):
    """A name in sys.modules; just when it is looked at, another thread imports something."""

    __slots__ = ()

    def startswith(self, *arguments):
        sys.modules["imported_meanwhile"] = sys.modules[__name__]
        return super().startswith(*arguments)


def test_code_is_forgotten_while_something_else_is_imported(tmp_path, monkeypatch):
    """On whichever thread that is."""
    (tmp_path / "word.py").write_text("")
    module = plugin_source._import_file("word", tmp_path / "word.py")
    monkeypatch.setitem(sys.modules, Watched("watched"), sys)
    plugin_source.forget(module)
    assert sys.modules.pop("imported_meanwhile")
    assert module.__name__ not in sys.modules
