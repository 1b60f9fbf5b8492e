"""The journal's table: what is written to it inside commits, and how its rows are read back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botkit.messenger import Position, RawEvent
from botkit.runner.in_hand import Note
from botkit.status import RowInfo
from botkit.store import Database

KEPT_MS = 14 * 24 * 3600 * 1000
"""For so long a key is remembered, so that the same thing coming again is known."""

MOST_STARTS = 3
"""So often a row may end the process before it is set aside."""

_PAYLOAD_KEPT_MS = 24 * 3600 * 1000

WORK = "work"
"""The kind of the rows that are not for a chat's lane: slow work in the background."""

ASKED = "asked for"
# Before the name of a handler that is not to get a row again, unless the owner asks for it.
ASIDE = "aside "


@dataclass(frozen=True)
class Row:
    """One thing that came in: raw as received. `ended` are the handlers that are through with it; `asked` is set when
    the owner wants it handled whatever its age."""

    id: int
    thread_id: str | None
    kind: str
    payload: Mapping[str, Any] = field(repr=False)
    received_ms: int
    ended: frozenset[str] = frozenset()
    asked: bool = False


def insert(
    connection: sqlite3.Connection, event: RawEvent, topic: str, received_ms: int, state: str = "open"
) -> Row | None:
    """Inside a commit: a new row, or None when its key is known."""
    payload = json.dumps(event.payload, ensure_ascii=False, separators=(",", ":"))
    found = connection.execute(
        "INSERT OR IGNORE INTO journal (key, thread_id, topic, kind, payload, received_ms, happened_ms, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (event.key, event.thread_id, topic, event.kind, payload, received_ms, event.timestamp_ms, state),
    ).fetchone()
    return None if found is None else Row(found[0], event.thread_id, event.kind, event.payload, received_ms)


def close_row(connection: sqlite3.Connection, row_id: int, state: str = "done", note: str | None = None) -> None:
    """Inside a commit: the row is handled; by all but the handler that was set aside, if one was: then it is dead, and
    its note stays. Its marks stay: one that is not done may be retried, and `prune` takes the others."""
    connection.execute(
        "UPDATE journal SET state = iif(starts < ?, ?, 'dead'), note = iif(starts < ?, ?, note) WHERE id = ?",
        (MOST_STARTS, state, MOST_STARTS, note, row_id),
    )


def retry_row(database: Database, row_id: int) -> list[tuple[int, str]]:
    """Open a row again that is dead or late: [(row id, lane)], or nothing when it is neither."""

    def reopen(connection: sqlite3.Connection) -> list[tuple[str | None]]:
        connection.execute("DELETE FROM calls WHERE row_id = ? AND handler LIKE ?", (row_id, f"{ASIDE}%"))
        return connection.execute(
            "UPDATE journal SET state = 'open', starts = 0, note = ? WHERE id = ? AND state IN ('dead', 'late')"
            " RETURNING thread_id",
            (ASKED, row_id),
        ).fetchall()

    return [(row_id, thread_id or "") for (thread_id,) in database.write(reopen)]


def rows_in(read: Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]], states: Sequence[str]) -> list[RowInfo]:
    """What is known of the rows of a journal in these states, oldest first; `read` is `Database.read`."""
    found = read(
        "SELECT id, thread_id, kind, state, received_ms, starts, note FROM journal"
        " WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(list(states)),),
    )
    return [RowInfo(*row) for row in found]


def renumbered(connection: sqlite3.Connection, row_id: int) -> int:
    """The held row under a new number, open."""
    (new_id,) = connection.execute(
        "UPDATE journal SET id = (SELECT seq + 1 FROM sqlite_sequence WHERE name = 'journal'), state = 'open'"
        " WHERE id = ? RETURNING id",
        (row_id,),
    ).fetchone()
    connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'journal'", (new_id,))
    return int(new_id)


def count_starts(connection: sqlite3.Connection, notes: list[Note]) -> list[tuple[int, str]]:
    dead = []
    # Of several nobody knows which it was: each is a suspect, and is handled alone at this start.
    starts = "starts + 1" if len(notes) == 1 else "max(starts, 1)"
    for note in notes:
        found = connection.execute(
            f"UPDATE journal SET starts = {starts} WHERE id = ? AND state = 'open' RETURNING starts, kind",  # noqa: S608
            (note.row_id,),
        ).fetchone()
        if found is not None and found[0] >= MOST_STARTS:
            _set_aside(connection, note, *found)
            dead.append((note.row_id, note.handler))
    return dead


def _set_aside(connection: sqlite3.Connection, note: Note, starts: int, kind: str) -> None:
    """The handler does not get the row again; the other handlers still do, and after them the row is dead."""
    reason = f"ended the process {starts} times, in {note.handler}"
    connection.execute("UPDATE journal SET note = ? WHERE id = ?", (reason, note.row_id))
    connection.execute("INSERT OR IGNORE INTO calls VALUES (?, ?)", (note.row_id, ASIDE + note.handler))
    if kind == WORK:
        close_row(connection, note.row_id)


def move(connection: sqlite3.Connection, position: Position) -> None:
    """Keep where the listener stands."""
    connection.execute(
        "INSERT OR REPLACE INTO position (id, entity_id, sync_token, cursor) VALUES (1, ?, ?, ?)",
        (position.entity_id, position.sync_token, position.cursor),
    )


def begin(connection: sqlite3.Connection, position: Position, now_ms: int) -> None:
    """A new queue; the first of all is where the bot's knowledge begins."""
    connection.execute("INSERT OR IGNORE INTO counters VALUES ('begun_ms', ?)", (now_ms,))
    move(connection, position)


def prune(connection: sqlite3.Connection, now_ms: int) -> None:
    forget_ms = now_ms - KEPT_MS
    # What is dead stays until somebody has looked at it.
    connection.execute("DELETE FROM journal WHERE state IN ('done', 'late') AND received_ms < ?", (forget_ms,))
    connection.execute(
        "UPDATE journal SET payload = '' WHERE state = 'done' AND received_ms < ? AND payload != ''",
        (now_ms - _PAYLOAD_KEPT_MS,),
    )
    connection.execute("DELETE FROM calls WHERE row_id NOT IN (SELECT id FROM journal WHERE state != 'done')")
    connection.execute("DELETE FROM outbox WHERE state != 'open' AND ended_ms < ?", (forget_ms,))
    connection.execute("DELETE FROM effects WHERE begun_ms < ?", (forget_ms,))
