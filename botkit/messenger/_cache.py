"""A small cache for look-ups: bounded, forgetful after a while, and never asking twice at once for the same key."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from botkit.clock import Clock

_V = TypeVar("_V")
_MOST_ENTRIES = 5000
_LIFETIME_S = 3600.0


class Cache(Generic[_V]):
    """Values by id; None is a value, too: known to be unknown. Any thread may call it."""

    def __init__(self, clock: Clock, *, most: int = _MOST_ENTRIES, lifetime_s: float = _LIFETIME_S) -> None:
        self._clock = clock
        self._most = most
        self._lifetime_s = lifetime_s
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, tuple[float, _V | None]] = OrderedDict()
        self._asked: dict[str, threading.Event] = {}

    def __contains__(self, key: str) -> bool:
        with self._lock:
            return self._is_fresh(key)

    def get(self, key: str) -> _V | None:
        """The value, or None when it is not kept or known to be unknown."""
        with self._lock:
            return self._entries[key][1] if self._is_fresh(key) else None

    def put(self, key: str, value: _V | None) -> None:
        """Keep a value; the oldest makes room."""
        with self._lock:
            self._entries[key] = (self._clock.monotonic() + self._lifetime_s, value)
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)

    def fill(self, keys: Iterable[str], fetch: Callable[[tuple[str, ...]], Mapping[str, _V]], timeout_s: float) -> None:
        """Look up the keys that are not kept, all in one call of `fetch`; those that it does not give are unknown.

        Keys that another thread is asking for are waited for, `timeout_s` at most. What `fetch` raises is passed on.
        """
        with self._lock:
            missing = [key for key in dict.fromkeys(keys) if not self._is_fresh(key)]
            if not missing:
                return
            mine = tuple(key for key in missing if key not in self._asked)
            others = [self._asked[key] for key in missing if key in self._asked]
            done = threading.Event()
            self._asked.update(dict.fromkeys(mine, done))
        try:
            if mine:
                found = fetch(mine)
                for key in mine:
                    self.put(key, found.get(key))
        finally:
            with self._lock:
                for key in mine:
                    del self._asked[key]
            done.set()
        for other in others:
            self._clock.wait(other, timeout_s)

    def _is_fresh(self, key: str) -> bool:
        entry = self._entries.get(key)
        return entry is not None and entry[0] > self._clock.monotonic()
