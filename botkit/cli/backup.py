"""`botkit backup`: copies what a bot keeps, while it runs."""

from __future__ import annotations

from pathlib import Path

import click

from botkit.cli._arguments import BotFile
from botkit.cli._report import fail


@click.command()
@click.argument("target", metavar="TARGET", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("file", type=BotFile(), default=Path("bot.yaml"))
@click.option("--force", is_flag=True, help="Replace TARGET if it is there already.")
def backup(target: Path, file: Path, force: bool) -> None:
    """Copy what FILE's bot keeps to the file TARGET, whether it runs or not.

    FILE is the bot file (default: bot.yaml). The copy holds journal, outbox, values of plugins and conversations, all
    of one moment, and is checked. It does not hold the session: `botkit login` makes that again.
    """
    from botkit import config
    from botkit.messenger.errors import BotkitError, StoreError
    from botkit.runner import at_rest
    from botkit.runner import backup as backups

    try:
        settings = config.read(file)
        path = at_rest.newest(settings.data, settings.file.network)
        if path is None:
            raise StoreError(f"{settings.data}: no bot has kept anything here yet")
        backups.backup(path, target, force=force)
    except BotkitError as error:
        fail(error)
    click.echo(f"{path} is copied to {target}")
