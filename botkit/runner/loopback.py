"""A small HTTP server on 127.0.0.1 for tools of the same machine: the control port and the metrics stand on it.

A web page that somebody has open can send requests to 127.0.0.1 as well. So a request must name a loopback host (which
a page of a foreign name cannot make it do) and must not come from a page (browsers tell by `Origin`).
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from botkit.logs import get_logger

log = get_logger(__name__)

LARGEST_BODY = 2**20
"""So many bytes of one request are read at most."""
_MOST_CONNECTIONS = 16
_SILENCE_S = 10.0
_STOP_S = 1.0
_ADDRESS = "127.0.0.1"
_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Request:
    """A request that has passed the checks of the door. `token` is that of `Authorization: Bearer`, '' for none."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default="", repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Response:
    """What is answered."""

    status: int
    body: bytes = field(repr=False)
    content_type: str = "application/json"


def json_response(status: int, value: Any) -> Response:
    """`value` as JSON."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"))


class LoopbackServer:
    """Answers each request by `handle`, on a thread of the request's own."""

    def __init__(self, name: str, handle: Callable[[Request], Response], port: int = 0) -> None:
        """Bind to `port` (0: any that is free); raises OSError when it is taken. `name` is for threads and logs."""
        self._name = name
        self._server = _Server(name, handle, port)
        self._thread = threading.Thread(target=self._run, name=f"botkit-{name}", daemon=True)
        self._stopping = False

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://{_ADDRESS}:{self._server.server_address[1]}"

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests and let the port go; those in hand are left to their threads. Idempotent."""
        if self._stopping:
            return
        self._stopping = True
        if self._thread.is_alive():
            # It waits for a connection, so it is given one.
            with socket.create_connection((_ADDRESS, self._server.server_address[1]), _STOP_S):
                self._thread.join(_STOP_S)
        self._server.server_close()

    def _run(self) -> None:
        while not self._stopping:
            self._server.handle_request()


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    # On Windows the option would let two servers share one port.
    allow_reuse_address = os.name == "posix"
    request_queue_size = _MOST_CONNECTIONS

    def __init__(self, name: str, handle: Callable[[Request], Response], port: int) -> None:
        self.name = name
        self.handle = handle
        self._places = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        super().__init__((_ADDRESS, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Whoever asked has gone or fallen silent.
        log.debug("%s: a connection broke", self.name, exc_info=True)


class _Refusal(Exception):
    """A request that is not let in: its HTTP status and the sentence of the answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    timeout = _SILENCE_S
    server: _Server
    server_version = "botkit"
    sys_version = ""
    error_content_type = "application/json"
    error_message_format = '{"error": {"class": "BadArgument", "message": "HTTP %(code)d", "fields": {}}}'

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        log.debug("%s: %s %s", self.server.name, self.command, urlsplit(self.path).path)

    def _answer(self) -> None:
        try:
            response = self.server.handle(self._request())
        except _Refusal as refusal:
            found = {"error": {"class": "BadArgument", "message": str(refusal), "fields": {}}}
            response = json_response(refusal.status, found)
        except Exception:
            log.exception("%s: a request could not be answered", self.server.name)
            response = json_response(500, {"error": {"class": "BotkitError", "message": "failed", "fields": {}}})
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(response.body)

    def _request(self) -> Request:
        if _host_name(self.headers.get("Host", "")) not in _NAMES:
            raise _Refusal(403, "the Host of a request must be 127.0.0.1 or localhost")
        if self.headers.get("Origin") is not None:
            raise _Refusal(403, "this port is not for web pages")
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        address = urlsplit(self.path)
        return Request(
            self.command,
            address.path,
            dict(parse_qsl(address.query)),
            token.strip() if scheme.lower() == "bearer" else "",
            self._body() if self.command == "POST" else b"",
        )

    def _body(self) -> bytes:
        if self.headers.get_content_type() != "application/json":
            raise _Refusal(415, "the body must be application/json")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise _Refusal(411, "the body's Content-Length is missing")
        if int(length) > LARGEST_BODY:
            raise _Refusal(413, f"a body may have {LARGEST_BODY} bytes")
        return self.rfile.read(int(length))


def _host_name(host: str) -> str:
    """The name in a Host header, without its port and brackets."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
