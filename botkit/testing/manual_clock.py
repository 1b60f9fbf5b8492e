"""A clock that is moved by hand and waits for nobody: for single parts, whose threads the test itself looks after."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from botkit.clock import NO_TICKET, Ticket

# How often a waiting thread looks whether its event was set by somebody else, in real seconds.
_LOOK_S = 0.002


class _Due:
    def __init__(self, at: float, function: Callable[[], None]) -> None:
        self.at = at
        self.function = function
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class ManualClock:
    """A `Clock` that stands still until `advance` moves it."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed_s = 0.0
        self._due: list[tuple[float, int, _Due]] = []
        self._count = itertools.count()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed_s)

    def time_ms(self) -> int:
        return round(self.now().timestamp() * 1000)

    def monotonic(self) -> float:
        return self._elapsed_s

    def wait(self, event: threading.Event, timeout_s: float | None = None) -> bool:
        deadline = None if timeout_s is None else self._elapsed_s + timeout_s
        while not event.wait(_LOOK_S):
            if deadline is not None and self._elapsed_s >= deadline:
                return event.is_set()
        return True

    def call_later(self, delay_s: float, function: Callable[[], None]) -> _Due:
        due = _Due(self._elapsed_s + delay_s, function)
        with self._lock:
            heapq.heappush(self._due, (due.at, next(self._count), due))
        return due

    def ticket(self, what: str) -> Ticket:
        return NO_TICKET

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`, firing what falls due on the way, in order, on the caller's thread."""
        goal = self._elapsed_s + seconds
        while True:
            with self._lock:
                due = heapq.heappop(self._due)[2] if self._due and self._due[0][0] <= goal else None
            if due is None:
                break
            self._elapsed_s = max(self._elapsed_s, due.at)
            if not due.cancelled:
                due.function()
        self._elapsed_s = goal
