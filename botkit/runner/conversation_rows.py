"""The tables of open conversations: who was asked what by which command, and what its code has read so far.

The rows are the truth. One conversation is open per person and chat; a generator in memory is only a cache of its rows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botkit.runner.tape import Entry

TIMEOUT = "timeout"
"""The kind of the journal rows that tell that a question was not answered in time."""

Key = tuple[str, str]
"""(thread id, person id)"""

_TOPIC = "conversation"


@dataclass(frozen=True)
class Opened:
    """An open conversation. digest: of the command's code. arguments: those of the command, as `recorded` dumps them.
    until_ms: until when the open question waits. turns: how many questions the code has asked."""

    thread_id: str
    person_id: str
    plugin: str
    command: str
    digest: str
    arguments: str = field(repr=False)
    until_ms: int
    turns: int = 1

    @property
    def key(self) -> Key:
        """One per person and chat."""
        return self.thread_id, self.person_id


@dataclass(frozen=True)
class Turn:
    """A turn that has ended with a question. event: what caused it, answer: what it gave the code, None at the start;
    both as `recorded` dumps them."""

    number: int
    event: str = field(repr=False)
    answer: str = field(repr=False)
    reads: list[Entry] = field(repr=False)
    question: str = field(repr=False)


Read = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]
"""`Database.read`."""


def all_opened(read: Read) -> list[Opened]:
    """All conversations that wait for an answer."""
    return [
        Opened(*row)
        for row in read(
            "SELECT thread_id, person_id, plugin, command, digest, arguments, until_ms, turns FROM conversations", ()
        )
    ]


def turns_of(read: Read, key: Key) -> list[Turn]:
    """The turns of a conversation in their order."""
    rows = read(
        "SELECT number, event, answer, reads, question FROM turns WHERE thread_id = ? AND person_id = ?"
        " ORDER BY number",
        key,
    )
    return [Turn(number, event, answer, json.loads(reads), asked) for number, event, answer, reads, asked in rows]


def keep(connection: sqlite3.Connection, opened: Opened, turn: Turn | None) -> None:
    """Inside a commit: the conversation as it is now, with the turn that has ended, if one has. What was open in its
    place is forgotten when it begins."""
    if turn is not None and turn.number == 1:
        delete(connection, opened.key)
    connection.execute(
        "INSERT OR REPLACE INTO conversations"
        " (thread_id, person_id, plugin, command, digest, arguments, until_ms, turns) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*opened.key, opened.plugin, opened.command, opened.digest, opened.arguments, opened.until_ms, opened.turns),
    )
    if turn is not None:
        reads = json.dumps(turn.reads, separators=(",", ":"))
        connection.execute(
            "INSERT INTO turns (thread_id, person_id, number, event, answer, reads, question)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*opened.key, turn.number, turn.event, turn.answer, reads, turn.question),
        )


def delete(connection: sqlite3.Connection, key: Key) -> None:
    """Inside a commit: the conversation is over."""
    for table in ("conversations", "turns"):
        connection.execute(f"DELETE FROM {table} WHERE thread_id = ? AND person_id = ?", key)  # noqa: S608


def add_timeout(connection: sqlite3.Connection, opened: Opened, now_ms: int) -> int | None:
    """Inside a commit: a journal row for a question that was not answered in time; its number, or None when there is
    one already."""
    payload = {"thread_id": opened.thread_id, "person_id": opened.person_id, "until_ms": opened.until_ms}
    found = connection.execute(
        "INSERT OR IGNORE INTO journal (key, thread_id, topic, kind, payload, received_ms) VALUES (?, ?, ?, ?, ?, ?)"
        " RETURNING id",
        (
            ":".join((TIMEOUT, *map(str, payload.values()))),
            opened.thread_id,
            _TOPIC,
            TIMEOUT,
            json.dumps(payload),
            now_ms,
        ),
    ).fetchone()
    return None if found is None else int(found[0])
