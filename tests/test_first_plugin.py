"""docs/first-plugin.md, followed to the letter in an empty folder"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from botkit.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "first-plugin.md"


@pytest.fixture
def do(tmp_path, monkeypatch):
    """Runs a line of the page in the bot's folder; gives what it printed."""
    # It is a run of its own, that is to know nothing of this one.
    for name in [name for name in os.environ if name.startswith("PYTEST")]:
        monkeypatch.delenv(name)

    def run(line, folder="mybot"):
        program, *words = line.split()
        monkeypatch.chdir(tmp_path / folder)
        if program == "botkit":
            ran = CliRunner().invoke(main, words)
            assert ran.exit_code == 0, ran.output
            return ran.output
        command = [sys.executable, "-m", program, *words]
        tested = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert tested.returncode == 0, tested.stdout + tested.stderr
        return tested.stdout

    return run


def files(text):
    """{file: text} of what is to be put into files."""
    return dict(re.findall(r"Put this into `([^`]+)`:\n\n```python\n(.*?)```", text, re.DOTALL))


def test_it_leads_from_nothing_to_a_tested_plugin(do, tmp_path):
    """Each command ends well, each test passes, and the setting counts."""
    text = PAGE.read_text(encoding="utf-8")
    do("botkit init mybot", ".")
    do("botkit new dice")
    # As dice are until the page changes them; one more run of pytest would take its time.
    do("botkit new coin")
    for name, source in files(text).items():
        assert (tmp_path / "mybot" / name).exists(), f"{name} was not made by botkit new"
        (tmp_path / "mybot" / name).write_text(source)
    assert "5 passed" in do("pytest")
    bot_file = tmp_path / "mybot" / "bot.yaml"
    (setting,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    bot_file.write_text(bot_file.read_text().replace("  dice:\n", setting))
    assert "most: 3" in bot_file.read_text()
    assert "!dice" in do("botkit check")
    assert "dice: Dice for the group." in do("botkit plugins")


def test_every_command_of_the_page_is_a_command():
    """Those lines that the test above does not run are `run` and what makes the environment."""
    lines = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    commands = [line for block in lines for line in block.splitlines() if line.startswith(("botkit", "pytest"))]
    assert commands == [
        "botkit init mybot",
        "botkit run bot.yaml",
        "botkit new dice",
        "pytest",
        "pytest",
        "botkit check",
    ]
