"""docs/cli.md is what the commands say of themselves"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import click
import pytest

from botkit.cli import main
from botkit.cli._plugin_facts import PluginFacts, SettingFacts
from botkit.runner.replay import Deed
from botkit.status import RowInfo, Status
from tools import cli_docs

ROOT = Path(__file__).parents[1]

# What prints no list and nothing of its own to look at, or JSON already.
WITHOUT_JSON = {
    "botkit init",
    "botkit new",
    "botkit run",
    "botkit events retry",
    "botkit login",
    "botkit sandbox",
    "botkit sandbox app-state",
    "botkit schema",
    "botkit data export",
    "botkit data erase",
    "botkit backup",
    "botkit restore",
    "botkit completion",
}


def commands(group=main, name="botkit"):
    """Each command that does something, by its whole name."""
    ctx = click.Context(group)
    for word in group.list_commands(ctx):
        one = group.get_command(ctx, word)
        if not isinstance(one, click.Group) or one.invoke_without_command:
            yield f"{name} {word}", one
        if isinstance(one, click.Group):
            yield from commands(one, f"{name} {word}")


def test_the_committed_page_is_current():
    """After a change to a command: make docs."""
    assert cli_docs.PAGE.read_text(encoding="utf-8") == cli_docs.page()


def test_what_lists_has_json():
    """A new command has it too, or is named here with the others that print nothing of that kind."""
    having = {name for name, one in commands() if any("--json" in param.opts for param in one.params)}
    assert {name for name, _ in commands()} - having == WITHOUT_JSON


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        ("plugins", [PluginFacts, SettingFacts]),
        ("status", [Status]),
        ("events", [RowInfo]),
        ("replay", [Deed]),
    ],
)
def test_the_fields_for_scripts_are_documented(command, kinds):
    """Each, and no others."""
    text = cli_docs.PAGE.read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `botkit {command} --json` \| (.*) \|$", text, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == {field.name for kind in kinds for field in dataclasses.fields(kind)}
