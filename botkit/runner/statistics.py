"""What the calls of each plugin have cost since the start: how many, how long, and what went wrong last."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from botkit.runner.breaker import Pause
from botkit.status import PluginStatus


@dataclass
class Figures:
    """The calls of one plugin."""

    calls: int = 0
    errors: int = 0
    total_s: float = 0.0
    slowest_s: float = 0.0
    last_error: str | None = None


class Statistics:
    """Counts; any thread."""

    def __init__(self) -> None:
        self._figures: dict[str, Figures] = {}
        self._lock = threading.Lock()

    def note(self, plugin: str, took_s: float, error: str | None) -> None:
        """A call of `plugin` has ended; `error` is one line about what it raised."""
        with self._lock:
            figures = self._figures.setdefault(plugin, Figures())
            figures.calls += 1
            figures.total_s += took_s
            figures.slowest_s = max(figures.slowest_s, took_s)
            if error is not None:
                figures.errors += 1
                figures.last_error = error

    def of(self, plugin: str) -> Figures:
        """The figures of one plugin so far."""
        with self._lock:
            found = self._figures.get(plugin, Figures())
            return Figures(found.calls, found.errors, found.total_s, found.slowest_s, found.last_error)

    def status_of(self, plugin: str, pause: Pause | None) -> PluginStatus:
        """How one plugin is doing; `pause` is the one it is in."""
        figures = self.of(plugin)
        return PluginStatus(
            plugin,
            calls=figures.calls,
            errors=figures.errors,
            missed=pause.missed if pause else 0,
            paused_until_ms=pause.until_ms if pause else None,
            mean_ms=1000 * figures.total_s / figures.calls if figures.calls else 0.0,
            slowest_ms=1000 * figures.slowest_s,
            last_error=figures.last_error,
        )
