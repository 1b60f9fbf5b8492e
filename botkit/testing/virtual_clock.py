"""A clock that only the test moves, and only when everything that can go on without it has come to rest.

The thread that makes the clock is the test's; it never counts as work. When that thread itself waits, time moves on
until the event is set or the wait is over.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta

from botkit.clock import Agenda, SystemClock, Timer

# An event may be set by a thread that holds no ticket, and nobody is told; so whoever waits for rest looks again.
_LOOK_AGAIN_S = 0.02
# A thread may set an event a moment after it has given its ticket back.
_GRACE_S = 0.005
_LIMIT_S = 10.0
_DAY_S = 86_400.0
_real = SystemClock()


class VirtualClock:
    """A `Clock` that stands still until `advance` moves it. `monotonic` begins at 0.

    `limit_s` is how long, in real seconds, work may take before it counts as hanging; a test with much work sets more.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.limit_s = _LIMIT_S
        self._owner = threading.get_ident()
        self._start = start
        self._elapsed_s = 0.0
        self._agenda = Agenda()
        self._lock = threading.Lock()
        self._rest = threading.Condition(self._lock)
        self._open: dict[_Ticket, None] = {}
        self._busy = 0
        self._waiters: dict[_Waiter, None] = {}
        self._here = threading.local()
        self._is_firing = False

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed_s)

    def time_ms(self) -> int:
        return round(self.now().timestamp() * 1000)

    def monotonic(self) -> float:
        return self._elapsed_s

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward, or back with a negative number; nothing falls due by that."""
        self._start += timedelta(seconds=seconds)

    def wait(self, event: threading.Event, timeout_s: float | None = None) -> bool:
        """See `Clock`. On the test's thread: move the time until the event is set, or `timeout_s` seconds on."""
        if event.is_set() or (timeout_s is not None and timeout_s <= 0):
            return event.is_set()
        if threading.get_ident() == self._owner:
            return self._wait_by_moving(event, timeout_s)
        waiter = _Waiter(event)
        with self._lock:
            timer = None if timeout_s is None else self._agenda.add(self._elapsed_s + timeout_s, waiter.ring)
            self._waiters[waiter] = None
            suspended = self._suspend()
        waiter.block()
        with self._lock:
            self._resume(suspended)
            del self._waiters[waiter]
            self._tell_if_at_rest()
        if timer is not None:
            timer.cancel()
        return not waiter.is_due or event.is_set()

    def call_later(self, delay_s: float, function: Callable[[], None]) -> Timer:
        """See `Clock`; the call is made on the test's thread, and what it raises, `advance` raises."""
        with self._lock:
            return self._agenda.add(self._elapsed_s + delay_s, function)

    def ticket(self, what: str) -> _Ticket:
        """See `Clock`."""
        ticket = _Ticket(self, what)
        with self._lock:
            self._open[ticket] = None
            self._busy += 1
        return ticket

    def settle(self, limit_s: float | None = None) -> None:
        """Wait until no work is pending, at most `limit_s` seconds of real time (None: the clock's own `limit_s`); the
        clock stands still meanwhile.

        Raises AssertionError, naming who is at work, when it does not come to rest.
        """
        limit_s = self.limit_s if limit_s is None else limit_s
        until_s = _real.monotonic() + limit_s
        with self._lock:
            while self._busy or any(waiter.goes_on for waiter in self._waiters):
                left_s = until_s - _real.monotonic()
                if left_s <= 0:
                    raise AssertionError(f"after {limit_s:g} s work is still pending: {self._holders()}")
                self._rest.wait(min(left_s, _LOOK_AGAIN_S))

    def advance(self, seconds: float = 0.0, *, days: float = 0.0) -> None:
        """Move on, firing what falls due on the way in order of time, each when the work before it is through.

        Raises AssertionError when the work does not come to rest, or on another thread than the test's.
        """
        self._check_thread()
        goal_s = self._elapsed_s + seconds + days * _DAY_S
        self.settle()
        while self._fire_next(goal_s):
            self.settle()
        self._elapsed_s = max(self._elapsed_s, goal_s)

    def _check_thread(self) -> None:
        # Not `assert`: pytest would add the values of the condition to the sentence.
        if threading.get_ident() != self._owner:
            raise AssertionError("only the thread that made the clock moves it")
        if self._is_firing:
            raise AssertionError("a timer's call must return at once; start a thread for what waits")

    def _fire_next(self, goal_s: float | None) -> bool:
        """Jump to the earliest call that is due until `goal_s` and make it; False when there is none."""
        with self._lock:
            next_s = self._agenda.next_s()
            if next_s is None or (goal_s is not None and next_s > goal_s):
                return False
            function = self._agenda.pop()
            self._elapsed_s = max(self._elapsed_s, next_s)
        if function is not None:
            self._is_firing = True
            try:
                function()
            finally:
                self._is_firing = False
        return True

    def _wait_by_moving(self, event: threading.Event, timeout_s: float | None) -> bool:
        self._check_thread()
        goal_s = None if timeout_s is None else self._elapsed_s + timeout_s
        with self._lock:
            suspended = self._suspend()
        try:
            return self._move_until(event, goal_s)
        finally:
            with self._lock:
                self._resume(suspended)

    def _move_until(self, event: threading.Event, goal_s: float | None) -> bool:
        until_s = _real.monotonic() + self.limit_s
        self.settle()
        while not event.wait(_GRACE_S):
            assert goal_s is not None or _real.monotonic() < until_s, "the test waits for what never happens"
            if not self._fire_next(goal_s):
                assert goal_s is not None, "the test waits, and nothing is left that could happen"
                self._elapsed_s = max(self._elapsed_s, goal_s)
                break
            self.settle()
        return event.is_set()

    def _suspend(self) -> tuple[_Ticket, ...]:
        """The calling thread is about to wait: its tickets do not count until `_resume`."""
        tickets = tuple(self._in_hand())
        for ticket in tickets:
            self._count(ticket, waiting=1)
        return tickets

    def _resume(self, tickets: tuple[_Ticket, ...]) -> None:
        for ticket in tickets:
            self._count(ticket, waiting=-1)

    def _count(self, ticket: _Ticket, *, hands: int = 0, waiting: int = 0) -> None:
        """A ticket counts unless it was given back, or all who have it in hand wait."""
        before = ticket.counts
        ticket.hands += hands
        ticket.waiting += waiting
        self._busy += ticket.counts - before
        self._tell_if_at_rest()

    def _give_back(self, ticket: _Ticket) -> None:
        with self._lock:
            if ticket in self._open:
                del self._open[ticket]
                self._busy -= ticket.counts
                ticket.is_open = False
                self._tell_if_at_rest()

    def _in_hand(self) -> list[_Ticket]:
        """The tickets that the calling thread has in hand."""
        tickets: list[_Ticket] = self._here.__dict__.setdefault("tickets", [])
        return tickets

    @contextmanager
    def _hold(self, ticket: _Ticket) -> Iterator[None]:
        tickets = self._in_hand()
        tickets.append(ticket)
        with self._lock:
            self._count(ticket, hands=1)
        try:
            yield
        finally:
            tickets.remove(ticket)
            with self._lock:
                self._count(ticket, hands=-1)

    def _tell_if_at_rest(self) -> None:
        if not self._busy:
            self._rest.notify_all()

    def _holders(self) -> str:
        counts = Counter(ticket.what for ticket in self._open if ticket.counts)
        names = [what if number == 1 else f"{what} ({number} times)" for what, number in counts.items()]
        woken = [f"{waiter.thread} (woken, but not running)" for waiter in self._waiters if waiter.goes_on]
        return ", ".join([*names, *woken])


class _Ticket:
    """See `Ticket`; `hands` is how many threads have it in hand, `waiting` how many of these are in `wait`."""

    __slots__ = ("_clock", "hands", "is_open", "waiting", "what")

    def __init__(self, clock: VirtualClock, what: str) -> None:
        self._clock = clock
        self.what = what
        self.is_open = True
        self.hands = 0
        self.waiting = 0

    @property
    def counts(self) -> bool:
        return self.is_open and not (self.hands and self.waiting == self.hands)

    def done(self) -> None:
        self._clock._give_back(self)

    def in_hand(self) -> AbstractContextManager[None]:
        return self._clock._hold(self)


class _Waiter:
    """A thread in `wait`."""

    def __init__(self, event: threading.Event) -> None:
        self.event = event
        self.thread = threading.current_thread().name
        self.is_due = False
        # The only way to wake a thread that waits for an event without setting the event.
        self._condition: threading.Condition = event._cond  # type: ignore[attr-defined]

    @property
    def goes_on(self) -> bool:
        """Whether the wait is over, though the thread may not have noticed yet."""
        return self.is_due or self.event.is_set()

    def block(self) -> None:
        with self._condition:
            while not self.goes_on:
                self._condition.wait()

    def ring(self) -> None:
        """The time is up."""
        self.is_due = True
        with self._condition:
            self._condition.notify_all()
