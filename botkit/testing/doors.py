"""The client's two doors, joined to a sandbox's core without sockets: requests are calls, packets go through a queue.

Keepalives are left out, so that an idle day costs nothing; a connection whose server has gone deaf is closed two
keepalives later, as if pings had found it out.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from botkit.clock import Clock, Ticket, Timer
from botkit.logs import get_logger
from botkit.messenger._doors import HttpRequest, HttpResponse, Socket, SocketConnect, SocketHandler
from botkit.messenger.errors import BadAnswer, NetworkError
from botkit.sandbox import mqtt
from botkit.sandbox.core import Core
from botkit.sandbox.session import Session
from botkit.sandbox.wire import Request, Response
from botkit.testing import _packets

_log = get_logger(__name__)
_PINGS_MISSED = 2


class Junction:
    """A core that several threads use, one at a time."""

    def __init__(self, core: Core, clock: Clock) -> None:
        self.clock = clock
        self.sockets: set[JoinedSocket] = set()
        self._core = core
        self._lock = threading.Lock()
        self._has_ended = False

    def close(self) -> None:
        """End the core with all its connections; who enters from now on gets NetworkError."""
        with self._lock:
            for socket in list(self.sockets):
                socket.cut()
            self._core.close()
            self._has_ended = True

    @contextmanager
    def entered(self) -> Iterator[Core]:
        """The core, for the calling thread alone; not to be entered again inside."""
        with self._lock:
            if self._has_ended:
                raise NetworkError("no connection: the sandbox has ended")
            try:
                yield self._core
            finally:
                # Where anything may have been ordered to go wrong; a timer that looks would cost much in a long time.
                for socket in self.sockets:
                    socket.look()


class JoinedHttp:
    """See `HttpDoor`; the core answers on the calling thread."""

    def __init__(self, junction: Junction) -> None:
        self._junction = junction
        self._closed = threading.Event()

    def request(self, request: HttpRequest, *, timeout_s: float) -> HttpResponse:
        """See `HttpDoor`."""
        asked = _request(request.method, request.url, request.headers, request.body)
        place = f"{request.method} {asked.host}{asked.path}"
        if self._closed.is_set():
            raise NetworkError(f"{place}: no connection (the door is closed)")
        with self._junction.entered() as core:
            answer = core.handle(asked)
        if self._junction.clock.wait(self._closed, min(answer.hold_s, timeout_s)):
            raise NetworkError(f"{place}: no connection (the door is closed)")
        if answer.hold_s > timeout_s:
            raise NetworkError(f"{place}: time-out")
        if answer.cut:
            raise NetworkError(f"{place}: no connection")
        if len(answer.body) > request.limit_bytes:
            raise BadAnswer(f"{place}: the answer is longer than {request.limit_bytes} bytes")
        return _response(request, answer)

    def close(self) -> None:
        """See `HttpDoor`."""
        self._closed.set()


class JoinedSockets:
    """See `SocketDoor`."""

    def __init__(self, junction: Junction) -> None:
        self._junction = junction

    def open(self, url: str, *, headers: Mapping[str, str], connect: SocketConnect, handler: SocketHandler) -> Socket:
        """See `SocketDoor`."""
        upgrade = _request("GET", url, headers, None)
        socket = JoinedSocket(self._junction, handler, connect)
        with self._junction.entered() as core:
            refusal = core.app.refused_upgrade(upgrade)
            if refusal is not None:
                raise NetworkError(f"socket {upgrade.host}: no connection (status {refusal.status})")
            socket.begin(core, upgrade)
        return socket


class JoinedSocket:
    """See `Socket`: the client's end, with a thread that hands over what the server sends."""

    def __init__(self, junction: Junction, handler: SocketHandler, connect: SocketConnect) -> None:
        self._junction = junction
        self._handler = handler
        self._connect = connect
        self._reader = _packets.Reader()
        self._session: Session | None = None
        self._packet_id = 0
        # None in place of a piece ends the thread.
        self._pieces: queue.SimpleQueue[tuple[Ticket, bytes | None]] = queue.SimpleQueue()
        self._turn = threading.Lock()
        self._is_over = False
        self._is_shut = False
        self._is_silent = False
        self._silence: Timer | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="botkit-socket", daemon=True)

    def begin(self, core: Core, upgrade: Request) -> None:
        """Connect; inside the junction."""
        self._session = core.connect(upgrade, self._put, lambda: self._put(None), self.cut)
        self._junction.sockets.add(self)
        self._thread.start()
        self._session.feed(_packets.connect(self._connect))

    def subscribe(self, topics: Sequence[str]) -> None:
        """See `Socket`."""
        self._write(_packets.subscribe(self._next_packet(), topics))

    def publish(self, topic: str, payload: str, *, qos: int) -> None:
        """See `Socket`."""
        self._write(mqtt.publish(topic, payload.encode(), self._next_packet() if qos else None))

    def close(self) -> None:
        """See `Socket`."""
        self._is_shut = True
        self._write(_packets.DISCONNECT)

    def join(self, timeout_s: float) -> None:
        """See `Socket`."""
        if threading.current_thread() is not self._thread:
            self._junction.clock.wait(self._ended, timeout_s)

    def cut(self) -> None:
        """End at once: what was not handed over yet is lost. Inside the junction."""
        self._is_shut = True
        self._put(None)

    def look(self) -> None:
        """Notice that the server has gone deaf; inside the junction."""
        assert self._session is not None
        if self._session.is_deaf and self._silence is None and not self._is_over:
            limit_s = _PINGS_MISSED * self._connect.keepalive_s
            self._silence = self._junction.clock.call_later(limit_s, self._give_up)

    def _give_up(self) -> None:
        assert self._session is not None
        with self._junction.entered():
            self._silence = None
            if self._session.is_deaf:
                self._is_silent = True
                self.cut()

    def _next_packet(self) -> int:
        with self._turn:
            self._packet_id = self._packet_id % 0xFFFF + 1
            return self._packet_id

    def _write(self, data: bytes) -> None:
        # A call on a socket that is gone does nothing.
        with suppress(NetworkError), self._junction.entered():
            if self._session is not None and not self._is_over:
                self._session.feed(data)

    def _put(self, piece: bytes | None) -> None:
        """Queue what the server sends; each piece holds a ticket until it is handled or dropped."""
        with self._turn:
            if not self._is_over:
                self._is_over = piece is None
                self._pieces.put((self._junction.clock.ticket("frame"), piece))

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            ticket, piece = self._pieces.get()
            with ticket.in_hand():
                if piece is None:
                    goes_on = False
                    self._end()
                elif not self._is_shut:
                    self._guarded(piece)
            ticket.done()

    def _guarded(self, piece: bytes) -> None:
        """Hand a piece over. What the handler raises closes the connection, as `SocketHandler` says."""
        try:
            self._take(piece)
        except Exception as error:
            _log.debug("socket: closing after %s", type(error).__name__)
            self.close()

    def _take(self, piece: bytes) -> None:
        for packet in self._reader.feed(piece):
            if self._is_shut:
                return
            if isinstance(packet, _packets.Connack):
                self._handler.connected(self, packet.code)
                continue
            self._handler.received(packet.topic, packet.payload)
            if packet.packet_id is not None:
                self._write(mqtt.puback(packet.packet_id))

    def _end(self) -> None:
        assert self._session is not None
        with suppress(NetworkError), self._junction.entered() as core:
            self._junction.sockets.discard(self)
            core.sessions.discard(self._session)
        if self._silence is not None:
            self._silence.cancel()
        try:
            if self._is_silent:
                self._handler.closed("nothing has come for too long", silent=True)
            else:
                self._handler.closed("the connection is gone")
        except Exception as error:
            _log.debug("socket: %s at the end", type(error).__name__)
        self._ended.set()


def _request(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Request:
    parts = urlsplit(url)
    lower = {name.lower(): value for name, value in headers.items()}
    return Request(method, parts.hostname or "", parts.path or "/", parts.query, lower, body or b"")


def _response(request: HttpRequest, answer: Response) -> HttpResponse:
    headers = {name.lower(): value for name, value in answer.headers}
    return HttpResponse(
        status=answer.status,
        url=request.url,
        text="" if request.binary else answer.body.decode("utf-8", "replace"),
        location=headers.get("location"),
        cookies=tuple(value for name, value in answer.headers if name.lower() == "set-cookie"),
        retry_after=headers.get("retry-after"),
        content_type=headers.get("content-type"),
        content_disposition=headers.get("content-disposition"),
        data=answer.body if request.binary else b"",
    )
