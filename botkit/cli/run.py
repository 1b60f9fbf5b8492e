"""`botkit run`: start a bot and keep it running."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit import __version__
from botkit.cli._report import EXIT_CODES, fail
from botkit.cli._signals import when_asked_to_stop

if TYPE_CHECKING:
    from botkit.cli._networks import Connection
    from botkit.config import BotConfig
    from botkit.runner.loader import HookTable


@click.command(epilog=EXIT_CODES)
@click.argument("file", type=click.Path(path_type=Path), default=Path("bot.yaml"))
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="How much to log on stderr. Only debug shows what people write.",
)
def run(file: Path, log_level: str) -> None:
    """Start the bot of a bot file and keep it running.

    FILE is the bot file (default: bot.yaml). With `network: sandbox` it uses the sandbox that the file or its data
    folder names, or starts one. Ctrl+C stops the bot in good order, a second Ctrl+C at once.
    """
    from botkit import logs
    from botkit.messenger.errors import BotkitError
    from botkit.runner import loader
    from botkit.runner.bot import data_lock

    logs.set_up(log_level)
    try:
        settings, table = loader.read(file)
        with data_lock(settings.data, str(file)):
            _run(settings, table)
    except BotkitError as error:
        fail(error)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _run(settings: BotConfig, table: HookTable) -> None:
    from botkit.cli._networks import connect
    from botkit.clock import SystemClock, system_random
    from botkit.runner.bot import Bot

    clock, random = SystemClock(), system_random()
    with connect(settings, clock, random) as connection:
        bot = Bot(connection.api, table, connection.folder, clock, random, settings.file.prefix)
        try:
            when_asked_to_stop(bot.request_stop)
            bot.start()
            _introduce(settings, table, connection)
            bot.wait()
        finally:
            bot.stop()
    click.echo("stopped")


def _introduce(settings: BotConfig, table: HookTable, connection: Connection) -> None:
    """Who I am, where, with whom, with which plugins."""
    prefix = settings.file.prefix
    commands = ", ".join(prefix + one.name for one in sorted(table.commands.commands, key=lambda one: one.name))
    lines = [
        ("botkit", f"{__version__}, {settings.source.path}"),
        ("network", connection.network),
        ("I am", connection.me),
        *([("room", connection.room)] if connection.room else []),
        ("chats", connection.chats),
        ("plugins", ", ".join(plugin.name for plugin in table.plugins)),
        ("commands", commands or "none"),
    ]
    for name, text in lines:
        click.echo(f"{name:<9} {text}")
    if connection.page:
        hint = f" and write {prefix}help to a chat" if table.commands.find("help") else ""
        click.echo(f"\nOpen {connection.page} in a browser{hint}. Ctrl+C stops.")
    else:
        click.echo("\nRunning. Ctrl+C stops.")
