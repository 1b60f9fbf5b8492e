"""Who writes what where."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

BOT = "100000000000001"
WATCHER = "Watcher"
"""Sits in every group and never writes."""
PEOPLE = tuple(f"Person {number}" for number in range(10))
CHATS = 50

_BOT_AND_WATCHER = """people:
  - {id: 100000000000001, name: Bot, bot: true, email: bot@sandbox.test, password: bot-sandbox}
  - {id: 100000000000099, name: Watcher, email: w@sandbox.test, password: w-sandbox}
"""
_DEEDS = ("poll", "aside")


@dataclass(frozen=True)
class Line:
    """What one person writes to one group."""

    chat: int
    who: str
    text: str

    @property
    def thread_id(self) -> str:
        return thread_id(self.chat)


def thread_id(chat: int) -> str:
    """The id of the group of that number."""
    return f"{7000000000000100 + chat}"


def person_id(name: str) -> str:
    """The id of one of PEOPLE."""
    return f"{100000000000010 + PEOPLE.index(name)}"


def members(chat: int) -> tuple[str, str]:
    """The two who write in a group; each of them writes in others too."""
    return PEOPLE[chat % len(PEOPLE)], PEOPLE[(chat + 1) % len(PEOPLE)]


def world_file(chats: int = CHATS) -> str:
    """The world of the script, as the sandbox reads it."""
    lines = [_BOT_AND_WATCHER.rstrip()]
    for name in PEOPLE:
        number = person_id(name)
        lines.append(f"  - {{id: {number}, name: {name}, email: p{number}@sandbox.test, password: p-sandbox}}")
    lines.append("groups:")
    for chat in range(chats):
        people = ", ".join(("Bot", WATCHER, *members(chat)))
        lines.append(f"  - {{id: {thread_id(chat)}, name: Chat {chat}, members: [{people}]}}")
    return "\n".join(lines) + "\n"


def lines_of(number: int, chance: random.Random, chats: int = CHATS, deeds: Sequence[str] = _DEEDS) -> list[Line]:
    """So many lines over all the groups, each with a text of its own; one in ten asks for each of the deeds."""
    lines = []
    for count in range(number):
        chat = chance.randrange(chats)
        word = deeds[count % 10] if count % 10 < len(deeds) else "says"
        lines.append(Line(chat, chance.choice(members(chat)), f"{count} {word}"))
    return lines
