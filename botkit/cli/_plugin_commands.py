"""Subcommands of installed plugins. They are loaded for it only when botkit itself has no subcommand of that name."""

from __future__ import annotations

from collections.abc import Iterator

import click

from botkit.config import Settings
from botkit.messenger.errors import BotkitError, PluginError
from botkit.runner import loader, plugin_source
from botkit.runner.loader import Plugin
from botkit.runner.plugin_source import Found


def plugin_command(name: str) -> click.Command | None:
    """The subcommand of that name which an installed plugin has; None without any. A plugin that fails is told on
    stderr and passed over. Raises ClickException when two plugins have it."""
    owners: dict[str, click.Command] = {}
    for found in plugin_source.installed():
        if found.is_shipped:
            # These have none, and there are many of them.
            continue
        try:
            owners.update((found.name, command) for command in _commands(found) if command.name == name)
        except BotkitError as error:
            click.echo(f"botkit: plugin {found.name}: {error}", err=True)
    if len(owners) > 1:
        raise click.ClickException(f"{name}: plugins {' and '.join(owners)} both have this subcommand; uninstall one")
    return next(iter(owners.values()), None)


def _commands(found: Found) -> Iterator[click.Command]:
    table = loader.build([Plugin(found.name, plugin_source.thing_of(found), Settings(), found.place)])
    for handler in table.handlers("register_cli"):
        yield from map(_checked, _registered(handler))


def _registered(handler: loader.Handler) -> list[object]:
    try:
        return list(handler.function())
    except Exception as error:
        raise PluginError(f"register_cli failed with {type(error).__name__}: {error}") from error


def _checked(command: object) -> click.Command:
    if not isinstance(command, click.Command):
        raise PluginError(f"register_cli gives {type(command).__name__}; commands of click are wanted")
    return command
