"""Several deadlines behind one timer.

The timer stays where it is when a deadline is put off: it rings, finds that there is time left, and is set anew. So a
deadline that moves with every packet costs next to nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from botkit.clock import Clock, Timer

# What a sum of floats may be wrong by; a deadline missed by less would ring again and again.
_ROUNDING_S = 0.001


class Deadlines:
    """Functions that are called when their time has come, on the clock's thread: they must return at once.

    Any thread may set and drop them.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._due: dict[Callable[[], None], float] = {}
        self._timer: Timer | None = None
        self._rings_s = 0.0
        self._closed = False

    def set(self, function: Callable[[], None], delay_s: float) -> None:
        """Call `function` after `delay_s` seconds from now, and not when it would have been called before."""
        due_s = self._clock.monotonic() + delay_s
        with self._lock:
            if self._closed:
                return
            self._due[function] = due_s
            if self._timer is None or due_s < self._rings_s:
                self._arm(due_s)

    def drop(self, function: Callable[[], None]) -> None:
        """Do not call `function` any more; none that waits is fine."""
        with self._lock:
            self._due.pop(function, None)

    def close(self) -> None:
        """Drop all of them, and those set later."""
        with self._lock:
            self._closed = True
            self._due.clear()
            if self._timer is not None:
                self._timer.cancel()

    def _arm(self, due_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_s = due_s
        self._timer = self._clock.call_later(max(0.0, due_s - self._clock.monotonic()), self._ring)

    def _ring(self) -> None:
        now_s = self._clock.monotonic() + _ROUNDING_S
        with self._lock:
            missed = sorted((one for one in self._due if self._due[one] <= now_s), key=self._due.__getitem__)
            for function in missed:
                del self._due[function]
            self._timer = None
            if self._due:
                self._arm(min(self._due.values()))
        for function in missed:
            function()
