"""`botkit status`: how a bot is doing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from botkit.cli._arguments import bot_file
from botkit.cli._report import fail

_STOPPED = 3


@click.command()
@bot_file
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def status(file: Path, as_json: bool) -> None:
    """Tell how the bot of a bot file is doing.

    FILE is the bot file (default: bot.yaml). A running bot is asked; of a stopped one the last database is read. Exit
    code 0 when it runs, 3 when it does not, 2 when the bot file is wrong.
    """
    from botkit import config
    from botkit.cli import _control
    from botkit.clock import SystemClock
    from botkit.messenger.errors import BotkitError
    from botkit.runner import at_rest

    try:
        settings = config.read(file)
        port = _control.find(settings)
        if port is not None:
            found = port.status()
        else:
            network = settings.file.network
            reason = _control.trouble(settings)
            found = at_rest.status(at_rest.newest(settings.data, network), network, reason)
    except BotkitError as error:
        fail(error)
    now_ms = SystemClock().time_ms()
    click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1) if as_json else found.describe(now_ms))
    if port is None:
        sys.exit(_STOPPED)
