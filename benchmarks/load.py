"""Ann, who writes to the bot through the sandbox's people's API and hears its echoes, with the times of both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from types import TracebackType
from typing import Any, Self

from processes import Failed, Place

from botkit.clock import SystemClock
from botkit.sandbox.client import Events, People

_CLOCK = SystemClock()
# So many connections write at once when it is to go as fast as possible.
_WRITERS = 8
_FIRST_ECHO_WITHIN_S = 30.0
_PROBE_EVERY_S = 0.5
_NO_ECHO_FOR_S = 30.0


@dataclass(frozen=True)
class Way:
    """A way of writing: so many messages, of which at most `in_flight` have no echo yet (None: no bound)."""

    name: str
    messages: int
    in_flight: int | None


@dataclass(frozen=True)
class Heard:
    """How long it took from the first message to the last echo, and the delay of each echo in seconds."""

    seconds: float
    delays_s: Sequence[float]


class Ann:
    """Writes and hears; use as an `async with` block. `bot` is the id whose messages are echoes."""

    def __init__(self, place: Place, name: str, bot: str) -> None:
        self._place = place
        self._name = name
        self._bot = bot
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._last_echo_s = 0.0
        self._number = 0

    async def __aenter__(self) -> Self:
        self._people = await People(self._place.url, self._place.token, self._name).__aenter__()
        self._events = await self._people.events().__aenter__()
        self._hearing = asyncio.create_task(self._hear(self._events))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hearing.cancel()
        await asyncio.gather(self._hearing, return_exceptions=True)
        await self._events.__aexit__(kind, error, trace)
        await self._people.__aexit__(kind, error, trace)

    async def await_bot(self, chat: str) -> None:
        """Write now and then until the bot answers. Raises `Failed` when it does not in time."""
        async with _writer(self._place) as write:
            try:
                async with asyncio.timeout(_FIRST_ECHO_WITHIN_S):
                    while True:
                        echo = await self._say(write, chat)
                        done, _ = await asyncio.wait([echo], timeout=_PROBE_EVERY_S)
                        if done:
                            break
            except TimeoutError:
                raise Failed(f"no echo within {_FIRST_ECHO_WITHIN_S:g} s of the start") from None
        self._waiting.clear()

    async def read(self, chats: Sequence[str]) -> None:
        """Read what has come. What nobody reads is counted by the sandbox at each message, as the page shows it."""
        for chat in chats:
            await self._people.read(chat)

    async def run(self, way: Way, chats: Sequence[str]) -> Heard:
        """Write the messages of a way, the chats in turn, and wait for all echoes."""
        begun_s = self._last_echo_s = _CLOCK.monotonic()
        jobs = iter(list(islice(cycle(chats), way.messages)))
        delays: list[float] = []
        writers = min(way.in_flight or _WRITERS, way.messages)
        tasks = [
            asyncio.create_task(self._write(jobs, delays, waits=way.in_flight is not None)) for _ in range(writers)
        ]
        try:
            await self._all(tasks, way)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return Heard(self._last_echo_s - begun_s, delays)

    async def _all(self, tasks: list[asyncio.Task[None]], way: Way) -> None:
        pending: set[asyncio.Task[None]] = set(tasks)
        while pending:
            done, pending = await asyncio.wait(pending, timeout=_NO_ECHO_FOR_S, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
            if pending and _CLOCK.monotonic() - self._last_echo_s > _NO_ECHO_FOR_S:
                missing = len(self._waiting)
                raise Failed(f"{way.name}: {missing} messages had no echo, and none came for {_NO_ECHO_FOR_S:g} s")

    async def _write(self, jobs: Iterator[str], delays: list[float], *, waits: bool) -> None:
        """Take jobs until there are none; with `waits`, wait for each echo before the next message."""
        echoes = []
        async with _writer(self._place) as write:
            for chat in jobs:
                begun_s = _CLOCK.monotonic()
                echo = await self._say(write, chat)
                if waits:
                    delays.append(await echo - begun_s)
                else:
                    echoes.append((begun_s, echo))
        for begun_s, echo in echoes:
            delays.append(await echo - begun_s)

    async def _say(self, write: Any, chat: str) -> asyncio.Future[float]:
        self._number += 1
        text = f"message {self._number}, which is to come back as it is"
        echo = self._waiting[text] = asyncio.get_running_loop().create_future()
        await write({"as": self._name, "thread": chat, "text": text})
        return echo

    async def _hear(self, events: Events) -> None:
        async for event in events:
            message = event.get("message")
            if message is None or message["sender"] != self._bot:
                continue
            echo = self._waiting.pop(message["text"], None)
            if echo is not None:
                self._last_echo_s = _CLOCK.monotonic()
                echo.set_result(self._last_echo_s)


@asynccontextmanager
async def _writer(place: Place) -> AsyncIterator[Any]:
    """A connection for sends. By hand, since a client library would take more of the machine than the sandbox does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    head = (
        "POST /sandbox/api/send HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{place.port}\r\nX-Botkit-Token: {place.token}\r\nContent-Type: application/json\r\n"
    )

    async def write(arguments: dict[str, str]) -> None:
        body = json.dumps(arguments).encode()
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(answer.partition(b"content-length:")[2].split(b"\r\n")[0]))
        if not answer.startswith(b"http/1.1 200"):
            raise Failed(f"the sandbox refused a message: {answer.split(bytes([13]))[0].decode()}")

    try:
        yield write
    finally:
        writer.close()
