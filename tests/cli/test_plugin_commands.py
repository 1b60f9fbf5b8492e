"""Subcommands that installed plugins have."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from botkit.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "hooks" / "register_cli.py"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a module as a package that offers it as a plugin: `install("dice", source)`."""
    # Before the first look: what is installed is looked for once for each search path.
    monkeypatch.syspath_prepend(str(tmp_path))
    names = []

    def make(name, source):
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        about = tmp_path / f"{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
        (about / "entry_points.txt").write_text(f"[botkit]\n{name} = {name}\n", encoding="utf-8")
        names.append(name)

    yield make
    for name in names:
        sys.modules.pop(name, None)


def run(*arguments):
    return CliRunner().invoke(main, arguments)


def test_a_plugin_adds_a_subcommand(install):
    """With its own arguments and help; the example does."""
    install("odds_plugin", EXAMPLE.read_text(encoding="utf-8"))
    ran = run("odds", "6", "2")
    assert (ran.exit_code, ran.output) == (0, "2 dice with 6 sides give 7 on average.\n")
    assert "What dice give on average." in run("odds", "--help").output


def test_botkits_own_subcommands_come_first(install):
    """A plugin cannot take the place of one."""
    install("rival", EXAMPLE.read_text(encoding="utf-8").replace('"odds"', '"check"'))
    ran = run("check", "--help")
    assert "Look through a bot file" in ran.output
    assert "What dice give on average." not in ran.output


def test_a_plugin_that_fails_is_told_and_passed_over(install):
    """On import, when asked, and with what is no subcommand; the others have theirs all the same."""
    head = "from botkit import hookimpl\n@hookimpl\ndef register_cli():\n    "
    install("fails_at_import", "1 / 0\n")
    install("fails_when_asked", f'{head}raise OSError("no disk")\n')
    install("gives_texts", f'{head}return ["odds"]\n')
    install("odds_plugin", EXAMPLE.read_text(encoding="utf-8"))
    ran = run("odds", "6", "1")
    assert ran.exit_code == 0
    assert "botkit: plugin fails_at_import: cannot be loaded: " in ran.stderr
    assert "botkit: plugin fails_when_asked: register_cli failed with OSError: no disk" in ran.stderr
    assert "botkit: plugin gives_texts: register_cli gives str; commands of click are wanted" in ran.stderr
    assert ran.stdout == "1 dice with 6 sides give 3.5 on average.\n"


def test_two_plugins_with_one_subcommand_are_refused(install):
    """With the names of both."""
    for name in ("one_odds", "other_odds"):
        install(name, EXAMPLE.read_text(encoding="utf-8"))
    ran = run("odds", "6", "1")
    assert ran.exit_code == 1
    assert "odds: plugins one_odds and other_odds both have this subcommand; uninstall one" in ran.output


def test_what_nobody_has_is_no_command():
    """As before."""
    assert "No such command 'nonsense'" in run("nonsense").output
