"""Time and chance as parameters: the only module that may ask the machine what time it is.

Whatever waits, looks at the clock or draws lots takes a `Clock` and a `random.Random`, so that a test can hold both.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

_SIGNAL_LOOK_S = 0.25
"""How long the main thread waits at a time, so that it looks at signals in between."""


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Drop the call if it has not started; otherwise do nothing."""


class Clock(Protocol):
    """What the code may ask of time."""

    def now(self) -> datetime:
        """The present as an aware datetime in UTC."""

    def time_ms(self) -> int:
        """Milliseconds since 1970 in UTC; may jump when the machine's clock is set."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""

    def wait(self, event: threading.Event, timeout_s: float | None = None) -> bool:
        """Block until `event` is set, at most `timeout_s` seconds (None: for ever); say whether it is set."""

    def call_later(self, delay_s: float, function: Callable[[], None]) -> Timer:
        """Call `function` once after `delay_s` seconds, on a thread of the clock's own."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251

    def time_ms(self) -> int:
        return time.time_ns() // 1_000_000  # noqa: TID251

    def monotonic(self) -> float:
        return time.monotonic()  # noqa: TID251

    def wait(self, event: threading.Event, timeout_s: float | None = None) -> bool:
        if timeout_s is None and threading.current_thread() is threading.main_thread():
            # A signal that comes just before the wait begins does not end it, and its handler would never run.
            while not event.wait(_SIGNAL_LOOK_S):
                pass
            return True
        return event.wait(timeout_s)

    def call_later(self, delay_s: float, function: Callable[[], None]) -> Timer:
        timer = threading.Timer(delay_s, function)  # noqa: TID251
        timer.name = "botkit-timer"
        timer.daemon = True
        timer.start()
        return timer


def system_random() -> random.Random:
    """The default source of chance: the operating system's, good enough for tokens as well as dice."""
    return random.SystemRandom()
