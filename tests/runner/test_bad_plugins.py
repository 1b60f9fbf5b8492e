"""tests/bad_plugins: every bad plugin is named, explained in one line, and harmless to the others."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from botkit import command, config, hookimpl
from botkit.cli._report import exit_code
from botkit.messenger.errors import ConfigError
from botkit.runner import loader

FOLDER = Path(__file__).parents[1] / "bad_plugins"
BEN = "100000000000003"

AT_LOAD = {
    "syntax_error": [r"syntax_error\.py:7: expected ':'"],
    "not_text": [r"not_text\.py:\d+: .*null bytes"],
    "missing_import": [r"missing_import\.py:3: ModuleNotFoundError: No module named 'a_library_that_is_not_there'"],
    "broken_package": [r"broken_package/__init__\.py:3: ModuleNotFoundError: .*missing"],
    "no_package": ["there is no such plugin"],
    "raises_at_import": [r"raises_at_import\.py:5: KeyError: 'large'"],
    "talkative_at_import": [r"talkative_at_import\.py:3: RuntimeError: this is line 0 .{1,300}…$"],
    "exits_at_import": [r"exits_at_import\.py:5: SystemExit: 3"],
    "own_base_exception": [r"own_base_exception\.py:8: Farewell: so long"],
    "wrong_matcher": [r"wrong_matcher\.py:6: @matches\('\('\): is no regular expression"],
    "unknown_hooks": [
        r"unknown_hooks\.py:6: on_mesage: there is no such hook; did you mean 'on_message'\?",
        r"unknown_hooks\.py:11: when_it_rains: there is no such hook; there are .*on_unsend",
        r"unknown_hooks\.py:16: on_reaction: there is no argument 'reacton'; did you mean 'reaction'\?",
    ],
    "forgotten_mark": [r"forgotten_mark\.py:4: on_message: is not marked with @hookimpl"],
    "default_argument": [r"default_argument\.py:6: on_message: argument 'message' must have no default"],
    "starred_arguments": [
        r"starred_arguments\.py:6: on_message: name the arguments that you use instead of \*args",
        r"starred_arguments\.py:11: on_event: name the arguments that you use instead of \*\*kwargs",
        r"starred_arguments\.py:16: on_reaction: argument 'reaction' stands behind a \*",
    ],
    "async_hook": [
        r"async_hook\.py:6: on_message: plugins are sync Python; write def instead of async def",
        r"async_hook\.py:11: .*'later': plugins are sync Python",
    ],
    "generator_hook": [r"generator_hook\.py:6: on_message: only a command can be a conversation"],
    "own_order": [
        r"own_order\.py:6: on_message: tryfirst is not used here; the order is that of the plugins in the bot file",
        r"own_order\.py:11: on_event: trylast is not used here",
        r"own_order\.py:16: on_reaction: wrapper is not used here",
        r"own_order\.py:16: on_reaction: only a command can be a conversation",
        r"own_order\.py:21: on_unsend: hookwrapper is not used here",
        r"own_order\.py:21: on_unsend: only a command can be a conversation",
    ],
    "other_options": [
        r"other_options\.py:6: answer: specname is not used here; give the function the name of its hook",
        r"other_options\.py:11: on_rain: there is no such hook",
        r"other_options\.py:11: on_rain: optionalhook is not used here",
    ],
    "marked_class": [r"marked_class\.py: on_message: @hookimpl marks a class; it is for functions"],
    "wrong_command": [
        r"wrong_command\.py:11: .*there is no role 'king'",
        r"wrong_command\.py:16: .*the first parameter must take the context",
        r"wrong_command\.py:6: .*'no/slash'",
    ],
    "wrong_job": [
        r"wrong_job\.py:6: greet: a job takes one argument, ctx, not ctx, name",
        r"wrong_job\.py:11: later: plugins are sync Python; write def instead of async def",
    ],
    "wrong_schedule": [r"wrong_schedule\.py:6: @cron\('0 9 \* \* someday'\): "],
    "wrong_register": [r"wrong_register\.py:10: register_commands: <function plain .*> is not marked with @command"],
    "raises_at_register": [r"raises_at_register\.py:6: register_commands: .*:8: SystemExit: no commands today"],
    "twice": [r"plugins\.twice: two plugins have this name: .*bad_plugins/twice.* and .*bad_plugins/twice"],
    "wrong_settings": [
        r"wrong_settings\.most: .*",
        r"wrong_settings\.word: there is no such key; did you mean 'words'",
    ],
    "two_settings": [r"plugins\.two_settings: has 2 Settings classes \(OneSettings, OtherSettings\)"],
    "everything": [
        r"plugins\.everything\.mst: there is no such key; did you mean 'most'\?",
        r"everything\.py:10: on_mesage: there is no such hook; did you mean 'on_message'\?",
        r"everything\.py:10: on_mesage: tryfirst is not used here",
        r"everything\.py:10: on_mesage: plugins are sync Python",
        r"everything\.py:15: .*'no/slash'",
    ],
}
"""Plugin → what is wrong with it, each fault in one line."""

CLASHING = ("clashing_one", "clashing_two")

AT_RUN_TIME = (
    "raises",
    "exits",
    "never_returns",
    "never_ends",
    "never_asks",
    "wrong_return",
    "huge_answer",
    "not_json",
)
AT_RUN_TIME += ("vetoes_badly",)

SETTINGS = {"wrong_settings": "{most: many, word: [a]}", "everything": "{mst: 1}"}


def bot_text(names):
    lines = [f"  {name}: {SETTINGS.get(name, '')}" for name in names]
    return "\n".join([f"plugin_dirs: [{FOLDER}]", "plugins:", *lines, ""])


@pytest.fixture
def faults(tmp_path):
    """The faults of a bot file with these plugins, one line each."""

    def find(*names):
        found = config.parse(bot_text(names), tmp_path / "bot.yaml", {})
        with pytest.raises(ConfigError) as caught:
            loader.load(found)
        assert exit_code(caught.value) == 2
        return caught.value.problems

    return find


def test_each_bad_plugin_has_its_expectation():
    """A new one needs a line here."""
    there = {path.stem for path in FOLDER.iterdir() if not path.name.startswith(("__", "."))}
    assert there == {*AT_LOAD, *CLASHING, *AT_RUN_TIME}


@pytest.mark.parametrize("name", AT_LOAD)
def test_all_faults_of_a_plugin_are_told_at_once(faults, name):
    """Each in one line that says where and what would be right, and nothing else is told."""
    found = faults(name)
    assert len(found) == len(AT_LOAD[name]), found
    for problem, wanted in zip(found, AT_LOAD[name], strict=True):
        assert re.search(wanted, problem), problem
        assert "\n" not in problem
        assert len(problem) < 800


def test_the_faults_of_one_do_not_hide_those_of_another(faults):
    """All bad plugins in one bot file."""
    found = "\n".join(faults(*AT_LOAD, *CLASHING))
    for wanted in [one for expected in AT_LOAD.values() for one in expected]:
        assert re.search(wanted, found, re.MULTILINE), wanted
    assert "plugins clashing_one and clashing_two both have a command 'hi'; rename one" in found


def test_clashing_commands_are_told_with_both_plugins(faults):
    """An alias counts as a name."""
    assert faults(*CLASHING) == ["plugins clashing_one and clashing_two both have a command 'hi'; rename one"]


def test_a_plugin_that_ends_the_process_while_it_is_loaded_is_in_the_log(tmp_path):
    """Nothing can stop it, but the log's last line names it."""
    (tmp_path / "leaves.py").write_text("import os\nos._exit(9)\n", encoding="utf-8")
    bot_file = tmp_path / "bot.yaml"
    bot_file.write_text("plugin_dirs: [.]\nplugins: {leaves: }\n", encoding="utf-8")
    script = (
        "import logging, sys; from pathlib import Path; from botkit.runner import loader\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "loader.read(Path(sys.argv[1]), {})\n"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(bot_file)], capture_output=True, text=True, check=False)
    assert ran.returncode == 9
    assert "plugin leaves: is being loaded from " in ran.stderr.splitlines()[-1]


class Healthy:
    """Answers what Ben says, and has a command."""

    @hookimpl
    def on_message(self, ctx, message):
        if message.sender_id != BEN:
            return None
        ctx.store.increment("heard")
        return f"healthy: {message.body}"

    @command("count")
    def count(self, ctx):
        return str(ctx.store["heard"])


@pytest.fixture
def talk(stage, tmp_path):
    """Has a bot with one bad plugin and a healthy one hear some lines of Ann's, and each time one of Ben's; what Chloe
    hears the bot say."""

    def run(name, *lines):
        found = config.parse(bot_text([name]), tmp_path / "bot.yaml", {})
        bad = next(one for one in loader.load(found).plugins if one.name == name)
        stage.start_bot(things={name: bad.thing, "healthy": Healthy()})
        ann, ben, chloe = (stage.person(who) for who in ("Ann", "Ben", "Chloe"))
        for line in lines:
            ann.says("Friends", line)
            ben.says("Friends", f"after {line}")
            stage.advance(130)
        ben.says("Friends", "!count")
        stage.advance(130)
        return [text for who, text in chloe.heard() if who == "Bot"]

    return run


LINES = ("hello", "!fail", "!again", "more", "and more", "!wait", "go on", "hello")


@pytest.mark.parametrize("name", AT_RUN_TIME)
def test_a_healthy_plugin_answers_beside_a_bad_one(talk, name):
    """All that it would say without it, in the same order, and its command is run."""
    answers = [text for text in talk(name, *LINES) if text.startswith("healthy: ") or text.isdigit()]
    assert answers == [*(f"healthy: after {line}" for line in LINES), "healthy: !count", str(len(LINES) + 1)]


FAILING = {
    "raises": ("ValueError", r"raises\.py:9"),
    "exits": ("SystemExit", r"exits\.py:10"),
    "never_returns": ("PluginError", "did not come back in time"),
    "wrong_return": ("PluginError", "returned dict; a handler returns a text, STOP or None"),
    "huge_answer": ("BadArgument", r"huge_answer\.py"),
    "not_json": ("StoreError", r"not_json\.py:8"),
    "vetoes_badly": ("ValueError", r"vetoes_badly\.py:8"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_failing_plugin_is_named_in_one_line(talk, caplog, name):
    """With its class and place, and nothing of what people wrote."""
    talk(name, "a private word")
    error, place = FAILING[name]
    (line,) = {one.getMessage() for one in caplog.records if one.levelno == logging.ERROR and name in one.getMessage()}
    assert f"plugin {name}: {name}:" in line
    assert error in line
    assert re.search(place, line)
    assert "\n" not in line
    assert "private" not in line


def test_a_failing_call_leaves_nothing(talk):
    """What it had queued before is dropped."""
    assert "nobody hears this" not in talk("raises", "hello", "!fail")
