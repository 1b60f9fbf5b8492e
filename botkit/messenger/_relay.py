"""What the client itself does with what a listener hears, on its way to the host's sink: presence and receipts."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from botkit.logs import get_logger
from botkit.messenger._client import Client
from botkit.messenger._marks import mark_as_delivered, mark_as_read
from botkit.messenger._queue import Batch, Position
from botkit.messenger._raw_events import raw_events
from botkit.messenger._sink import ENDINGS, ConnectionState, Sink
from botkit.messenger._socket import PRESENCE
from botkit.messenger.errors import BotkitError

_log = get_logger(__name__)
# In a flood the server can do without the rest.
_MOST_WAITING = 1000


class Receipts:
    """Takes what has been heard and tells the server on a thread of its own, "botkit-receipts"; never waits.

    Own messages are left out, and everything as long as neither `auto_mark_delivery` nor `auto_mark_read` is on.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def take(self, deltas: Iterable[Mapping[str, Any]]) -> None:
        """Deltas that the host has taken. Called on the socket's thread only."""
        options = self._client.options
        if self._closed.is_set() or not (options.auto_mark_delivery or options.auto_mark_read):
            return
        own_id = self._client.acting_id
        for raw in (raw for delta in deltas for raw in raw_events(delta)):
            if raw.kind != "message" or raw.key is None or raw.thread_id is None or raw.sender_id == own_id:
                continue
            if self._waiting.qsize() < _MOST_WAITING:
                self._put(raw.thread_id, raw.key.removeprefix("message:"))

    def close(self) -> None:
        """Tell no more; what is being told ends by itself."""
        self._closed.set()
        self._waiting.put(None)

    def _put(self, thread_id: str, message_id: str) -> None:
        self._waiting.put((thread_id, message_id))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="botkit-receipts", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None and not self._closed.is_set():
            try:
                self._tell(*item)
            except BotkitError as error:
                # Also BadArgument: a strange message may come from a chat that cannot be.
                _log.info("receipts: the server was not told: %s", error)

    def _tell(self, thread_id: str, message_id: str) -> None:
        """Delivered first; a chat is marked as read only when that has worked (dossier 1, section 8.4)."""
        client = self._client
        if client.options.auto_mark_delivery:
            mark_as_delivered(client, thread_id, message_id)
        if client.options.auto_mark_read:
            mark_as_read(client, thread_id, read=True)


class Relay(Sink):
    """Stands before a host's sink and takes what the client itself needs: presence, and what to confirm."""

    def __init__(self, client: Client, sink: Sink) -> None:
        self._client = client
        self._sink = sink
        self._receipts = Receipts(client)

    def batch(self, batch: Batch, position: Position) -> None:
        self._sink.batch(batch, position)
        self._receipts.take(batch.deltas)

    def position(self, position: Position) -> None:
        self._sink.position(position)

    def transient(self, topic: str, payload: Mapping[str, Any], received_ms: int) -> None:
        if topic == PRESENCE:
            self._client.presence.take(payload, received_ms)
        self._sink.transient(topic, payload, received_ms)

    def state(self, state: ConnectionState) -> None:
        if state.name == "connecting":
            self._client.presence.begin()
        elif state.name in ENDINGS:
            self._receipts.close()
        self._sink.state(state)

    def gap(self, reason: str) -> None:
        self._sink.gap(reason)

    def caught_up(self) -> None:
        self._sink.caught_up()
