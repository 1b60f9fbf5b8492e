"""One lane per key (a chat): items of a lane are handled one after another, lanes side by side.

Own daemon threads, started as they are needed. A lane that has had one item handled goes to the back of the line, so
that a busy chat cannot starve the others; a slow handler delays its own lane only.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from botkit.clock import Clock
from botkit.logs import get_logger

Item = TypeVar("Item")
log = get_logger(__name__)


class Lanes(Generic[Item]):
    """Hands each item to `handle(key, item)` on a worker thread.

    `handle` is expected to deal with its own errors; one that escapes is logged and the lane goes on.
    """

    def __init__(self, name: str, handle: Callable[[str, Item], None], clock: Clock, most_workers: int = 32) -> None:
        self._name = name
        self._handle = handle
        self._clock = clock
        self._most_workers = most_workers
        self._queues: dict[str, deque[Item]] = {}
        self._ready: deque[str] = deque()
        self._changed = threading.Condition()
        self._workers = 0
        self._idle = 0
        self._stopping = False
        self._empty = threading.Event()
        self._empty.set()

    def put(self, key: str, item: Item) -> None:
        """Add an item to the end of a lane; after `stop` it is ignored. Any thread; never blocks on a handler."""
        with self._changed:
            if self._stopping:
                return
            self._empty.clear()
            queue = self._queues.get(key)
            if queue is not None:
                queue.append(item)
                return
            self._queues[key] = deque([item])
            self._ready.append(key)
            if self._idle:
                self._changed.notify()
            elif self._workers < self._most_workers:
                self._start_worker()

    def length(self, key: str) -> int:
        """How many items wait in a lane, the one in hand included."""
        with self._changed:
            return len(self._queues.get(key, ()))

    def wait_empty(self, timeout_s: float | None = None) -> bool:
        """Block until no item waits or is in hand, at most `timeout_s` seconds; say whether that came about."""
        return self._clock.wait(self._empty, timeout_s)

    def stop(self, drain_s: float) -> bool:
        """Take no more items, let those that wait be handled for up to `drain_s` seconds, then drop the rest.

        Says whether everything was handled. A handler that still runs is left to its daemon thread.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        drained = self.wait_empty(drain_s)
        with self._changed:
            self._ready.clear()
            self._queues.clear()
            self._changed.notify_all()
        return drained

    def _start_worker(self) -> None:
        self._workers += 1
        threading.Thread(target=self._work, name=f"botkit-{self._name}-{self._workers}", daemon=True).start()

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            key, item = taken
            try:
                self._handle(key, item)
            except BaseException:
                # Whatever it is, the lane must not stay taken for ever.
                log.exception("%s: an item of lane %s could not be handled", self._name, key)
            self._give_back(key)

    def _take(self) -> tuple[str, Item] | None:
        with self._changed:
            while not self._ready:
                if self._stopping:
                    return None
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
            key = self._ready.popleft()
            # The item stays in its queue while it is handled, which is what keeps the lane from being taken twice.
            return key, self._queues[key][0]

    def _give_back(self, key: str) -> None:
        with self._changed:
            queue = self._queues.get(key)
            if queue is None:
                return
            queue.popleft()
            if queue:
                self._ready.append(key)
                if self._idle:
                    self._changed.notify()
                return
            del self._queues[key]
            if not self._queues:
                self._empty.set()
