"""The breaker: a plugin that keeps failing is paused, told once, and tried again later; all over restarts too.

Closed: calls go through. Five failures without a success between them open it for a minute. Then one call is let
through on trial: if it ends well the breaker closes, else it opens for twice as long, an hour at most.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass

from botkit.clock import Clock
from botkit.store import Database

MOST_FAILURES = 5
FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 3600.0


@dataclass
class _State:
    failures: int = 0
    pause_s: float = FIRST_PAUSE_S
    paused_until_ms: int | None = None
    missed: int = 0
    reason: str = ""
    on_trial: bool = False


@dataclass(frozen=True)
class Pause:
    """Why and until when a plugin is paused, and how many events have passed it by."""

    plugin: str
    until_ms: int
    missed: int
    reason: str


class Breakers:
    """One breaker for each plugin; any thread."""

    def __init__(self, database: Database, clock: Clock, on_pause: Callable[[Pause], None]) -> None:
        """`on_pause` is told when a plugin is paused, not when a trial fails; on the thread of its last call."""
        self._database = database
        self._clock = clock
        self._on_pause = on_pause
        self._lock = threading.Lock()
        rows = database.read("SELECT plugin, failures, pause_s, paused_until_ms, missed, reason FROM breakers")
        self._states = {row[0]: _State(*row[1:]) for row in rows}

    def admits(self, plugin: str) -> bool:
        """Whether a call of this plugin may be made now; a no is counted as a missed event.

        After a pause the first to ask is let through on trial, and the others wait for how it ends.
        """
        if plugin not in self._states:
            return True
        with self._lock:
            state = self._states.get(plugin)
            if state is None or state.paused_until_ms is None:
                return True
            now_ms, longest_ms = self._clock.time_ms(), round(state.pause_s * 1000)
            # A clock that was set back must not make a minute's pause one of days.
            state.paused_until_ms = min(state.paused_until_ms, now_ms + longest_ms)
            if not state.on_trial and now_ms >= state.paused_until_ms:
                state.on_trial = True
                return True
            state.missed += 1
        self._database.submit(
            lambda c: c.execute("UPDATE breakers SET missed = missed + 1 WHERE plugin = ?", (plugin,))
        )
        return False

    def counts(self, plugin: str) -> bool:
        """Whether failures of this plugin are remembered, so that a success is news."""
        return plugin in self._states

    def succeeded(self, connection: sqlite3.Connection, plugin: str) -> None:
        """Inside the commit of a call that ended well. One that began before a pause does not end it."""
        with self._lock:
            state = self._states.get(plugin)
            if state is None or (state.paused_until_ms is not None and not state.on_trial):
                return
            del self._states[plugin]
        connection.execute("DELETE FROM breakers WHERE plugin = ?", (plugin,))

    def undecided(self, plugin: str) -> None:
        """The outcome of a call cannot be kept, so it counts for nothing; if it was on trial, the next one is."""
        with self._lock:
            if plugin in self._states:
                self._states[plugin].on_trial = False

    def failed(self, connection: sqlite3.Connection, plugin: str, reason: str, *, lost: bool) -> None:
        """Inside the commit of a call that raised. `lost`: it never came back, so the plugin is paused at once."""
        with self._lock:
            state = self._states.setdefault(plugin, _State())
            was_paused = state.paused_until_ms is not None
            self._count(state, reason, lost)
            pause = _pause(plugin, state)
            row = (plugin, state.failures, state.pause_s, state.paused_until_ms, state.missed, state.reason)
        connection.execute(
            "INSERT OR REPLACE INTO breakers (plugin, failures, pause_s, paused_until_ms, missed, reason)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )
        if pause is not None and not was_paused:
            self._on_pause(pause)

    def _count(self, state: _State, reason: str, lost: bool) -> None:
        state.failures += 1
        state.reason = reason
        is_trial, state.on_trial = state.on_trial, False
        if is_trial:
            state.pause_s = min(state.pause_s * 2, LONGEST_PAUSE_S)
        if is_trial or lost or (state.paused_until_ms is None and state.failures >= MOST_FAILURES):
            state.paused_until_ms = self._clock.time_ms() + round(state.pause_s * 1000)

    def forget(self, plugin: str) -> None:
        """Its failures count no more, and a pause is over: it has other code. Raises StoreError."""
        with self._lock:
            if self._states.pop(plugin, None) is None:
                return
        self._database.write(lambda c: c.execute("DELETE FROM breakers WHERE plugin = ?", (plugin,)))

    def pause_of(self, plugin: str) -> Pause | None:
        """The pause that a plugin is in, its trial included; None when its breaker is closed."""
        with self._lock:
            state = self._states.get(plugin)
            return None if state is None else _pause(plugin, state)


def _pause(plugin: str, state: _State) -> Pause | None:
    if state.paused_until_ms is None:
        return None
    return Pause(plugin, state.paused_until_ms, state.missed, state.reason)
