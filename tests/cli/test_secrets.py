"""Files with secrets that others could read are refused, with the command that mends it."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from botkit import config
from botkit.cli import _secrets
from botkit.messenger.errors import ConfigError

SECRET_FILES = (
    "accounts.json",
    "control.json",
    "sandbox.json",
    "sandbox.db",
    "sandbox-w-1/appstate.json",
    "sandbox-w-1/bot.db",
    "facebook-2/bot.db-wal",
)


@pytest.fixture
def folder(tmp_path):
    """A folder whose name a shell would take apart."""
    made = tmp_path / "my bots"
    made.mkdir()
    return made


def settings(folder, text=""):
    path = folder / "bot.yaml"
    path.write_text(text)
    return config.read(path, {"WORD": "from-the-environment"})


def put(path, mode):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    path.chmod(mode)


def refused(given):
    with pytest.raises(ConfigError) as raised:
        _secrets.check(given)
    return raised.value.problems


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o666, 0o601])
def test_each_file_is_told_with_its_mode_and_a_command_that_mends_it(folder, mode):
    """All at once; the command works as it stands."""
    for name in SECRET_FILES:
        put(folder / ".botkit" / name, mode)
    given = settings(folder)
    problems = refused(given)
    assert len(problems) == len(SECRET_FILES)
    for problem in problems:
        assert f"(mode {mode:04o})" in problem
        subprocess.run(shlex.split(problem.split("mend it with: ")[1]), check=True)
    _secrets.check(given)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_what_only_its_owner_can_open_is_fine(folder, mode):
    """So is what is not there."""
    put(folder / ".botkit" / "accounts.json", mode)
    _secrets.check(settings(folder))


def test_a_browsers_export_is_looked_at(folder):
    """It is as good as a password."""
    put(folder / "export.json", 0o644)
    (problem,) = refused(settings(folder, "login: {app_state: export.json}"))
    assert problem == (
        f"{folder}/export.json: holds a secret and is open to others than its owner (mode 0644); "
        f"mend it with: chmod 600 '{folder}/export.json'"
    )


def test_a_bot_file_with_a_password_in_it_is_looked_at(folder):
    """With one from the environment it holds none."""
    given = settings(folder, "login: {email: a@b.test, password: literal-word}")
    given.source.path.chmod(0o644)
    (problem,) = refused(given)
    assert problem.startswith(f"{folder}/bot.yaml: ")
    assert "literal-word" not in problem
    given = settings(folder, "login: {email: a@b.test, password: '${WORD}'}")
    given.source.path.chmod(0o644)
    _secrets.check(given)


def test_a_record_is_looked_at_before_it_is_replayed(botkit, tmp_path):
    """It may hold what people wrote."""
    put(tmp_path / "record.jsonl", 0o644)
    (tmp_path / "record.jsonl").write_text('{"botkit": "0.1.0", "own_id": "1", "prefix": "!", "bodies": true}\n')
    ran = botkit("replay", "record.jsonl")
    assert ran.returncode == 2
    assert ran.stderr.startswith(
        "botkit: record.jsonl: holds a secret and is open to others than its owner (mode 0644)"
    )


def test_where_files_have_no_modes_nothing_is_checked(folder, monkeypatch):
    """Windows shows 0666 for every file."""
    put(folder / ".botkit" / "accounts.json", 0o666)
    given = settings(folder)
    monkeypatch.setattr(_secrets, "_HAS_MODES", False)
    _secrets.check(given)


@pytest.mark.parametrize("command", [["run"], ["call", "get_thread_list"], ["check"]])
def test_commands_refuse_to_begin(botkit, tmp_path, command):
    """Exit code 2, a line for each file, and nothing is started."""
    (tmp_path / "bot.yaml").write_text("sandbox: {port: 0}\n")
    put(tmp_path / ".botkit" / "accounts.json", 0o644)
    put(tmp_path / ".botkit" / "sandbox.json", 0o644)
    ran = botkit(*command)
    assert ran.returncode == 2
    assert ran.stderr.splitlines() == [
        f"botkit: .botkit/{name}: holds a secret and is open to others than its owner (mode 0644); "
        f"mend it with: chmod 600 .botkit/{name}"
        for name in ("accounts.json", "sandbox.json")
    ]
    assert not (tmp_path / ".botkit" / "sandbox.db").exists()
