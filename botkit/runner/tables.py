"""The hook table in force. An event holds the one that it began with; a reload puts another in its place at once, and
what the old one stood for is let go when no event holds it or an older one any more: an older one has it too."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botkit.runner.loader import HookTable


class Tables:
    """Any thread."""

    def __init__(self, table: HookTable) -> None:
        self._current = table
        self._lock = threading.Lock()
        # The how manieth table is in force, how many events hold each, and what is to be called when nobody holds the
        # table of that number or an older one.
        self._number = 0
        self._held: Counter[int] = Counter()
        self._leaving: deque[tuple[int, Callable[[], None]]] = deque()

    def current(self) -> HookTable:
        """The table in force at this moment; `hold` it to call what is in it."""
        return self._current

    @contextmanager
    def hold(self) -> Iterator[HookTable]:
        """Keep the table in force from being let go."""
        with self._lock:
            table, number = self._current, self._number
            self._held[number] += 1
        try:
            yield table
        finally:
            self._release(number)

    def swap(self, table: HookTable, on_unused: Callable[[], None]) -> None:
        """Put another table in force; `on_unused` is called once nobody holds the old one or one before it, on the
        thread that was the last to hold one, or on this one. It must return at once."""
        with self._lock:
            self._leaving.append((self._number, on_unused))
            self._current, self._number = table, self._number + 1
            free = self._free()
        for one in free:
            one()

    def _release(self, number: int) -> None:
        with self._lock:
            self._held[number] -= 1
            if self._held[number]:
                return
            del self._held[number]
            free = self._free()
        for one in free:
            one()

    def _free(self) -> list[Callable[[], None]]:
        oldest = min(self._held, default=self._number)
        free = []
        while self._leaving and self._leaving[0][0] < oldest:
            free.append(self._leaving.popleft()[1])
        return free
