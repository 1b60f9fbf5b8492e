"""The outbox: what calls have queued waits here from their commit until the network has it.

The sender takes each chat's rows in order and ticks them off. A row keeps its text and its offline threading id for
good, so a repeat after a lost answer is known to the server as the same message.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from botkit.clock import Clock
from botkit.limits import Kind, kind_of
from botkit.logs import get_logger
from botkit.messenger import (
    BadArgument,
    Checkpoint,
    MessengerError,
    NotLoggedIn,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SentMessage,
)
from botkit.messenger.errors import StoreError
from botkit.outgoing import CALL, Outgoing
from botkit.runner import steps
from botkit.runner.awaited import Awaited
from botkit.runner.governor import Governor
from botkit.runner.lanes import Lanes
from botkit.store import Database

log = get_logger(__name__)

# The session's token was stale twice in a row: nothing is wrong with the message.
_NOT_NOW = "please-refresh"
_RETRY_FIRST_S = 1.0
_RETRY_MOST_S = 60.0
# A row whose answer was lost waits so long for the bot to hear what became of it before it is sent again.
_ECHO_S = 900.0
_ECHO_LOOK_S = 2.0
_STORE_RETRY_S = 5.0
_WORKERS = 8
# So long a row that was sent may wait to be ticked off in the file.
_FLUSH_S = 0.5
# So many rows are held in memory as they were committed; the others are read from the file when their turn comes.
_MOST_FRESH = 1000


DoRow = Callable[[int, str, dict[str, Any]], Any]
"""(row id, function, arguments by name) → its result; see `Effects.do_row`."""


class SendsMessages(Protocol):
    """The part of the client that the sender needs."""

    def send_message(
        self,
        message: str | Mapping[str, Any],
        thread_id: str,
        *,
        offline_threading_id: int | None = None,
        send_via: str | None = None,
    ) -> SentMessage: ...

    def set_message_reaction(self, reaction: str, message_id: str, thread_id: str | None = None) -> None: ...


@dataclass(frozen=True)
class OutboxRow:
    """A message or reaction that waits to be sent, or a function of the API that waits to be done."""

    id: int
    thread_id: str
    plugin: str
    kind: str
    body: str = field(repr=False)
    extras: Mapping[str, Any] = field(repr=False)
    offline_threading_id: int

    @property
    def counts_as(self) -> Kind:
        """The kind of limits that it is under."""
        if self.kind == CALL:
            return kind_of(self.body, self.extras)
        return "small" if self.kind == "reaction" else "message"

    @property
    def deed(self) -> str:
        """What is done, for the log."""
        return self.body if self.kind == CALL else f"{len(self.body)} characters"


@dataclass
class _Trouble:
    """A row that could not be sent yet. `unknown_since_s` is set when the network may have it all the same."""

    tries: int = 0
    unknown_since_s: float | None = None
    caught_up: int = 0


def add(
    connection: sqlite3.Connection,
    plugin: str,
    queued: Sequence[Outgoing],
    now_ms: int,
    cause: int | None,
    next_row: Callable[[], int],
    awaited: Awaited,
) -> list[OutboxRow]:
    """Inside a commit: add rows for what was queued. `cause` is the journal row that led to it.

    The offline threading id has the form of dossier 1, section 9, with the row's number in place of chance.
    """
    added = []
    for one in queued:
        number = one.number or next_row()
        otid = (now_ms << 22) | (number % (1 << 22))
        extras = json.dumps(one.extras, ensure_ascii=False) if one.extras else None
        awaited.add(str(otid))
        connection.execute(
            "INSERT INTO outbox (id, thread_id, plugin, body, offline_threading_id, created_ms, kind, extras, row_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, one.thread_id, one.plugin or plugin, one.body, str(otid), now_ms, one.kind, extras, cause),
        )
        added.append(OutboxRow(number, one.thread_id, one.plugin or plugin, one.kind, one.body, one.extras, otid))
    return added


class Sender:
    """Sends the open rows of the outbox, one at a time per chat, on threads of its own and in the governor's pace."""

    def __init__(
        self,
        database: Database,
        api: SendsMessages,
        governor: Governor,
        clock: Clock,
        on_fatal: Callable[[MessengerError], None],
        awaited: Awaited,
        do_row: DoRow,
        *,
        ask: Callable[[], None] = lambda: None,
        step: steps.Step = steps.no_step,
    ) -> None:
        """`on_fatal` is told, on a sender thread, when the session is dead; the row stays open, and nothing more is
        sent. `do_row` does functions of the API, once. `ask` asks the server what has come, so that `caught_up`
        follows."""
        self._database = database
        self._api = api
        self._governor = governor
        self._clock = clock
        self._on_fatal = on_fatal
        self._awaited = awaited
        self._do_row = do_row
        self._ask = ask
        self._step = step
        self._lanes: Lanes[int] = Lanes("sender", self._handle, clock, most_workers=_WORKERS)
        self._fresh: dict[int, OutboxRow] = {}
        self._left_over: frozenset[int] = frozenset()
        self._troubles: dict[int, _Trouble] = {}
        self._times_caught_up = 0
        self._is_over = False
        self._is_flush_due = False
        self._started = False
        self._lock = threading.Lock()

    def caught_up(self) -> None:
        """What had waited is in. The first time begins with what the last run left: the echoes have ticked off what had
        arrived after all."""
        with self._lock:
            self._times_caught_up += 1
            if self._started:
                return
            self._started = True
            rows = self._database.read("SELECT id, thread_id FROM outbox WHERE state = 'open' ORDER BY id")
            self._left_over = frozenset(row_id for row_id, _ in rows)
            for row_id, thread_id in rows:
                self._lanes.put(thread_id, row_id)

    def put(self, rows: Sequence[OutboxRow]) -> None:
        """Send these committed rows when their turn comes."""
        with self._lock:
            # Before the start they are left in the file, where the start finds them in the right order; also those that
            # were committed before it and come here only now.
            if self._started:
                for row in rows:
                    if row.id in self._left_over:
                        continue
                    if len(self._fresh) < _MOST_FRESH:
                        self._fresh[row.id] = row
                    self._lanes.put(row.thread_id, row.id)

    def waiting(self) -> int:
        """How many rows wait to be sent."""
        return int(self._database.read("SELECT count(*) FROM outbox WHERE state = 'open'")[0][0])

    @property
    def is_at_work(self) -> bool:
        """Whether a row is being sent or could be, for all that the pace and earlier failures say."""
        return self._lanes.are_at_work

    def wait_empty(self, timeout_s: float | None = None) -> bool:
        """Block until nothing waits to be sent; False after `timeout_s` seconds."""
        return self._lanes.wait_empty(timeout_s)

    def end(self) -> None:
        """Send nothing more: the session is dead."""
        self._is_over = True

    def stop(self, drain_s: float) -> None:
        """Send for up to `drain_s` seconds more; what is left stays open in the file."""
        self._lanes.stop(drain_s)
        self._is_over = True

    def _handle(self, thread_id: str, row_id: int) -> float | None:
        try:
            return self._send(thread_id, row_id)
        except StoreError as error:
            log.error("row %d waits, next try in %.0f s: %s", row_id, _STORE_RETRY_S, error)
            return _STORE_RETRY_S

    def _send(self, thread_id: str, row_id: int) -> float | None:
        """Send one row; the seconds after which to try again, or None when it is through."""
        trouble = self._troubles.get(row_id)
        # Asked before the row is read: an echo that comes in between has ticked the row off.
        waits_for_echo = trouble is not None and self._echo_may_come(trouble)
        row = self._take(row_id)
        if row is None or self._is_over:
            self._troubles.pop(row_id, None)
            return None
        if waits_for_echo:
            self._ask()
            return _ECHO_LOOK_S
        if wait_s := self._governor.wait_s(row.counts_as, thread_id or None):
            self._put_back(row)
            return wait_s
        try:
            message_id = self._deliver(row, trouble)
        except (NotLoggedIn, Checkpoint) as error:
            self._is_over = True
            self._on_fatal(error)
            return None
        except (Refused, BadArgument, OutcomeUnknown) as error:
            if isinstance(error, Refused) and error.reason == _NOT_NOW:
                return self._later(row, error)
            self._refuse(row, error)
            return None
        except MessengerError as error:
            return self._later(row, error)
        self._step(steps.ANSWER_READ)
        self._governor.went_well()
        self._troubles.pop(row_id, None)
        known = {"thread_id": thread_id, "plugin": row.plugin}
        log.info("sent       chat %s: %s by %s", thread_id, row.deed, row.plugin, extra=known)
        self._tick_off(row, message_id)
        return None

    def _echo_may_come(self, trouble: _Trouble) -> bool:
        """Whether the network may have the row, and the bot has not heard everything since it was sent."""
        since_s = trouble.unknown_since_s
        if since_s is None or trouble.caught_up < self._times_caught_up:
            return False
        return self._clock.monotonic() - since_s < _ECHO_S

    def _deliver(self, row: OutboxRow, trouble: _Trouble | None) -> str | None:
        if row.kind == "reaction":
            self._api.set_message_reaction(row.body, row.extras["message_id"], row.thread_id)
            return None
        if row.kind == CALL:
            return _message_id(self._do_row(row.id, row.body, dict(row.extras)))
        message: str | dict[str, Any] = {"body": row.body, **row.extras} if row.extras else row.body
        if trouble is not None and trouble.unknown_since_s is not None:
            log.warning("row %d for chat %s is sent again: its first answer was lost", row.id, row.thread_id)
        return self._api.send_message(message, row.thread_id, offline_threading_id=row.offline_threading_id).message_id

    def _refuse(self, row: OutboxRow, error: MessengerError | BadArgument) -> None:
        if isinstance(error, MessengerError):
            # A change that is not allowed says nothing about the chat's messages.
            self._governor.trouble(error, row.thread_id if row.kind != CALL else None)
        self._troubles.pop(row.id, None)
        self._awaited.discard(str(row.offline_threading_id))
        known = {"thread_id": row.thread_id, "plugin": row.plugin}
        what = f"not done: {row.body}," if row.kind == CALL else "not sent:"
        log.warning("row %d %s chat %s, plugin %s: %s", row.id, what, row.thread_id, row.plugin, error, extra=known)
        self._database.write(lambda c: _end(c, row.id, "refused", self._clock.time_ms(), None, str(error)))

    def _later(self, row: OutboxRow, error: MessengerError) -> float:
        """The row stays open; how long it rests."""
        self._governor.trouble(error, row.thread_id)
        trouble = self._troubles.setdefault(row.id, _Trouble())
        trouble.tries += 1
        if not isinstance(error, RateLimited):
            trouble.unknown_since_s = self._clock.monotonic()
            trouble.caught_up = self._times_caught_up
            self._ask()
        wait_s = float(min(_RETRY_FIRST_S * 2 ** (trouble.tries - 1), _RETRY_MOST_S))
        log.warning("chat %s: row %d could not be sent, next try in %.0f s: %s", row.thread_id, row.id, wait_s, error)
        return wait_s

    def _tick_off(self, row: OutboxRow, message_id: str | None) -> None:
        """Left to the next commit, which is most often the echo's: a repeat would carry the same id."""
        ended_ms = self._clock.time_ms()
        self._awaited.discard(str(row.offline_threading_id))

        def ticked(done: Future[None]) -> None:
            if error := done.exception():
                # The echo comes again with the batch that was not kept either.
                self._awaited.add(str(row.offline_threading_id))
                log.error("row %d was sent, and that cannot be noted: %s", row.id, error)
            else:
                self._step(steps.ROW_TICKED_OFF)

        work = self._database.later(lambda c: _end(c, row.id, "sent", ended_ms, message_id, None))
        work.add_done_callback(ticked)
        self._flush_soon()

    def _flush_soon(self) -> None:
        def flush() -> None:
            self._is_flush_due = False
            self._database.flush()

        if not self._is_flush_due:
            self._is_flush_due = True
            self._clock.call_later(_FLUSH_S, flush)

    def _take(self, row_id: int) -> OutboxRow | None:
        """The row if it is still open. One that was tried before is read anew: its echo may have come."""
        with self._lock:
            fresh = self._fresh.pop(row_id, None)
        if fresh is not None:
            return fresh
        rows = self._database.read(
            "SELECT id, thread_id, plugin, kind, body, extras, offline_threading_id FROM outbox"
            " WHERE id = ? AND state = 'open'",
            (row_id,),
        )
        if not rows:
            return None
        number, thread_id, plugin, kind, body, extras, otid = rows[0]
        return OutboxRow(number, thread_id, plugin, kind, body, json.loads(extras) if extras else {}, int(otid))

    def _put_back(self, row: OutboxRow) -> None:
        if row.id not in self._troubles:
            with self._lock:
                self._fresh[row.id] = row


def _message_id(result: Any) -> str | None:
    """The id of the message that a function has sent, or of the group that it has made."""
    found = getattr(result, "message_id", result)
    return found if isinstance(found, str) else None


def _end(
    connection: sqlite3.Connection, row_id: int, state: str, ended_ms: int, message_id: str | None, error: str | None
) -> None:
    connection.execute(
        "UPDATE outbox SET state = ?, ended_ms = ?, message_id = ?, error = ? WHERE id = ? AND state = 'open'",
        (state, ended_ms, message_id, error, row_id),
    )
