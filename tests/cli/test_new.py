"""`botkit new`"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from botkit import config
from botkit.cli import main
from botkit.runner import loader


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a bot file, which is the present one."""
    monkeypatch.chdir(tmp_path)
    for name in ("mine", "plugins", "tests"):
        (tmp_path / name).mkdir()
    (tmp_path / "bot.yaml").write_text("plugin_dirs: [mine, plugins]\nplugins:\n  echo:   # says it again\n")
    return tmp_path


def new(*arguments):
    return CliRunner().invoke(main, ["new", *arguments])


def test_the_plugin_is_made_beside_its_test_and_named_in_the_bot_file(folder):
    """It loads at once, with its command."""
    ran = new("dice")
    assert ran.exit_code == 0
    assert ran.output.splitlines() == [
        "mine/dice.py: the plugin",
        "tests/test_dice.py: its test; run it with pytest",
        "bot.yaml: dice is added under plugins:",
    ]
    text = "plugin_dirs: [mine, plugins]\nplugins:\n  echo:   # says it again\n  dice:\n"
    assert (folder / "bot.yaml").read_text() == text
    _, table = loader.read(folder / "bot.yaml")
    assert table.commands.find("dice").plugin == "dice"


def test_a_bot_in_another_folder_gets_it_there(folder, monkeypatch):
    """Its own folders are meant."""
    (folder / "other").mkdir()
    (folder / "other" / "bot.yaml").write_text("prefix: '?'\n")
    assert new("dice", "--dir", "other").exit_code == 0
    assert '"?dice Ben"' in (folder / "other" / "tests" / "test_dice.py").read_text()
    found = config.read(folder / "other" / "bot.yaml").file
    assert (found.plugin_dirs, found.plugins) == ([Path("plugins")], {"dice": {}})


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("plugin_dirs: x\nplugins: &all {echo: {}}\nlogin: *all\n", ["plugins:", "    dice:"]),
        ("{prefix: '?'}\n", ["plugin_dirs: [plugins]", "  plugins:", "    dice:"]),
    ],
)
def test_a_bot_file_that_cannot_be_changed_safely_is_left_alone(folder, text, lines):
    """What to write into it is told."""
    (folder / "bot.yaml").write_text(text)
    ran = new("dice")
    assert ran.exit_code == 0
    told = "bot.yaml: could not be changed safely; add to it:\n  " + "\n".join(lines)
    assert ran.output.partition("pytest\n")[2] == told + "\n"
    assert (folder / "bot.yaml").read_text() == text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("3x", "'3x' cannot be the name of a plugin; use letters, digits and _, and begin with a letter"),
        ("my-plugin", "'my-plugin' cannot be the name of a plugin; use letters, digits and _, and begin with a letter"),
        ("_own", "'_own' cannot be the name of a plugin; use letters, digits and _, and begin with a letter"),
        ("class", "'class' is a word of Python; choose another name"),
        ("commands", "commands: an installed plugin has this name (botkit_plugins.commands); choose another"),
        ("known", "bot.yaml: names a plugin 'known' already; choose another name"),
        ("there", "plugins/there.py: is a plugin of this name; choose another"),
        ("roll", "roll: plugin known has a command of this name; choose another"),
        ("tested", "tests/test_tested.py: is there already; nothing was written"),
    ],
)
def test_a_name_that_cannot_be_is_refused(folder, name, said):
    """One line, and nothing is written."""
    known = 'from botkit import command\n@command("roll")\ndef roll(ctx):\n    """Roll."""\n'
    (folder / "mine" / "known.py").write_text(known)
    (folder / "plugins" / "there.py").touch()
    (folder / "tests" / "test_tested.py").touch()
    (folder / "bot.yaml").write_text("plugin_dirs: [mine, plugins]\nplugins:\n  known:\n")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ran = new(name)
    assert (ran.exit_code, ran.stderr) == (1, f"botkit: {said}\n")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file()} == before


def test_a_bot_file_that_is_wrong_elsewhere_is_no_obstacle(folder):
    """`botkit check` is there to tell what is wrong."""
    (folder / "bot.yaml").write_text("prefx: '?'\nplugin_dirs: [mine]\nplugins:\n  lost:\n")
    assert new("dice").exit_code == 0
    assert (folder / "bot.yaml").read_text().endswith("  lost:\n  dice:\n")


def test_without_a_bot_there_is_no_plugin(tmp_path, monkeypatch):
    """The way to a bot is told."""
    monkeypatch.chdir(tmp_path)
    ran = new("dice")
    assert (ran.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert ran.stderr == "botkit: bot.yaml: there is no such file; make a bot with: botkit init DIR\n"
