"""What all AJAX calls have in common: how they are called, and the envelope of their answers (dossier 1, section 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botkit.clock import Clock
from botkit.sandbox import wire
from botkit.sandbox.storage import Login
from botkit.sandbox.wire import Request, Response

# Who calls has a living session, and on a POST the right form token.
Call = Callable[[Request, Login], Response]

_LID_BITS = 22


class Answers:
    """Makes good answers, each with a running number."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0

    def lid(self) -> str:
        """The number of the next answer."""
        self._count += 1
        return str((self._clock.time_ms() << _LID_BITS) | (self._count % (1 << _LID_BITS)))

    def ok(self, payload: Any, **more: Any) -> Response:
        """An answer with this payload, and `more` keys beside it."""
        return wire.envelope(payload, self.lid(), **more)
