"""The pytest plugin as strangers have it: which bot a test gets, what fails it, and what is said at the end."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

BOT_FILE = """
network: facebook
login: {{email: ann@example.com, password: "${{BOTKIT_PASSWORD}}"}}
prefix: "{prefix}"
plugin_dirs: [plugins]
options: {{listen_events: true, proxy: "http://127.0.0.1:9"}}
notify: {{webhook: "http://127.0.0.1:9/hook"}}
plugins:
  greeter: {{greeting: "${{GREETING}}"}}
"""

GREETER = '''
"""Greets."""
from botkit import ChatContext, Settings, command, hookimpl

class GreeterSettings(Settings):
    greeting: str = "Hello"

@command("greet")
def greet(ctx: ChatContext) -> str:
    """Greet: !greet"""
    return ctx.settings.greeting

@command("fail")
def fail(ctx: ChatContext) -> str:
    """Fail: !fail"""
    raise ValueError("the plugin's own words")
'''

FILES = {
    "inner/bot.yaml": BOT_FILE.format(prefix="!"),
    "inner/plugins/greeter.py": GREETER,
    "inner/other.yaml": BOT_FILE.format(prefix="/"),
    "inner/wrong.yaml": "prefix: [1]\nplugins: {greeter: }\n",
    "inner/tests/test_nearest.py": """
import pytest

def test_passes_with_the_nearest_bot_file(bot):
    bot.chat("Ann").ann.says("!greet").replies("GREETING")

@pytest.mark.botkit(bot_file="../other.yaml")
def test_passes_with_another(bot):
    bot.chat("Ann").ann.says("/greet").replies("GREETING")

@pytest.mark.botkit(plugins={"greeter": {"greeting": "Hoi"}}, prefix="?")
def test_passes_with_keys_of_its_own(bot):
    bot.chat("Ann").ann.says("?greet").replies("Hoi")

@pytest.mark.botkit(bot_file="../wrong.yaml")
def test_fails_as_the_file_is_wrong(bot):
    pass

@pytest.mark.botkit(prefx="?")
def test_fails_as_there_is_no_such_key(bot):
    pass

def test_fails_with_its_plugin(bot):
    bot.chat("Ann").ann.says("!fail").silent()

def test_passes_as_the_error_is_expected(bot):
    bot.expects_error(ValueError)
    bot.chat("Ann").ann.says("!fail").silent()

def test_fails_as_no_error_came(bot):
    bot.expects_error(ValueError)
    bot.chat("Ann").ann.says("!greet").replies()

def test_passes_without_a_bot():
    pass
""",
    "outer/dice.py": "from botkit import command\n@command('roll')\ndef roll(ctx):\n    return '4'\n",
    "outer/test_dice.py": "def test_passes_beside(bot):\n    bot.chat('Ann').ann.says('!roll').replies('4')\n",
    "outer/tests/test_dice.py": "def test_passes_below(bot):\n    bot.chat('Ann').ann.says('!roll').replies('4')\n",
    "outer/test_echo.py": "def test_passes_installed(bot):\n    bot.chat('Ann').ann.says('!echo 5').replies('5')\n",
    "outer/test_nothing.py": "def test_passes_with_none(bot):\n    bot.chat('Ann').ann.says('hello').silent()\n",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """One run of all these files: {test: (how it ended, with which words)}, and what was printed."""
    folder = tmp_path_factory.mktemp("strangers")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", ".", "-p", "no:cacheprovider", "--junitxml=out.xml"]
    ran = subprocess.run(
        [*command, "-W", "error", "--import-mode=importlib", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    outcomes = {}
    for case in ElementTree.parse(folder / "out.xml").iter("testcase"):
        troubles = [one for one in case if one.tag in ("failure", "error")]
        outcomes[case.attrib["name"]] = (troubles[0].tag, troubles[0].text) if troubles else ("passed", "")
    return outcomes, ran.stdout


NAMES = [name for text in FILES.values() for name in re.findall(r"def (test_\w+)", text)]


@pytest.mark.parametrize("name", NAMES)
def test_each_ends_as_its_name_says(run, name):
    """With the bot that docs/testing.md promises, and no account, proxy or webhook of the bot file."""
    assert (run[0][name][0] == "passed") == name.startswith("test_passes")


def test_a_failing_plugin_is_shown_from_its_first_line_on(run):
    """As a failure of the test, without frames of the host."""
    kind, text = run[0]["test_fails_with_its_plugin"]
    assert kind == "failure"
    assert "ValueError: the plugin's own words" in text
    assert text.startswith("something in the bot has failed:\nplugin greeter: greeter:!fail failed at ")
    assert f"{Path('botkit') / 'runner'}" not in text.partition("Captured")[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_fails_as_the_file_is_wrong", r"wrong\.yaml:1: prefix: should be a text"),
        (
            "test_fails_as_there_is_no_such_key",
            "@pytest.mark.botkit:1: prefx: there is no such key; did you mean 'prefix'",
        ),
        ("test_fails_as_no_error_came", "no plugin has raised ValueError"),
    ],
)
def test_what_is_wrong_is_told(run, name, words):
    """In the words of the bot file, with its line."""
    assert re.search(words, run[0][name][1])


def test_the_end_tells_what_it_took(run):
    """Tests without a bot are not counted."""
    told = r"botkit: 10 tests with a bot, \d+ ms each at the median, \d+ ms the slowest \(\S+::test_\w+\)"
    assert re.search(told, run[1])
