"""What a stranger has to do: Ann talks to it, in a group and alone, and sees whether it answers as it should."""

from __future__ import annotations

from stage import ANN, BOT, FRIENDS, Check, Json, Stage, compare, leaves

from botkit.clock import SystemClock

# What Ann calls the two chats; to Bot, the one of two is called by her id.
GROUP, ALONE = FRIENDS, BOT
_HELLO = "hello, “quoted” & <tagged> = 100 % + ü 🙂"
_BURST = 10


class Conversation:
    """Ann's side of a talk with a driver that plays Bot and puts `prefix` before everything that it is told."""

    def __init__(self, stage: Stage, prefix: str) -> None:
        self._stage = stage
        self._ann = stage.ann
        self._driver = stage.driver
        self._prefix = prefix
        self._clock = SystemClock()
        self._sent: list[tuple[str, str]] = []

    def checks(self) -> list[tuple[str, Check]]:
        """What is tried, in this order; a check may return a few words on what it saw, and raises `Failed`.

        Before the cut the stranger has come to rest: its own messages are back, and a typing event after them, so that
        every PUBACK is out. fbchat's paho 1.x ends the program when a write, not a read, meets the cut.
        """
        return [
            ("answers in a group", lambda: self._answers(GROUP, _HELLO)),
            ("marks as read and types before it answers", self._reads_and_types),
            ("sees Ann type in a group", lambda: self._sees_typing(GROUP)),
            ("answers in a chat of two", lambda: self._answers(ALONE, "just us")),
            ("answers a burst in order", lambda: self._answers(GROUP, *(f"burst {n}" for n in range(_BURST)))),
            ("hears each of its own messages once", self._hears_itself),
            ("sees Ann type in a chat of two", lambda: self._sees_typing(ALONE)),
            ("comes back after a cut and answers what it missed", self._comes_back),
            ("answers after it came back", lambda: self._answers(ALONE, "as before")),
        ]

    def last_checks(self) -> list[tuple[str, Check]]:
        """What is tried when the stranger has nothing more to do."""
        return [
            ("leaves and logs out", lambda: leaves(self._driver)),
            ("has said everything once and in order", self._said_all_once),
        ]

    async def _answers(self, chat: str, *texts: str) -> None:
        for text in texts:
            await self._ann.send(chat, text)
            self._sent.append((chat, text))
        right = self._right(chat)
        await self._stage.heard.until(lambda: len(self._seen(chat)) >= len(right), "no answer came")
        compare(self._seen(chat), right)

    async def _reads_and_types(self) -> None:
        events = [event["type"] for event in self._stage.heard.items if self._is_bots(event, GROUP)]
        compare(events[:3], ["read", "typing", "message"])

    async def _sees_typing(self, chat: str) -> None:
        before = len(self._driver.lines("TYPING"))
        await self._ann.typing(chat, True)
        await self._driver.said.until(lambda: len(self._driver.lines("TYPING")) > before, "her typing did not reach it")
        await self._ann.typing(chat, False)
        compare(self._driver.lines("TYPING")[before:], [ANN])

    async def _comes_back(self) -> str:
        begun_s = self._clock.monotonic()
        compare(await self._stage.post("cut", {"as": BOT}), {"closed": 1})
        await self._answers(GROUP, "said while it is away")
        return f"{self._clock.monotonic() - begun_s:.1f} s"

    async def _hears_itself(self) -> None:
        right = [f"{self._prefix}{text}" for _, text in self._sent]
        await self._driver.said.until(lambda: len(self._driver.lines("OWN")) >= len(right), "some did not come back")
        compare(self._driver.lines("OWN"), right)

    async def _said_all_once(self) -> None:
        for chat in (GROUP, ALONE):
            history = await self._ann.messages(chat)
            said = [message["text"] for message in history if message["sender"] == BOT and message["kind"] == "text"]
            compare(said, self._right(chat))

    def _right(self, chat: str) -> list[str]:
        """The answers that have to be in a chat by now."""
        return [f"{self._prefix}{text}" for where, text in self._sent if where == chat]

    def _seen(self, chat: str) -> list[str]:
        """The answers that Ann has seen come."""
        mine = [event for event in self._stage.heard.items if event["type"] == "message" and self._is_bots(event, chat)]
        return [event["message"]["text"] for event in mine]

    def _is_bots(self, event: Json, chat: str) -> bool:
        """Whether this is something that Bot did in a chat."""
        what = event.get("message", event)
        actor = what.get("sender", what.get("reader"))
        return what.get("thread") == chat and actor == BOT
