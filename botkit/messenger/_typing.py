"""A typing indicator that is shown until somebody ends it, or for 30 s."""

from __future__ import annotations

import threading
from collections.abc import Callable

from botkit.clock import Clock, start_thread
from botkit.logs import get_logger
from botkit.messenger.errors import MessengerError

_log = get_logger(__name__)
# The server forgets it by itself after about this time (dossier 1, section 14).
_SHOWN_S = 30.0


class TypingIndicator:
    """Shown from its making on; call it to end it. Any thread; ending twice is fine."""

    def __init__(self, show: Callable[[bool], None], clock: Clock) -> None:
        self._show = show
        self._clock = clock
        self._lock = threading.Lock()
        self._is_shown = True
        show(True)
        self._timer = clock.call_later(_SHOWN_S, self._lapse)

    def __call__(self) -> None:
        """Hide it. Raises what the server or the network says."""
        self._timer.cancel()
        if self._take_down():
            self._show(False)

    def forget(self) -> None:
        """Stop the timer and tell nobody."""
        self._take_down()
        self._timer.cancel()

    def _lapse(self) -> None:
        if self._take_down():
            # Telling it is a request, and all timers share one thread.
            start_thread(self._clock, self._tell_end, "botkit-typing")

    def _tell_end(self) -> None:
        try:
            self._show(False)
        except MessengerError as error:
            _log.info("typing: the end could not be told: %s", error)

    def _take_down(self) -> bool:
        with self._lock:
            was_shown, self._is_shown = self._is_shown, False
        return was_shown
