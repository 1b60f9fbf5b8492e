"""One socket's life: what is said on it and what follows from what comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger._deadlines import Deadlines
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
    """Why a connection ended.

    code: that of a refused CONNECT.
    queue_lost: the server said that the queue is gone.
    unanswered: the queue was asked, and nothing came; the next connection makes a new one (dossier 2, section 3.4).
    silent: nothing came at all, not even what the socket itself asks for.
    """

    reason: str
    code: int = 0
    queue_lost: bool = False
    unanswered: bool = False
    silent: bool = False

    @property
    def is_stalled(self) -> bool:
        return self.unanswered or self.silent


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
        lost: str | None,
        probe_after_s: float,
    ) -> None:
        """`lost`: why the queue before was lost, as long as the sink does not know."""
        self.queue = queue
        self.ending: Ending | None = None
        self.live_since: float | None = None
        self._sink = sink
        self._link = link
        self._clock = clock
        self._wake = wake
        self._online = online
        self._on_live = on_live
        self.lost = lost
        self._probe_after_s = probe_after_s
        self._socket: Socket | None = None
        self._gone = threading.Event()
        self._deadlines = Deadlines(clock)
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
        self._deadlines.set(self._miss_answer, _ANSWER_LIMIT_S)

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
            try:
                self._sort(topic, value)
            except Exception as error:
                self._fail(error)
                raise

    def closed(self, reason: str, *, silent: bool = False) -> None:
        self.end(Ending(reason, silent=silent))
        self._gone.set()

    def end(self, ending: Ending) -> None:
        """Close, for the first reason given; any thread."""
        if self.ending is None:
            self.ending = ending
        self._deadlines.close()
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

    def wait_closed(self, timeout_s: float) -> bool:
        """Wait until the socket is closed, its thread too; say whether it is."""
        if self._socket is None:
            return True
        if not self._clock.wait(self._gone, timeout_s):
            return False
        self._socket.join(timeout_s)
        return True

    def ask(self) -> None:
        """Ask the queue what has come: when it answers, `caught_up` is said once more. Any thread."""
        if self.live_since is not None and self.ending is None:
            self._ask_queue(wants_answer=True)

    def look(self) -> None:
        """The listener was woken: say what its thread has to say."""
        if self._gave_up and self.ending is None:
            try:
                self._say_caught_up()
            except Exception as error:
                self._fail(error)

    def _sort(self, topic: str, value: Mapping[str, Any]) -> None:
        if topic == T_MS:
            self._take(value)
        elif topic in TRANSIENT:
            self._sink.transient(topic, value, self._clock.time_ms())
        elif topic == LS_RESPONSES:
            self._link.answer(value)

    def _take(self, payload: Mapping[str, Any]) -> None:
        step = self.queue.take(payload, self._clock.time_ms())
        if step.trouble is not None:
            _log.warning("listener: %s", step.trouble)
        if step.lost is not None:
            self.end(Ending(step.lost, queue_lost=True))
            return
        self._become_live()
        self._deadlines.drop(self._miss_news)
        self._deadlines.set(self._probe, self._probe_after_s)
        self._hand_over(step)
        if step.ask is not None:
            self._publish(*step.ask)
            self._deadlines.set(self._miss_hole, _ANSWER_LIMIT_S)
        if step.caught_up:
            self._say_caught_up()
        elif step.answered:
            self._sink.caught_up()

    def _hand_over(self, step: Step) -> None:
        if step.gap is not None:
            self._sink.gap(step.gap)
        if step.position is None:
            return
        if step.batch is not None:
            self._sink.batch(step.batch, step.position)
        elif self.lost is not None:
            # Not before the new queue exists: what the host then fetches leaves no second hole.
            self._sink.queue_lost(step.position, self.lost)
            self.lost = None
        else:
            self._sink.position(step.position)
        self.queue.commit(step.position)

    def _fail(self, error: Exception) -> None:
        """The sink has raised: nothing more may be handed on, and nothing confirmed."""
        _log.error("listener: what came could not be taken", exc_info=error)
        self.end(Ending(f"what came could not be taken ({type(error).__name__})"))

    def _become_live(self) -> None:
        if self.live_since is None:
            self.live_since = self._clock.monotonic()
            if self._socket is not None:
                self._link.attach(self._socket)
            self._on_live()
            self._deadlines.set(self._give_up, _ANSWER_LIMIT_S)

    def _say_caught_up(self) -> None:
        with self._turn:
            if not self._caught_up:
                self._caught_up = True
                self._sink.caught_up()

    def _publish(self, topic: str, payload: str) -> None:
        if self._socket is not None:
            self._socket.publish(topic, payload, qos=1)

    def _probe(self) -> None:
        """Nothing on `/t_ms` for so long may mean that the queue is dead: it has to answer."""
        self._ask_queue(wants_answer=False)

    def _ask_queue(self, *, wants_answer: bool) -> None:
        self._deadlines.set(self._miss_news, _ANSWER_LIMIT_S)
        self._publish(*self.queue.ask(wants_answer=wants_answer))

    def _miss_news(self) -> None:
        self.end(Ending("nothing on /t_ms within 10 s after asking for news", unanswered=True))

    def _miss_answer(self) -> None:
        if self.live_since is None:
            self.end(Ending("no answer on /t_ms within 10 s", unanswered=True))

    def _miss_hole(self) -> None:
        if self.queue.in_doubt:
            self.end(Ending("no answer about missing deltas within 10 s", unanswered=True))

    def _give_up(self) -> None:
        self._gave_up = True
        self._wake.set()

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
