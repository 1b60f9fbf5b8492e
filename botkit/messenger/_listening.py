"""`listen`: a listener whose events are parsed and delivered on one thread of its own."""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from botkit.clock import Ticket, start_thread
from botkit.logs import get_logger
from botkit.messenger._client import Client
from botkit.messenger._completion import complete
from botkit.messenger._deltas import parse, parse_transient
from botkit.messenger._queue import Batch, Position
from botkit.messenger._raw_events import raw_events
from botkit.messenger._sink import Sink
from botkit.messenger.errors import BadAnswer, BotkitError, MessengerError
from botkit.messenger.events import (
    Event,
    ForcedFetch,
    Message,
    Presence,
    Reaction,
    ThreadEvent,
    Unparsed,
    Unsend,
)
from botkit.messenger.listener import Listener
from botkit.messenger.options import Options

_log = get_logger(__name__)
_COMPLETE_S = 2.0
_MOST_KEYS = 10_000
_JOIN_S = 2.0

Callback = Callable[[Event], object]
ErrorCallback = Callable[[BotkitError], object]


def is_wanted(event: Event, options: Options, own_id: str) -> bool:
    """Whether the options let an event through (dossier 2, section 9, "Gates")."""
    if isinstance(event, Presence):
        return options.update_presence
    if _actor(event) == own_id and not options.self_listen:
        return False
    return isinstance(event, Message) or options.listen_events


def _actor(event: Event) -> str | None:
    """Who did it, for the events whose doer the option `self_listen` asks about."""
    match event:
        case Message() | Unsend():
            return event.sender_id
        case ThreadEvent():
            return event.author_id
        case Reaction():
            return event.user_id
    return None


class Listening:
    """A running `listen`: call it to stop; iterate over it when no callback was given.

    The callback, or the preparing of what the iterator gives, runs on the thread "botkit-listen".
    """

    def __init__(self, client: Client, callback: Callback | None, on_error: ErrorCallback | None) -> None:
        self._client = client
        self._own_id = client.acting_id
        self._callback = callback
        self._on_error = on_error
        self._error: BotkitError | None = None
        self._stopped = threading.Event()
        self._live = threading.Event()
        # None ends the thread that reads; nothing is put behind it, where nobody would take it.
        self._heard: queue.SimpleQueue[tuple[Ticket, Callable[[], None]] | None] = queue.SimpleQueue()
        self._putting = threading.Lock()
        self._is_over = False
        self._ready: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._listener = Listener(client, _Ear(self))
        self._delivering = threading.Thread(target=self._deliver_all, name="botkit-listen", daemon=True)
        self._delivering.start()
        self._connecting = start_thread(client.clock, self._run, "botkit-listener")

    @property
    def error(self) -> BotkitError | None:
        """Why listening ended by itself, such as NotLoggedIn; None while it goes on and after `stop`."""
        return self._error

    def wait_live(self, timeout_s: float | None = None) -> bool:
        """Block until events are being heard, at most `timeout_s` seconds; False when that did not come about."""
        return self._client.clock.wait(self._live, timeout_s) and self._error is None

    def __call__(self) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop: no further callback begins, and one that runs is waited for, 2 s at most. Also inside the callback."""
        self._stopped.set()
        self._listener.stop()
        self._hear_no_more()
        for thread in (self._delivering, self._connecting):
            if thread is not threading.current_thread():
                thread.join(_JOIN_S)

    def __iter__(self) -> Iterator[Event]:
        """Events as they come, until `stop`. Raises `error` when listening ended by itself."""
        while (event := self._ready.get()) is not None and not self._stopped.is_set():
            yield event
        self._ready.put(None)
        if self._error is not None:
            raise self._error

    def hear_deltas(self, deltas: tuple[Mapping[str, Any], ...]) -> None:
        """Take numbered deltas; called by the sink, which must not wait."""
        for delta in deltas:
            self._hear(partial(self._take_delta, delta))

    def hear_transient(self, topic: str, payload: Mapping[str, Any], received_ms: int) -> None:
        """Take typing or presence; called by the sink, which must not wait."""
        self._hear(partial(self._take_transient, topic, payload, received_ms))

    def hear_live(self) -> None:
        """What had waited is in; called by the sink."""
        self._live.set()

    def hear_gap(self, reason: str) -> None:
        """Something may be missing; called by the sink, which must not wait."""
        error = MessengerError(f"events may be missing: {reason}")
        _log.warning("listen: %s", error)
        self._hear(partial(self._report, error))

    def _run(self) -> None:
        try:
            self._listener.run()
        except BotkitError as error:
            self._error = error
            self._live.set()
            _log.error("listen: ended: %s", error)
            self._hear(partial(self._report, error))
        except Exception:
            _log.exception("listen: the listener failed")
            self._error = BotkitError("the listener failed; the log says why")
        finally:
            self._hear_no_more()

    def _hear(self, step: Callable[[], None]) -> None:
        with self._putting:
            if not self._is_over:
                self._heard.put((self._client.clock.ticket("event"), step))

    def _hear_no_more(self) -> None:
        with self._putting:
            self._is_over = True
            self._heard.put(None)

    def _deliver_all(self) -> None:
        while (item := self._heard.get()) is not None:
            ticket, step = item
            with ticket.in_hand():
                if not self._stopped.is_set():
                    step()
            ticket.done()
        self._ready.put(None)

    def _take_delta(self, delta: Mapping[str, Any]) -> None:
        for raw in raw_events(delta):
            if raw.key is None or self._is_new(raw.key):
                self._deliver(parse(raw.payload, self._own_id))

    def _take_transient(self, topic: str, payload: Mapping[str, Any], received_ms: int) -> None:
        for event in parse_transient(topic, payload, received_ms, self._own_id):
            self._deliver(event)

    def _is_new(self, key: str) -> bool:
        is_new = key not in self._keys
        self._keys[key] = None
        while len(self._keys) > _MOST_KEYS:
            self._keys.popitem(last=False)
        return is_new

    def _deliver(self, event: Event) -> None:
        if self._stopped.is_set():
            return
        if isinstance(event, ForcedFetch):
            # Only the message itself tells what kind of event it is.
            event = complete(self._client, event, _COMPLETE_S)
        if isinstance(event, Unparsed | ForcedFetch):
            self._report(_trouble_with(event))
            return
        self._client.directory.note(event)
        if not is_wanted(event, self._client.options, self._own_id):
            return
        if isinstance(event, Message):
            event = complete(self._client, event, _COMPLETE_S)
        if self._callback is None:
            self._ready.put(event)
        else:
            self._call(self._callback, event)

    def _report(self, error: BotkitError) -> None:
        if self._on_error is not None:
            self._call(self._on_error, error)

    def _call(self, callback: Callable[[Any], object], value: object) -> None:
        if self._stopped.is_set():
            return
        try:
            callback(value)
        except Exception as error:
            # Without its text, which may quote a message.
            _log.error("listen: a callback raised %s", type(error).__name__)


def _trouble_with(event: Unparsed | ForcedFetch) -> BadAnswer:
    if isinstance(event, Unparsed):
        trouble = f"an event was not understood: {event.reason}"
    else:
        trouble = f"message {event.message_id} of thread {event.thread_id} could not be fetched"
    _log.warning("listen: %s", trouble)
    return BadAnswer(trouble)


class _Ear(Sink):
    """Passes on what the socket's thread hears, without waiting."""

    def __init__(self, listening: Listening) -> None:
        self._listening = listening

    def batch(self, batch: Batch, position: Position) -> None:
        self._listening.hear_deltas(batch.deltas)

    def transient(self, topic: str, payload: Mapping[str, Any], received_ms: int) -> None:
        self._listening.hear_transient(topic, payload, received_ms)

    def gap(self, reason: str) -> None:
        self._listening.hear_gap(reason)

    def caught_up(self) -> None:
        self._listening.hear_live()
