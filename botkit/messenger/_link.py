"""Tasks over whichever socket is open: each request is matched with its answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger._doors import Socket
from botkit.messenger._ids import epoch_id
from botkit.messenger._page import Page
from botkit.messenger._socket import LS_REQUESTS
from botkit.messenger._tasks import Call, Task, batch_envelope, calls_in, stateless_envelope
from botkit.messenger.errors import BadAnswer, NetworkError

_log = get_logger(__name__)
_ANSWER_LIMIT_S = 10.0
_REQUEST_IDS = 65_535


class Link:
    """The listener attaches its socket; other threads ask. Never ask on the socket's thread: it brings the answer."""

    def __init__(self, page: Callable[[], Page], clock: Clock) -> None:
        self._page = page
        self._clock = clock
        self._lock = threading.Lock()
        self._socket: Socket | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._expected: dict[threading.Event, Callable[[Sequence[Call]], bool]] = {}
        self._requests = 0
        self._tasks = 0

    @property
    def is_up(self) -> bool:
        return self._socket is not None

    def attach(self, socket: Socket) -> None:
        """Use a socket that works."""
        with self._lock:
            self._socket = socket

    def detach(self, socket: Socket) -> None:
        """The socket is gone, and with it the answers that were due on it."""
        with self._lock:
            if self._socket is not socket:
                return
            self._socket = None
            lost, self._waiting = self._waiting, {}
        for waiting in lost.values():
            waiting.done.set()

    def fresh_epoch_id(self) -> int:
        """An id for something that is being made."""
        with self._lock:
            self._tasks += 1
            return epoch_id(self._clock.time_ms(), self._tasks)

    def ask(self, task: Task) -> tuple[Call, ...]:
        """Publish a task and wait for its answer. Raises NetworkError when none comes within 10 s, BadAnswer, too."""
        page, epoch, waiting = self._page(), self.fresh_epoch_id(), _Waiting()
        with self._lock:
            socket, request_id, task_id = self._socket, self._next_request(), self._tasks
            if socket is None:
                raise NetworkError(f"task {task.label}: no socket is open")
            self._waiting[request_id] = waiting
        text = batch_envelope(
            task,
            app_id=page.ls_app_id,
            version=page.ls_version,
            request_id=request_id,
            epoch_id=epoch,
            task_id=task_id,
        )
        try:
            socket.publish(LS_REQUESTS, text, qos=1)
            self._clock.wait(waiting.done, _ANSWER_LIMIT_S)
        finally:
            with self._lock:
                self._waiting.pop(request_id, None)
        if waiting.answer is None:
            raise NetworkError(f"task {task.label}: no answer on the socket")
        return calls_in(waiting.answer)

    def tell(self, task: Task) -> None:
        """Publish a task that is not answered. Raises NetworkError when no socket is open."""
        page = self._page()
        with self._lock:
            socket, request_id = self._socket, self._next_request()
        if socket is None:
            raise NetworkError(f"task {task.label}: no socket is open")
        text = stateless_envelope(task, app_id=page.ls_app_id, version=page.ls_version, request_id=request_id)
        socket.publish(LS_REQUESTS, text, qos=1)

    @contextmanager
    def expect(self, is_it: Callable[[Sequence[Call]], bool]) -> Iterator[threading.Event]:
        """Meanwhile, look at what the server sends unasked: the event is set when `is_it` says so of its calls."""
        found = threading.Event()
        with self._lock:
            self._expected[found] = is_it
        try:
            yield found
        finally:
            with self._lock:
                del self._expected[found]

    def answer(self, payload: Mapping[str, Any]) -> None:
        """An answer came, or a push that nobody asked for."""
        request_id = payload.get("request_id")
        with self._lock:
            waiting = self._waiting.get(request_id) if isinstance(request_id, int) else None
            expected = tuple(self._expected.items())
        if waiting is not None:
            waiting.answer = payload
            waiting.done.set()
        elif expected:
            self._look_at_push(payload, expected)

    @staticmethod
    def _look_at_push(
        payload: Mapping[str, Any], expected: Sequence[tuple[threading.Event, Callable[[Sequence[Call]], bool]]]
    ) -> None:
        try:
            calls = calls_in(payload)
        except BadAnswer as error:
            _log.debug("link: a push cannot be read: %s", error)
            return
        for found, is_it in expected:
            if is_it(calls):
                found.set()

    def _next_request(self) -> int:
        self._requests = self._requests % _REQUEST_IDS + 1
        return self._requests


class _Waiting:
    def __init__(self) -> None:
        self.done = threading.Event()
        self.answer: Mapping[str, Any] | None = None
