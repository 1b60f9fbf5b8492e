"""`botkit status`"""

from __future__ import annotations

import json
import signal


def test_a_running_bot_is_asked(start, botkit, tmp_path):
    """In lines for people, or as JSON; exit code 0."""
    (tmp_path / "bot.yaml").write_text("sandbox: {port: 0}\nplugins: {echo: }\n")
    start("run").wait_ready()
    ran = botkit("status")
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("connection: live for ")
    assert lines[1].startswith("account: 100000000000001 on ")
    assert "plugin echo: 0 calls, 0 errors" in lines
    found = json.loads(botkit("status", "--json").stdout)
    assert (found["state"], found["open_rows"], [one["name"] for one in found["plugins"]]) == (
        "live",
        0,
        ["echo", "commands"],
    )


def test_of_a_stopped_bot_the_database_is_read(start, botkit, tmp_path):
    """Exit code 3; a killed one is told apart."""
    (tmp_path / "bot.yaml").write_text("sandbox: {port: 0}\n")
    never = botkit("status")
    assert (never.returncode, never.stdout.splitlines()[0]) == (3, "connection: stopped (never started)")
    assert not (tmp_path / ".botkit").exists()
    start("run").wait_ready().end()
    stopped = botkit("status")
    assert (stopped.returncode, stopped.stdout.splitlines()[0]) == (3, "connection: stopped")
    assert "account: 100000000000001 on sandbox-" in stopped.stdout
    start("run").wait_ready().end(signal.SIGKILL)
    killed = botkit("status")
    assert killed.returncode == 3
    assert killed.stdout.startswith("connection: stopped (its control.json is still there: it was killed,")


def test_a_wrong_bot_file_is_exit_code_2(botkit):
    """Told as everywhere."""
    ran = botkit("status", "nowhere.yaml")
    assert (ran.returncode, ran.stdout) == (2, "")
