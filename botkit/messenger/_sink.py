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
    """How the connection stands.

    name: connecting; live, when the queue has answered; stalled, when socket or queue gave no answer any more and is
        given up; backing_off, before the next attempt; or one of the last: logged_out, checkpoint, stopped.
    reason: why, for a person; never empty.
    """

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
        """Deltas are missing for good: the server has skipped numbers, also when asked again."""

    def queue_lost(self, position: Position, reason: str) -> None:
        """The server had lost the queue, and has made a new one: keep `position`, which holds once this returns.

        Whatever came between the last batch and now is missing. `Api.threads_since` and `Api.missed_messages` fetch the
        messages among it. When this raises, it is called again after the next connection. Unless overridden it calls
        `position` and `gap`.
        """
        self.position(position)
        self.gap(reason)

    def caught_up(self) -> None:
        """After each connection: all that had waited is handed over, or 10 s went by without a proof of it. And after
        each `Listener.ask`: all that had come before it is handed over."""
