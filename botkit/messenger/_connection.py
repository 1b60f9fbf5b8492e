"""One socket's life: what is said on it and what follows from what comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botkit.clock import Clock, Timer
from botkit.logs import get_logger
from botkit.messenger._doors import Socket
from botkit.messenger._link import Link
from botkit.messenger._queue import Position, Step, SyncQueue
from botkit.messenger._sink import Sink
from botkit.messenger._socket import LS_RESPONSES, T_MS, TOPICS, TRANSIENT, online_messages
from botkit.messenger._wire import json_in
from botkit.messenger.errors import NetworkError

_log = get_logger(__name__)
_ANSWER_LIMIT_S = 10.0


@dataclass(frozen=True)
class Ending:
    """Why a connection ended. `code` is that of a refused CONNECT, `queue_lost` the server's word about the queue."""

    reason: str
    code: int = 0
    queue_lost: bool = False
    unanswered: bool = False


class Connection:
    """The handler of one socket (see `SocketHandler`); `wake` is set whenever the listener should look at it."""

    def __init__(
        self,
        queue: SyncQueue,
        sink: Sink,
        link: Link,
        *,
        clock: Clock,
        wake: threading.Event,
        online: bool,
        on_live: Callable[[], None],
        gap: str | None,
    ) -> None:
        self.queue = queue
        self.ending: Ending | None = None
        self.live_since: float | None = None
        self._sink = sink
        self._link = link
        self._clock = clock
        self._wake = wake
        self._online = online
        self._on_live = on_live
        # Said as soon as the new queue exists, so that the host can fetch what is missing without a second hole.
        self.gap = gap
        self._socket: Socket | None = None
        self._timers: list[Timer] = []
        # Sinks are called on two threads, the socket's and the listener's, but one at a time.
        self._turn = threading.RLock()
        self._thread: int | None = None
        self._caught_up = False
        self._gave_up = False

    def opened(self, socket: Socket) -> None:
        """The door has connected; an answer on `/t_ms` is due."""
        self._socket = socket
        if self.ending is not None:
            socket.close()
            return
        self._after(_ANSWER_LIMIT_S, self._check_answer)

    def connected(self, socket: Socket, code: int) -> None:
        self._socket = socket
        if code:
            self.end(Ending(f"the server refused the connection with code {code}", code=code))
            return
        socket.subscribe(TOPICS)
        for topic, payload in (self.queue.opening(), *online_messages(self._online)):
            socket.publish(topic, payload, qos=1)

    def received(self, topic: str, payload: bytes) -> None:
        self._thread = threading.get_ident()
        with self._turn:
            if self.ending is not None:
                raise NetworkError("the connection has ended")
            value = _object_in(topic, payload)
            if value is None:
                return
            if topic == T_MS:
                self._take(value)
            elif topic in TRANSIENT:
                self._sink.transient(topic, value, self._clock.time_ms())
            elif topic == LS_RESPONSES:
                self._link.answer(value)

    def closed(self, reason: str) -> None:
        self.end(Ending(reason))

    def end(self, ending: Ending) -> None:
        """Close, for the first reason given; any thread."""
        if self.ending is None:
            self.ending = ending
        for timer in self._timers:
            timer.cancel()
        if self._socket is not None:
            self._link.detach(self._socket)
            self._socket.close()
        self._wake.set()

    def say_goodbye(self) -> None:
        """Tell the server that the user leaves (dossier 2, section 2.10)."""
        if self._socket is not None and self.ending is None:
            self._socket.publish("/browser_close", "{}", qos=1)

    def is_own_thread(self) -> bool:
        """Whether the caller is on the socket's thread."""
        return threading.get_ident() == self._thread

    def join(self, timeout_s: float) -> None:
        """Wait for the socket's thread."""
        if self._socket is not None:
            self._socket.join(timeout_s)

    def look(self) -> None:
        """The listener was woken: say what its thread has to say."""
        if self._gave_up and self.ending is None:
            self._say_caught_up()

    def _take(self, payload: Mapping[str, Any]) -> None:
        step = self.queue.take(payload, self._clock.time_ms())
        if step.trouble is not None:
            _log.warning("listener: %s", step.trouble)
        if step.lost is not None:
            self.end(Ending(step.lost, queue_lost=True))
            return
        self._become_live()
        self._hand_over(step)
        if step.ask is not None and self._socket is not None:
            self._socket.publish(*step.ask, qos=1)
            self._after(_ANSWER_LIMIT_S, self._check_hole)
        if step.caught_up:
            self._say_caught_up()

    def _hand_over(self, step: Step) -> None:
        if step.gap is not None:
            self._sink.gap(step.gap)
        if step.position is None:
            return
        try:
            if step.batch is not None:
                self._sink.batch(step.batch, step.position)
            else:
                self._sink.position(step.position)
        except Exception as error:
            _log.error("listener: the sink could not take a batch", exc_info=True)
            self.end(Ending(f"the sink could not take a batch ({type(error).__name__})"))
            raise
        self.queue.commit(step.position)
        if step.batch is None and self.gap is not None:
            self._sink.gap(self.gap)
            self.gap = None

    def _become_live(self) -> None:
        if self.live_since is None:
            self.live_since = self._clock.monotonic()
            if self._socket is not None:
                self._link.attach(self._socket)
            self._on_live()
            self._after(_ANSWER_LIMIT_S, self._give_up)

    def _say_caught_up(self) -> None:
        with self._turn:
            if not self._caught_up:
                self._caught_up = True
                self._sink.caught_up()

    def _check_answer(self) -> None:
        if self.live_since is None:
            self.end(Ending("no answer on /t_ms within 10 s", unanswered=True))

    def _check_hole(self) -> None:
        if self.queue.in_doubt:
            self.end(Ending("no answer about missing deltas within 10 s", unanswered=True))

    def _give_up(self) -> None:
        self._gave_up = True
        self._wake.set()

    def _after(self, delay_s: float, function: Callable[[], None]) -> None:
        self._timers.append(self._clock.call_later(delay_s, function))

    @property
    def position(self) -> Position:
        return self.queue.position


def _object_in(topic: str, payload: bytes) -> Mapping[str, Any] | None:
    try:
        value = json_in(payload)
    except ValueError:
        _log.debug("listener: a payload of %s is no JSON", topic)
        return None
    return value if isinstance(value, Mapping) else None
