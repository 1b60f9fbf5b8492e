"""Writes what a call has left: store changes, messages, work, marks and the breakers' counts, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger.errors import Checkpoint, NotLoggedIn, RateLimited
from botkit.outgoing import CALL
from botkit.runner import background, job_rows, journal_table, outbox
from botkit.runner.awaited import Awaited
from botkit.runner.breaker import Breakers
from botkit.runner.call import Call, Leavings
from botkit.runner.contexts import Contexts
from botkit.runner.conversations import Conversations
from botkit.runner.outbox import OutboxRow
from botkit.storage import apply

log = get_logger(__name__)

# What a call may raise without the plugin being broken: the bot's pace, and the end of its session.
_NO_FAULT = (RateLimited, NotLoggedIn, Checkpoint)


@dataclass(frozen=True)
class Written:
    """The rows that a commit has added, for those who see to them; runs: of jobs, [(row id, lane)]."""

    outbox: list[OutboxRow]
    work: list[int]
    runs: list[tuple[int, str]]


class Commits:
    """Used inside commits; holds nothing of a call."""

    def __init__(
        self,
        clock: Clock,
        contexts: Contexts,
        breakers: Breakers,
        awaited: Awaited,
        conversations: Conversations,
        *,
        shadow: bool = False,
    ) -> None:
        """`shadow`: nothing is sent; what would be is a line in the log."""
        self._clock = clock
        self._contexts = contexts
        self._breakers = breakers
        self._awaited = awaited
        self._conversations = conversations
        self._shadow = shadow

    def write(
        self, connection: sqlite3.Connection, call: Call, left: Leavings, pending: list[str], lost: bool
    ) -> Written:
        """Inside a commit. pending: marks of earlier calls that go along. lost: the call did not come back."""
        apply(connection, *left.all_changes)
        self._count(connection, left.plugin, left.error, lost)
        for plugin in left.asked:
            self._count(connection, plugin, None, False)
        for failure in left.failures:
            self._count(connection, failure.plugin, failure.error, failure.is_lost)
        if left.outcome is not None:
            self._conversations.write(connection, left.outcome)
        now_ms = self._clock.time_ms()
        rows: list[OutboxRow] = []
        if self._shadow:
            _tell_shadow(left)
        else:
            rows = outbox.add(
                connection,
                left.plugin,
                left.outgoing,
                now_ms,
                call.row_id,
                self._contexts.next_row,
                self._awaited,
            )
        work = [background.add(connection, plugin, one, call.event, now_ms) for plugin, one in left.work]
        runs = job_rows.change(connection, left.jobs, str(call.row_id or now_ms), now_ms)
        if call.row_id is not None:
            if left.late is not None:
                # Who asks for the row after all asks for the command, not for what was done before it.
                _mark(connection, call.row_id, pending)
                journal_table.close_row(connection, call.row_id, "late", left.late)
            elif call.last or left.stop:
                journal_table.close_row(connection, call.row_id)
            else:
                _mark(connection, call.row_id, [*pending, *left.marks])
        return Written(rows, work, runs)

    def _count(self, connection: sqlite3.Connection, plugin: str, error: BaseException | None, lost: bool) -> None:
        if error is None:
            self._breakers.succeeded(connection, plugin)
        elif isinstance(error, _NO_FAULT):
            self._breakers.undecided(plugin)
        else:
            reason = "a call did not come back" if lost else f"it keeps failing ({type(error).__name__})"
            self._breakers.failed(connection, plugin, reason, lost=lost)


def _mark(connection: sqlite3.Connection, row_id: int, handlers: Iterable[str]) -> None:
    marks = [(row_id, handler) for handler in handlers]
    connection.executemany("INSERT OR IGNORE INTO calls (row_id, handler) VALUES (?, ?)", marks)


def _tell_shadow(left: Leavings) -> None:
    for message in left.outgoing:
        what = "react" if message.kind == "reaction" else f"send {len(message.body)} characters"
        if message.kind == CALL:
            what = f"do {message.body}"
        log.info("shadow     plugin %s would %s in chat %s", left.plugin, what, message.thread_id)
        log.debug("shadow     %r", message.body)
