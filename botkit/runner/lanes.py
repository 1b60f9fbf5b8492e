"""One lane per key (a chat): items of a lane are handled one after another, lanes side by side.

Own daemon threads, started as they are needed. A lane that has had one item handled goes to the back of the line, so
that a busy chat cannot starve the others; a slow handler delays its own lane only.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from botkit.clock import Clock, Ticket, Timer
from botkit.logs import get_logger

Item = TypeVar("Item")
log = get_logger(__name__)

# So many workers are put to work at once: more would only take turns on the interpreter. One that does not get through
# at once waits for something else, so after a moment the next worker is put to work, and so on.
_EAGER_WORKERS = 4
_HURRY_S = 0.005


class _Hand(Generic[Item]):
    """A worker's hand with one item in it; `is_lost` once the worker has been given up."""

    def __init__(self, key: str, item: Item, ticket: Ticket) -> None:
        self.key = key
        self.item: Item | None = item
        self.ticket = ticket
        self.is_lost = False


class _Lane(Generic[Item]):
    """What waits in one lane; the first item is the one in hand, if any is."""

    def __init__(self) -> None:
        self.items: deque[Item] = deque()
        self.hand: _Hand[Item] | None = None
        self.timer: Timer | None = None


class Lanes(Generic[Item]):
    """Hands each item to `handle(key, item)` on a worker thread.

    `handle` returns None when it is through with the item, or the seconds after which it wants to have the same item
    again; meanwhile the lane rests and holds no worker. It is expected to deal with its own errors; one that escapes is
    logged and the lane goes on.
    """

    def __init__(
        self, name: str, handle: Callable[[str, Item], float | None], clock: Clock, most_workers: int = 32
    ) -> None:
        self._name = name
        self._handle = handle
        self._clock = clock
        self._most_workers = most_workers
        self._lanes: dict[str, _Lane[Item]] = {}
        self._ready: deque[str] = deque()
        # One ticket for each worker that was called and has not come yet. A lane in line for which no worker is free
        # holds none: the workers have theirs, and when all of them wait for the clock, so does the lane.
        self._called: deque[Ticket] = deque()
        self._changed = threading.Condition()
        self._started = 0
        self._workers = 0
        self._busy = 0
        self._idle = 0
        self._stopping = False
        self._empty = threading.Event()
        self._empty.set()

    def put(self, key: str, item: Item) -> None:
        """Add an item to the end of a lane; after `stop` it is ignored. Any thread; never blocks on a handler."""
        with self._changed:
            if self._stopping:
                return
            lane = self._lanes.get(key)
            if lane is not None:
                lane.items.append(item)
                return
            self._empty.clear()
            self._lanes[key] = lane = _Lane()
            lane.items.append(item)
            self._make_ready(key)

    def length(self, key: str) -> int:
        """How many items wait in a lane, the one in hand included."""
        with self._changed:
            lane = self._lanes.get(key)
            return len(lane.items) if lane is not None else 0

    def waiting(self) -> int:
        """How many items wait in all lanes, those in hand included."""
        with self._changed:
            return sum(len(lane.items) for lane in self._lanes.values())

    @property
    def are_at_work(self) -> bool:
        """Whether an item is in hand or could be: those of lanes that rest wait for the clock."""
        with self._changed:
            return any(lane.timer is None for lane in self._lanes.values())

    def give_up(self, key: str) -> None:
        """The worker of this lane will not come back: another one gets the same item. Any thread.

        Whatever the lost worker still does with the item is up to `handle`; when it returns after all, it ends.
        """
        with self._changed:
            lane = self._lanes.get(key)
            if lane is None or lane.hand is None:
                return
            hand, lane.hand = lane.hand, None
            hand.is_lost = True
            self._workers -= 1
            self._busy -= 1
            self._make_ready(key)
            hand.ticket.done()

    def wait_empty(self, timeout_s: float | None = None) -> bool:
        """Block until no item waits or is in hand, at most `timeout_s` seconds; say whether that came about."""
        return self._clock.wait(self._empty, timeout_s)

    def stop(self, drain_s: float) -> bool:
        """Take no more items, let those that wait be handled for up to `drain_s` seconds, then drop the rest.

        Says whether everything was handled. A lane that rests is not waited for. A handler that still runs is left to
        its daemon thread.
        """
        with self._changed:
            self._stopping = True
            for key in [key for key, lane in self._lanes.items() if lane.timer is not None]:
                self._forget(key)
            self._changed.notify_all()
        drained = self.wait_empty(drain_s)
        with self._changed:
            for key in list(self._lanes):
                self._forget(key)
            self._ready.clear()
            while self._called:
                self._called.popleft().done()
            self._changed.notify_all()
        return drained

    def _make_ready(self, key: str) -> None:
        self._ready.append(key)
        if not self._called or self._busy + len(self._called) < _EAGER_WORKERS:
            self._call_worker(key)

    def _call_worker(self, key: str) -> None:
        if self._idle > len(self._called):
            self._changed.notify()
        elif self._workers < self._most_workers:
            self._start_worker()
        else:
            return
        self._called.append(self._clock.ticket(f"{self._name} {key}"))

    def _start_worker(self) -> None:
        self._started += 1
        self._workers += 1
        threading.Thread(target=self._work, name=f"botkit-{self._name}-{self._started}", daemon=True).start()

    def _work(self) -> None:
        hand = self._next(None, None)
        while hand is not None and hand.item is not None:
            rest_s = None
            try:
                with hand.ticket.in_hand():
                    rest_s = self._handle(hand.key, hand.item)
            except BaseException:
                # Whatever it is, the lane must not stay taken for ever.
                log.exception("%s: an item of lane %s could not be handled", self._name, hand.key)
            hand = self._next(hand, rest_s)

    def _next(self, done: _Hand[Item] | None, rest_s: float | None) -> _Hand[Item] | None:
        """Give back the lane that was in hand and take the one that is first in line, waiting for it; None ends the
        worker. The old ticket goes when the new one is there."""
        with self._changed:
            if done is not None and done.is_lost:
                return None
            if done is not None:
                self._busy -= 1
                self._give_back(done.key, rest_s)
                # An idle worker is not to keep alive what it has handled last.
                done.item = None
            hand = self._take()
            if done is not None:
                done.ticket.done()
            while hand is None:
                if self._stopping:
                    self._workers -= 1
                    return None
                self._idle += 1
                is_called = self._changed.wait(_HURRY_S if self._ready else None)
                self._idle -= 1
                hand = self._take(hurries=not is_called)
            return hand

    def _take(self, *, hurries: bool = False) -> _Hand[Item] | None:
        if not self._ready or (self._busy >= _EAGER_WORKERS and not hurries):
            return None
        key = self._ready.popleft()
        lane = self._lanes[key]
        # The item stays in its lane while it is handled, which is what keeps the lane from being taken twice.
        lane.hand = _Hand(key, lane.items[0], self._clock.ticket(f"{self._name} {key}"))
        self._busy += 1
        if self._called:
            self._called.popleft().done()
        if self._ready and not self._called:
            self._call_worker(self._ready[0])
        return lane.hand

    def _give_back(self, key: str, rest_s: float | None) -> None:
        lane = self._lanes.get(key)
        if lane is None:
            return
        lane.hand = None
        if rest_s is not None and not self._stopping:
            self._rest(key, lane, rest_s)
            return
        lane.items.popleft()
        if lane.items:
            self._make_ready(key)
        else:
            self._forget(key)

    def _rest(self, key: str, lane: _Lane[Item], rest_s: float) -> None:
        def wake() -> None:
            with self._changed:
                if self._lanes.get(key) is lane and lane.timer is not None:
                    lane.timer = None
                    self._make_ready(key)

        lane.timer = self._clock.call_later(rest_s, wake)

    def _forget(self, key: str) -> None:
        lane = self._lanes.pop(key)
        if lane.timer is not None:
            lane.timer.cancel()
        if lane.hand is not None:
            lane.hand.ticket.done()
        if not self._lanes:
            self._empty.set()
