"""Turns: commits of one plugin's calls come together; a call that keeps losing a race to them has the plugin alone.

Whoever is together with others is there for the moment of its commit only, so a slow call keeps nobody waiting.
"""

from __future__ import annotations

import threading
from collections import deque

from botkit.clock import Clock


class Turns:
    """The turns of one plugin, first come, first served. Every `enter` needs a `leave` with the same token, by whatever
    thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._running: set[tuple[object, bool]] = set()
        self._line: deque[tuple[object, bool, threading.Event]] = deque()

    def enter(self, token: object, *, alone: bool) -> None:
        """Wait for a turn: together with others, or alone."""
        come = threading.Event()
        with self._lock:
            self._line.append((token, alone, come))
            self._admit()
        if not come.is_set():
            self._clock.wait(come)

    def leave(self, token: object) -> None:
        """The turn is over; again is fine."""
        with self._lock:
            self._running -= {(token, True), (token, False)}
            self._admit()

    def _admit(self) -> None:
        """Let in who is first in line, and those behind, as long as there is room."""
        while self._line and self._has_room(self._line[0][1]):
            token, alone, come = self._line.popleft()
            self._running.add((token, alone))
            come.set()

    def _has_room(self, alone: bool) -> bool:
        return not self._running or not (alone or any(others_alone for _, others_alone in self._running))
