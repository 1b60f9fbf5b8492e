"""The journal: what comes in is kept before it is handled, and the cursor moves in the same commit.

`Journal` is the sink of the listener. It runs on the socket's thread, so it commits and returns; the lanes get row
numbers and read the rows when their turn comes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger import Batch, ConnectionState, Position, RawEvent, Sink, raw_events
from botkit.store import Database

log = get_logger(__name__)

KEPT_MS = 14 * 24 * 3600 * 1000
"""For so long a key is remembered, so that the same thing coming again is known."""


@dataclass(frozen=True)
class Row:
    """One thing that came in: raw as received."""

    id: int
    thread_id: str | None
    kind: str
    payload: Mapping[str, Any]
    received_ms: int


@dataclass(frozen=True)
class Listeners:
    """Whom the journal tells, on the socket's thread; each must return at once."""

    rows: Callable[[list[tuple[int, str]]], None]
    """New open rows, each with its lane: [(row id, thread id or '')]."""
    transient: Callable[[str, Mapping[str, Any], int], None]
    """(topic, payload, received in ms) of what is not journalled."""
    state: Callable[[ConnectionState], None]
    gap: Callable[[str], None]
    caught_up: Callable[[], None]


class Journal(Sink):
    """Keeps what the listener hands over."""

    def __init__(
        self, database: Database, own_id: str, clock: Clock, listeners: Listeners, keep_own: bool = False
    ) -> None:
        """`keep_own`: also handle what the account itself did (option `self_listen`)."""
        self._database = database
        self._own_id = own_id
        self._clock = clock
        self._listeners = listeners
        self._keep_own = keep_own

    # What follows is called by the listener.

    def batch(self, batch: Batch, position: Position) -> None:
        events = [event for delta in batch.deltas for event in raw_events(delta)]
        rows = self._database.write(lambda c: self._keep(c, events, batch.received_ms, position))
        if rows:
            self._listeners.rows(rows)

    def position(self, position: Position) -> None:
        self._database.write(lambda c: _move(c, position))

    def transient(self, topic: str, payload: Mapping[str, Any], received_ms: int) -> None:
        self._listeners.transient(topic, payload, received_ms)

    def state(self, state: ConnectionState) -> None:
        self._listeners.state(state)

    def gap(self, reason: str) -> None:
        self._listeners.gap(reason)

    def caught_up(self) -> None:
        self._listeners.caught_up()

    # What follows is called by the host, on any thread.

    def last_position(self) -> Position | None:
        """Where to go on, or None at the very first start."""
        rows = self._database.read("SELECT entity_id, sync_token, cursor FROM position")
        return Position(*rows[0]) if rows else None

    def open_rows(self) -> list[tuple[int, str]]:
        """[(row id, lane)] of what was received but not handled to the end, oldest first."""
        return [
            (row[0], row[1] or "")
            for row in self._database.read("SELECT id, thread_id FROM journal WHERE state = 'open' ORDER BY id")
        ]

    def read(self, row_id: int) -> Row | None:
        """An open row, or None when it has been handled already."""
        rows = self._database.read(
            "SELECT id, thread_id, kind, payload, received_ms FROM journal WHERE id = ? AND state = 'open'", (row_id,)
        )
        if not rows:
            return None
        number, thread_id, kind, payload, received_ms = rows[0]
        return Row(number, thread_id, kind, json.loads(payload), received_ms)

    def ended_calls(self, row_id: int) -> frozenset[str]:
        """The handlers that are through with a row."""
        return frozenset(r[0] for r in self._database.read("SELECT handler FROM calls WHERE row_id = ?", (row_id,)))

    def close_row(self, row_id: int) -> None:
        """Mark a row as handled."""
        self._database.write(lambda c: close_row(c, row_id))

    def prune(self) -> None:
        """Forget what is older than the keys are kept."""
        before_ms = self._clock.time_ms() - KEPT_MS
        self._database.write(lambda c: _prune(c, before_ms))

    def _keep(
        self, connection: sqlite3.Connection, events: list[RawEvent], received_ms: int, position: Position
    ) -> list[tuple[int, str]]:
        rows: list[tuple[int, str]] = []
        for event in events:
            own = event.sender_id == self._own_id
            if own and event.offline_threading_id is not None:
                _tick_off(connection, event, received_ms)
            state = "done" if own and not self._keep_own else "open"
            row_id = _insert(connection, event, received_ms, state)
            if row_id is not None and state == "open":
                rows.append((row_id, event.thread_id or ""))
        _move(connection, position)
        return rows


def close_row(connection: sqlite3.Connection, row_id: int) -> None:
    """Inside a commit: the row is handled, its marks are not needed any more."""
    connection.execute("UPDATE journal SET state = 'done' WHERE id = ?", (row_id,))
    connection.execute("DELETE FROM calls WHERE row_id = ?", (row_id,))


def _insert(connection: sqlite3.Connection, event: RawEvent, received_ms: int, state: str) -> int | None:
    found = connection.execute(
        "INSERT OR IGNORE INTO journal (key, thread_id, kind, payload, received_ms, state) VALUES (?, ?, ?, ?, ?, ?)"
        " RETURNING id",
        (event.key, event.thread_id, event.kind, json.dumps(event.payload, ensure_ascii=False), received_ms, state),
    ).fetchone()
    return None if found is None else int(found[0])


def _tick_off(connection: sqlite3.Connection, event: RawEvent, now_ms: int) -> None:
    message_id = (event.key or "").removeprefix("message:") or None
    connection.execute(
        "UPDATE outbox SET state = 'sent', ended_ms = ?, message_id = ?"
        " WHERE offline_threading_id = ? AND state = 'open'",
        (now_ms, message_id, event.offline_threading_id),
    )


def _move(connection: sqlite3.Connection, position: Position) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO position (id, entity_id, sync_token, cursor) VALUES (1, ?, ?, ?)",
        (position.entity_id, position.sync_token, position.cursor),
    )


def _prune(connection: sqlite3.Connection, before_ms: int) -> None:
    connection.execute("DELETE FROM journal WHERE state = 'done' AND received_ms < ?", (before_ms,))
    connection.execute("DELETE FROM outbox WHERE state != 'open' AND ended_ms < ?", (before_ms,))
