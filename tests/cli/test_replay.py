"""`botkit run --record` and `botkit replay`, one after the other."""

from __future__ import annotations

import json

import pytest

from botkit.sandbox import client

BOT_FILE = "sandbox: {port: 0}\nplugins: {echo: , dice: }\nplugin_dirs: [.]\n"
DICE = '''"""Dice."""
from botkit import ChatContext, command

@command("roll")
def roll(ctx: ChatContext) -> str:
    """Roll three dice."""
    return " ".join(str(ctx.random.randint(1, 1000)) for _ in range(3))
'''


class At:
    """A place that people can be seated at."""

    def __init__(self, url):
        self.url, self.token = url, client.fetch_token(url)


@pytest.fixture
def bot_file(tmp_path):
    (tmp_path / "dice.py").write_text(DICE)
    (tmp_path / "bot.yaml").write_text(BOT_FILE)


@pytest.fixture
def record(bot_file, start, person, tmp_path):
    """A record of Ann's, made by a live bot: `record("--record-bodies")` gives the file."""

    def make(*options):
        bot = start("run", "--record", "live.jsonl", *options).wait_ready()
        ann = person("Ann", At(bot.url))
        for text in ("!echo the bridge", "!roll", "nothing to do with it", "!echo and\nagain \\ x"):
            ann.says("Friends", text)
            if text.startswith("!"):
                ann.hears()
        assert bot.end() == 0
        return tmp_path / "live.jsonl"

    return make


def test_a_live_bots_record_gives_the_same_answers(record, botkit):
    """Time, chat, plugin, text, a line each; as JSON for scripts that compare; twice the same byte for byte, dice
    included, unless another seed is asked for."""
    record("--record-bodies")
    ran = botkit("replay", "live.jsonl")
    assert (ran.returncode, ran.stderr) == (0, "")
    first, dice, last = ran.stdout.splitlines()
    assert first.endswith("  echo  the bridge")
    assert "  dice  " in dice
    assert last.endswith("  echo  and\\nagain \\\\ x")
    assert botkit("replay", "live.jsonl", "bot.yaml").stdout == ran.stdout
    deeds = [json.loads(line) for line in botkit("replay", "live.jsonl", "--json", "--seed", "7").stdout.splitlines()]
    assert [(deed["plugin"], deed["what"]) for deed in deeds] == [
        (name, "message") for name in ("echo", "dice", "echo")
    ]
    assert deeds[0]["text"] == "the bridge"
    assert deeds[1]["text"] not in dice


def test_without_bodies_commands_are_found_and_words_are_not(record, botkit, tmp_path):
    """The record is safe to give away, and still shows what the bot does; a bot file with another prefix is told."""
    text = record().read_text()
    assert "bridge" not in text
    assert "nothing" not in text
    head = json.loads(text.splitlines()[0])
    assert (head["own_id"], head["prefix"], head["bodies"]) == ("100000000000001", "!", False)
    lines = botkit("replay", "live.jsonl").stdout.splitlines()
    assert [line.split("  ")[2] for line in lines] == ["echo", "dice", "echo"]
    assert "bridge" not in "".join(lines)
    (tmp_path / "bot.yaml").write_text(BOT_FILE + "prefix: '?'\n")
    ran = botkit("replay", "live.jsonl")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr == "botkit: live.jsonl: commands began with ! when it was made\n"


def test_a_record_is_not_overwritten(bot_file, botkit, tmp_path):
    """The bot does not start."""
    (tmp_path / "old.jsonl").write_text("old")
    ran = botkit("run", "--record", "old.jsonl")
    assert ran.returncode == 1
    assert "botkit: old.jsonl: exists; give the record another name, or remove the file" in ran.stderr


@pytest.mark.parametrize(
    ("text", "problem"),
    [("hello\n", "botkit: r.jsonl:1: is no line of a record"), ("", "botkit: r.jsonl: is empty")],
)
def test_a_wrong_record_is_told(bot_file, botkit, tmp_path, text, problem):
    """With file and line, and without a traceback."""
    (tmp_path / "r.jsonl").touch(0o600)
    (tmp_path / "r.jsonl").write_text(text)
    ran = botkit("replay", "r.jsonl")
    assert ran.returncode == 1
    assert ran.stderr.startswith(problem)


def test_a_record_without_rows_gives_nothing(bot_file, botkit, tmp_path):
    """Nothing came while it was made."""
    head = {"botkit": "0.1.0", "own_id": "100000000000001", "prefix": "!", "bodies": False}
    (tmp_path / "r.jsonl").touch(0o600)
    (tmp_path / "r.jsonl").write_text(json.dumps(head) + "\n")
    ran = botkit("replay", "r.jsonl")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
