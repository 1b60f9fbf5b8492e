"""The journal: what comes in is kept before it is handled, and the cursor moves in the same commit.

`Journal` is the sink of the listener. It runs on the socket's thread, so it commits and returns; the lanes get row
numbers and read the rows when their turn comes.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger import Batch, ConnectionState, Position, RawEvent, SentMessage, Sink
from botkit.runner import effects, steps
from botkit.runner import journal_table as table
from botkit.runner.awaited import Awaited
from botkit.runner.in_hand import Note
from botkit.runner.journal_table import Row
from botkit.status import RowInfo
from botkit.store import Database

log = get_logger(__name__)

# New rows are remembered as they came, to spare the lanes a look into the file; more are read from there.
_MOST_FRESH = 1000
_QUEUE = "/t_ms"
_HISTORY = "history"
# Messages of different chats do not come in the exact order of their times. What is fetched a second time is known.
_SLACK_MS = 60_000


@dataclass(frozen=True)
class Listeners:
    """Whom the journal tells, on the socket's thread; each must return at once."""

    rows: Callable[[list[tuple[int, str]]], None]
    """New open rows, each with its lane: [(row id, thread id or '')]."""
    transient: Callable[[str, Mapping[str, Any], int], None]
    """(topic, payload, received in ms) of what is not journalled."""
    state: Callable[[ConnectionState], None]
    gap: Callable[[str], None]
    queue_lost: Callable[[str], None]
    """The server had lost the queue and has a new one: from now on what is live is held back until it is released."""
    caught_up: Callable[[], None]
    own: Callable[[RawEvent], None] = lambda event: None
    """What the account itself did, by this bot or elsewhere."""
    raw: Callable[[RawEvent, int], None] | None = None
    """(event, received in ms) of each new row, own ones included, in order."""


class Journal(Sink):
    """Keeps what the listener hands over."""

    def __init__(
        self,
        database: Database,
        own_id: str,
        clock: Clock,
        listeners: Listeners,
        awaited: Awaited,
        *,
        keep_own: bool = False,
        step: steps.Step = steps.no_step,
    ) -> None:
        """`keep_own`: also handle what the account itself did (option `self_listen`)."""
        self._database = database
        self._own_id = own_id
        self._clock = clock
        self._listeners = listeners
        self._awaited = awaited
        self._keep_own = keep_own
        self._step = step
        self._fresh: dict[int, Row] = {}
        self._lock = threading.Lock()
        self._last_event_ms: int | None = None
        # While messages may be missing: the chats in which they are not any more, None when nothing is held back.
        # Touched inside commits only, one at a time.
        self._released: set[str] | None = None if self.missed_since_ms() is None else set()
        self._losses = 0

    # What follows is called by the listener.

    def batch(self, batch: Batch, position: Position) -> None:
        events = batch.events
        kept = self._database.write(lambda c: self._keep(c, events, batch.received_ms, position))
        self._step(steps.JOURNAL_COMMITTED)
        self._last_event_ms = batch.received_ms
        rows = []
        for row, event, is_open in kept:
            if self._listeners.raw is not None:
                self._listeners.raw(event, batch.received_ms)
            if event.sender_id == self._own_id:
                self._listeners.own(event)
            if is_open:
                self._remember(row)
                rows.append((row.id, row.thread_id or ""))
        if rows:
            self._listeners.rows(rows)

    def position(self, position: Position) -> None:
        now_ms = self._clock.time_ms()
        self._database.write(lambda c: table.begin(c, position, now_ms))

    def transient(self, topic: str, payload: Mapping[str, Any], received_ms: int) -> None:
        self._listeners.transient(topic, payload, received_ms)

    def state(self, state: ConnectionState) -> None:
        self._listeners.state(state)

    def gap(self, reason: str) -> None:
        self._listeners.gap(reason)

    def queue_lost(self, position: Position, reason: str) -> None:
        now_ms = self._clock.time_ms()
        self._database.write(lambda c: self._begin_missed(c, position, now_ms))
        self._listeners.queue_lost(reason)

    def caught_up(self) -> None:
        self._listeners.caught_up()

    # What follows is called by the host, on any thread.

    @property
    def last_event_ms(self) -> int | None:
        """When something came last, since the start."""
        return self._last_event_ms

    def last_position(self) -> Position | None:
        """Where to go on, or None at the very first start."""
        rows = self._database.read("SELECT entity_id, sync_token, cursor FROM position")
        return Position(*rows[0]) if rows else None

    def open_rows(self) -> list[tuple[int, str]]:
        """[(row id, lane)] of what was received but not handled to the end, oldest first."""
        found = self._database.read(
            "SELECT id, thread_id FROM journal WHERE state = 'open' AND kind != ? ORDER BY id", (table.WORK,)
        )
        return [(row[0], row[1] or "") for row in found]

    def open_work(self) -> list[int]:
        """The rows of background work that is not done, oldest first."""
        rows = self._database.read(
            "SELECT id FROM journal WHERE state = 'open' AND kind = ? ORDER BY id", (table.WORK,)
        )
        return [row[0] for row in rows]

    def read(self, row_id: int) -> Row | None:
        """An open row, or None when it has been handled already."""
        with self._lock:
            fresh = self._fresh.pop(row_id, None)
        if fresh is not None:
            return fresh
        rows = self._database.read(
            "SELECT thread_id, kind, payload, received_ms, note FROM journal WHERE id = ? AND state = 'open'", (row_id,)
        )
        if not rows:
            return None
        thread_id, kind, payload, received_ms, note = rows[0]
        ended = self._database.read("SELECT handler FROM calls WHERE row_id = ?", (row_id,))
        return Row(
            row_id,
            thread_id,
            kind,
            json.loads(payload),
            received_ms,
            frozenset(handler.removeprefix(table.ASIDE) for (handler,) in ended),
            asked=note == table.ASKED,
        )

    def knows(self, key: str) -> bool:
        """Whether a row with this key was kept, and not forgotten yet."""
        return bool(self._database.read("SELECT 1 FROM journal WHERE key = ?", (key,)))

    def missed_since_ms(self) -> int | None:
        """Since when messages may be missing after a lost queue; None when none are."""
        rows = self._database.read("SELECT since_ms FROM missed")
        return rows[0][0] if rows else None

    @property
    def losses(self) -> int:
        """How often the queue was lost since the start; what was fetched after one of them says nothing of the next."""
        return self._losses

    def release(self, thread_id: str, fetched: Sequence[RawEvent], loss: int) -> int:
        """Put what was fetched before and between what is held back of a chat, by (time, id), and have it handled; how
        many of the fetched were new. Does nothing when the queue has been lost again since `losses` was `loss`."""
        now_ms = self._clock.time_ms()
        kept, rows = self._database.write(lambda c: self._merge(c, thread_id, fetched, loss, now_ms))
        if self._listeners.raw is not None:
            for event in kept:
                self._listeners.raw(event, now_ms)
        if rows:
            self._listeners.rows(rows)
        return len(kept)

    def release_all_but(self, thread_ids: set[str], loss: int) -> None:
        """Nothing is missing in the other chats: have what was held back there handled, unless as with `release`."""
        self._tell_rows(self._database.write(lambda c: self._release_others(c, thread_ids, loss)))

    def end_of_missed(self, loss: int) -> bool:
        """All chats are released: nothing is held back any more. False, and nothing done, as with `release`."""
        self._tell_rows(self._database.write(lambda c: self._end_missed(c, loss)))
        return loss == self._losses

    def close_row(self, row_id: int, state: str = "done", note: str | None = None) -> None:
        """Mark a row as handled (or `late`), and say why nothing was done if so."""
        self._database.submit(lambda c: table.close_row(c, row_id, state, note))

    def count_starts(self, notes: Iterable[Note]) -> list[tuple[int, str]]:
        """Count the rows that were in hand when the last process ended; [(row id, handler)] of those that are now set
        aside: the process has ended three times, and alone with them since the second."""
        return self._database.write(lambda c: table.count_starts(c, list(notes)))

    def suspects(self) -> list[tuple[int, str]]:
        """[(row id, lane)] of open rows that may have ended the process, oldest first."""
        found = self._database.read(
            "SELECT id, thread_id FROM journal WHERE state = 'open' AND starts > 0 AND kind != ? ORDER BY id",
            (table.WORK,),
        )
        return [(row[0], row[1] or "") for row in found]

    def retry(self, row_id: int) -> bool:
        """Have a row that was set aside, or was too late, handled after all; False when it is neither."""
        found = table.retry_row(self._database, row_id)
        if found:
            self._listeners.rows(found)
        return bool(found)

    def counts(self) -> dict[str, int]:
        """How many rows are open, held, dead and late."""
        found = self._database.read(
            "SELECT state, count(*) FROM journal WHERE state IN ('open', 'held', 'dead', 'late') GROUP BY state"
        )
        return dict(found)

    def rows(self, states: Sequence[str]) -> list[RowInfo]:
        """What is known of the rows in these states, oldest first."""
        return table.rows_in(self._database.read, states)

    def prune(self) -> None:
        """Forget what is older than the keys are kept, and of what is done all but the key after a day."""
        now_ms = self._clock.time_ms()
        self._database.submit(lambda c: table.prune(c, now_ms))

    def _remember(self, row: Row) -> None:
        with self._lock:
            if len(self._fresh) < _MOST_FRESH:
                self._fresh[row.id] = row

    def _keep(
        self, connection: sqlite3.Connection, events: Sequence[RawEvent], received_ms: int, position: Position
    ) -> list[tuple[Row, RawEvent, bool]]:
        kept = []
        for event in events:
            own = event.sender_id == self._own_id
            if own:
                self._tick_off(connection, event, received_ms)
            state = self._state_of(event)
            row = table.insert(connection, event, _QUEUE, received_ms, state)
            if row is not None:
                kept.append((row, event, state == "open"))
        table.move(connection, position)
        return kept

    def _tick_off(self, connection: sqlite3.Connection, event: RawEvent, now_ms: int) -> None:
        """An own message has come back: whatever was to send it is through."""
        otid, thread_id = event.offline_threading_id, event.thread_id
        if otid is None or thread_id is None or event.key is None or otid not in self._awaited:
            return
        message_id = event.key.removeprefix("message:")
        connection.execute(
            "UPDATE outbox SET state = 'sent', ended_ms = ?, message_id = ?"
            " WHERE offline_threading_id = ? AND state = 'open'",
            (now_ms, message_id, otid),
        )
        sent = SentMessage(thread_id, message_id, event.timestamp_ms or now_ms)
        effects.tick_off(connection, otid, sent, now_ms)

    def _state_of(self, event: RawEvent) -> str:
        if event.sender_id == self._own_id and not self._keep_own:
            return "done"
        is_held = self._released is not None and event.thread_id is not None and event.thread_id not in self._released
        return "held" if is_held else "open"

    def _begin_missed(self, connection: sqlite3.Connection, position: Position, now_ms: int) -> None:
        # The queue brings everything in order, histories bring their own chat only.
        (last_ms,) = connection.execute(
            "SELECT max(happened_ms) FROM journal WHERE state != 'held' AND topic = ?", (_QUEUE,)
        ).fetchone()
        (begun_ms,) = connection.execute("SELECT max(value) FROM counters WHERE name = 'begun_ms'").fetchone()
        last_ms = last_ms or begun_ms or now_ms
        since_ms = max(last_ms - _SLACK_MS, begun_ms or last_ms, now_ms - table.KEPT_MS)
        connection.execute("INSERT OR IGNORE INTO missed (id, since_ms) VALUES (1, ?)", (since_ms,))
        table.move(connection, position)
        self._released = set()
        self._losses += 1

    def _merge(
        self, connection: sqlite3.Connection, thread_id: str, fetched: Sequence[RawEvent], loss: int, now_ms: int
    ) -> tuple[list[RawEvent], list[tuple[int, str]]]:
        if loss != self._losses:
            return [], []
        kept = [event for event in fetched if table.insert(connection, event, _HISTORY, now_ms, self._state_of(event))]
        for event in fetched:
            if event.sender_id == self._own_id:
                self._tick_off(connection, event, now_ms)
        # The rows get new numbers in their right order: by their numbers they are handled, also after a crash.
        held = connection.execute(
            "SELECT id FROM journal WHERE state = 'held' AND thread_id = ?"
            " ORDER BY coalesce(happened_ms, received_ms), key",
            (thread_id,),
        ).fetchall()
        rows = [table.renumbered(connection, row_id) for (row_id,) in held]
        if self._released is not None:
            self._released.add(thread_id)
        return kept, [(row_id, thread_id) for row_id in rows]

    def _release_others(self, connection: sqlite3.Connection, thread_ids: set[str], loss: int) -> list[tuple[int, str]]:
        if loss != self._losses:
            return []
        found = connection.execute("SELECT id, thread_id FROM journal WHERE state = 'held' ORDER BY id").fetchall()
        rows = [(row_id, thread_id) for row_id, thread_id in found if thread_id not in thread_ids]
        connection.executemany("UPDATE journal SET state = 'open' WHERE id = ?", [(row_id,) for row_id, _ in rows])
        return rows

    def _end_missed(self, connection: sqlite3.Connection, loss: int) -> list[tuple[int, str]]:
        if loss != self._losses:
            return []
        connection.execute("DELETE FROM missed")
        self._released = None
        return self._release_others(connection, set(), loss)

    def _tell_rows(self, rows: list[tuple[int, str]]) -> None:
        if rows:
            self._listeners.rows(rows)
