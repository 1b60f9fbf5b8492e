"""`botkit schema`: for the plugins that are installed and those of a bot file."""

from __future__ import annotations

import json

DICE = '''
from botkit import Settings


class Dice(Settings):
    most: int = 6
    """The most."""
'''


def test_without_a_bot_file_it_knows_the_installed_plugins(botkit_here):
    """Those of packages."""
    ran = botkit_here("schema")
    assert ran.returncode == 0, ran.stderr
    plugins = json.loads(ran.stdout)["properties"]["plugins"]["properties"]
    assert {"echo", "help"} <= plugins.keys()
    assert plugins["echo"]["description"]


def test_a_bot_files_own_plugins_are_known_as_well(botkit_here, tmp_path):
    """Though the file is wrong, as that is when an editor helps; one that cannot be loaded is named and left out."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "dice.py").write_text(DICE)
    (tmp_path / "mine" / "broken.py").write_text("1 / 0\n")
    (tmp_path / "bot.yaml").write_text("plugin_dirs: [mine]\nprefx: a\n")
    for arguments in ([], ["bot.yaml"]):
        ran = botkit_here("schema", *arguments)
        assert ran.returncode == 0, ran.stderr
        plugins = json.loads(ran.stdout)["properties"]["plugins"]["properties"]
        assert plugins["dice"]["anyOf"][0]["properties"]["most"]["description"] == "The most."
        assert "broken" not in plugins
        assert "broken.py: is left out: ZeroDivisionError" in ran.stderr


def test_a_file_that_cannot_be_read_is_told(botkit_here, tmp_path):
    """Exit code 2, as everywhere."""
    (tmp_path / "bot.yaml").write_text("a: [")
    ran = botkit_here("schema")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "is not valid YAML" in ran.stderr
    assert botkit_here("schema", "nowhere.yaml").returncode == 2
