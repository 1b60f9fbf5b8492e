"""Brings a bot file onto its network: finds or starts the sandbox, logs in, and says who is there."""

from __future__ import annotations

import contextlib
import random as random_module
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botkit.cli import _accounts
from botkit.clock import Clock
from botkit.config import BotConfig
from botkit.messenger import Api
from botkit.messenger.errors import ConfigError, NetworkError

if TYPE_CHECKING:
    from botkit.cli._sandboxes import Place

_CHATS_SHOWN = 8
_CHATS_ASKED = 100
_HONEST_WORDS = (
    "facebook: an unofficial API, at the account holder's risk; "
    "chats of two are mostly encrypted end to end and invisible to a bot"
)


@dataclass(frozen=True)
class Network:
    """A network that is there. `key` names it in the data folder, `address` in the client's options."""

    key: str
    address: str
    place: Place | None = field(default=None, repr=False)
    world: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Connection:
    """A session that is logged in, and what the start-up tells of it. `page` is the sandbox's address for people."""

    api: Api
    folder: Path
    network: str
    room: str = ""
    page: str = ""

    @property
    def session_file(self) -> Path:
        """Where the session is kept for the next start."""
        return self.folder / _accounts.SESSION

    @property
    def me(self) -> str:
        """The account's name and id."""
        return _accounts.name_of(self.api)

    @property
    def chats(self) -> str:
        """How many chats there are, and the names of the newest."""
        threads = self.api.get_thread_list(0, _CHATS_ASKED)
        names = [thread.name or thread.thread_id for thread in threads]
        shown = ", ".join(names[:_CHATS_SHOWN]) + (", …" if len(names) > _CHATS_SHOWN else "")
        return f"{len(names)}{'+' if len(names) == _CHATS_ASKED else ''}: {shown}" if names else "none yet"


@contextlib.contextmanager
def connect(settings: BotConfig, clock: Clock, random: random_module.Random) -> Iterator[Connection]:
    """Log in as the bot file says. Leaving it stops a sandbox that was started here.

    Raises ConfigError, NetworkError, and the login's errors.
    """
    with network_of(settings, clock, random) as network:
        tries = _accounts.offers(settings, network.key) if settings.file.login else _lent(settings, network)
        api = _accounts.log_in(settings, tries, network.address, clock, random)
        try:
            _accounts.remember(settings, network.key, api)
            folder = _accounts.folder_of(settings, network.key, api.get_current_user_id())
            if network.place is None:
                yield Connection(api, folder, _HONEST_WORDS)
            else:
                url = network.place.url
                people = [f"{one['name']}{' (bot)' if one['bot'] else ''}" for one in network.world["people"]]
                yield Connection(api, folder, f"sandbox at {url}", ", ".join(people), f"{url}/")
        finally:
            api.close()


@contextlib.contextmanager
def network_of(settings: BotConfig, clock: Clock, random: random_module.Random) -> Iterator[Network]:
    """The network that the bot file names; a sandbox that was started for it is stopped at the end.

    Raises NetworkError when no sandbox can be had.
    """
    if settings.file.network != "sandbox":
        yield Network("facebook", "facebook")
        return
    from botkit.sandbox import client
    from botkit.sandbox.errors import SandboxError

    with _sandbox(settings, clock, random) as place:
        try:
            world = client.world(place.url, place.token)
        except SandboxError as error:
            raise NetworkError(str(error)) from error
        yield Network(f"sandbox-{world['world']}", place.url, place, world)


@contextlib.contextmanager
def _sandbox(settings: BotConfig, clock: Clock, random: random_module.Random) -> Iterator[Place]:
    from botkit.cli._sandboxes import Place, at
    from botkit.sandbox import locator
    from botkit.sandbox.errors import SandboxError
    from botkit.sandbox.server import Server

    wanted, server = settings.file.sandbox, None
    try:
        if wanted.url is not None:
            place = at(wanted.url)
        elif (located := locator.find(settings.data)) is not None:
            place = Place(located.url, located.token)
        else:
            world = settings.path(wanted.world) if wanted.world else None
            server = Server(settings.data, world_file=world, port=wanted.port, clock=clock, random=random)
            server.start()
            place = Place(server.url, server.token)
    except SandboxError as error:
        raise NetworkError(str(error)) from error
    try:
        yield place
    finally:
        if server is not None:
            server.stop()


def _lent(settings: BotConfig, network: Network) -> list[Any]:
    """The sandbox's own bot account: its saved session, and a fresh one."""
    from botkit.sandbox import client
    from botkit.sandbox.errors import SandboxError

    assert network.place is not None, "a bot file without login is one for the sandbox"
    bots = [one for one in network.world["people"] if one["bot"]]
    if len(bots) != 1:
        names = ", ".join(one["name"] for one in bots) or "nobody"
        problem = f"the sandbox's world must have one account marked `bot: true`, and has {names}; add login:"
        raise ConfigError([settings.source.problem(("login",), problem)])
    try:
        fresh = client.app_state(network.place.url, network.place.token, bots[0]["id"])
    except SandboxError as error:
        raise NetworkError(str(error)) from error
    return [*_accounts.saved(_accounts.folder_of(settings, network.key, bots[0]["id"])), fresh]
