"""The hook table in force. An event holds the one that it began with; a reload puts another in its place at once, and
what the old one stood for is let go when the last event that holds it has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botkit.runner.loader import HookTable


class Tables:
    """Any thread."""

    def __init__(self, table: HookTable) -> None:
        self._current = table
        self._lock = threading.Lock()
        # Tables by identity: two may be equal.
        self._held: dict[int, int] = {}
        self._leaving: dict[int, Callable[[], None]] = {}

    def current(self) -> HookTable:
        """The table in force at this moment; `hold` it to call what is in it."""
        return self._current

    @contextmanager
    def hold(self) -> Iterator[HookTable]:
        """Keep the table in force from being let go."""
        with self._lock:
            table = self._current
            self._held[id(table)] = self._held.get(id(table), 0) + 1
        try:
            yield table
        finally:
            self._release(table)

    def swap(self, table: HookTable, on_unused: Callable[[], None]) -> None:
        """Put another table in force; `on_unused` is called once nobody holds the old one, on the thread that held it
        last, or on this one. It must return at once."""
        with self._lock:
            old, self._current = self._current, table
            if id(old) in self._held:
                self._leaving[id(old)] = on_unused
                return
        on_unused()

    def _release(self, table: HookTable) -> None:
        with self._lock:
            left = self._held[id(table)] - 1
            if left:
                self._held[id(table)] = left
                return
            del self._held[id(table)]
            on_unused = self._leaving.pop(id(table), None)
        if on_unused is not None:
            on_unused()
