"""`botkit login`: makes the session of a bot file, asking for what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli._arguments import bot_file
from botkit.cli._report import fail

if TYPE_CHECKING:
    from botkit.cli._networks import Network
    from botkit.config import BotConfig
    from botkit.messenger import Api

_MOST_CODES = 5


@click.command()
@bot_file
@click.option(
    "--cookies",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Log in with the cookies that a browser extension has exported to this file.",
)
def login(file: Path, cookies: Path | None) -> None:
    """Log in once and save the session of a bot file.

    FILE is the bot file (default: bot.yaml). What it does not say is asked for: the e-mail address, the password, a
    two-factor code; neither password nor code is shown. The session is saved readable by you only, in the file that
    `login: {app_state: …}` names, else in the data folder; `botkit run` finds it there. It is as good as a password.

    The exit codes are those of `botkit run`.
    """
    from botkit import config
    from botkit.cli import _accounts, _secrets
    from botkit.cli._networks import network_of
    from botkit.clock import SystemClock, system_random
    from botkit.messenger.errors import BotkitError
    from botkit.runner.data_lock import data_lock

    try:
        settings = config.read(file)
        lock = data_lock(settings.data, f"botkit login {file}")
        with lock, network_of(settings, SystemClock(), system_random()) as network:
            api = _with_cookies(settings, network, cookies) if cookies else _with_password(settings, network)
            saved = _accounts.save(settings, network.key, api)
            me = _accounts.name_of(api)
            api.close()
    except BotkitError as error:
        fail(error)
    click.echo(f"logged in as {me}; the session is in {saved}")
    if cookies is not None and (problem := _secrets.too_wide(cookies)):
        click.echo(f"botkit: {problem}, or delete it", err=True)


def _with_cookies(settings: BotConfig, network: Network, cookies: Path) -> Api:
    from botkit.messenger import login as log_in
    from botkit.messenger.errors import BadArgument

    try:
        text = cookies.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadArgument(f"{cookies} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return log_in(text, {**settings.file.options, "network": network.address})


def _with_password(settings: BotConfig, network: Network) -> Api:
    from botkit.messenger import LoginApproval
    from botkit.messenger import login as log_in

    given = settings.file.login
    email = (given.email if given else None) or click.prompt("E-mail", err=True)
    password = (given.password if given else None) or click.prompt("Password", hide_input=True, err=True)
    try:
        return log_in({"email": email, "password": password}, {**settings.file.options, "network": network.address})
    except LoginApproval as error:
        return _with_code(error)


def _with_code(approval: Exception) -> Api:
    """Ask for the two-factor code until it is right, a few times at most."""
    from botkit.messenger import LoginApproval

    for _ in range(_MOST_CODES):
        assert isinstance(approval, LoginApproval)
        click.echo(str(approval), err=True)
        code = click.prompt("Code", hide_input=True, err=True)
        try:
            api: Api = approval.continue_(code)
        except LoginApproval as error:
            approval = error
        else:
            return api
    raise approval
