"""The JSON Schema of the bot file: it takes what botkit takes, and names the place of what it refuses."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal

import pytest

from botkit import Duration, Field, Secret, Settings, config
from botkit.config import BotFile
from botkit.messenger.options import Options
from botkit.schema import PluginSchema, bot_schema
from botkit.yaml_source import load
from tests.json_schema import faults

ROOT = Path(__file__).parent.parent


class Part(Settings):
    text: str
    """What is said."""


class Dice(Settings):
    most: Annotated[int, Field(ge=1)] = 6
    """The most dice of one roll."""
    at: time = time(9)
    wait: Duration = 60
    length: timedelta = timedelta(hours=1)
    mode: Literal["loud", "quiet"] = "loud"
    part: Part | None = None
    names: list[str] = []
    token: Secret | None = None


SCHEMA = bot_schema({"dice": PluginSchema("Rolls dice.", Dice), "echo": PluginSchema("Says it again.", None)})


def places(text):
    data, _, problems = load(text, Path("bot.yaml"), None)
    assert not problems
    return faults(data, SCHEMA)


def examples():
    given = [path for pattern in ("*.yaml", "*.yaml.example") for path in ROOT.glob(pattern)]
    return [*given, *(ROOT / "examples").rglob("bot*.yaml"), *(ROOT / "examples" / "automations").glob("*.yaml")]


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.name)
def test_the_shipped_examples_are_right(path):
    """As they are for botkit."""
    assert places(path.read_text(encoding="utf-8")) == []


RIGHT = """
network: facebook
login: {email: "${WHO}@example.org", password: 12345}
owners: [100000000000002, "100000000000003"]
plugin_dirs: mine
prefix: 7
timezone: Europe/Amsterdam
language: pt-br
options: {self_listen: true, page_id: 123, send_via: http, log_level: null}
answer_within: 2h30m
limits: {message: {per_chat: 2 per 1m, daily: unlimited}, read: {overall: unlimited}}
metrics: ${PORT}
notify: {command: [tell, me, 5], webhook: https://example.org}
plugins:
  echo:
  dice: {most: 3, at: "09:00", wait: 9, length: 90s, part: {text: hi}, names: [a, 5], token: "${T}", threads: Friends}
  unknown: {what: ever}
automations:
  - {name: a, cron: 0 9 * * mon, threads: Friends, within: 2h, do: [{set_title: Lake}, {wait: 5}, {mark_as_read: }]}
  - {name: b, on: "log:subscribe", if: {author_not: self}, allow: admin, cooldown: 90s, do: [{choose: [a, b]}]}
  - {name: c, on: message, this: true, allow: [mod, 100000000000002], do: [{send_message: {body: hi}}]}
"""


def test_what_botkit_takes_is_right():
    """Numbers for texts, variables, lengths of time, plugins with nothing behind them."""
    assert places(RIGHT) == []
    variables = {"WHO": "me", "PORT": "0", "T": "t"}
    parsed = config.parse(RIGHT, Path("bot.yaml"), variables)
    dice = parsed.file.plugins["dice"]
    assert isinstance(config.settings_of(Dice, dice, "dice", parsed.source), Dice)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("prefx: a", "prefx"),
        ("network: irc", "network"),
        ("owners: [Ann]", "owners.0"),
        ("answer_within: soon", "answer_within"),
        ("metrics: 70000", "metrics"),
        ("options: {self_lisen: true}", "options.self_lisen"),
        ("options: {online: 3}", "options.online"),
        ("options: {send_via: pigeon}", "options.send_via"),
        ("limits: {small: {daily: 5}}", "limits.small.daily"),
        ("limits: {small: {overall: 0 per 1s}}", "limits.small.overall"),
        ("plugins: {echo: {loud: true}}", "plugins.echo.loud"),
        ("plugins: {dice: {most: 0}}", "plugins.dice.most"),
        ("plugins: {dice: {mst: 1}}", "plugins.dice.mst"),
        ("plugins: {dice: {at: nine}}", "plugins.dice.at"),
        ("plugins: {dice: {mode: silent}}", "plugins.dice.mode"),
        ("plugins: {dice: {length: soon}}", "plugins.dice.length"),
        ("plugins: {dice: {part: {}}}", "plugins.dice.part.text"),
        ("plugins: {dice: {names: a}}", "plugins.dice.names"),
        ("plugins: {other: 5}", "plugins.other"),
        ("automations: [{name: a, on: mesage, do: []}]", "automations.0.on"),
        ("automations: [{name: a, evry: 5m, do: []}]", "automations.0.evry"),
        ("automations: [{name: a, on: message, allow: admn, do: []}]", "automations.0.allow"),
        ("automations: [{name: a, on: message, do: [wait]}]", "automations.0.do.0"),
        ("automations: [{name: a, on: message, do: [{send_mesage: hi}]}]", "automations.0.do.0.send_mesage"),
    ],
)
def test_what_botkit_refuses_is_found_at_its_place(text, place):
    """So the editor underlines it."""
    assert places(text) == [place]


def test_every_key_has_a_description():
    """The editor shows it; so for a plugin's settings."""
    parts = [SCHEMA, *SCHEMA["$defs"].values()]
    missing = [
        key
        for part in parts
        if part.get("title") != "Part"
        for key, one in part["properties"].items()
        if not one.get("description")
    ]
    assert missing == []
    assert set(SCHEMA["properties"]) == set(BotFile.model_fields)
    assert set(SCHEMA["properties"]["options"]["properties"]) == set(Options.__dataclass_fields__) - {"network"}
    dice = SCHEMA["properties"]["plugins"]["properties"]["dice"]
    assert dice["description"] == "Rolls dice."
    assert dice["anyOf"][0]["properties"]["most"]["description"] == "The most dice of one roll."
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_plugin_with_a_required_setting_cannot_be_left_empty():
    """`part:` alone would be refused."""
    schema = bot_schema({"part": PluginSchema("", Part)})
    assert faults({"plugins": {"part": None}}, schema) == ["plugins.part"]
    assert faults({"plugins": {"part": {"text": "x"}}}, schema) == []
