"""What a stranger is refused: with the codes of dossier 3, sections 2.9 and 6.8, or what its library says for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from processes import Driver, Failed, Refused
from stage import ANN, BEN, BOT, CHLOE, FRIENDS, NO_THREAD, WITHOUT_BOT, WORKSHOP, Check, Stage, compare

_PROGRAM = "setup.exe"
_BLUE = "#7646ff"
_NO_CHAT = "of a chat that doesn't exist. Have at least one message in the thread before trying to change"


@dataclass(frozen=True)
class Refusal:
    """Something to ask for; `code` is Messenger's answer, `words` are what facebook-chat-api says for some codes."""

    name: str
    ask: tuple[str, ...]
    code: str
    words: str = ""


_REFUSALS = [
    Refusal("a message into a group without it", ("send", WITHOUT_BOT, "let me in"), "1545012"),
    Refusal("a message into a group that is not there", ("send", NO_THREAD, "hello?"), "1545012"),
    Refusal(
        "the title of a chat of two",
        ("title", ANN, "Us"),
        "1545003",
        "Cannot set title of single-user chat.",
    ),
    Refusal(
        "the title of a group without it",
        ("title", WITHOUT_BOT, "With Bot"),
        "1545012",
        "Cannot change chat title: Not member of chat.",
    ),
    Refusal(
        "a nickname for who is not in the group",
        ("nickname", WORKSHOP, CHLOE, "Clo"),
        "1545014",
        "Trying to change nickname of user isn't in thread",
    ),
    Refusal(
        "a nickname in a chat that is not there",
        ("nickname", CHLOE, CHLOE, "Clo"),
        "1357031",
        "Trying to change user nickname of a thread that doesn't exist. Have at least one message in the thread before"
        " trying to change the user nickname.",
    ),
    Refusal(
        "a colour in a chat that is not there",
        ("color", CHLOE, _BLUE),
        "1357031",
        f"Trying to change colors {_NO_CHAT} the colors.",
    ),
    Refusal(
        "a colour in a group that is not there",
        ("color", NO_THREAD, _BLUE),
        "1357031",
        f"Trying to change colors {_NO_CHAT} the colors.",
    ),
    Refusal(
        "an emoji in a chat that is not there",
        ("emoji", CHLOE, "🦊"),
        "1357031",
        f"Trying to change emoji {_NO_CHAT} the emoji.",
    ),
    Refusal("to add somebody to a group without it", ("add", WITHOUT_BOT, CHLOE), "1545012"),
    Refusal("to add who is there already", ("add", WORKSHOP, BEN), "1545003"),
    Refusal("to remove who is not there", ("remove", WORKSHOP, CHLOE), "1545014"),
    Refusal("to remove somebody without being an admin", ("remove", WORKSHOP, BEN), "1976004"),
    Refusal(
        "to make somebody an admin without being one",
        ("admin", WORKSHOP, BEN),
        "1976004",
        "Cannot alter admin status: you are not an admin.",
    ),
    Refusal("a program as an attachment", ("sendFile", WORKSHOP, _PROGRAM), "1545026"),
]


async def is_refused_login(driver: Driver) -> None:
    """Wait until a driver gives up; both libraries then speak of the password."""
    await driver.said.until(lambda: bool(driver.lines("FAULT")), "it was not refused")
    [reason] = driver.lines("FAULT")
    if "password" not in reason or "READY" in driver.said.items:
        raise Failed(f"it gave up because of {reason}")


async def is_told_of_end(stage: Stage) -> str:
    """End all sessions of Bot; what it asks for then is refused with the code of that."""
    await stage.post("fault", {"as": BOT, "kind": "expire"})
    return await _refused(stage.driver, "1357001", "Not logged in.", "friends")


async def _refused(driver: Driver, code: str, words: str, what: str, *arguments: object) -> str:
    try:
        done = await driver.ask(what, *arguments)
    except Refused as refusal:
        if str(refusal) not in (code, words):
            raise Failed(f"was refused with {refusal}, right is {code}") from None
        return code
    raise Failed(f"was not refused but given {done!r}, right is {code}")


class Refusals:
    """Asks for what must be refused; nothing of it may be seen by Ann."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage = stage
        (folder / _PROGRAM).write_bytes(b"MZ\x90\x00")

    def checks(self) -> list[tuple[str, Check]]:
        """What is tried, in this order."""
        refused = [(f"is refused {refusal.name}", self._refused(refusal)) for refusal in _REFUSALS]
        return [
            *refused,
            ("is refused to unsend what Ann wrote", self._unsend),
            ("has changed nothing by that", self._nothing),
        ]

    def _refused(self, refusal: Refusal) -> Check:
        async def check() -> str:
            return await _refused(self._stage.driver, refusal.code, refusal.words, *refusal.ask)

        return check

    async def _unsend(self) -> str:
        message = (await self._stage.ann.messages(WORKSHOP))[0]["id"]
        return await _refused(self._stage.driver, "1545003", "", "unsend", message)

    async def _nothing(self) -> None:
        """The world's file has four messages for Workshop and one for each of the others."""
        for thread, count in ((WORKSHOP, 4), (WITHOUT_BOT, 1), (FRIENDS, 1), (BOT, 1)):
            compare(len(await self._stage.ann.messages(thread)), count)
