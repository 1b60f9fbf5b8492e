"""`botkit plugins`"""

from __future__ import annotations

import json
import os
from importlib import metadata

import pytest
from click.testing import CliRunner

from botkit.cli import main

DICE = '''"""Dice for the group.

More about dice.
"""
from pydantic import SecretStr

from botkit import ChatContext, Message, Settings, command, hookimpl


class DiceSettings(Settings):
    most: int = 10
    word: str | None = None
    token: SecretStr = SecretStr("hunter22")
    place: str


@command("roll")
def roll(ctx: ChatContext) -> str:
    """Roll."""


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> None: ...
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the plugin dice, which is the present one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "dice.py").write_text(DICE)
    return tmp_path


def plugins(*arguments):
    return CliRunner().invoke(main, ["plugins", *arguments])


def test_it_lists_what_a_bot_file_loads(folder):
    """In the order of the file, with the router."""
    (folder / "bot.yaml").write_text("plugin_dirs: [mine]\nplugins:\n  dice: {place: here}\n")
    ran = plugins()
    assert ran.exit_code == 0
    lines = ran.output.splitlines()
    assert lines[:5] == [
        "dice: Dice for the group.",
        "  from      mine/dice.py",
        "  hooks     on_message",
        "  commands  roll",
        '  settings  most = 10, word = null, token = "**********", place (required)',
    ]
    assert lines[5].startswith("commands ")


def test_json_has_fields_that_stay(folder):
    """For scripts; what the bot file says is not in it, as it may be a secret."""
    (folder / "bot.yaml").write_text("plugin_dirs: [mine]\nplugins:\n  dice: {place: my-secret-place}\n")
    ran = plugins("bot.yaml", "--plugin", "dice", "--json")
    (dice,) = json.loads(ran.output)
    settings = dice.pop("settings")
    assert dice == {
        "name": "dice",
        "place": "mine/dice.py",
        "version": None,
        "summary": "Dice for the group.",
        "hooks": ["on_message"],
        "commands": ["roll"],
        "fault": None,
    }
    assert settings[:2] == [
        {"name": "most", "type": "int", "required": False, "default": 10, "description": ""},
        {"name": "word", "type": "str | None", "required": False, "default": None, "description": ""},
    ]
    assert "hunter22" not in ran.output
    assert "my-secret-place" not in ran.output


def test_without_a_bot_file_it_lists_what_is_installed(folder):
    """With the version of the package."""
    found = json.loads(plugins("--json").output)
    assert [one["name"] for one in found] == sorted(point.name for point in metadata.entry_points(group="botkit"))
    echo = next(one for one in found if one["name"] == "echo")
    assert echo["version"] == metadata.version("botkit")
    assert echo["commands"] == ["echo"]
    (folder / "bot.yaml").write_text("plugins: {echo: }\n")
    assert len(json.loads(plugins("--json").output)) == 2
    assert json.loads(plugins("--installed", "--json").output) == found


def test_an_installed_plugin_that_cannot_be_loaded_is_listed_with_its_fault(folder, monkeypatch):
    """The others are listed all the same; such a package is laid into the path here."""
    package = folder / "site" / "broken-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Name: broken\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[botkit]\naa_broken = aa_broken\nab_wrong = ab_wrong\n")
    (folder / "site" / "aa_broken.py").write_text("1 / 0\n")
    (folder / "site" / "ab_wrong.py").write_text("from botkit import hookimpl\n@hookimpl\ndef on_mesage(): ...\n")
    monkeypatch.syspath_prepend(os.fspath(folder / "site"))
    found = {one["name"]: one for one in json.loads(plugins("--json").output)}
    assert found["aa_broken"]["fault"].endswith("aa_broken.py:1: ZeroDivisionError: division by zero")
    assert "there is no such hook; did you mean 'on_message'?" in found["ab_wrong"]["fault"]
    assert found["echo"]["fault"] is None
    assert "  fault     cannot be loaded: " in plugins("--plugin", "aa_broken").output


def test_a_plugin_that_is_not_there_and_a_wrong_file_are_told(folder):
    """One line each."""
    (folder / "bot.yaml").write_text("plugins: {echo: , ekho: }\n")
    wrong = plugins()
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "plugins.ekho: there is no such plugin; did you mean 'echo'?" in wrong.stderr
    (folder / "bot.yaml").write_text("plugins: {echo: }\n")
    missing = plugins("--plugin", "dice")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert missing.stderr == "botkit: there is no plugin 'dice' among them; see: botkit plugins\n"
