"""`botkit check`: looks through a bot file and its plugins without logging in."""

from __future__ import annotations

from pathlib import Path

import click

from botkit.cli._report import fail
from botkit.messenger.errors import BotkitError


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
        if problems := [*_accounts.missing_files(settings), *_secrets.problems(settings)]:
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
