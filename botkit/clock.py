"""Time and chance as parameters: the only module that may ask the machine what time it is.

Whatever waits, looks at the clock or draws lots takes a `Clock` and a `random.Random`, so that a test can hold both.
Work that is under way on some thread, or queued for one, holds a `Ticket`; a clock that a test moves stands still as
long as there is one. Work that waits for the clock holds none.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Protocol

from botkit.logs import get_logger

_log = get_logger(__name__)
_SIGNAL_LOOK_S = 0.25
"""How long the main thread waits at a time, so that it looks at signals in between."""
# The longest wait that every platform takes.
_LONGEST_NAP_S = 3600.0
_FEW_TIMERS = 64


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Drop the call if it has not started; otherwise do nothing."""


class Ticket(Protocol):
    """A piece of pending work. Any thread may call it."""

    def done(self) -> None:
        """The work is through, was dropped, or from now on waits for the clock; again is fine."""

    def in_hand(self) -> AbstractContextManager[object]:
        """Inside this block the calling thread does the work: while it is in `Clock.wait`, the ticket does not count.

        Leaving the block does not give the ticket back.
        """


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
        """Call `function` once after `delay_s` seconds, on a thread of the clock's own.

        All timers share that thread: `function` must return at once. What is slow starts a thread (`start_thread`).
        """

    def ticket(self, what: str) -> Ticket:
        """A ticket for a piece of work that begins now; `what` names it where somebody waits for it in vain."""


def start_thread(clock: Clock, function: Callable[[], None], name: str) -> threading.Thread:
    """Start a daemon thread that is at work whenever it is not in `Clock.wait`, until `function` returns.

    Not for a thread that waits for work in another way, such as on a queue: there each piece of work holds a ticket.
    """
    ticket = clock.ticket(f"thread {name}")

    def run() -> None:
        try:
            with ticket.in_hand():
                function()
        finally:
            ticket.done()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


class _NoTicket:
    """Nobody waits for the end of the work."""

    def done(self) -> None:
        pass

    def in_hand(self) -> AbstractContextManager[object]:
        return _NOTHING


_NOTHING = nullcontext()
NO_TICKET: Ticket = _NoTicket()
"""The ticket of a clock that does not wait for work."""


class SystemClock:
    """The machine's clock. Its timers share one daemon thread of the process, "botkit-timer"."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251

    def time_ms(self) -> int:
        return time.time_ns() // 1_000_000  # noqa: TID251

    def monotonic(self) -> float:
        return time.monotonic()  # noqa: TID251

    def wait(self, event: threading.Event, timeout_s: float | None = None) -> bool:
        if threading.current_thread() is not threading.main_thread():
            return event.wait(timeout_s)
        # A signal that comes just before the wait begins does not end it, and its handler would run after it only.
        until = math.inf if timeout_s is None else self.monotonic() + timeout_s
        while (left_s := until - self.monotonic()) > _SIGNAL_LOOK_S:
            if event.wait(_SIGNAL_LOOK_S):
                return True
        return event.wait(max(0.0, left_s))

    def call_later(self, delay_s: float, function: Callable[[], None]) -> Timer:
        return _timers.add(delay_s, function)

    def ticket(self, what: str) -> Ticket:
        return NO_TICKET


class Due:
    """A call in an agenda; without its function once it was cancelled."""

    def __init__(self, function: Callable[[], None]) -> None:
        self.function: Callable[[], None] | None = function

    def cancel(self) -> None:
        self.function = None


class Agenda:
    """Calls in order of the time when they are due. Whoever shares one between threads holds a lock meanwhile."""

    def __init__(self) -> None:
        self._line: list[tuple[float, int, Due]] = []
        self._count = itertools.count()
        self._sweep_at = _FEW_TIMERS

    def __len__(self) -> int:
        """How many are noted, counting cancelled ones that were not forgotten yet."""
        return len(self._line)

    def add(self, at_s: float, function: Callable[[], None]) -> Due:
        """Note a call; among those of the same time the first noted comes first."""
        if len(self._line) >= self._sweep_at:
            self._sweep()
        due = Due(function)
        heapq.heappush(self._line, (at_s, next(self._count), due))
        return due

    def next_s(self) -> float | None:
        """When the next call is due; None when there is none."""
        while self._line and self._line[0][2].function is None:
            heapq.heappop(self._line)
        return self._line[0][0] if self._line else None

    def pop(self) -> Callable[[], None] | None:
        """Take the next call out; None when it is cancelled at this very moment."""
        return heapq.heappop(self._line)[2].function

    def _sweep(self) -> None:
        """Forget the cancelled ones, whenever the line has doubled: most timers are limits that nobody reaches."""
        self._line = [entry for entry in self._line if entry[2].function is not None]
        heapq.heapify(self._line)
        self._sweep_at = max(_FEW_TIMERS, 2 * len(self._line))


class _Timers:
    """Calls what is due on a thread that starts with the first timer."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._agenda = Agenda()
        self._thread: threading.Thread | None = None

    def add(self, delay_s: float, function: Callable[[], None]) -> Timer:
        at_s = time.monotonic() + delay_s  # noqa: TID251
        with self._changed:
            due = self._agenda.add(at_s, function)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="botkit-timer", daemon=True)
                self._thread.start()
            elif self._agenda.next_s() == at_s:
                self._changed.notify()
        return due

    def _run(self) -> None:
        while True:
            function = self._next()
            try:
                function()
            except BaseException:
                # Whatever it is, the other timers go on.
                _log.exception("clock: a timer's call has failed")

    def _next(self) -> Callable[[], None]:
        """Wait for the next call that is due."""
        with self._changed:
            while True:
                at_s = self._agenda.next_s()
                rest_s = _LONGEST_NAP_S if at_s is None else at_s - time.monotonic()  # noqa: TID251
                if rest_s > 0:
                    self._changed.wait(min(rest_s, _LONGEST_NAP_S))
                elif (function := self._agenda.pop()) is not None:
                    return function


_timers = _Timers()


def system_random() -> random.Random:
    """The default source of chance: the operating system's, good enough for tokens as well as dice."""
    return random.SystemRandom()
