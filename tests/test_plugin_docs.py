"""plugins/README.md is what the shipped plugins say of themselves."""

from __future__ import annotations

import re
import types
from datetime import time
from pathlib import Path
from typing import Literal

import pytest

from botkit import (
    ChatContext,
    Cooldown,
    Duration,
    Field,
    Message,
    Rest,
    Settings,
    Template,
    command,
    cron,
    hookimpl,
    keyword,
)
from botkit.runner import loader
from tools import plugin_docs

ROOT = Path(__file__).parents[1]

PAGE = (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")


def test_the_committed_page_is_current():
    """After a change to a shipped plugin: make docs."""
    assert plugin_docs.page() == PAGE


@pytest.mark.parametrize("name", plugin_docs.names())
def test_each_plugin_is_listed_and_has_its_section(name):
    """With a line that says what it does."""
    assert re.search(rf"^\| \[`{name}`\]\(#{name}\) \| \S.*\. \|$", PAGE, re.MULTILINE)
    assert f"\n## {name}\n" in PAGE


class TeaSettings(Settings):
    at: time = time(16)
    """When tea
    is made."""
    rest: Duration = Field(default=90, ge=60)
    cups: int = Field(default=2, ge=1, le=8)
    kinds: list[Literal["green", "black"]] = []
    """Which there are."""
    text: Template = Template("Tea | {now|%H}")
    names: list[str] = []
    nothing: str = ""


@command("tea", aliases=["chai"], role="mod", cooldown=Cooldown(60, per="chat"), confirm=True)
def tea(ctx: ChatContext, kind: Rest = "") -> str:
    """Make tea: !tea green

    With milk.
    """
    return kind


@keyword("tea")
def hear(ctx: ChatContext, message: Message) -> str:
    return message.body


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> None:
    pass


@cron("0 16 * * *", each="thread")
def serve(ctx: ChatContext) -> str:
    return "Tea!"


@cron(lambda settings: f"0 {settings.at.hour} * * mon")
def wash(ctx: ChatContext) -> None:
    pass


def test_a_section_has_commands_hooks_schedules_and_settings():
    """Each with what it says of itself, and with bars that leave the table whole."""
    plugin = types.ModuleType("tea", "Makes tea.\n\nAnd more.")
    vars(plugin).update(tea=tea, hear=hear, on_message=on_message, serve=serve, wash=wash, TeaSettings=TeaSettings)
    for name in ("tea", "hear", "on_message", "serve", "wash", "TeaSettings"):
        vars(plugin)[name].__module__ = "tea"
    section = list(plugin_docs.section(loader.build([loader.plugin_of("tea", plugin)])))
    assert section == [
        "## tea",
        "Makes tea. [tea.py](botkit_plugins/tea.py)",
        "| command | for | what it does |\n|---|---|---|\n"
        "| `!tea [kind…]` or `!chai` | moderators | Make tea: `!tea green` It asks first. Once in 1m for each chat. |",
        "Hooks: `on_message`, `@keyword('tea')`.",
        "| schedule | when |\n|---|---|\n"
        "| `serve` | at 16:00 every day, in each chat that it is switched on in |\n"
        "| `wash` | at 16:00 on Monday (by its settings) |",
        "| setting | default | what it says |\n|---|---|---|\n"
        "| `at` | `16:00` | When tea is made. |\n"
        "| `rest` | `1m30s` | 1m or more. |\n"
        "| `cups` | `2` | 1 to 8. |\n"
        "| `kinds` | `[]` | Which there are. `green` or `black`. |\n"
        "| `text` | `Tea \\| {now\\|%H}` |  |\n"
        "| `names` | `[]` |  |\n"
        '| `nothing` | `""` |  |',
    ]


def test_a_section_leaves_out_what_there_is_not():
    """A plugin may have a hook alone."""
    plugin = types.ModuleType("tea", "Makes tea.")
    vars(plugin).update(on_message=on_message)
    section = list(plugin_docs.section(loader.build([loader.plugin_of("tea", plugin)])))
    assert section == ["## tea", "Makes tea. [tea.py](botkit_plugins/tea.py)", "Hooks: `on_message`."]
