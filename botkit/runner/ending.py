"""How a bot comes to its end, and why: kept for `botkit status`, which is asked when nobody is there any more."""

from __future__ import annotations

import threading
from collections.abc import Callable

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger import Checkpoint, NotLoggedIn
from botkit.messenger.errors import StoreError
from botkit.store import Database

log = get_logger(__name__)

_STATES = ((Checkpoint, "checkpoint"), (NotLoggedIn, "logged_out"))


class Ending:
    """Whether the bot is to end, and the first reason for it. Any thread."""

    def __init__(self, database: Database, clock: Clock, on_asked: Callable[[], None] = lambda: None) -> None:
        """`on_asked` is told, on whatever thread, that the bot is to end."""
        self._database = database
        self._clock = clock
        self._on_asked = on_asked
        self._lock = threading.Lock()
        self._reason: Exception | None = None
        self._asked = threading.Event()

    @property
    def is_asked(self) -> bool:
        """Whether the bot is to end."""
        return self._asked.is_set()

    @property
    def has_reason(self) -> bool:
        """Whether something has ended it; not so when a person wants it to end."""
        return self._reason is not None

    def forget_last(self) -> None:
        """A bot starts: how the last one ended holds no more. Raises StoreError."""
        self._database.write(lambda c: c.execute("DELETE FROM ending"))

    def ask(self) -> None:
        """Somebody wants the bot to end."""
        self._asked.set()
        self._on_asked()

    def wait(self, timeout_s: float | None) -> bool:
        """Block until the bot is to end, at most `timeout_s` seconds; say whether it is. Raises the reason."""
        is_asked = self._clock.wait(self._asked, timeout_s)
        if is_asked and self._reason is not None:
            raise self._reason
        return is_asked

    def note(self, reason: Exception) -> bool:
        """Something will end the bot, as soon as the last words are said; False when something else was first."""
        with self._lock:
            is_first = self._reason is None
            self._reason = self._reason or reason
            return is_first

    def end(self, reason: Exception) -> None:
        """The bot is to end, because of this if nothing was noted before. Never raises."""
        self.note(reason)
        self._keep(self._reason or reason)
        self.ask()

    def _keep(self, reason: Exception) -> None:
        state = next((name for kind, name in _STATES if isinstance(reason, kind)), "stopped")
        row = (state, str(reason), self._clock.time_ms())
        try:
            self._database.write(
                lambda c: c.execute(
                    "INSERT OR REPLACE INTO ending (id, state, reason, ended_ms) VALUES (1, ?, ?, ?)", row
                )
            )
        except StoreError as trouble:
            log.error("why the bot has ended cannot be kept: %s", trouble)
