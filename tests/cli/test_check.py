"""`botkit check`"""

from __future__ import annotations

import json
import os
from importlib.metadata import entry_points

import pytest
from click.testing import CliRunner

from botkit.cli import main


@pytest.fixture
def check(tmp_path, monkeypatch):
    """The same in this process, which is quicker."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, ["check", *arguments])


def test_it_tells_what_a_good_file_loads_and_what_else_there_is(botkit, tmp_path):
    """Without logging in or writing anything."""
    (tmp_path / "bot.yaml").write_text("plugins: {echo: }\n")
    others = sorted({point.name for point in entry_points(group="botkit")} - {"echo", "commands"})
    ran = botkit("check")
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == [
        "bot.yaml: all is well",
        "plugins     echo, commands",
        "commands    !echo",
        f"not used    {', '.join(others)}",
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


def test_files_that_hold_something_else_are_told(check, tmp_path):
    """With what is wrong in them, and nothing of a session."""
    (tmp_path / "bot.yaml").write_text("login: {app_state: mine.json}\nsandbox: {world: world.yaml}\n")
    (tmp_path / "mine.json").touch(0o600)
    (tmp_path / "mine.json").write_text('[{"key": "c_user", "value": "100123"}]')
    (tmp_path / "world.yaml").write_text("people:\n  - {id: x, name: Bo}\n")
    ran = check()
    assert ran.exit_code == 2
    first, second = ran.stderr.splitlines()
    assert first == "botkit: bot.yaml:1: login.app_state: mine.json: app state lacks the cookie xs"
    assert second.startswith("botkit: world.yaml:2: ")
    assert "100123" not in ran.stderr


def test_a_wrong_plugin_does_not_hide_a_missing_file(check, tmp_path):
    """All at once."""
    (tmp_path / "bot.yaml").write_text("login: {app_state: mine.json}\nplugins: {ekho: }\n")
    assert len(check().stderr.splitlines()) == 2


def test_files_open_to_others_are_told(check, tmp_path):
    """As `run` refuses them."""
    (tmp_path / "bot.yaml").write_text("login: {email: a@b.test, password: my-word}\n")
    (tmp_path / "bot.yaml").chmod(0o644)
    ran = check()
    assert ran.exit_code == 2
    assert ran.stderr.endswith("mend it with: chmod 600 bot.yaml\n")


def test_automations_are_told_in_words(check, tmp_path):
    """Each in a line of its own; those at a time with their next runs among the jobs."""
    (tmp_path / "bot.yaml").write_text(
        "automations:\n"
        "  - {name: monday, cron: 0 9 * * mon, threads: [Friends, Lake], do: [{send_message: Hi}, {set_title: Hi}]}\n"
        "  - {name: hello, on: 'log:subscribe', do: [{wait: 90s}, {choose: [a, b]}]}\n"
        "  - {name: alone, every: 1h, do: [{mark_as_read_all: }]}\n"
        "  - {name: party, at: 2020-01-01 20:00, threads: Lake, do: [{send_message: Hi}]}\n"
    )
    ran = check()
    assert ran.exit_code == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[1] == "plugins     automations, commands"
    assert lines[3:7] == [
        "automations monday: at 09:00 on Monday in Friends and Lake: send_message, set_title",
        "            hello: on log:subscribe: wait 1m30s, choose",
        "            alone: every 1 h in no chat: mark_as_read_all",
        "            party: on 2020-01-01 20:00 in Lake: send_message (has gone by)",
    ]
    assert lines[7].startswith("jobs        automations:")
    assert lines[7].count("next") == 2


def test_json_has_fields_that_stay(check, tmp_path):
    """When all is well, and when something is wrong."""
    (tmp_path / "bot.yaml").write_text("plugins: {echo: }\n")
    ran = check("--json")
    assert ran.exit_code == 0
    found = json.loads(ran.stdout)
    assert (found["file"], found["problems"]) == ("bot.yaml", [])
    assert (found["plugins"], found["commands"]) == (["echo", "commands"], ["!echo"])
    assert "help" in found["not_used"]
    (tmp_path / "bot.yaml").write_text("\nprefx: '?'\n")
    ran = check("--json")
    assert (ran.exit_code, ran.stderr) == (2, "")
    problem = {"file": "bot.yaml", "line": 2, "message": "prefx: there is no such key; did you mean 'prefix'?"}
    assert json.loads(ran.stdout) == {"file": "bot.yaml", "problems": [problem]}


def test_jobs_are_told_in_words(check, tmp_path):
    """With the plugin that has them."""
    (tmp_path / "mine").mkdir()
    source = 'from botkit import cron\n@cron("0 9 * * mon", each="thread")\ndef standup(ctx): ...\n'
    (tmp_path / "mine" / "work.py").write_text(source)
    (tmp_path / "bot.yaml").write_text("plugin_dirs: mine\nplugins: {work: }\n")
    told = "work:standup at 09:00 on Monday (next "
    assert any(line.startswith(f"jobs        {told}") for line in check().stdout.splitlines())
    (job,) = json.loads(check("--json").stdout)["jobs"]
    assert job.startswith(told)


def test_commands_that_clash_are_told_with_both_plugins(check, tmp_path):
    """Names and aliases."""
    (tmp_path / "mine").mkdir()
    source = 'from botkit import command\n@command("ekko", aliases=["echo"])\ndef run(ctx): ...\n'
    (tmp_path / "mine" / "ekko.py").write_text(source)
    (tmp_path / "bot.yaml").write_text("plugin_dirs: mine\nplugins: {echo: , ekko: }\n")
    ran = check()
    assert ran.exit_code == 2
    assert "plugins echo and ekko both have a command 'echo'" in ran.stderr


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
