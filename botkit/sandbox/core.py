"""The whole sandbox without sockets, put together on one data folder; tests drive it as the server's shell does."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botkit.clock import Clock
from botkit.logs import hide
from botkit.sandbox import arguments, ids
from botkit.sandbox.app import App
from botkit.sandbox.control import Control, PersonStream
from botkit.sandbox.endpoints import Endpoints
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import SandboxError
from botkit.sandbox.faults import Fault
from botkit.sandbox.logins import Logins
from botkit.sandbox.orders import Orders
from botkit.sandbox.session import Session, Sessions
from botkit.sandbox.storage import Storage
from botkit.sandbox.wire import Request, Response
from botkit.sandbox.world_file import read_world

_TOKEN_BITS = 192


@dataclass(frozen=True)
class Core:
    """One thread at a time may use it.

    A response may be `cut` and may have to be held for `hold_s`: whoever calls carries that out.
    """

    engine: Engine
    app: App
    control: Control
    sessions: Sessions
    orders: Orders
    world_id: str
    token: str

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request."""
        return self.app.handle(request)

    def connect(
        self, upgrade: Request, send: Callable[[bytes], None], close: Callable[[], None], cut: Callable[[], None]
    ) -> Session:
        """A new MQTT connection; `upgrade` is the request that opened its WebSocket.

        Ask `app.refused_upgrade` first. `close` ends the socket when everything sent is out, `cut` at once. Afterwards
        the connection has to be given to `sessions.discard`.
        """
        sid = upgrade.fields.get("sid", "")
        session = Session(self.engine, lambda: self.app.living_login(upgrade), sid, send, close, cut)
        self.sessions.add(session)
        return session

    def order(self, who: str, kind: str, **more: Any) -> int:
        """Let something go wrong for the account called `who`, as `POST /sandbox/api/fault` does; `more` is of `Fault`.

        Returns how many connections it ended at once.

        Raises:
            ControlError: there is nobody of that name, no such kind, or something makes no sense with it.
        """
        return self.orders.order(Fault(arguments.person(self.engine.world, who).id, kind, **more))

    def stream(self, account: str, send: Callable[[str], None]) -> PersonStream:
        """A new event stream of a person; to be given to `engine.audience.detach` afterwards."""
        stream = PersonStream(self.engine, account, send)
        self.engine.audience.attach(stream)
        return stream

    def close(self) -> None:
        """Close the file."""
        self.engine.storage.close()


def open_core(
    data_dir: Path,
    world_file: Path | None,
    clock: Clock,
    chance: random.Random,
    *,
    deduplicate_s: float | None = None,
    lasting: bool = True,
) -> Core:
    """Open `data_dir`/sandbox.db; a new one begins with the world of `world_file` (None: the package's).

    `deduplicate_s` is how many seconds a repeated send counts as a repeat: None for ever, 0 never. A file
    that is not `lasting` may be lost in a power cut.

    Raises:
        SandboxError: the world file is wrong, or the database is in use or not a sandbox's.
    """
    path = data_dir / "sandbox.db"
    # A wrong world file must not leave an empty sandbox.db behind.
    beginning = None if path.exists() else read_world(world_file, clock.now())
    try:
        storage = Storage(path, lasting=lasting)
    except OSError as error:
        raise SandboxError(f"{path} cannot be opened: {error.strerror}") from error
    try:
        if storage.world_id() is None:
            # Also after a start that was killed between making the file and filling it.
            beginning = beginning or read_world(world_file, clock.now())
            storage.begin_world(ids.random_uuid(chance), beginning)
        return _assemble(storage, clock, chance, deduplicate_s)
    except BaseException:
        storage.close()
        raise


def _assemble(storage: Storage, clock: Clock, chance: random.Random, deduplicate_s: float | None) -> Core:
    world_id, token = storage.world_id() or "", ids.random_name(chance, _TOKEN_BITS)
    engine = Engine(storage.load_world(), storage, clock, chance, deduplicate_s)
    people = engine.world.people.values()
    for secret in (token, *(word for person in people for word in (person.password, person.two_factor) if word)):
        hide(secret)
    logins = Logins(engine.world, storage, clock, chance)
    sessions = Sessions()
    orders = Orders(engine.faults, logins, sessions)
    control = Control(engine, logins, orders, world_id, token)
    app = App(engine, logins, Endpoints(engine, logins, sessions), control)
    return Core(engine, app, control, sessions, orders, world_id, token)
