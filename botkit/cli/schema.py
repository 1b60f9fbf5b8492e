"""`botkit schema`: prints what editors check bot files by."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli._arguments import BotFile
from botkit.cli._report import fail
from botkit.messenger.errors import BotkitError

if TYPE_CHECKING:
    from botkit.config import BotConfig
    from botkit.runner.plugin_source import Found
    from botkit.schema import PluginSchema


@click.command()
@click.argument("file", type=BotFile(), required=False)
def schema(file: Path | None) -> None:
    """Print a JSON Schema of bot files, with the settings of all plugins within reach.

    FILE is a bot file whose plugin_dirs are looked through as well (default: bot.yaml, if there is one). Editors
    complete and check a bot file that begins with

    \b
        # yaml-language-server: $schema=bot.schema.json

    when that file was made by: botkit schema > bot.schema.json
    """
    from botkit.schema import bot_schema

    try:
        found = bot_schema(_plugins(_config(file)))
    except BotkitError as error:
        fail(error)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


def _config(file: Path | None) -> BotConfig:
    """As much of a bot file as is right: a wrong one is what an editor is to help with."""
    from botkit import config
    from botkit.messenger.errors import ConfigError

    usual = Path("bot.yaml")
    if file is None and not usual.exists():
        return config.parse("", usual, {})
    try:
        return config.read(file or usual)
    except ConfigError as error:
        if not isinstance(error.readable, config.BotConfig):
            raise
        return error.readable


def _plugins(config: BotConfig) -> dict[str, PluginSchema]:
    from botkit.runner import plugin_source

    within_reach = plugin_source.find(config)
    described = {name: _described(found[0]) for name, found in sorted(within_reach.items())}
    return {name: one for name, one in described.items() if one is not None}


def _described(found: Found) -> PluginSchema | None:
    """None for a plugin that cannot be loaded, with a line on stderr."""
    from botkit.runner import loader
    from botkit.schema import PluginSchema

    try:
        thing = found.load()
        return PluginSchema((inspect.getdoc(thing) or "").partition("\n")[0], loader.settings_class(thing))
    except (Exception, SystemExit) as error:
        click.echo(f"botkit: {found.place}: is left out: {type(error).__name__}: {error}", err=True)
        return None
