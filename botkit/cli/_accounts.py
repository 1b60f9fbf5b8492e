"""What a bot file's account logs in with: the session saved by the last run, else what the file says."""

from __future__ import annotations

import json
import random as random_module
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from botkit.clock import Clock
from botkit.config import BotConfig
from botkit.logs import get_logger
from botkit.messenger import Api, login
from botkit.messenger._app_state import cookies_from
from botkit.messenger.errors import BadArgument, ConfigError, LoginError, NotLoggedIn
from botkit.runner.supervisor import write_private

log = get_logger(__name__)

_ACCOUNTS = "accounts.json"
SESSION = "appstate.json"


def folder_of(settings: BotConfig, key: str, account: str) -> Path:
    """Where an account's bot keeps everything; `key` names the network (and the sandbox's world)."""
    return settings.data / f"{key}-{account}"


def offers(settings: BotConfig, key: str) -> list[Any]:
    """What to try to log in with, best first.

    A saved session spares the account a new login at each start; the server renews its cookies, so it is newer than
    what it came from. Raises ConfigError when the app state file cannot be read.
    """
    given = settings.file.login
    assert given is not None
    if given.app_state is not None:
        return _with_app_state(settings, key, settings.path(given.app_state))
    account = _known_accounts(settings.data).get(f"{key} {given.email}")
    found = saved(folder_of(settings, key, account)) if account else []
    if given.password is not None:
        found.append({"email": given.email, "password": given.password})
    return found


def saved(folder: Path) -> list[Any]:
    """The session that was saved in this folder, as a list of none or one."""
    try:
        found = json.loads((folder / SESSION).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        log.warning("%s: the saved session cannot be read and is left aside (%s)", folder, type(error).__name__)
        return []
    return [found]


def log_in(settings: BotConfig, tries: Sequence[Any], network: str, clock: Clock, random: random_module.Random) -> Api:
    """Log in with the first of `tries` whose session lives. Raises the login's errors."""
    options = {**settings.file.options, "network": network}
    for number, credentials in enumerate(tries, start=1):
        try:
            return login(credentials, options, clock=clock, random=random)
        except NotLoggedIn:
            if number == len(tries):
                raise
            log.info("the saved session is dead; logging in anew")
        except BadArgument as error:
            raise ConfigError([settings.source.problem(("login",), str(error))]) from error
    raise LoginError(f"there is no session to log in with; make one with: botkit login {settings.source.path}")


def remember(settings: BotConfig, key: str, api: Api) -> None:
    """Note whose e-mail address this is, so that the next start finds the saved session."""
    if settings.file.login is not None and settings.file.login.email is not None:
        known = {**_known_accounts(settings.data), f"{key} {settings.file.login.email}": api.get_current_user_id()}
        write_private(settings.data / _ACCOUNTS, json.dumps(known, indent=1))


def save(settings: BotConfig, key: str, api: Api) -> Path:
    """Keep a session where `botkit run` looks for it; returns the file."""
    given = settings.file.login
    if given is not None and given.app_state is not None:
        file = settings.path(given.app_state)
    else:
        file = folder_of(settings, key, api.get_current_user_id()) / SESSION
    write_private(file, json.dumps(api.get_app_state(), indent=1))
    remember(settings, key, api)
    return file


def save_in(folder: Path, api: Api) -> None:
    """Keep what the server has renewed during a call, for the bot's next start."""
    write_private(folder / SESSION, json.dumps(api.get_app_state(), indent=1))


def name_of(api: Api) -> str:
    """The account's name and id."""
    own_id = api.get_current_user_id()
    found = api.get_user_info(own_id)
    return f"{found[own_id].name} ({own_id})" if own_id in found else own_id


def _with_app_state(settings: BotConfig, key: str, path: Path) -> list[Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        written = path.stat().st_mtime
    except (OSError, UnicodeDecodeError) as error:
        problem = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        hint = f"; make it with: botkit login {settings.source.path} --cookies FILE"
        raise ConfigError([settings.source.problem(("login", "app_state"), problem + hint)]) from error
    newer = [
        one
        for folder in settings.data.glob(f"{key}-*")
        for one in saved(folder)
        if (_account(one) or "?") in text and (folder / SESSION).stat().st_mtime > written
    ]
    return [*newer, text]


def missing_files(settings: BotConfig) -> list[str]:
    """A problem for each file that the bot file names and that is not there."""
    login_file = settings.file.login.app_state if settings.file.login else None
    named = {("login", "app_state"): login_file, ("sandbox", "world"): settings.file.sandbox.world}
    return [
        settings.source.problem(place, f"there is no file {settings.path(file)}")
        for place, file in named.items()
        if file is not None and not settings.path(file).is_file()
    ]


def wrong_app_state(settings: BotConfig) -> list[str]:
    """A problem when the app state that the bot file names is there and is none; what it holds is not shown."""
    named = settings.file.login.app_state if settings.file.login else None
    if named is None or not (path := settings.path(named)).is_file():
        return []
    try:
        cookies_from(path.read_text(encoding="utf-8-sig"))
    except BadArgument as error:
        problem = f"{path}: {error}"
    except (OSError, UnicodeDecodeError) as error:
        problem = f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
    else:
        return []
    return [settings.source.problem(("login", "app_state"), problem)]


def _account(app_state: Any) -> str | None:
    return next((one["value"] for one in app_state if one.get("key") == "c_user"), None)


def _known_accounts(data: Path) -> dict[str, str]:
    """{network and e-mail address: account id} of earlier logins."""
    try:
        known: dict[str, str] = json.loads((data / _ACCOUNTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known
