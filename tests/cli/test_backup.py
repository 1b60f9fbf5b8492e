"""`botkit backup` and `botkit restore` from the shell."""

from __future__ import annotations

import pytest

from botkit.runner.data_lock import data_lock
from botkit.store import Database


def values(path):
    database = Database(path)
    found = [key for (key,) in database.read("SELECT key FROM store")]
    database.close()
    return found


def put(path, key, account=None):
    database = Database(path)
    database.write(lambda c: c.execute("DELETE FROM store"))
    database.write(lambda c: c.execute("INSERT INTO store VALUES ('p', '', ?, '1', 1)", (key,)))
    if account is not None:
        database.write(lambda c: c.execute("INSERT OR REPLACE INTO position VALUES (1, ?, 't', 5)", (account,)))
    database.close()


@pytest.fixture
def kept(tmp_path):
    """A bot's database with the key `old`."""
    (tmp_path / "bot.yaml").write_text("sandbox: {port: 0}\n")
    path = tmp_path / ".botkit" / "sandbox-w-100" / "bot.db"
    put(path, "old", "100")
    return path


def test_there_and_back(botkit_here, kept, tmp_path):
    """A backup while the bot holds the data, a restore when it does not."""
    with data_lock(kept.parent.parent, "bot.yaml"):
        ran = botkit_here("backup", "copy.db")
        assert (ran.returncode, ran.stdout) == (0, f"{kept.relative_to(tmp_path)} is copied to copy.db\n"), ran.stderr
        put(kept, "new")
        ran = botkit_here("restore", "copy.db")
        assert (ran.returncode, values(kept)) == (6, ["new"])
        assert "another bot runs on this data" in ran.stderr
    ran = botkit_here("restore", "copy.db")
    assert (ran.returncode, values(kept)) == (0, ["old"]), ran.stderr


def test_a_backup_replaces_no_file_unless_told_to(botkit_here, kept, tmp_path):
    """It might be the only good one."""
    (tmp_path / "copy.db").write_text("mine")
    ran = botkit_here("backup", "copy.db")
    assert ran.returncode == 1
    assert "copy.db: is there already; name another file, or replace it with --force" in ran.stderr
    assert botkit_here("backup", "copy.db", "--force").returncode == 0
    assert values(tmp_path / "copy.db") == ["old"]


def test_a_backup_goes_back_to_its_own_account(botkit_here, kept, tmp_path):
    """Not to the bot that ran last."""
    assert botkit_here("backup", "copy.db").returncode == 0
    other = tmp_path / ".botkit" / "sandbox-w-5100" / "bot.db"
    put(other, "other", "5100")
    put(kept, "new", "100")
    put(other, "other", "5100")
    assert botkit_here("restore", "copy.db").returncode == 0
    assert (values(kept), values(other)) == (["old"], ["other"])


def test_whose_it_is_must_be_known(botkit_here, kept, tmp_path):
    """On a fresh machine the bot has to have run once."""
    assert botkit_here("backup", "copy.db").returncode == 0
    kept.parent.rename(tmp_path / "elsewhere")
    ran = botkit_here("restore", "copy.db")
    assert (ran.returncode, ran.stderr) == (
        1,
        "botkit: .botkit: no bot of account 100 has run here yet; start it once, stop it, and restore then\n",
    )


def test_without_a_bot_there_is_nothing_to_copy(botkit_here, tmp_path):
    """And it says so."""
    (tmp_path / "bot.yaml").write_text("")
    ran = botkit_here("backup", "copy.db")
    assert (ran.returncode, ran.stderr) == (1, "botkit: .botkit: no bot has kept anything here yet\n")
