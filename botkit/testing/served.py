"""The sandbox of a test as a server on a real port, with the client's own doors."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from botkit.clock import SystemClock
from botkit.messenger import ConnectionState
from botkit.messenger._doors import HttpDoor, SocketDoor
from botkit.sandbox.client import TIMEOUT_S, Events, People
from botkit.sandbox.server import Server
from botkit.testing.leaping_clock import LeapingClock, WallOnly
from botkit.testing.sides import API, Guest, Json, value_of

_LOOK_S = 0.02
# So often must a look find everything idle and nothing new.
_QUIET_LOOKS = 5
# So long takes an answer that comes through the loopback, and more.
_MOMENT_S = 0.01
# So long may something be under way to a bot.
_UNDER_WAY_S = 2.0
_real = SystemClock()


class ServedSide:
    """See `Side`."""

    def __init__(self, folder: Path, world_file: Path | None, chance: random.Random, **options: Any) -> None:
        self.clock = LeapingClock()
        wall = WallOnly(self.clock)
        self._server = Server(folder, world_file=world_file, port=0, clock=wall, random=chance, **options)
        self._server.start()
        self.url = self._server.url
        self._heard = 0
        self._waiting_since_s: dict[Guest, float] = {}
        self._seated: list[tuple[Future[None], asyncio.Event]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="botkit-people", daemon=True)
        self._thread.start()

    def doors(self) -> tuple[HttpDoor | None, SocketDoor | None]:
        """See `Side`."""
        return None, None

    def ask(self, method: str, name: str, arguments: Json) -> Json:
        """See `Side`."""
        query, body = (urlencode(arguments), None) if method == "GET" else ("", json.dumps(arguments).encode())
        return self._call(method, name, query, "application/json", body)

    def upload(self, arguments: Json, kind: str, data: bytes) -> Json:
        """See `Side`."""
        return self._call("POST", "upload", urlencode(arguments), kind, data)

    def listen(self, name: str, hear: Callable[[Json], None]) -> None:
        """See `Side`; the events come on the thread "botkit-people"."""
        ready = threading.Event()
        leaving = asyncio.Event()
        self._seated.append(
            (asyncio.run_coroutine_threadsafe(self._live(name, hear, ready, leaving), self._loop), leaving)
        )
        assert ready.wait(TIMEOUT_S), f"no events of {name}"

    def settle(self, bots: Sequence[Guest], limit_s: float) -> None:
        """See `Side`: looks again and again until a few looks have found nothing."""
        until_s, quiet, heard = _real.monotonic() + limit_s, 0, -1
        while quiet < _QUIET_LOOKS:
            assert _real.monotonic() < until_s, f"after {limit_s:g} s the bots are still at work"
            self._pass(_LOOK_S)
            quiet = quiet + 1 if self._are_idle(bots) and heard == self._heard else 0
            heard = self._heard

    def notice(self, bots: Sequence[tuple[Guest, ConnectionState]]) -> None:
        """See `Side`."""
        until_s = _real.monotonic() + TIMEOUT_S
        while any(bot.connection is known and not bot.is_ending for bot, known in bots):
            assert _real.monotonic() < until_s, f"after {TIMEOUT_S:g} s the bots have not noticed it"
            self._pass(_MOMENT_S)

    def advance(self, seconds: float, bots: Sequence[Guest]) -> None:
        """See `Side`; it leaps from one thing that is due to the next, and gives each a moment of real time."""
        goal_s = self.clock.monotonic() + seconds
        while (left_s := goal_s - self.clock.monotonic()) > 0:
            until_s = _real.monotonic() + TIMEOUT_S
            while not self._are_idle(bots):
                assert _real.monotonic() < until_s, f"after {TIMEOUT_S:g} s the bots are still at work"
                self._pass(_MOMENT_S)
            next_s = self.clock.next_s()
            ahead_s = left_s if next_s is None else next_s - self.clock.monotonic()
            self.clock.leap(max(0.0, min(left_s, ahead_s)))
            self._pass(_MOMENT_S)
        self.settle(bots, TIMEOUT_S)

    def close(self) -> None:
        """See `Side`."""
        for seat, leaving in self._seated:
            self._loop.call_soon_threadsafe(leaving.set)
            seat.result(TIMEOUT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_S)
        self._loop.close()
        self._server.stop()
        self.clock.close()

    def _are_idle(self, bots: Sequence[Guest]) -> bool:
        return all((bot.is_ending or not bot.is_at_work) and self._needs_no_moment(bot) for bot in bots)

    def _needs_no_moment(self, bot: Guest) -> bool:
        """Whether nothing is under way to a bot. What does not come within two seconds was held back on purpose, and a
        handler of a bot that has ended may never come back."""
        if not self._waits(bot):
            self._waiting_since_s.pop(bot, None)
            return True
        now_s = _real.monotonic()
        return now_s - self._waiting_since_s.setdefault(bot, now_s) > _UNDER_WAY_S

    def _waits(self, bot: Guest) -> bool:
        """Whether a bot is connecting, or not told yet of everything that has happened, or on its way out."""
        if bot.is_ending:
            return bot.is_at_work
        if bot.connection.name != "live":
            return bot.connection.name == "connecting"
        stands = bot.position
        if stands is None:
            return True
        newest: int = self.ask("GET", "position", {"as": stands.entity_id})["position"]
        return stands.cursor < newest

    def _call(self, method: str, name: str, query: str, kind: str, body: bytes | None) -> Json:
        headers = {"X-Botkit-Token": self._server.token, "Content-Type": kind}
        request = urllib.request.Request(f"{self.url}{API}{name}?{query}", body, headers, method=method)  # noqa: S310
        # A proxy of the environment must never see what is meant for loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT_S) as answer:
                return value_of(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return value_of(error.code, error.read())

    def _pass(self, seconds: float) -> None:
        _real.wait(threading.Event(), seconds)

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
