"""`botkit init`"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from botkit.cli import main
from botkit.sandbox import client

FILES = [".gitignore", "README.md", "bot.yaml", "plugins/hello.py", "pytest.ini", "tests/test_hello.py"]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, arguments)


class At:
    """A place that people can be seated at."""

    def __init__(self, url):
        self.url, self.token = url, client.fetch_token(url)


def test_the_new_bot_starts_and_answers(botkit, start, person):
    """Nothing is asked, nothing must be filled in."""
    assert botkit("init", "mybot", stdin=subprocess.DEVNULL).returncode == 0
    bot = start("run", "mybot/bot.yaml").wait_ready()
    ann = person("Ann", At(bot.url))
    ann.says("Friends", "!hello Ben")
    assert ann.hears() == ("Bot", "Hello, Ben!")


def test_it_writes_a_bot_and_says_what_comes_next(run, tmp_path):
    """With the words to type."""
    ran = run("init", "my bot")
    assert ran.exit_code == 0
    assert "cd 'my bot'\n  botkit run bot.yaml" in ran.output
    made = tmp_path / "my bot"
    assert sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()) == FILES
    assert len((made / "README.md").read_text().splitlines()) == 5
    assert "$" not in "".join((made / name).read_text() for name in FILES)


def test_the_new_bot_file_is_right(run, monkeypatch):
    """Before anything is changed in it."""
    run("init", "mine")
    monkeypatch.chdir("mine")
    checked = run("check")
    assert checked.exit_code == 0, checked.output
    assert "!hello" in checked.output


def test_a_folder_that_holds_something_is_left_alone(run, tmp_path):
    """One line, naming what is there."""
    (tmp_path / "mine").mkdir()
    for name in ("a", "b", "c", "d"):
        (tmp_path / "mine" / name).touch()
    ran = run("init", "mine")
    assert ran.exit_code == 1
    assert ran.stderr == "botkit: mine: is not empty (it holds a, b, c, …); name a new folder\n"
    assert len(list((tmp_path / "mine").iterdir())) == 4


def test_a_folder_that_cannot_be_made_is_told(run):
    """A file is in its place."""
    Path("taken").touch()
    ran = run("init", "taken/mine")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("botkit: taken/mine/bot.yaml: cannot be written: ")
