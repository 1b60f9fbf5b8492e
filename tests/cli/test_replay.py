"""`botkit run --record` and `botkit replay`, one after the other."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from botkit.cli.replay import SETTLE_LIMIT_S, _line
from botkit.runner.replay import Deed
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


def test_swapped_arguments_are_told(bot_file, botkit, tmp_path):
    """Before anything is said of the modes of files."""
    head = {"botkit": "0.1.0", "own_id": "100000000000001", "prefix": "!", "bodies": False}
    (tmp_path / "r.jsonl").touch(0o600)
    (tmp_path / "r.jsonl").write_text(json.dumps(head) + "\n")
    (tmp_path / "bot.yaml").chmod(0o644)
    ran = botkit("replay", "bot.yaml", "r.jsonl")
    assert ran.returncode == 1
    assert ran.stderr == "botkit: bot.yaml is no record, but r.jsonl is one; write: botkit replay r.jsonl bot.yaml\n"
    ran = botkit("replay", "bot.yaml", "bot.yaml")
    assert ran.stderr == "botkit: bot.yaml:1: is no line of a record; one is made with: botkit run --record FILE\n"


@pytest.mark.parametrize(
    ("deed", "line"),
    [
        (Deed(0, "7", "tidy", "message", "hello"), "tidy  hello"),
        (Deed(0, "7", "tidy", "message", "hi", {"sticker": "5"}), 'tidy  hi {"sticker": "5"}'),
        (Deed(0, "7", "tidy", "message", "", {"sticker": "5"}), 'tidy  {"sticker": "5"}'),
        (Deed(0, "7", "tidy", "message"), "tidy"),
        (Deed(0, "7", "tidy", "leave_group"), "tidy  leave_group"),
        (Deed(0, "7", "tidy", "set_title", "", {"new_title": "x"}), 'tidy  set_title {"new_title": "x"}'),
    ],
)
def test_a_line_has_no_blanks_for_what_is_not_there(deed, line):
    """Neither at its end nor doubled."""
    assert _line(deed) == f"1970-01-01 00:00:00.000  7  {line}"


HANGS = '''"""Hangs at the second message."""
import threading
from botkit import hookimpl

@hookimpl
def on_message(ctx, message):
    if message.body == "two":
        threading.Event().wait()
    return message.body
'''


def delta(number, text):
    """A NewMessage delta (dossier 2, section 5.1)."""
    metadata = {"actorFbId": "100000000000002", "messageId": f"mid.${number}", "timestamp": "1767225600000"}
    metadata["threadKey"] = {"threadFbId": "7000000000000001"}
    return {"class": "NewMessage", "body": text, "attachments": [], "messageMetadata": metadata}


def test_a_plugin_that_never_ends_is_told_with_its_event(tmp_path):
    """After the limit, which handlers that ask the outer world have time under; what came before it is printed."""
    assert SETTLE_LIMIT_S == 90
    head = {"botkit": "0.1.0", "own_id": "100000000000001", "prefix": "!", "bodies": True}
    rows = [{"received_ms": n, "delta": delta(n, text)} for n, text in enumerate(("one", "two"))]
    (tmp_path / "r.jsonl").touch(0o600)
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in (head, *rows)))
    (tmp_path / "bot.yaml").write_text("plugins: {hangs: }\nplugin_dirs: [.]\n")
    (tmp_path / "hangs.py").write_text(HANGS)
    code = "from botkit.cli import main, replay; replay.SETTLE_LIMIT_S = 0.3; main(['replay', 'r.jsonl'])"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=10, check=False
    )
    assert ran.stdout == "1970-01-01 00:00:00.000  7000000000000001  hangs  one\n"
    assert ran.returncode == 1
    (line,) = ran.stderr.splitlines()
    told = "event of 1970-01-01 00:00:00.001 in chat 7000000000000001: a plugin does not come to rest: after 0.3 s"
    assert line.startswith(f"botkit: {told}")
