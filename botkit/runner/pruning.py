"""Deletes what is too old to matter: at the start, then every six hours."""

from __future__ import annotations

from botkit.clock import Clock, Timer, start_thread
from botkit.runner.command_gates import forget_cooldowns
from botkit.runner.journal import Journal
from botkit.store import Database

_EVERY_S = 6 * 3600.0


class Pruning:
    """The first time on the thread that starts it, later on one of its own."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._next: Timer | None = None
        self._is_over = False

    def start(self) -> None:
        """Prune now and from now on. Raises StoreError."""
        self._prune()

    def stop(self) -> None:
        """No further one begins."""
        self._is_over = True
        if self._next is not None:
            self._next.cancel()

    def _prune(self) -> None:
        if self._is_over:
            return
        self._next = self._clock.call_later(_EVERY_S, self._prune_apart)
        self._journal.prune()
        forget_cooldowns(self._database, self._clock.time_ms())

    def _prune_apart(self) -> None:
        start_thread(self._clock, self._prune, "botkit-prune")
