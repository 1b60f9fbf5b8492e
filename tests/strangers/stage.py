"""Where a stranger is tried: the world of world.yaml, Ann, who sees what it does, and the driver that plays Bot."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from processes import ANSWER_WITHIN_S, START_WITHIN_S, Driver, Failed, Place, Record

from botkit.sandbox.client import People

BOT, ANN, BEN, CHLOE = (f"10000000000000{number}" for number in range(1, 5))
FRIENDS, WORKSHOP, WITHOUT_BOT = (f"700000000000000{number}" for number in range(1, 4))
NO_THREAD = "7999999999999999"
WORLD = Path(__file__).parent / "world.yaml"

Json = dict[str, Any]
Check = Callable[[], Awaitable[str | None]]


@dataclass(frozen=True)
class Stage:
    """`heard` is what Ann sees come; `lost` names the events that the stranger's own listener drops."""

    place: Place
    ann: People
    driver: Driver
    lost: frozenset[str] = frozenset()
    heard: Record[Json] = field(default_factory=Record)

    async def does(self, thread: str, action: str, **arguments: object) -> None:
        """Let Ann change something in a thread."""
        await self.post("do", {"as": ANN, "thread": thread, "action": action, **arguments})

    async def post(self, name: str, arguments: Json) -> Json:
        """Call the people's API."""
        body, headers = json.dumps(arguments).encode(), {"Content-Type": "application/json"}
        return json.loads(await self._request("POST", f"/sandbox/api/{name}", body, headers))

    async def upload(self, thread: str, name: str, data: bytes) -> Json:
        """Send a file as Ann; her message."""
        query = urlencode({"as": ANN, "thread": thread, "name": name})
        return json.loads(await self._request("POST", f"/sandbox/api/upload?{query}", data, {}))["message"]

    async def fetch(self, url: str) -> bytes:
        """The bytes at an address: of the people's page, or under one of Messenger's names."""
        parts = urlsplit(url)
        headers = {"Host": parts.netloc} if parts.netloc else {}
        return await self._request("GET", parts._replace(scheme="", netloc="").geturl(), None, headers)

    async def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        def exchange() -> bytes:
            connection = http.client.HTTPConnection("127.0.0.1", self.place.port, timeout=ANSWER_WITHIN_S)
            try:
                connection.request(method, path, body, {"X-Botkit-Token": self.place.token, **headers})
                answer = connection.getresponse()
                data = answer.read()
            finally:
                connection.close()
            if answer.status != http.HTTPStatus.OK:
                raise Failed(f"{method} {path.partition('?')[0]} was answered with {answer.status}: {data[:200]!r}")
            return data

        return await asyncio.to_thread(exchange)


@asynccontextmanager
async def stage(place: Place, driver: Driver, lost: frozenset[str]) -> AsyncIterator[Stage]:
    """A stage whose `heard` fills with what Ann sees."""
    async with People(place.url, place.token, ANN) as ann, ann.events() as events:
        scene = Stage(place, ann, driver, lost)
        filling = asyncio.create_task(scene.heard.fill(aiter(events)))
        try:
            yield scene
        finally:
            filling.cancel()
            await asyncio.gather(filling, return_exceptions=True)


async def begins(driver: Driver) -> None:
    """Wait until a driver listens."""
    await driver.said.until(lambda: "READY" in driver.said.items, "it did not listen", START_WITHIN_S)


async def leaves(driver: Driver) -> None:
    """Tell a driver to end; it has to log out, and to have had no fault."""
    code = await driver.leave()
    compare((code, driver.lines("FAULT"), driver.said.items[-1:]), (0, [], ["BYE"]))


def compare(seen: object, right: object) -> None:
    """Raise `Failed` when they differ."""
    if seen != right:
        raise Failed(f"saw {seen!r}, right is {right!r}")
