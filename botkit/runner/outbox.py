"""The outbox: messages wait here from the commit of their call until the network has them.

The sender takes each chat's rows in order and ticks them off. A row keeps its text and its offline threading id for
good, so a repeat after a lost answer is known to the server as the same message.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from botkit.clock import Clock
from botkit.context import Outgoing
from botkit.logs import get_logger
from botkit.messenger import (
    BadArgument,
    Checkpoint,
    MessengerError,
    NotLoggedIn,
    Refused,
    SentMessage,
)
from botkit.runner.lanes import Lanes
from botkit.store import Database

log = get_logger(__name__)

_RETRY_FIRST_S = 1.0
_RETRY_MOST_S = 60.0
_WORKERS = 8


class SendsMessages(Protocol):
    """The part of the client that the sender needs."""

    def send_message(self, message: str, thread_id: str, *, offline_threading_id: int | None = None) -> SentMessage: ...


@dataclass(frozen=True)
class OutboxRow:
    """A message that waits to be sent."""

    id: int
    thread_id: str
    plugin: str
    body: str
    offline_threading_id: int


def add(
    connection: sqlite3.Connection, plugin: str, messages: Sequence[Outgoing], now_ms: int
) -> list[tuple[int, str]]:
    """Inside a commit: add rows for `messages`; returns [(row id, thread id)].

    The offline threading id has the form of dossier 1, section 9, with the row's number in place of chance.
    """
    added = []
    for message in messages:
        (row_id,) = connection.execute(
            "INSERT INTO outbox (thread_id, plugin, body, created_ms) VALUES (?, ?, ?, ?) RETURNING id",
            (message.thread_id, plugin, message.body, now_ms),
        ).fetchone()
        otid = (now_ms << 22) | (row_id % (1 << 22))
        connection.execute("UPDATE outbox SET offline_threading_id = ? WHERE id = ?", (str(otid), row_id))
        added.append((row_id, message.thread_id))
    return added


class Sender:
    """Sends the open rows of the outbox, one at a time per chat, on threads of its own."""

    def __init__(
        self, database: Database, api: SendsMessages, clock: Clock, on_fatal: Callable[[MessengerError], None]
    ) -> None:
        """`on_fatal` is told, on a sender thread, when the session is dead; the row stays open."""
        self._database = database
        self._api = api
        self._clock = clock
        self._on_fatal = on_fatal
        self._lanes: Lanes[int] = Lanes("sender", self._send, clock, most_workers=_WORKERS)
        self._stopping = threading.Event()
        self._started = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin with what the last run left. Called once the waiting events are in, whose echoes have ticked off what
        had arrived after all; later calls do nothing."""
        with self._lock:
            if self._started:
                return
            self._started = True
            rows = self._database.read("SELECT id, thread_id FROM outbox WHERE state = 'open' ORDER BY id")
            for row_id, thread_id in rows:
                self._lanes.put(thread_id, row_id)

    def put(self, rows: Sequence[tuple[int, str]]) -> None:
        """Send these committed rows when their turn comes: [(row id, thread id)]."""
        with self._lock:
            # Before the start they are left in the file, where the start finds them in the right order.
            if self._started:
                for row_id, thread_id in rows:
                    self._lanes.put(thread_id, row_id)

    def wait_empty(self, timeout_s: float | None = None) -> bool:
        """Block until nothing waits to be sent; False after `timeout_s` seconds."""
        return self._lanes.wait_empty(timeout_s)

    def stop(self, drain_s: float) -> None:
        """Send for up to `drain_s` seconds more; what is left stays open in the file."""
        self._lanes.stop(drain_s)
        self._stopping.set()

    def _send(self, thread_id: str, row_id: int) -> None:
        wait_s = _RETRY_FIRST_S
        while (row := self._open_row(row_id)) is not None and not self._stopping.is_set():
            try:
                sent = self._api.send_message(row.body, thread_id, offline_threading_id=row.offline_threading_id)
            except (NotLoggedIn, Checkpoint) as error:
                self._on_fatal(error)
                return
            except (Refused, BadArgument) as error:
                self._end(row, "refused", None, str(error))
                log.warning("not sent: chat %s, plugin %s: %s", thread_id, row.plugin, error)
                return
            except MessengerError as error:
                log.warning("chat %s: sending failed, next try in %.0f s: %s", thread_id, wait_s, error)
                self._clock.wait(self._stopping, wait_s)
                wait_s = min(wait_s * 2, _RETRY_MOST_S)
            else:
                self._end(row, "sent", sent.message_id, None)
                log.info("sent       chat %s: %d characters by %s", thread_id, len(row.body), row.plugin)
                return

    def _open_row(self, row_id: int) -> OutboxRow | None:
        rows = self._database.read(
            "SELECT id, thread_id, plugin, body, offline_threading_id FROM outbox WHERE id = ? AND state = 'open'",
            (row_id,),
        )
        if not rows:
            return None
        number, thread_id, plugin, body, otid = rows[0]
        return OutboxRow(number, thread_id, plugin, body, int(otid))

    def _end(self, row: OutboxRow, state: str, message_id: str | None, error: str | None) -> None:
        now_ms = self._clock.time_ms()
        self._database.write(
            lambda c: c.execute(
                "UPDATE outbox SET state = ?, ended_ms = ?, message_id = ?, error = ? WHERE id = ? AND state = 'open'",
                (state, now_ms, message_id, error, row.id),
            )
        )
