"""The watch over calls: one that takes long is warned of, one that takes too long is given up.

A call in Python cannot be ended from outside. It is written off: its context goes dead, its outcome is decided without
it, and its thread, should it ever come back, finds that it is not wanted any more.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from botkit.clock import Clock, start_thread
from botkit.logs import get_logger

log = get_logger(__name__)


class Lease:
    """The time that one call has. It ends once: by the call itself, or by the watch."""

    def __init__(self, what: Callable[[], str], begun_s: float, on_lost: Callable[[], None]) -> None:
        self.what = what
        self.begun_s = begun_s
        self.on_lost = on_lost
        self.is_warned = False
        self._over = threading.Lock()

    def end(self) -> bool:
        """Whether the caller is the one who ended it, and so decides about the call's outcome."""
        return self._over.acquire(blocking=False)


class Watch:
    """Looks after all calls of a bot on a thread of its own, which sleeps while nothing is due."""

    def __init__(self, clock: Clock, *, soft_s: float, hard_s: float) -> None:
        """After `soft_s` seconds a call is warned of in the log; after `hard_s` it is lost: its `on_lost` is called, on
        the watch's thread."""
        self._clock = clock
        self._soft_s = soft_s
        self._hard_s = hard_s
        self._leases: dict[Lease, None] = {}
        self._lock = threading.Lock()
        self._news = threading.Event()
        # When the thread looks next by itself.
        self._next_s = math.inf
        # Whether a call has begun since the last look: then the thread looks again, and need not be woken by each call.
        self._has_begun = False
        self._stopping = False
        self._started = False

    def begin(self, what: Callable[[], str], on_lost: Callable[[], None]) -> Lease:
        """A call begins; `what` gives its name for the log, at the moment when it is needed. End it with `end`."""
        lease = Lease(what, self._clock.monotonic(), on_lost)
        with self._lock:
            self._leases[lease] = None
            self._has_begun = True
            if self._due_s(lease) < self._next_s:
                self._next_s = self._due_s(lease)
                self._wake()
        return lease

    def end(self, lease: Lease) -> bool:
        """The call has come to its end; False when it had been written off before."""
        with self._lock:
            self._leases.pop(lease, None)
        return lease.end()

    def stop(self) -> None:
        """End the thread; calls that are still at work are not watched any more."""
        with self._lock:
            self._stopping = True
        self._news.set()

    def _wake(self) -> None:
        if self._started:
            self._news.set()
        elif not self._stopping:
            self._started = True
            start_thread(self._clock, self._run, "botkit-watch")

    def _run(self) -> None:
        while not self._stopping:
            wait_s = self._look()
            self._clock.wait(self._news, wait_s)
            self._news.clear()

    def _look(self) -> float | None:
        """Deal with what is due; how long until the next is, or None when nothing is at work."""
        now_s = self._clock.monotonic()
        lost, slow = [], []
        with self._lock:
            # Oldest first: the order in which they began.
            for lease in self._leases:
                # In the very sums by which it is waited: a difference may come out a little less, and be due for ever.
                if now_s >= lease.begun_s + self._hard_s:
                    lost.append(lease)
                elif now_s >= lease.begun_s + self._soft_s and not lease.is_warned:
                    lease.is_warned = True
                    slow.append(lease)
            for lease in lost:
                del self._leases[lease]
            if self._leases or self._has_begun:
                # Of what has come and gone meanwhile, the next will not be due before.
                self._next_s = min(map(self._due_s, self._leases), default=now_s + self._soft_s)
            else:
                self._next_s = math.inf
            self._has_begun = False
            wait_s = None if self._next_s == math.inf else max(0.0, self._next_s - now_s)
        for lease in slow:
            log.warning(
                "%s has been at work for %.0f s; it is given up after %.0f s", lease.what(), self._soft_s, self._hard_s
            )
        for lease in lost:
            if lease.end():
                self._give_up(lease)
        return wait_s

    def _give_up(self, lease: Lease) -> None:
        try:
            lease.on_lost()
        except Exception:
            # The other calls are still to be watched.
            log.exception("%s is given up, and that could not be told", lease.what())

    def _due_s(self, lease: Lease) -> float:
        return lease.begun_s + (self._hard_s if lease.is_warned else self._soft_s)
