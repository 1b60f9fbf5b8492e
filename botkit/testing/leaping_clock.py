"""A clock that runs as time does and can be told to leap ahead: for tests over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from botkit.clock import NO_TICKET, Agenda, SystemClock, Ticket, Timer

# So soon a waiting thread notices that the clock has leapt, in real seconds.
_LOOK_S = 0.005
_real = SystemClock()


class LeapingClock:
    """A `Clock`. `monotonic` begins at 0. To be closed."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._begin_s = _real.monotonic()
        self._leapt_s = 0.0
        self._changed = threading.Condition()
        self._agenda = Agenda()
        self._waits: dict[object, float] = {}
        self._has_ended = False
        self._thread = threading.Thread(target=self._run, name="botkit-leaping-timer", daemon=True)
        self._thread.start()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def time_ms(self) -> int:
        return round(self.now().timestamp() * 1000)

    def monotonic(self) -> float:
        return _real.monotonic() - self._begin_s + self._leapt_s

    def wait(self, event: threading.Event, timeout_s: float | None = None) -> bool:
        """See `Clock`."""
        if timeout_s is None:
            return _real.wait(event)
        due_s, wait = self.monotonic() + timeout_s, object()
        with self._changed:
            self._waits[wait] = due_s
        while (left_s := due_s - self.monotonic()) > 0 and not event.wait(min(left_s, _LOOK_S)):
            pass
        with self._changed:
            del self._waits[wait]
        return event.is_set()

    def call_later(self, delay_s: float, function: Callable[[], None]) -> Timer:
        """See `Clock`."""
        with self._changed:
            due = self._agenda.add(self.monotonic() + delay_s, function)
            self._changed.notify()
        return due

    def ticket(self, what: str) -> Ticket:
        return NO_TICKET

    def next_s(self) -> float | None:
        """When the next call is due or the next wait is over; None when nobody waits."""
        with self._changed:
            next_s = self._agenda.next_s()
            return min([*self._waits.values(), *([] if next_s is None else [next_s])], default=None)

    def leap(self, seconds: float) -> None:
        """Be so much later at once."""
        with self._changed:
            self._leapt_s += seconds
            self._changed.notify()

    def close(self) -> None:
        """End the thread; what is due later is never called."""
        with self._changed:
            self._has_ended = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (function := self._next()) is not None:
            function()

    def _next(self) -> Callable[[], None] | None:
        """Wait for the next call that is due; None at the end."""
        with self._changed:
            while not self._has_ended:
                due_s = self._agenda.next_s()
                left_s = None if due_s is None else due_s - self.monotonic()
                if left_s is None or left_s > 0:
                    self._changed.wait(left_s)
                elif (function := self._agenda.pop()) is not None:
                    return function
        return None


class WallOnly:
    """A `Clock` that shows the date of another one, and otherwise runs as time does: for a server whose clients have to
    be heard of every few real seconds."""

    def __init__(self, wall: LeapingClock) -> None:
        self.now = wall.now
        self.time_ms = wall.time_ms
        self.monotonic = _real.monotonic
        self.wait = _real.wait
        self.call_later = _real.call_later
        self.ticket = _real.ticket
