"""The sandbox as a test sees it, in two ways: a core in the same thread of thought, or a server on a real port."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from botkit.clock import Clock
from botkit.messenger import ConnectionState, Position
from botkit.messenger._doors import HttpDoor, SocketDoor
from botkit.sandbox.core import open_core
from botkit.sandbox.errors import ControlError
from botkit.sandbox.wire import Request
from botkit.testing.doors import JoinedHttp, JoinedSockets, Junction
from botkit.testing.virtual_clock import VirtualClock

Json = dict[str, Any]
API = "/sandbox/api/"
# What a joined client is told that the sandbox's address is; it decides about defaults, and nobody connects to it.
_NOWHERE = "http://127.0.0.1:1"


class Guest(Protocol):
    """A bot as a side sees it."""

    @property
    def is_ending(self) -> bool:
        """Whether it is to end, or has ended."""

    @property
    def is_at_work(self) -> bool:
        """Whether it is doing something, as far as it knows."""

    @property
    def connection(self) -> ConnectionState:
        """How its connection stands, and since when."""

    @property
    def position(self) -> Position | None:
        """Up to where everything that came is under way."""


class Side(Protocol):
    """The sandbox of one test."""

    @property
    def clock(self) -> Clock:
        """The clock of everybody in the test."""

    @property
    def url(self) -> str:
        """The option `network` of its clients."""

    def doors(self) -> tuple[HttpDoor | None, SocketDoor | None]:
        """What a client reaches it by; None for the client's own."""

    def ask(self, method: str, name: str, arguments: Json) -> Json:
        """A call of the control API. Raises ControlError when it is refused."""

    def upload(self, arguments: Json, kind: str, data: bytes) -> Json:
        """Send a file; `arguments` are `as`, `thread` and `name`, `kind` is its media type. Raises ControlError."""

    def listen(self, name: str, hear: Callable[[Json], None]) -> None:
        """Hand the events of one person to `hear`, on any thread, until the end."""

    def settle(self, bots: Sequence[Guest], limit_s: float) -> None:
        """Wait until nothing is under way. Raises AssertionError after `limit_s` seconds of real time."""

    def notice(self, bots: Sequence[tuple[Guest, ConnectionState]]) -> None:
        """The connections of these bots, which stood so, were ended: let them learn it."""

    def advance(self, seconds: float, bots: Sequence[Guest]) -> None:
        """Let time pass, and all that falls due be done."""

    def close(self) -> None:
        """End the sandbox."""


class JoinedSide:
    """A core without sockets, on a virtual clock."""

    def __init__(self, folder: Path, world_file: Path | None, chance: random.Random, **options: Any) -> None:
        self.url = _NOWHERE
        self.clock = VirtualClock()
        self._core = open_core(folder, world_file, self.clock, chance, lasting=False, **options)
        self.junction = Junction(self._core, self.clock)

    def doors(self) -> tuple[HttpDoor | None, SocketDoor | None]:
        """See `Side`."""
        return JoinedHttp(self.junction), JoinedSockets(self.junction)

    def ask(self, method: str, name: str, arguments: Json) -> Json:
        """See `Side`."""
        query, body = (urlencode(arguments), b"") if method == "GET" else ("", json.dumps(arguments).encode())
        return self._call(method, name, query, "application/json", body)

    def upload(self, arguments: Json, kind: str, data: bytes) -> Json:
        """See `Side`."""
        return self._call("POST", "upload", urlencode(arguments), kind, data)

    def listen(self, name: str, hear: Callable[[Json], None]) -> None:
        """See `Side`."""
        people = self.ask("GET", "world", {})["people"]
        account = next((one["id"] for one in people if name in (one["id"], one["name"])), None)
        if account is None:
            raise ControlError(404, f"there is nobody called {name[:40]!r}")
        with self.junction.entered() as core:
            core.stream(account, lambda text: hear(json.loads(text)))

    def settle(self, bots: Sequence[Guest], limit_s: float) -> None:
        """See `Side`; the clock's tickets say all."""
        self.clock.settle(limit_s)

    def notice(self, bots: Sequence[tuple[Guest, ConnectionState]]) -> None:
        """See `Side`; the clock's tickets say all."""

    def advance(self, seconds: float, bots: Sequence[Guest]) -> None:
        """See `Side`; the clock's tickets say all."""
        self.clock.advance(seconds)

    def close(self) -> None:
        """See `Side`."""
        self.junction.close()

    def _call(self, method: str, name: str, query: str, kind: str, body: bytes) -> Json:
        headers = {"host": "127.0.0.1", "x-botkit-token": self._core.token, "content-type": kind}
        request = Request(method, "127.0.0.1", API + name, query, headers, body)
        with self.junction.entered() as core:
            answer = core.handle(request)
        return value_of(answer.status, answer.body)


def value_of(status: int, body: bytes) -> Json:
    """The answer to a call of the control API. Raises ControlError when it was refused."""
    value: Json = json.loads(body)
    if status != 200:
        raise ControlError(status, str(value.get("error")))
    return value
