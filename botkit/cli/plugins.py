"""`botkit plugins`: what is loaded, or what is installed: from where, hooks, commands and settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli._arguments import BotFile, PluginName
from botkit.cli._report import fail

if TYPE_CHECKING:
    from botkit.cli._plugin_facts import PluginFacts, SettingFacts

_USUAL = Path("bot.yaml")


@click.command()
@click.argument("file", type=BotFile(), required=False)
@click.option("--installed", is_flag=True, help="All that are installed, whether a bot file names them or not.")
@click.option("--plugin", type=PluginName(), help="This one only.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def plugins(file: Path | None, installed: bool, plugin: str | None, as_json: bool) -> None:
    """List the plugins that a bot file loads, in their order.

    FILE is the bot file (default: bot.yaml; where there is none, all installed plugins are listed). Of settings it
    shows names, types and defaults, not what the bot file says.
    """
    from botkit.cli import _plugin_facts
    from botkit.messenger.errors import BadArgument, BotkitError

    try:
        if installed or (file is None and not _USUAL.exists()):
            found = _plugin_facts.installed()
        else:
            found = _plugin_facts.loaded(file or _USUAL)
        if plugin is not None:
            found = [one for one in found if one.name == plugin]
            if not found:
                raise BadArgument(f"there is no plugin {plugin!r} among them; see: botkit plugins")
    except BotkitError as error:
        fail(error)
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in found], ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(line for one in found for line in _lines(one)))


def _lines(one: PluginFacts) -> list[str]:
    """`echo 0.1.0: Says it again.`, and what there is to tell below."""
    head = f"{one.name} {one.version}" if one.version else one.name
    told = (
        ("from", one.place),
        ("fault", one.fault),
        ("hooks", ", ".join(one.hooks)),
        ("commands", ", ".join(one.commands)),
        ("settings", ", ".join(map(_setting, one.settings))),
    )
    return [f"{head}: {one.summary}" if one.summary else head, *(f"  {name:<9} {text}" for name, text in told if text)]


def _setting(one: SettingFacts) -> str:
    return f"{one.name} (required)" if one.required else f"{one.name} = {json.dumps(one.default, ensure_ascii=False)}"
