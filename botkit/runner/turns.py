"""Turns: commits of one plugin's calls come together; a call that keeps losing a race to them has the plugin alone.

Whoever is together with others is there for the moment of its commit only, so a slow call keeps nobody waiting.
"""

from __future__ import annotations

import threading

from botkit.clock import Clock


class Turns:
    """The turns of one plugin. Every `enter` needs a `leave` with the same token, by whatever thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._running: set[tuple[object, bool]] = set()
        self._waiting_alone = 0
        self._waiting: list[threading.Event] = []

    def enter(self, token: object, *, alone: bool) -> None:
        """Wait for a turn: together with others, or alone."""
        with self._lock:
            self._waiting_alone += alone
        while (changed := self._try(token, alone)) is not None:
            self._clock.wait(changed)

    def leave(self, token: object) -> None:
        """The turn is over; again is fine."""
        with self._lock:
            self._running -= {(token, True), (token, False)}
            waiting, self._waiting = self._waiting, []
        for changed in waiting:
            changed.set()

    def _try(self, token: object, alone: bool) -> threading.Event | None:
        """Take the turn, or get what is set when it is worth trying again."""
        with self._lock:
            if self._is_free(alone):
                self._waiting_alone -= alone
                self._running.add((token, alone))
                return None
            changed = threading.Event()
            self._waiting.append(changed)
            return changed

    def _is_free(self, alone: bool) -> bool:
        if alone:
            return not self._running
        return not self._waiting_alone and not any(alone for _, alone in self._running)
