"""`botkit data`: hands over or erases what is kept about a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli._arguments import BotFile
from botkit.cli._report import EXIT_CODES, fail

if TYPE_CHECKING:
    from botkit.runner.personal_data import Erased

_user = click.option("--user", "user_id", metavar="ID", required=True, help="The person's id.")
_file = click.argument("file", type=BotFile(), default=Path("bot.yaml"))


@click.group()
def data() -> None:
    """Export or erase what the bots of a data folder keep about a person.

    That is: what the person wrote and did, as long as it is kept; the answers to it; what plugins keep for this person,
    also as a member of a chat; roles, conversations and schedules. Where else the id appears in values of plugins is
    listed: they alone know what it stands for. Logs, records, backups and the sandbox's own world are not looked into.
    """


@data.command()
@_user
@_file
def export(user_id: str, file: Path) -> None:
    """Print what is kept about a person as JSON. The bot may be running.

    FILE is the bot file (default: bot.yaml).
    """
    from botkit import config
    from botkit.messenger.errors import BotkitError
    from botkit.runner import personal_data

    try:
        settings = config.read(file)
        _check_id(user_id)
        found = {
            str(path.parent.relative_to(settings.data)): personal_data.export(path, user_id)
            for path in personal_data.databases(settings.data)
        }
    except BotkitError as error:
        fail(error)
    click.echo(json.dumps({"user_id": user_id, "bots": found}, ensure_ascii=False, indent=1))


@data.command(epilog=EXIT_CODES)
@_user
@_file
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(user_id: str, file: Path, yes: bool) -> None:
    """Erase what is kept about a person, for good. The bot must be stopped.

    FILE is the bot file (default: bot.yaml).
    """
    from botkit import config
    from botkit.messenger.errors import BotkitError
    from botkit.runner import personal_data
    from botkit.runner.data_lock import data_lock

    try:
        settings = config.read(file)
        _check_id(user_id)
        with data_lock(settings.data, "botkit data erase"):
            if not yes:
                click.confirm(f"Erase what the bots in {settings.data} keep about {user_id}?", abort=True)
            done = {path: personal_data.erase(path, user_id) for path in personal_data.databases(settings.data)}
    except BotkitError as error:
        fail(error)
    if not done:
        click.echo(f"no bot has kept anything in {settings.data} yet")
    for path, erased in done.items():
        click.echo(f"{path}: {_told(erased)}")
        for place in erased.left:
            click.echo(f"  the id still appears in {place}")


def _check_id(user_id: str) -> None:
    from botkit.messenger.errors import BadArgument
    from botkit.values import an_id

    try:
        an_id(user_id)
    except ValueError as error:
        raise BadArgument(f"--user: {error}, not {user_id!r}") from error


def _told(erased: Erased) -> str:
    counts = ", ".join(f"{count} of {table}" for table, count in erased.rows.items())
    masked = f"; taken out of {erased.masked} rows of others" if erased.masked else ""
    return f"{counts or 'nothing'} erased{masked}"
