"""`botkit events`: of a bot that stands still, and of one that runs."""

from __future__ import annotations

import json
import os

import pytest

from botkit.messenger.errors import StoreError
from botkit.runner import at_rest
from botkit.sandbox import client
from botkit.store import Database

OLD_BOT_FILE = "sandbox: {{url: {url}}}\nplugins: {{echo: }}\nanswer_within: 1ms\n"


def put_rows(path, *rows):
    """Writes rows (id, state, note) into a bot's journal."""
    database = Database(path)
    database.write(
        lambda c: c.executemany(
            "INSERT INTO journal (id, key, thread_id, topic, kind, payload, received_ms, state, starts, note)"
            " VALUES (?, ?, '70', '/t_ms', 'message', '{}', 5, ?, 3, ?)",
            [(number, f"key {number}", state, note) for number, state, note in rows],
        )
    )
    database.close()


@pytest.fixture
def kept(tmp_path):
    """What a bot on the sandbox left behind."""
    (tmp_path / "bot.yaml").write_text("sandbox: {port: 0}\n")
    path = tmp_path / ".botkit" / "sandbox-w-100000000000001" / "bot.db"
    put_rows(path, (1, "done", None), (2, "open", None), (3, "dead", "ended the process"), (4, "late", "3 h old"))
    return path


def test_open_dead_and_late_ones_are_listed(botkit, kept):
    """Of a stopped bot too, and its database is not touched; with `list` or without."""
    before = kept.read_bytes()
    for arguments in ([], ["list"], ["bot.yaml"]):
        ran = botkit("events", *arguments)
        assert ran.returncode == 0, ran.stderr
        lines = [line.split() for line in ran.stdout.splitlines()]
        assert lines[0] == ["id", "state", "kind", "chat", "received", "starts", "note"]
        assert [line[:4] for line in lines[1:]] == [
            ["2", "open", "message", "70"],
            ["3", "dead", "message", "70"],
            ["4", "late", "message", "70"],
        ]
        assert "ended the process" in ran.stdout
    assert [row["id"] for row in json.loads(botkit("events", "--json").stdout)] == [2, 3, 4]
    assert kept.read_bytes() == before


def test_without_any_it_says_so(botkit, tmp_path):
    """And there need not have been a bot."""
    (tmp_path / "bot.yaml").write_text("")
    assert botkit("events").stdout == "none: every event is handled\n"
    assert botkit("events", "--json").stdout == "[]\n"


def test_a_dead_one_is_handled_at_the_next_start(botkit, kept):
    """One that is neither dead nor late is not; exit code 1."""
    assert botkit("events", "retry", "3").stdout == "event 3 is handled when the bot starts\n"
    assert {row.id: row.state for row in at_rest.rows(kept, ["open", "dead", "late"])} == {
        2: "open",
        3: "open",
        4: "late",
    }
    for number in ("1", "2", "99"):
        ran = botkit("events", "retry", number)
        assert (ran.returncode, ran.stderr) == (
            1,
            f"botkit: there is no dead or late event {number}; see: botkit events\n",
        )


def test_a_running_bot_handles_it_now(start, botkit, tmp_path, person):
    """A command that came too late is answered after all."""
    sandbox = start("sandbox", "--port", "0").wait_ready()
    (tmp_path / "bot.yaml").write_text(OLD_BOT_FILE.format(url=sandbox.url))

    class Place:
        url, token = sandbox.url, client.fetch_token(sandbox.url)

    ann = person("Ann", Place)
    start("run").wait_ready().end()
    ann.says("Friends", "!echo hello")
    start("run").wait_ready()
    (late,) = [row for row in json.loads(botkit("events", "--json").stdout) if row["state"] == "late"]
    assert botkit("events", "retry", str(late["id"])).stdout == f"event {late['id']} is handled now\n"
    assert ann.hears() == ("Bot", "hello")
    assert botkit("events").stdout == "none: every event is handled\n"


def test_the_bot_that_ran_last_is_meant(tmp_path):
    """Of several accounts or worlds in one data folder; another network does not count."""
    paths = [tmp_path / name / "bot.db" for name in ("sandbox-a-1", "sandbox-b-1", "facebook-2")]
    for path in paths:
        put_rows(path, (1, "open", None))
    os.utime(paths[0], (10, 10))
    os.utime(paths[1], (20, 20))
    assert at_rest.newest(tmp_path, "sandbox") == paths[1]
    assert at_rest.newest(tmp_path, "facebook") == paths[2]
    assert at_rest.newest(tmp_path / "nothing", "sandbox") is None
    (tmp_path / "sandbox-a-1" / "bot.db-wal").touch()
    assert at_rest.newest(tmp_path, "sandbox") == paths[0]


def test_a_database_that_cannot_be_read_is_told(tmp_path):
    """One line, of our tree."""
    (tmp_path / "bot.db").write_text("this is not a database, though it is long enough to look like one" * 20)
    with pytest.raises(StoreError, match=r"bot\.db: cannot be read"):
        at_rest.rows(tmp_path / "bot.db", ["open"])
