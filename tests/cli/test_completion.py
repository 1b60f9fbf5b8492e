"""`botkit completion`, and what the shells are told"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from botkit.cli import _SUBCOMMANDS


@pytest.fixture
def complete(botkit):
    """The words that bash is offered in the place of the last one."""

    def ask(*words):
        asked = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1), "_BOTKIT_COMPLETE": "bash_complete"}
        ran = botkit(env={**os.environ, **asked})
        assert (ran.returncode, ran.stderr) == (0, "")
        return [line.removeprefix("plain,") for line in ran.stdout.splitlines() if line]

    return ask


def test_subcommands_are_completed(complete):
    """All of them, in the order of the help."""
    assert complete("botkit", "") == list(_SUBCOMMANDS)
    assert complete("botkit", "st") == ["status"]


def test_options_are_completed(complete):
    """Those of the subcommand, and the words that they take."""
    assert "--log-format" in complete("botkit", "run", "--lo")
    assert complete("botkit", "run", "--log-format", "j") == ["json"]


def test_bot_files_are_completed(complete, tmp_path):
    """YAML files, here and elsewhere; where there are none the shell offers its own."""
    (tmp_path / "bots").mkdir()
    for name in ("bot.yaml", "other.yml", "notes.txt", "bots/third.yaml"):
        (tmp_path / name).touch()
    assert complete("botkit", "check", "") == ["bot.yaml", "other.yml"]
    assert complete("botkit", "check", "bots/t") == ["bots/third.yaml"]
    assert complete("botkit", "check", "n") == ["file,n"]


def test_plugins_are_completed(complete, tmp_path):
    """Those of the bot file, without loading one."""
    (tmp_path / "bot.yaml").write_text("plugins: {echo: , no_such: }\n")
    (tmp_path / "mine.yaml").write_text("plugins: {dice: }\n")
    (tmp_path / "wrong.yaml").write_text("[")
    assert complete("botkit", "plugins", "--plugin", "") == ["echo", "no_such"]
    assert complete("botkit", "plugins", "--plugin", "n") == ["no_such"]
    assert complete("botkit", "plugins", "mine.yaml", "--plugin", "") == ["dice"]
    assert complete("botkit", "plugins", "wrong.yaml", "--plugin", "") == []
    assert complete("botkit", "plugins", "missing.yaml", "--plugin", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(botkit, shell):
    """Which asks botkit in that shell's way."""
    ran = botkit("completion", shell)
    assert ran.returncode == 0
    assert f"_BOTKIT_COMPLETE={shell}_complete" in ran.stdout
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=ran.stdout, text=True, check=False).returncode == 0


def test_completing_loads_no_client_and_no_server(complete, tmp_path):
    """It must be quick; a shell asks at each tab."""
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, sys\natexit.register(lambda: print(*sorted(sys.modules), file=open('modules', 'w')))\n"
    )
    (tmp_path / "bot.yaml").write_text("plugins: {echo: }\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        complete("botkit", "plugins", "--plugin", "e")
    loaded = set((tmp_path / "modules").read_text().split())
    assert "yaml" in loaded
    assert not loaded & {"requests", "paho", "aiohttp", "pydantic", "pluggy"}


def test_bare_botkit_prints_the_help(botkit):
    """And is no mistake."""
    bare, asked = botkit(), botkit("--help")
    assert (bare.returncode, bare.stderr) == (0, "")
    assert bare.stdout == asked.stdout
