"""`botkit check`: looks through a bot file and its plugins without logging in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli._report import fail
from botkit.messenger.errors import BotkitError

if TYPE_CHECKING:
    from botkit.config import BotConfig


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("bot.yaml"))
def check(file: Path) -> None:
    """Look through a bot file and its plugins without logging in.

    FILE is the bot file (default: bot.yaml). Every mistake is one line with file, line and key. Exit code 0 when all
    is well, 2 when something is wrong.
    """
    from botkit.cli import _accounts, _secrets
    from botkit.messenger.errors import ConfigError
    from botkit.runner import loader

    try:
        settings, table = loader.read(file)
        if problems := [*_accounts.missing_files(settings), *_not_there(settings), *_secrets.problems(settings)]:
            raise ConfigError(problems)
    except BotkitError as error:
        fail(error)
    loaded = {plugin.name for plugin in table.plugins}
    others = sorted(set(loader.find(settings)) - loaded)
    click.echo(f"{file}: all is well")
    click.echo(f"plugins    {', '.join(plugin.name for plugin in table.plugins)}")
    click.echo(f"commands   {', '.join(sorted(settings.file.prefix + one.name for one in table.commands.commands))}")
    if others:
        click.echo(f"not used   {', '.join(others)}")


def _not_there(settings: BotConfig) -> list[str]:
    """A problem for the folder of the log and for the program that tells the owner, if they are missing."""
    problems, source, file = [], settings.source, settings.file
    if file.log_file is not None and not (folder := settings.path(file.log_file).parent).is_dir():
        problems.append(source.problem(("log_file",), f"there is no folder {folder}"))
    command = file.notify.command if file.notify else []
    if command and shutil.which(command[0]) is None:
        is_private = ("notify", "command", 0) in source.private
        problem = "there is no such program" if is_private else f"there is no program {command[0]!r}"
        problems.append(source.problem(("notify", "command"), problem))
    return problems
