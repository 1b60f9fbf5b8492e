"""What a stranger has to do: Ann talks to it, in a group and alone, and sees whether it answers as it should."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from processes import ANSWER_WITHIN_S, START_WITHIN_S, Driver, Failed, Place, Record

from botkit.clock import SystemClock
from botkit.sandbox.client import People

BOT = ALONE = "Bot"
GROUP = "Friends"
_HELLO = "hello, “quoted” & <tagged> = 100 % + ü 🙂"
_BURST = 10

Json = dict[str, Any]
Check = Callable[[], Awaitable[str | None]]


@dataclass(frozen=True)
class Cast:
    """The ids of the two who talk, and of Ann's chats by name, as she sees them."""

    ann: str
    bot: str
    threads: dict[str, str]


class Conversation:
    """Ann's side of a talk with a driver that plays Bot and puts `prefix` before everything that it is told."""

    def __init__(self, place: Place, ann: People, cast: Cast, driver: Driver, prefix: str) -> None:
        self._place = place
        self._ann = ann
        self._cast = cast
        self._driver = driver
        self._prefix = prefix
        self._clock = SystemClock()
        self._sent: list[tuple[str, str]] = []
        self.heard: Record[Json] = Record()

    def checks(self) -> list[tuple[str, Check]]:
        """What is tried, in this order; a check may return a few words on what it saw, and raises `Failed`.

        Before the cut the stranger has come to rest: its own messages are back, and a typing event after them, so that
        every PUBACK is out. fbchat's paho 1.x ends the program when a write, not a read, meets the cut.
        """
        return [
            ("logs in with an app state and listens", lambda: begins(self._driver)),
            ("answers in a group", lambda: self._answers(GROUP, _HELLO)),
            ("marks as read and types before it answers", self._reads_and_types),
            ("sees Ann type in a group", lambda: self._sees_typing(GROUP)),
            ("answers in a chat of two", lambda: self._answers(ALONE, "just us")),
            ("answers a burst in order", lambda: self._answers(GROUP, *(f"burst {n}" for n in range(_BURST)))),
            ("hears each of its own messages once", self._hears_itself),
            ("sees Ann type in a chat of two", lambda: self._sees_typing(ALONE)),
            ("comes back after a cut and answers what it missed", self._comes_back),
            ("answers after it came back", lambda: self._answers(ALONE, "as before")),
            ("leaves and logs out", lambda: leaves(self._driver)),
            ("has said everything once and in order", self._said_all_once),
        ]

    async def _answers(self, chat: str, *texts: str) -> None:
        for text in texts:
            await self._ann.send(chat, text)
            self._sent.append((chat, text))
        right = self._right(chat)
        await self.heard.until(lambda: len(self._seen(chat)) >= len(right), "no answer came")
        _compare(self._seen(chat), right)

    async def _reads_and_types(self) -> None:
        events = [event["type"] for event in self.heard.items if self._is_bots(event, GROUP)]
        _compare(events[:3], ["read", "typing", "message"])

    async def _sees_typing(self, chat: str) -> None:
        before = len(self._driver.lines("TYPING"))
        await self._ann.typing(chat, True)
        await self._driver.said.until(lambda: len(self._driver.lines("TYPING")) > before, "her typing did not reach it")
        await self._ann.typing(chat, False)
        _compare(self._driver.lines("TYPING")[before:], [self._cast.ann])

    async def _comes_back(self) -> str:
        begun_s = self._clock.monotonic()
        _compare(await asyncio.to_thread(_cut, self._place), 1)
        await self._answers(GROUP, "said while it is away")
        return f"{self._clock.monotonic() - begun_s:.1f} s"

    async def _hears_itself(self) -> None:
        right = [f"{self._prefix}{text}" for _, text in self._sent]
        await self._driver.said.until(lambda: len(self._driver.lines("OWN")) >= len(right), "some did not come back")
        _compare(self._driver.lines("OWN"), right)

    async def _said_all_once(self) -> None:
        for chat in (GROUP, ALONE):
            history = await self._ann.messages(chat)
            said = [message["text"] for message in history if message["sender"] == self._cast.bot]
            _compare(said, self._right(chat))

    def _right(self, chat: str) -> list[str]:
        """The answers that have to be in a chat by now."""
        return [f"{self._prefix}{text}" for where, text in self._sent if where == chat]

    def _seen(self, chat: str) -> list[str]:
        """The answers that Ann has seen come."""
        mine = [event for event in self.heard.items if event["type"] == "message" and self._is_bots(event, chat)]
        return [event["message"]["text"] for event in mine]

    def _is_bots(self, event: Json, chat: str) -> bool:
        """Whether this is something that Bot did in a chat."""
        what = event.get("message", event)
        actor = what.get("sender", what.get("reader"))
        return what.get("thread") == self._cast.threads[chat] and actor == self._cast.bot


async def begins(driver: Driver) -> None:
    """Wait until a driver listens."""
    await driver.said.until(lambda: "READY" in driver.said.items, "it did not listen", START_WITHIN_S)


async def leaves(driver: Driver) -> None:
    """Tell a driver to end; it has to log out, and to have had no fault."""
    code = await driver.leave()
    _compare((code, driver.lines("FAULT"), driver.said.items[-1:]), (0, [], ["BYE"]))


@asynccontextmanager
async def conversation(place: Place, driver: Driver, prefix: str) -> AsyncIterator[Conversation]:
    """A conversation whose `heard` fills with what Ann sees."""
    async with People(place.url, place.token, "Ann") as ann, ann.events() as events:
        threads = {thread["name"]: thread["id"] for thread in await ann.threads()}
        talk = Conversation(place, ann, Cast(events.account, threads[BOT], threads), driver, prefix)
        filling = asyncio.create_task(talk.heard.fill(aiter(events)))
        try:
            yield talk
        finally:
            filling.cancel()
            await asyncio.gather(filling, return_exceptions=True)


def _compare(seen: object, right: object) -> None:
    if seen != right:
        raise Failed(f"saw {seen!r}, right is {right!r}")


def _cut(place: Place) -> int:
    """Cut Bot's sockets without a goodbye; how many."""
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=ANSWER_WITHIN_S)
    try:
        headers = {"X-Botkit-Token": place.token, "Content-Type": "application/json"}
        connection.request("POST", "/sandbox/api/cut", json.dumps({"as": BOT}), headers)
        return json.loads(connection.getresponse().read())["closed"]
    finally:
        connection.close()
