"""`botkit jobs`"""

from __future__ import annotations

import json

import pytest

from botkit.host import HOST
from botkit.jobs import MadeJob
from botkit.runner import job_rows
from botkit.runner.job_rows import JobRow
from botkit.schedule import Catching, Cron, Every
from botkit.store import Database

WORK = """
from botkit import at, cron, every

@cron("0 9 * * mon", each="thread")
def standup(ctx):
    return "Stand-up in ten minutes."

@every("2h")
def tick(ctx):
    pass

@at("2020-01-01 00:00")
def gone(ctx):
    pass
"""
BOT_FILE = "timezone: Europe/Amsterdam\nplugin_dirs: [plugins]\nplugins: {work: {threads: [Friends]}}\n"


@pytest.fixture
def folder(tmp_path):
    """A bot file with a plugin that has three jobs, one of them gone by."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "work.py").write_text(WORK)
    (tmp_path / "bot.yaml").write_text(BOT_FILE)
    return tmp_path


def listed(botkit):
    """{job in chat: the rest of its facts}."""
    ran = botkit("jobs", "--json")
    assert ran.returncode == 0, ran.stderr
    return {(one.pop("job"), one.pop("chat")): one for one in json.loads(ran.stdout)}


def test_a_bot_that_has_never_run_has_the_jobs_with_markers(botkit, folder):
    """In the chats that the bot file names, with their next three runs; nothing is made."""
    found = listed(botkit)
    assert set(found) == {("work:standup", "Friends"), ("work:tick", None)}
    assert found["work:standup", "Friends"]["when"] == "at 09:00 on Monday"
    assert [one[10:19] for one in found["work:standup", "Friends"]["next"]] == ["T09:00:00"] * 3
    assert not (folder / ".botkit").exists()
    lines = botkit("jobs").stdout.splitlines()
    assert lines[0].split() == ["job", "chat", "when", "next", "then"]
    assert any(line.startswith("work:standup  Friends     at 09:00 on Monday") for line in lines)


def test_of_one_that_has_run_the_database_is_read(botkit, folder):
    """Jobs that calls have made, the chats and their zones, and what rests."""
    database = Database(folder / ".botkit" / "sandbox-1-100000000000001" / "bot.db")
    catching = Catching()
    rows = [
        JobRow("work", "standup", "7", Cron("0 8 * * mon"), catching, 0, 0),
        JobRow("work", "standup", "8", Cron("0 9 * * mon"), catching, 0, 0),
        JobRow("gone", "old", "", Every("1h"), catching, 0, 0),
    ]
    made = MadeJob("work", "1", "7", "5", "tell", ("tea",), Every("1 day"), catching, 0)
    kept = [("thread:8", "timezone", '"Asia/Tokyo"'), ("thread:7", "paused.work:1", "true")]

    def write(connection):
        job_rows.put(connection, rows)
        job_rows.change(connection, [made], "test", 0)
        connection.executemany(f"INSERT INTO store VALUES ('{HOST}', ?, ?, ?, 1)", kept)

    database.write(write)
    database.close()
    found = listed(botkit)
    assert set(found) == {("work:standup", "7"), ("work:standup", "8"), ("work:tick", None), ("work:1", "7")}
    assert (found["work:1", "7"]["is_paused"], found["work:1", "7"]["next"]) == (True, [])
    assert {one[11:] for one in found["work:standup", "8"]["next"]} == {"09:00:00+09:00"}
    assert all(one[11:16] == "09:00" for one in found["work:standup", "7"]["next"])
    assert "it rests" in botkit("jobs").stdout


def test_where_nothing_is_scheduled_it_says_so(botkit, tmp_path):
    """As lists of other things do."""
    (tmp_path / "bot.yaml").write_text("plugins: {echo: }\n")
    ran = botkit("jobs")
    assert (ran.returncode, ran.stdout) == (0, "none: nothing is scheduled\n")


def test_a_wrong_bot_file_is_exit_code_2(botkit):
    """Told as everywhere."""
    ran = botkit("jobs", "nowhere.yaml")
    assert (ran.returncode, ran.stdout) == (2, "")


def test_check_tells_what_is_scheduled(botkit, folder):
    """In words, with the next three runs."""
    found = json.loads(botkit("check", "--json").stdout)
    standup = next(one for one in found["jobs"] if one.startswith("work:standup at 09:00 on Monday (next "))
    assert standup.count("09:00") == 4


def test_a_job_that_is_in_no_chat_says_what_is_missing(botkit, folder):
    """Its plugin is switched on for schedules nowhere."""
    (folder / "bot.yaml").write_text(BOT_FILE.replace("{threads: [Friends]}", ""))
    found = json.loads(botkit("check", "--json").stdout)
    (told,) = [one for one in found["jobs"] if one.startswith("work:standup")]
    assert told.endswith("; in no chat yet: name some under threads: of work, or write !enable work in one")
