"""`botkit data`: from the shell, with the bot stopped or running."""

from __future__ import annotations

import json

import pytest

from botkit.runner.data_lock import data_lock
from botkit.store import Database

ANN = "100000000000002"


@pytest.fixture
def kept(tmp_path):
    """What a bot on the sandbox keeps of Ann."""
    (tmp_path / "bot.yaml").write_text("sandbox: {port: 0}\n")
    path = tmp_path / ".botkit" / "sandbox-w-100000000000001" / "bot.db"
    database = Database(path)
    database.write(lambda c: c.execute("INSERT INTO store VALUES ('p', ?, 'k', '\"zebra\"', 1)", (f"user:{ANN}",)))
    database.write(lambda c: c.execute("INSERT INTO store VALUES ('p', '', 'all', ?, 1)", (json.dumps([ANN]),)))
    database.close()
    return path


def test_export_prints_json_also_while_the_bot_runs(botkit_here, kept):
    """For each bot of the data folder."""
    with data_lock(kept.parent.parent, "another"):
        ran = botkit_here("data", "export", "--user", ANN)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["user_id"] == ANN
    assert found["bots"] == {
        "sandbox-w-100000000000001": {
            "store": [{"plugin": "p", "scope": f"user:{ANN}", "key": "k", "value": '"zebra"', "version": 1}],
            "mentioned": ["store: p  all"],
        }
    }


def test_erase_says_what_it_did_and_what_is_left(botkit_here, kept):
    """A second time there is nothing."""
    ran = botkit_here("data", "erase", "--user", ANN, "--yes")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[0].endswith("bot.db: 1 of store erased")
    assert ran.stdout.splitlines()[1] == "  the id still appears in store: p  all"
    assert b"zebra" not in kept.read_bytes()
    assert "bot.db: nothing erased" in botkit_here("data", "erase", "--user", ANN, "--yes").stdout


def test_erase_asks_first(botkit_here, kept):
    """No answer is no."""
    ran = botkit_here("data", "erase", "--user", ANN, input="n\n")
    assert ran.returncode == 1
    assert f"keep about {ANN}? [y/N]" in ran.stdout
    assert b"zebra" in kept.read_bytes()
    assert botkit_here("data", "erase", "--user", ANN, input="y\n").returncode == 0
    assert b"zebra" not in kept.read_bytes()


def test_erase_waits_for_no_bot(botkit_here, kept):
    """Exit code 6, and nothing is changed."""
    with data_lock(kept.parent.parent, "another.yaml"):
        ran = botkit_here("data", "erase", "--user", ANN, "--yes")
    assert ran.returncode == 6
    assert "another bot runs on this data: another.yaml" in ran.stderr
    assert b"zebra" in kept.read_bytes()


def test_a_name_is_no_id(botkit_here, kept):
    """Nobody is to be mistaken for another."""
    for act in ("export", "erase"):
        ran = botkit_here("data", act, "--user", "Ann")
        assert ran.stderr == "botkit: --user: should be an id such as 100000000000002, not 'Ann'\n"
        assert ran.returncode == 1


def test_without_a_bot_there_is_nothing(botkit_here, tmp_path):
    """And it says so."""
    (tmp_path / "bot.yaml").write_text("")
    assert botkit_here("data", "erase", "--user", ANN, "--yes").stdout == "no bot has kept anything in .botkit yet\n"
    assert json.loads(botkit_here("data", "export", "--user", ANN).stdout)["bots"] == {}
