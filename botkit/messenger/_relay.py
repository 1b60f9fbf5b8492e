"""What the client itself does with what a listener hears, on its way to the host's sink: presence and receipts."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from botkit.clock import Ticket, Timer
from botkit.logs import get_logger
from botkit.messenger._client import Client
from botkit.messenger._marks import mark_all_as_delivered, mark_as_read
from botkit.messenger._queue import Batch, Position
from botkit.messenger._raw_events import RawEvent
from botkit.messenger._sink import ENDINGS, ConnectionState, Sink
from botkit.messenger._socket import PRESENCE
from botkit.messenger.errors import BadArgument, BotkitError, Refused

_log = get_logger(__name__)
# The first message waits so long for others: one request tells of them all, and none disturbs the answers.
_GATHER_S = 0.1
# In a flood the server can do without the rest.
_MOST_WAITING = 1000
# So many messages are told of in one request, at most.
_MOST_TOGETHER = 100

# A chat and one of its messages.
_Heard = tuple[str, str]


class Receipts:
    """Takes what has been heard and tells the server on a thread of its own, "botkit-receipts"; never waits.

    Messages gather for a tenth of a second and go together. Own messages are left out, and everything as long as
    neither `auto_mark_delivery` nor `auto_mark_read` is on.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        # Rung with a ticket when the thread is to begin; None ends it. What gathers while it is at work is under that
        # ticket too: when the thread waits for the clock, a ticket of its own would keep time from passing.
        self._bell: queue.SimpleQueue[Ticket | None] = queue.SimpleQueue()
        self._at_work = False
        self._waiting: list[_Heard] = []
        self._timer: Timer | None = None
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def take(self, events: Iterable[RawEvent]) -> None:
        """What the host has taken. Called on the socket's thread only."""
        options = self._client.options
        if self._closed.is_set() or not (options.auto_mark_delivery or options.auto_mark_read):
            return
        own_id = self._client.acting_id
        heard = [
            (raw.thread_id, raw.key.removeprefix("message:"))
            for raw in events
            if raw.kind == "message" and raw.key and raw.thread_id and raw.sender_id != own_id
        ]
        if heard:
            self._put(heard)

    def close(self) -> None:
        """Tell no more; what is being told ends by itself."""
        with self._lock:
            self._closed.set()
            if self._timer is not None:
                self._timer.cancel()
            self._bell.put(None)

    def _put(self, heard: list[_Heard]) -> None:
        with self._lock:
            if self._closed.is_set() or len(self._waiting) >= _MOST_WAITING:
                return
            self._waiting += heard
            if self._timer is None:
                self._timer = self._client.clock.call_later(_GATHER_S, self._ring)

    def _ring(self) -> None:
        with self._lock:
            self._timer = None
            # Nothing is put behind the end, where nobody would take it.
            if self._closed.is_set() or self._at_work:
                return
            self._at_work = True
            self._bell.put(self._client.clock.ticket("receipts"))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="botkit-receipts", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (ticket := self._bell.get()) is not None:
            with ticket.in_hand():
                while gathered := self._gathered():
                    if not self._closed.is_set():
                        self._try_to_tell(gathered)
            ticket.done()

    def _gathered(self) -> list[_Heard]:
        """What waits, as much as goes together; nothing when the work is done."""
        with self._lock:
            gathered, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            self._at_work = bool(gathered)
        return gathered

    def _try_to_tell(self, heard: list[_Heard]) -> None:
        try:
            self._tell(heard)
        except (BadArgument, Refused) as error:
            # A strange message may come from a chat that cannot be; the others are told of one by one.
            if len(heard) == 1:
                _log.info("receipts: the server was not told: %s", error)
            else:
                for one in heard:
                    self._try_to_tell([one])
        except BotkitError as error:
            _log.info("receipts: the server was not told: %s", error)

    def _tell(self, heard: list[_Heard]) -> None:
        """Delivered first; a chat is marked as read only when that has worked (dossier 1, section 8.4)."""
        client = self._client
        if client.options.auto_mark_delivery:
            mark_all_as_delivered(client, heard)
        if client.options.auto_mark_read:
            for thread_id in dict.fromkeys(thread_id for thread_id, _ in heard):
                mark_as_read(client, thread_id, read=True)


class Relay(Sink):
    """Stands before a host's sink and takes what the client itself needs: presence, and what to confirm."""

    def __init__(self, client: Client, sink: Sink) -> None:
        self._client = client
        self._sink = sink
        self._receipts = Receipts(client)

    def batch(self, batch: Batch, position: Position) -> None:
        self._sink.batch(batch, position)
        self._receipts.take(batch.events)

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

    def queue_lost(self, position: Position, reason: str) -> None:
        self._sink.queue_lost(position, reason)

    def caught_up(self) -> None:
        self._sink.caught_up()
