"""What a stranger and Ann send each other besides plain text: pictures, replies, reactions, and what is taken back."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from processes import Failed
from stage import ANN, BOT, WORKSHOP, Check, Json, Stage, compare

_SIDE = 48
_PICTURE = "lake at night.png"
_LOVE, _THUMB = "😍", "👍"
_SAID = "It was me & my saw, 100 % 🙂"


class Letters:
    """Everything happens in Workshop."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage = stage
        self._driver = stage.driver
        self._mine, self._anns = _png(b"\x10\x40\xa0"), _png(b"\xf0\xc0\x20")
        (folder / _PICTURE).write_bytes(self._mine)
        self._reply = ""

    def checks(self) -> list[tuple[str, Check]]:
        """What is tried, in this order."""
        return [
            ("sends a picture that arrives whole", self._sends_picture),
            ("is given the address of Ann's picture, which leads to its bytes", self._sees_picture),
            ("finds the address of the whole picture", self._resolves_picture),
            ("finds that picture in the history", self._reads_picture),
            ("replies to what Ann wrote", self._replies),
            ("sees Ann reply to that", self._sees_reply),
            ("reacts to what Ann wrote", lambda: self._reacts(_LOVE, {BOT: _LOVE})),
            ("takes its reaction back", lambda: self._reacts("", {})),
            ("sees Ann react", lambda: self._sees_reaction(_THUMB)),
            ("sees Ann take her reaction back", lambda: self._sees_reaction("")),
            ("unsends what it wrote", self._unsends),
            ("sees Ann unsend", self._sees_unsend),
        ]

    async def _sends_picture(self) -> str:
        known = len(self._messages())
        await self._driver.ask("sendFile", WORKSHOP, _PICTURE)
        await self._stage.heard.until(lambda: len(self._messages()) > known, "no picture came")
        [file] = self._messages()[-1]["attachments"]
        compare((file["kind"], file["name"], file["width"], file["height"]), ("photo", _PICTURE, _SIDE, _SIDE))
        return self._whole(await self._stage.fetch(file["url"]), self._mine)

    async def _sees_picture(self) -> str:
        message = await self._stage.upload(WORKSHOP, _PICTURE, self._anns)
        await self._driver.said.until(lambda: bool(self._driver.events("picture")), "no picture came")
        [picture] = self._driver.events("picture")
        compare((picture["message"], picture["thread"], picture["by"]), (message["id"], WORKSHOP, ANN))
        return self._whole(await self._stage.fetch(picture["value"]), self._anns)

    async def _resolves_picture(self) -> str:
        [picture] = self._driver.events("picture")
        url = await self._driver.ask("photoUrl", picture["id"])
        return self._whole(await self._stage.fetch(url), self._anns)

    async def _reads_picture(self) -> str:
        [message] = await self._driver.ask("history", WORKSHOP, 1, None)
        [url] = message["pictures"]
        return self._whole(await self._stage.fetch(url), self._anns)

    async def _replies(self) -> None:
        question, known = await self._question(), len(self._messages())
        self._reply = await self._driver.ask("send", WORKSHOP, _SAID, question)
        await self._stage.heard.until(lambda: len(self._messages()) > known, "no reply came")
        reply = self._messages()[-1]
        compare((reply["id"], reply["text"], reply["reply_to"]), (self._reply, _SAID, question))

    async def _sees_reply(self) -> None:
        arguments = {"as": ANN, "thread": WORKSHOP, "text": "I knew it 🪚", "reply_to": self._reply}
        message = (await self._stage.post("send", arguments))["message"]
        await self._driver.said.until(lambda: bool(self._driver.events("reply")), "no reply came")
        right = {"message": message["id"], "value": "I knew it 🪚", "to": self._reply, "quoted": _SAID}
        compare(self._driver.events("reply"), [{"event": "reply", "thread": WORKSHOP, "by": ANN, **right}])

    async def _reacts(self, emoji: str, right: Json) -> None:
        question = await self._question()
        await self._driver.ask("react", question, emoji)
        await self._changed(question, lambda message: message["reactions"] == right)

    async def _sees_reaction(self, emoji: str) -> None:
        known = len(self._driver.events("reaction"))
        await self._stage.does(WORKSHOP, "react", message=self._reply, text=emoji)
        await self._driver.said.until(lambda: len(self._driver.events("reaction")) > known, "no reaction came")
        right = {"event": "reaction", "thread": WORKSHOP, "by": ANN, "message": self._reply, "value": emoji}
        compare(self._driver.events("reaction")[known:], [right])

    async def _unsends(self) -> None:
        await self._driver.ask("unsend", self._reply)
        await self._changed(self._reply, lambda message: message["unsent"] and not message["text"])

    async def _sees_unsend(self) -> None:
        question = await self._question()
        await self._stage.does(WORKSHOP, "unsend", message=question)
        await self._driver.said.until(lambda: bool(self._driver.events("unsent")), "no event came")
        right = {"event": "unsent", "thread": WORKSHOP, "by": ANN, "message": question}
        compare(self._driver.events("unsent"), [right])

    async def _question(self) -> str:
        """The first message of Workshop, which is Ann's."""
        return (await self._stage.ann.messages(WORKSHOP, 500))[0]["id"]

    async def _changed(self, message: str, holds: Callable[[Json], bool]) -> None:
        def is_seen() -> bool:
            events = (event["message"] for event in self._stage.heard.items if event["type"] == "changed")
            return any(event["id"] == message and holds(event) for event in events)

        await self._stage.heard.until(is_seen, "Ann did not see it")

    def _messages(self) -> list[Json]:
        """What Bot has sent to Workshop, as Ann saw it come."""
        came = (event["message"] for event in self._stage.heard.items if event["type"] == "message")
        return [message for message in came if message["thread"] == WORKSHOP and message["sender"] == BOT]

    def _whole(self, came: bytes, sent: bytes) -> str:
        if came != sent:
            raise Failed(f"{len(came)} bytes came, not the {len(sent)} that were sent")
        return f"{len(came)} bytes"


def _png(color: bytes) -> bytes:
    """A square picture of one colour, as a PNG of 8-bit RGB without interlace."""
    rows = (b"\0" + color * _SIDE) * _SIDE
    head = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
