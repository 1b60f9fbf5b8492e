"""The sandbox of a test as a server on a real port, with the client's own doors and the system's clock."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from botkit.clock import SystemClock
from botkit.messenger._doors import HttpDoor, SocketDoor
from botkit.sandbox.client import TIMEOUT_S, Events, People
from botkit.sandbox.server import Server
from botkit.testing.sides import API, Json, value_of

_LOOK_S = 0.02
# So often must a look find everything idle and nothing new.
_QUIET_LOOKS = 5


class ServedSide:
    """See `Side`."""

    def __init__(self, folder: Path, world_file: Path | None, chance: random.Random, **options: Any) -> None:
        self.clock = SystemClock()
        self._server = Server(folder, world_file=world_file, port=0, random=chance, **options)
        self._server.start()
        self.url = self._server.url
        self._heard = 0
        self._seated: list[tuple[Future[None], asyncio.Event]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="botkit-people", daemon=True)
        self._thread.start()

    def doors(self) -> tuple[HttpDoor | None, SocketDoor | None]:
        """See `Side`."""
        return None, None

    def ask(self, method: str, name: str, arguments: Json) -> Json:
        """See `Side`."""
        query, body = (f"?{urlencode(arguments)}", None) if method == "GET" else ("", json.dumps(arguments).encode())
        headers = {"X-Botkit-Token": self._server.token, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{API}{name}{query}", body, headers, method=method)  # noqa: S310
        # A proxy of the environment must never see what is meant for loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT_S) as answer:
                return value_of(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return value_of(error.code, error.read())

    def listen(self, name: str, hear: Callable[[Json], None]) -> None:
        """See `Side`; the events come on the thread "botkit-people"."""
        ready = threading.Event()
        leaving = asyncio.Event()
        self._seated.append(
            (asyncio.run_coroutine_threadsafe(self._live(name, hear, ready, leaving), self._loop), leaving)
        )
        assert ready.wait(TIMEOUT_S), f"no events of {name}"

    def settle(self, is_idle: Callable[[], bool], limit_s: float) -> None:
        """See `Side`: looks again and again until a few looks have found nothing."""
        until_s, quiet, heard = self.clock.monotonic() + limit_s, 0, -1
        while quiet < _QUIET_LOOKS:
            assert self.clock.monotonic() < until_s, f"after {limit_s:g} s the bots are still at work"
            self._pass(_LOOK_S)
            quiet = quiet + 1 if is_idle() and heard == self._heard else 0
            heard = self._heard

    def advance(self, seconds: float) -> None:
        """See `Side`; the time is real."""
        self._pass(seconds)

    def close(self) -> None:
        """See `Side`."""
        for seat, leaving in self._seated:
            self._loop.call_soon_threadsafe(leaving.set)
            seat.result(TIMEOUT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_S)
        self._loop.close()
        self._server.stop()

    def _pass(self, seconds: float) -> None:
        self.clock.wait(threading.Event(), seconds)

    async def _live(
        self, name: str, hear: Callable[[Json], None], ready: threading.Event, leaving: asyncio.Event
    ) -> None:
        async with People(self.url, self._server.token, name) as people, people.events() as events:
            ready.set()
            listening = asyncio.create_task(self._hear(events, hear))
            await leaving.wait()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _hear(self, events: Events, hear: Callable[[Json], None]) -> None:
        async for event in events:
            hear(event)
            self._heard += 1
