"""Plugins: where they are found, what is refused, and in which order they are called."""

from __future__ import annotations

import sys
import textwrap

import pytest

from botkit import Settings, command, config, hookimpl
from botkit.messenger.errors import ConfigError
from botkit.runner import loader


@pytest.fixture
def bot_file(tmp_path):
    """Writes a bot file and plugin files beside it; gives the config."""

    def write(text, **files):
        for name, source in files.items():
            path = tmp_path / "mine" / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(textwrap.dedent(source))
        (tmp_path / "bot.yaml").write_text("plugin_dirs: [mine]\n" + textwrap.dedent(text) if files else text)
        return config.read(tmp_path / "bot.yaml", {})

    return write


def problems(make):
    with pytest.raises(ConfigError) as caught:
        make()
    return caught.value.problems


def test_plugins_of_a_folder_and_the_router_are_loaded_in_the_order_of_the_file(bot_file):
    """Only those that are named; the router comes last unless it is placed."""
    source = "from botkit import hookimpl\n@hookimpl\ndef on_message(ctx, message): ...\n"
    table = loader.load(bot_file("plugins: {b: , a: }", a=source, b=source, c=source))
    assert [plugin.name for plugin in table.plugins] == ["b", "a", "commands"]
    assert [handler.id for handler in table.handlers("on_message")] == [
        "b:on_message",
        "a:on_message",
        "commands:on_message",
    ]
    table = loader.load(bot_file("plugins: {commands: , a: }", a=source))
    assert [plugin.name for plugin in table.plugins] == ["commands", "a"]


def test_shipped_plugins_are_found_by_their_entry_points(bot_file):
    """echo, ping, help and mark_read need no folder."""
    table = loader.load(bot_file("plugins: {echo: , ping: , help: , mark_read: }"))
    assert {one.name for one in table.commands.commands} == {"echo", "ping", "help"}
    assert table.commands.find("echo").plugin == "echo"


def test_an_unknown_plugin_is_told_with_the_nearest(bot_file):
    """With the line in the bot file."""
    config_ = bot_file("plugins:\n  ecco:\n")
    assert problems(lambda: loader.load(config_)) == [
        f"{config_.source.path}:2: plugins.ecco: there is no such plugin; did you mean 'echo'?"
    ]


def test_two_plugins_of_one_name_are_refused_with_both_places(bot_file):
    """Neither silently replaces the other; nor does a file the router that comes with botkit."""
    config_ = bot_file("plugins: {commands: }", commands="")
    (problem,) = problems(lambda: loader.load(config_))
    assert "two plugins have this name: " in problem
    assert "mine/commands.py" in problem
    assert "botkit_plugins.commands" in problem


def test_a_file_of_ones_own_goes_before_a_plugin_that_comes_with_botkit(bot_file, caplog):
    """So a new botkit with a new plugin breaks no bot; the log says which it is."""
    caplog.set_level("INFO", "botkit.runner.plugin_source")
    table = loader.load(bot_file("plugins: {echo: }", echo='"""Mine."""\n'))
    assert [one.place.endswith("mine/echo.py") for one in table.plugins if one.name == "echo"] == [True]
    assert "mine/echo.py goes before the one that comes with botkit" in caplog.text


def test_all_faults_of_all_plugins_are_told_at_once(bot_file):
    """A broken import, bad settings and a missing plugin in one go."""
    broken = "\nimport nothing_of_this_name\n"
    config_ = bot_file("plugins:\n  one:\n  two: {x: 1}\n  three:\n", one=broken, two="")
    found = problems(lambda: loader.load(config_))
    assert len(found) == 3
    assert "mine/one.py:2: ModuleNotFoundError" in found[0]
    assert ":4: plugins.two.x: there is no such key" in found[1]
    assert "plugins.three: there is no such plugin" in found[2]


def test_a_syntax_error_is_told_with_its_line(bot_file):
    """In the plugin's file."""
    config_ = bot_file("plugins: {bad: }", bad="\n\ndef (\n")
    assert "mine/bad.py:3: invalid syntax" in problems(lambda: loader.load(config_))[0]


def test_a_missing_folder_is_told(bot_file):
    """Before anything is loaded."""
    config_ = bot_file("plugin_dirs: [nowhere]")
    assert "plugin_dirs[0]: there is no folder" in problems(lambda: loader.load(config_))[0]


def test_a_plugin_may_use_dataclasses_with_postponed_annotations(bot_file):
    """They look up their module while it is being executed."""
    source = """
        from __future__ import annotations
        from dataclasses import dataclass, KW_ONLY
        @dataclass
        class Game:
            _: KW_ONLY
            name: str
        """
    loader.load(bot_file("plugins: {game: }", game=source))


def test_a_failed_import_leaves_no_module_behind(bot_file):
    """A later load starts afresh."""
    before = set(sys.modules)
    config_ = bot_file("plugins: {bad: }", bad="1 / 0")
    problems(lambda: loader.load(config_))
    assert not [name for name in set(sys.modules) - before if "bad" in name]


class Dice:
    """An object can be a plugin too."""

    @hookimpl
    def on_message(self, message): ...

    @command("roll")
    def roll(self, ctx): ...

    @hookimpl
    def register_commands(self):
        return [command("extra")(lambda ctx: None)]


def test_an_object_can_be_a_plugin():
    """Its bound methods are the handlers; a hook asks only for the arguments that it uses."""
    table = loader.build([loader.plugin_of("dice", Dice())])
    (handler,) = table.handlers("on_message")
    assert handler.arguments == ("message",)
    assert {one.name for one in table.commands.commands} == {"roll", "extra"}


def make(**functions):
    return type("Plugin", (), {name: staticmethod(hookimpl(f)) for name, f in functions.items()})()


async def _async(ctx): ...


@pytest.mark.parametrize(
    ("thing", "part"),
    [
        (make(on_mesage=lambda ctx: None), "on_mesage: there is no such hook; did you mean 'on_message'?"),
        (make(on_message=lambda mesage: None), "there is no argument 'mesage'; did you mean 'message'?"),
        (make(on_message=lambda ctx=None: None), "argument 'ctx' must have no default"),
        (make(on_message=lambda *a: None), "name the arguments that you use instead of *a"),
        (make(on_start=_async), "on_start: plugins are sync Python; write def instead of async def"),
        (
            type("P", (), {"on_start": staticmethod(hookimpl(tryfirst=True)(lambda ctx: None))})(),
            "on_start: tryfirst is not used here",
        ),
    ],
)
def test_what_a_hook_may_not_be_is_refused(thing, part):
    """With the nearest right name."""
    (problem,) = problems(lambda: loader.build([loader.plugin_of("p", thing)]))
    assert part in problem


def test_commands_that_collide_are_refused():
    """Two plugins with one command word."""
    one = type("P", (), {"x": staticmethod(command("x")(lambda ctx: None))})
    found = problems(lambda: loader.build([loader.plugin_of("a", one()), loader.plugin_of("b", one())]))
    assert found == ["plugins a and b both have a command 'x'; rename one"]


def test_mistakes_of_the_file_and_of_its_plugins_are_told_together(bot_file, tmp_path):
    """Also those of commands and hooks, each with its line."""
    source = """
        from botkit import command, hookimpl

        @command("no/name")
        def one(ctx): ...

        @hookimpl
        def on_mesage(ctx): ...
        """
    bot_file("plugins: {bad: , ecko: }", bad=source)
    path = tmp_path / "bot.yaml"
    path.write_text(path.read_text() + "\nprefx: '!'\n")
    found = problems(lambda: loader.read(path, {}))
    assert len(found) == 4
    assert "ecko: there is no such plugin" in found[0]
    assert "prefx: there is no such key" in found[1]
    assert "bad.py:7: on_mesage: there is no such hook" in found[2]
    assert "bad.py:4: plugin bad, command 'no/name'" in found[3]


def test_every_wrong_command_is_told(bot_file):
    """With its file and line."""
    source = """
        from botkit import command

        @command("no/name")
        def one(ctx): ...

        @command("other")
        async def two(ctx): ...
        """
    found = problems(lambda: loader.load(bot_file("plugins: {bad: }", bad=source)))
    assert [("bad.py:4: " in found[0]), ("bad.py:7: " in found[1])] == [True, True]


def test_a_plugin_that_exits_while_it_is_loaded_is_refused(bot_file):
    """It does not take botkit with it."""
    config_ = bot_file("plugins: {bad: }", bad="import sys\nsys.exit(3)\n")
    assert "bad.py:2: SystemExit: 3" in problems(lambda: loader.load(config_))[0]


def test_register_commands_must_return_commands():
    """A plain function there is a mistake."""
    thing = make(register_commands=lambda: [print])
    assert "is not marked with @command" in problems(lambda: loader.build([loader.plugin_of("p", thing)]))[0]


def test_two_settings_classes_are_refused(bot_file):
    """One plugin, one class; parts of it may be classes of their own."""
    good = """
        from botkit import Settings
        class Part(Settings):
            x: int = 1
        class Whole(Settings):
            part: Part = Part()
        """
    table = loader.load(bot_file("plugins: {p: {part: {x: 5}}}", p=good))
    assert table.plugin("p").settings.part.x == 5
    bad = "from botkit import Settings\nclass A(Settings): ...\nclass B(Settings): ...\n"
    assert "has 2 Settings classes (A, B)" in problems(lambda: loader.load(bot_file("plugins: {p: }", p=bad)))[0]


def test_plugin_of_takes_settings():
    """For tests of a plugin object."""
    with pytest.raises(ConfigError):
        loader.plugin_of("dice", Dice(), {"x": 1})
    assert loader.plugin_of("dice", Dice()).settings == Settings()
