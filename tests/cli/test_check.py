"""`botkit check`"""

from __future__ import annotations

import os


def test_it_tells_what_a_good_file_loads_and_what_else_there_is(botkit, tmp_path):
    """Without logging in or writing anything."""
    (tmp_path / "bot.yaml").write_text("plugins: {echo: }\n")
    ran = botkit("check")
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == [
        "bot.yaml: all is well",
        "plugins    echo, commands",
        "commands   !echo",
        "not used   help, mark_read, ping, status",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["bot.yaml"]


def test_it_tells_every_mistake(botkit, tmp_path):
    """With exit code 2."""
    (tmp_path / "mine.yaml").write_text("prefx: '!'\ntimezone: Mars\n")
    ran = botkit("check", "mine.yaml")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert [line.split(": ")[1] for line in ran.stderr.splitlines()] == ["mine.yaml:1", "mine.yaml:2"]


def test_files_that_are_not_there_are_told(botkit, tmp_path):
    """What `run` would stumble over."""
    (tmp_path / "bot.yaml").write_text("login: {app_state: mine.json}\nsandbox:\n  world: mine.yaml\n")
    ran = botkit("check")
    assert ran.returncode == 2
    assert ran.stderr.splitlines() == [
        "botkit: bot.yaml:1: login.app_state: there is no file mine.json",
        "botkit: bot.yaml:3: sandbox.world: there is no file mine.yaml",
    ]


def test_what_run_would_miss_later_is_told(botkit, tmp_path):
    """The program that tells the owner, which is needed on a bad day only, and the folder of the log."""
    (tmp_path / "bot.yaml").write_text("log_file: logs/bot.log\nnotify:\n  command: [tell-the-owner, now]\n")
    ran = botkit("check")
    assert ran.returncode == 2
    assert ran.stderr.splitlines() == [
        "botkit: bot.yaml:1: log_file: there is no folder logs",
        "botkit: bot.yaml:3: notify.command: there is no program 'tell-the-owner'",
    ]
    (tmp_path / "logs").mkdir()
    (tmp_path / "bot.yaml").write_text("log_file: logs/bot.log\nnotify: {command: [sh, -c, ':']}\n")
    assert botkit("check").returncode == 0


def test_a_program_that_the_environment_names_is_not_shown(botkit, tmp_path):
    """It may be a secret in the wrong place."""
    (tmp_path / "bot.yaml").write_text("notify: {command: ['${WORD}']}\n")
    ran = botkit("check", env={**os.environ, "WORD": "hunter22"})
    assert ran.stderr == "botkit: bot.yaml:1: notify.command: there is no such program\n"
