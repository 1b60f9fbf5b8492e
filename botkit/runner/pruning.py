"""Deletes what is too old to matter: at the start, then every six hours."""

from __future__ import annotations

from botkit.clock import Clock, Timer, start_thread
from botkit.logs import get_logger
from botkit.messenger.errors import StoreError
from botkit.runner.command_gates import forget_cooldowns
from botkit.runner.journal import Journal
from botkit.store import Database

log = get_logger(__name__)

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
        self._next = self._clock.call_later(_EVERY_S, self._prune_apart)
        self._prune()

    def stop(self) -> None:
        """No further one begins."""
        self._is_over = True
        if self._next is not None:
            self._next.cancel()

    def _prune_apart(self) -> None:
        if not self._is_over:
            self._next = self._clock.call_later(_EVERY_S, self._prune_apart)
            start_thread(self._clock, self._prune_again, "botkit-prune")

    def _prune_again(self) -> None:
        try:
            self._prune()
        except StoreError as error:
            # A bot that ends meanwhile has closed its file.
            if not self._is_over:
                log.error("what is old cannot be deleted, next try in six hours: %s", error)

    def _prune(self) -> None:
        self._journal.prune()
        forget_cooldowns(self._database, self._clock.time_ms())
