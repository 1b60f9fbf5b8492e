"""Ctrl+C, SIGTERM and a closed terminal: the first asks to stop, the second leaves at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

# A closed terminal (SIGHUP, unknown to Windows) is a wish to stop like the others.
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def when_asked_to_stop(stop: Callable[[], None]) -> None:
    """Have `stop` called, on a thread of its own, at the first such signal; leave at once at the second.

    Call it on the main thread.
    """
    asked = False

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os._exit(128 + number)
        asked = True
        # A handler runs in the midst of whatever the main thread does. If that is waiting for the very event that
        # `stop` sets, the main thread holds the event's lock, and setting it from here would wait for ever.
        threading.Thread(target=stop, name="botkit-stop", daemon=True).start()

    for number in _SIGNALS:
        signal.signal(number, handle)
