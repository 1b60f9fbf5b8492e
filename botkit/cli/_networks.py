"""Brings a bot file onto its network: finds or starts the sandbox, logs in, and says who is there."""

from __future__ import annotations

import contextlib
import json
import random as random_module
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botkit.clock import Clock
from botkit.config import BotConfig
from botkit.logs import get_logger
from botkit.messenger import Api, login
from botkit.messenger.errors import ConfigError, LoginError, NetworkError, NotLoggedIn
from botkit.runner.supervisor import write_private

if TYPE_CHECKING:
    from botkit.cli._sandboxes import Place

log = get_logger(__name__)

_CHATS_SHOWN = 8
_HONEST_WORDS = (
    "facebook: an unofficial API, at the account holder's risk; "
    "chats of two are mostly encrypted end to end and invisible to a bot"
)
_ACCOUNTS = "accounts.json"


@dataclass(frozen=True)
class Connection:
    """A session that is logged in, and what the start-up tells of it. `page` is the sandbox's address for people."""

    api: Api
    folder: Path
    network: str
    me: str
    chats: str
    room: str = ""
    page: str = ""


@contextlib.contextmanager
def connect(settings: BotConfig, clock: Clock, random: random_module.Random) -> Iterator[Connection]:
    """Log in as the bot file says. Leaving it stops a sandbox that was started here.

    Raises ConfigError, NetworkError, and the login's errors.
    """
    if settings.file.network == "sandbox":
        with _sandbox(settings, clock, random) as place:
            yield _on_sandbox(settings, place, clock, random)
    else:
        yield _on_facebook(settings, clock, random)


@contextlib.contextmanager
def _sandbox(settings: BotConfig, clock: Clock, random: random_module.Random) -> Iterator[Place]:
    from botkit.cli._sandboxes import Place, at
    from botkit.sandbox import locator
    from botkit.sandbox.errors import SandboxError
    from botkit.sandbox.server import Server

    wanted = settings.file.sandbox
    try:
        if wanted.url is not None:
            yield at(wanted.url)
            return
        located = locator.find(settings.data)
        if located is not None:
            yield Place(located.url, located.token)
            return
        world = settings.path(wanted.world) if wanted.world else None
        server = Server(settings.data, world_file=world, port=wanted.port, clock=clock, random=random)
        server.start()
    except SandboxError as error:
        raise NetworkError(str(error)) from error
    try:
        yield Place(server.url, server.token)
    finally:
        server.stop()


def _on_sandbox(settings: BotConfig, place: Place, clock: Clock, random: random_module.Random) -> Connection:
    from botkit.sandbox import client
    from botkit.sandbox.errors import SandboxError

    try:
        world = client.world(place.url, place.token)
        key = f"sandbox-{world['world']}"
        if settings.file.login is None:
            bot = _bot_account(settings, world)
            saved = _saved(settings.data / f"{key}-{bot['id']}")
            offers = [*saved, client.app_state(place.url, place.token, bot["id"])]
        else:
            offers = _offers(settings, key)
    except SandboxError as error:
        raise NetworkError(str(error)) from error
    api = _log_in(settings, offers, place.url, clock, random)
    _remember_account(settings, key, api.get_current_user_id())
    people = [f"{one['name']}{' (bot)' if one['bot'] else ''}" for one in world["people"]]
    return Connection(
        api=api,
        folder=settings.data / f"{key}-{api.get_current_user_id()}",
        network=f"sandbox at {place.url}",
        me=_me(api),
        chats=_chats(api),
        room=", ".join(people),
        page=f"{place.url}/",
    )


def _on_facebook(settings: BotConfig, clock: Clock, random: random_module.Random) -> Connection:
    api = _log_in(settings, _offers(settings, "facebook"), "facebook", clock, random)
    _remember_account(settings, "facebook", api.get_current_user_id())
    folder = settings.data / f"facebook-{api.get_current_user_id()}"
    return Connection(api, folder, _HONEST_WORDS, _me(api), _chats(api))


def _bot_account(settings: BotConfig, world: dict[str, Any]) -> dict[str, Any]:
    bots: list[dict[str, Any]] = [one for one in world["people"] if one["bot"]]
    if len(bots) != 1:
        names = ", ".join(one["name"] for one in bots) or "nobody"
        problem = f"the sandbox's world must have one account marked `bot: true`, and has {names}; add login:"
        raise ConfigError([settings.source.problem(("login",), problem)])
    return bots[0]


def _offers(settings: BotConfig, key: str) -> list[Any]:
    """What to try to log in with, best first: the session saved by the last run, then what the bot file says.

    A saved session spares the account a new login at each start; the server renews its cookies, so it is newer than
    what it came from.
    """
    given = settings.file.login
    assert given is not None
    if given.app_state is None:
        account = _known_accounts(settings.data).get(f"{key} {given.email}")
        saved = _saved(settings.data / f"{key}-{account}") if account else []
        return [*saved, {"email": given.email, "password": given.password}]
    path = settings.path(given.app_state)
    try:
        text = path.read_text(encoding="utf-8-sig")
        written = path.stat().st_mtime
    except (OSError, UnicodeDecodeError) as error:
        place = ("login", "app_state")
        raise ConfigError([settings.source.problem(place, f"{path} cannot be read: {error}")]) from error
    newer = [
        one
        for folder in settings.data.glob(f"{key}-*")
        for one in _saved(folder)
        if (_account(one) or "?") in text and _state_file(folder).stat().st_mtime > written
    ]
    return [*newer, text]


def _known_accounts(data: Path) -> dict[str, str]:
    """{network and e-mail address: account id} of earlier logins."""
    try:
        known: dict[str, str] = json.loads((data / _ACCOUNTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known


def _remember_account(settings: BotConfig, key: str, account: str) -> None:
    if settings.file.login is not None and settings.file.login.email is not None:
        known = {**_known_accounts(settings.data), f"{key} {settings.file.login.email}": account}
        write_private(settings.data / _ACCOUNTS, json.dumps(known, indent=1))


def _state_file(folder: Path) -> Path:
    return folder / "appstate.json"


def _saved(folder: Path) -> list[Any]:
    """The session that the supervisor saved in this folder, as a list of none or one."""
    try:
        saved = json.loads(_state_file(folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        log.warning("%s: the saved session cannot be read and is left aside: %s", folder, error)
        return []
    return [saved]


def _account(app_state: Any) -> str | None:
    return next((one["value"] for one in app_state if one.get("key") == "c_user"), None)


def _log_in(
    settings: BotConfig, offers: Sequence[Any], network: str, clock: Clock, random: random_module.Random
) -> Api:
    options = {**settings.file.options, "network": network}
    for number, offer in enumerate(offers, start=1):
        try:
            return login(offer, options, clock=clock, random=random)
        except NotLoggedIn:
            if number == len(offers):
                raise
            log.info("the saved session is dead; logging in anew")
    raise LoginError("there is nothing to log in with; add login: to the bot file")


def _me(api: Api) -> str:
    own_id = api.get_current_user_id()
    found = api.get_user_info(own_id)
    return f"{found[own_id].name} ({own_id})" if own_id in found else own_id


def _chats(api: Api) -> str:
    threads = api.get_thread_list(0, 100)
    names = [thread.name or thread.thread_id for thread in threads]
    shown = ", ".join(names[:_CHATS_SHOWN]) + (", …" if len(names) > _CHATS_SHOWN else "")
    return f"{len(names)}{'+' if len(names) == 100 else ''}: {shown}" if names else "none yet"
