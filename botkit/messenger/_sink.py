"""What a listener tells its host, and the host's side of it: the sink."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botkit.messenger._queue import Batch, Position

ENDINGS = frozenset({"logged_out", "checkpoint", "stopped"})
"""The names of the states after which nothing more is heard."""


@dataclass(frozen=True)
class ConnectionState:
    """How the connection stands: `name` is connecting, live, backing_off, logged_out, checkpoint or stopped."""

    name: str
    reason: str
    since_ms: int


class Sink:
    """Takes what a listener hears; override what you need, the rest does nothing.

    All methods are called one at a time, on the socket's thread or the listener's. They must return quickly, for
    nothing is heard meanwhile, and never wait for the api: its answer may have to come through the same thread.
    """

    def batch(self, batch: Batch, position: Position) -> None:
        """Deltas came; keep them with `position`, which holds once this returns.

        If this raises, the position stays, the socket is closed, and the listener comes back from the old position.
        """

    def position(self, position: Position) -> None:
        """The server has made a queue: a new position without new deltas."""

    def transient(self, topic: str, payload: Mapping[str, Any], received_ms: int) -> None:
        """Typing or presence: without a number, never repeated; for `parse_transient`."""

    def state(self, state: ConnectionState) -> None:
        """The connection's state changed."""

    def gap(self, reason: str) -> None:
        """Something may have been missed that the server cannot give any more."""

    def caught_up(self) -> None:
        """After each connection: all that had waited is handed over, or 10 s went by without a proof of it."""
