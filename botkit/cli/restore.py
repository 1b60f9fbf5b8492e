"""`botkit restore`: puts a backup back while the bot stands still."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli._arguments import BotFile
from botkit.cli._report import EXIT_CODES, fail

if TYPE_CHECKING:
    from botkit.config import BotConfig


@click.command(epilog=EXIT_CODES)
@click.argument("source", metavar="SOURCE", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("file", type=BotFile(), default=Path("bot.yaml"))
def restore(source: Path, file: Path) -> None:
    """Put the backup SOURCE in the place of what FILE's bot keeps. The bot must be stopped.

    FILE is the bot file (default: bot.yaml). The bot then begins anew with what comes in: what came since the backup is
    not answered, as it may have been answered already. What was not handled when the backup was made is set aside;
    `botkit events` lists it.
    """
    from botkit import config
    from botkit.messenger.errors import BotkitError
    from botkit.runner import backup as backups
    from botkit.runner.data_lock import data_lock

    try:
        settings = config.read(file)
        path = _place_for(source, settings)
        with data_lock(settings.data, "botkit restore"):
            backups.restore(source, path)
    except BotkitError as error:
        fail(error)
    click.echo(f"{source} is in the place of {path}")


def _place_for(source: Path, settings: BotConfig) -> Path:
    """The database of the account that the backup is of; of one that was never connected, that of the last bot."""
    from botkit.messenger.errors import StoreError
    from botkit.runner import at_rest
    from botkit.runner import backup as backups

    network, account = settings.file.network, backups.account_of(source)
    if account is None:
        path, whose = at_rest.newest(settings.data, network), "no bot"
    else:
        path, whose = at_rest.newest(settings.data, network, account), f"no bot of account {account}"
    if path is None:
        raise StoreError(f"{settings.data}: {whose} has run here yet; start it once, stop it, and restore then")
    return path
