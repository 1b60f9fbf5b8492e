"""HTTP/1.1 by hand on connections that are kept, for the small forms of which nearly all of a bot's traffic consists.

A form costs a tenth of what a general library takes for it: one write, one pass over the answer's few lines. Pages,
files and everything that goes through a proxy are left to the library (`_http.py`).
"""

from __future__ import annotations

import select
import socket as sockets
import ssl
import threading
import zlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from botkit.messenger._doors import Address, HttpRequest, HttpResponse, Network
from botkit.messenger.errors import BadAnswer, BadArgument, NetworkError

_LONGEST_LINE = 64 * 1024
_MOST_LINES = 200
_CONTINUE = 200
_WITHOUT_BODY = (204, 304)
# zlib's number for "gzip or zlib, as the data says".
_ANY_WRAPPER = 32 + zlib.MAX_WBITS


class KeepAlive:
    """Posts forms on kept connections, as many as are asked for at the same time; any thread may call it.

    `ca_bundle` is a file or a folder with the certificate authorities that are trusted.
    """

    def __init__(self, network: Network, ca_bundle: str) -> None:
        self._network = network
        self._ca_bundle = Path(ca_bundle)
        self._lock = threading.Lock()
        # The one used last is used first, so that few are enough.
        self._idle: dict[Address, list[_Line]] = {}
        self._closed = False

    def post(self, request: HttpRequest, timeout_s: float) -> HttpResponse:
        """See `HttpDoor.request`."""
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        address = self._network.address(host)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        line: _Line | None = None
        try:
            line = self._taken(address, timeout_s)
            answer = line.exchange(_written(request, path, parts.netloc), request)
        except (OSError, EOFError) as error:
            kind = "time-out" if isinstance(error, TimeoutError) else "no connection"
            raise NetworkError(f"POST {host}{parts.path}: {kind} ({type(error).__name__})") from error
        except _Strange as error:
            raise BadAnswer(f"POST {host}{parts.path}: {error}") from error
        finally:
            if line is not None:
                self._give_back(address, line)
        return answer

    def close(self) -> None:
        """Close the connections; those in use follow when their answers have come."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, {}
        for lines in idle.values():
            for line in lines:
                line.close()

    def _taken(self, address: Address, timeout_s: float) -> _Line:
        """A connection that the server has not closed meanwhile, or a new one."""
        while (line := self._pop(address)) is not None:
            if not line.has_spoken():
                line.wait_at_most(timeout_s)
                return line
            line.close()
        return _Line(self._connected(address, timeout_s))

    def _pop(self, address: Address) -> _Line | None:
        with self._lock:
            lines = self._idle.get(address)
            return lines.pop() if lines else None

    def _give_back(self, address: Address, line: _Line) -> None:
        with self._lock:
            if line.is_reusable and not self._closed:
                self._idle.setdefault(address, []).append(line)
                return
        line.close()

    def _connected(self, address: Address, timeout_s: float) -> sockets.socket:
        tcp = sockets.create_connection((address.host, address.port), timeout_s)
        # Otherwise a form of more than one segment waits for the acknowledgement of the first.
        tcp.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        if address.scheme == "http":
            return tcp
        try:
            return self._context.wrap_socket(tcp, server_hostname=address.host)
        except BaseException:
            tcp.close()
            raise

    @cached_property
    def _context(self) -> ssl.SSLContext:
        is_folder = self._ca_bundle.is_dir()
        context = ssl.create_default_context(
            cafile=None if is_folder else self._ca_bundle, capath=self._ca_bundle if is_folder else None
        )
        context.set_alpn_protocols(["http/1.1"])
        return context


class _Strange(Exception):
    """The answer is no HTTP that can be read on; the text says why."""


class _Line:
    """One connection; used by one thread at a time."""

    def __init__(self, socket: sockets.socket) -> None:
        self._socket = socket
        self._reader: BinaryIO = socket.makefile("rb")
        self._is_kept = False
        self.is_reusable = False

    def has_spoken(self) -> bool:
        """Whether the server has said something unasked: mostly that it has closed the connection."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def wait_at_most(self, timeout_s: float) -> None:
        """Let each wait from now on last so long at most."""
        self._socket.settimeout(timeout_s)

    def exchange(self, written: bytes, request: HttpRequest) -> HttpResponse:
        """Send and read the answer. Raises OSError or EOFError when the connection ends, and `_Strange`."""
        self.is_reusable = False
        self._socket.sendall(written)
        status, headers, cookies = self._head()
        while status < _CONTINUE:
            status, headers, cookies = self._head()
        data = b"" if status in _WITHOUT_BODY else self._body(headers, request.limit_bytes)
        is_wanted = headers.get(b"connection", b"").lower() != b"close"
        self.is_reusable = self._is_kept and is_wanted and _has_end(status, headers)
        return HttpResponse(
            status=status,
            url=request.url,
            text="" if request.binary else data.decode("utf-8", "replace"),
            location=_text(headers, b"location"),
            cookies=cookies,
            retry_after=_text(headers, b"retry-after"),
            content_type=_text(headers, b"content-type"),
            content_disposition=_text(headers, b"content-disposition"),
            data=data if request.binary else b"",
        )

    def close(self) -> None:
        with suppress(OSError):
            self._reader.close()
            self._socket.close()

    def _head(self) -> tuple[int, dict[bytes, bytes], tuple[str, ...]]:
        """The status, the headers by their names in lower case, and the lines of Set-Cookie."""
        version, _, rest = self._next_line().partition(b" ")
        if version not in (b"HTTP/1.1", b"HTTP/1.0") or not rest[:3].isdigit():
            raise _Strange("what came is no answer of HTTP/1.1")
        self._is_kept = version == b"HTTP/1.1"
        headers: dict[bytes, bytes] = {}
        cookies: list[str] = []
        for _ in range(_MOST_LINES):
            line = self._next_line()
            if not line:
                return int(rest[:3]), headers, tuple(cookies)
            name, _, value = line.partition(b":")
            name, value = name.lower(), value.strip()
            if name == b"set-cookie":
                cookies.append(value.decode("latin-1"))
            headers[name] = value
        raise _Strange(f"the answer has more than {_MOST_LINES} headers")

    def _next_line(self) -> bytes:
        line = self._reader.readline(_LONGEST_LINE)
        if not line:
            raise EOFError
        if not line.endswith(b"\n"):
            raise _Strange("the answer breaks off in its headers")
        return line.rstrip(b"\r\n")

    def _body(self, headers: Mapping[bytes, bytes], limit_bytes: int) -> bytes:
        if b"transfer-encoding" in headers:
            data = b"".join(self._chunks(limit_bytes))
        elif b"content-length" in headers:
            data = self._exactly(_number(headers[b"content-length"], 10), limit_bytes)
        else:
            data = self._reader.read(limit_bytes + 1)
        if headers.get(b"content-encoding", b"identity") != b"identity":
            data = _unpacked(data, limit_bytes)
        if len(data) > limit_bytes:
            raise _too_long(limit_bytes)
        return data

    def _chunks(self, limit_bytes: int) -> list[bytes]:
        chunks, total = [], 0
        while size := _number(self._next_line().partition(b";")[0], 16):
            total += size
            if total > limit_bytes:
                raise _too_long(limit_bytes)
            chunks.append(self._exactly(size, limit_bytes))
            self._next_line()
        while self._next_line():
            pass
        return chunks

    def _exactly(self, size: int, limit_bytes: int) -> bytes:
        if size > limit_bytes:
            raise _too_long(limit_bytes)
        data = self._reader.read(size)
        if len(data) < size:
            raise EOFError
        return data


def _written(request: HttpRequest, path: str, netloc: str) -> bytes:
    body = request.body or b""
    own = {"Host": netloc, "Accept-Encoding": "gzip", "Content-Length": str(len(body))}
    lines = [
        f"{request.method} {path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in {**request.headers, **own}.items()),
    ]
    head = "\n".join(lines)
    if head.count("\n") >= len(lines) or "\r" in head:
        raise BadArgument("a header must be one line")
    return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


def _has_end(status: int, headers: Mapping[bytes, bytes]) -> bool:
    """Whether the answer said where it ends, so that another one can follow."""
    return status in _WITHOUT_BODY or b"transfer-encoding" in headers or b"content-length" in headers


def _unpacked(data: bytes, limit_bytes: int) -> bytes:
    unpacking = zlib.decompressobj(_ANY_WRAPPER)
    try:
        unpacked = unpacking.decompress(data, limit_bytes + 1)
    except zlib.error as error:
        raise _Strange("the answer cannot be unpacked") from error
    if not unpacking.eof and len(unpacked) <= limit_bytes:
        raise _Strange("the answer cannot be unpacked: its end is missing")
    return unpacked


def _number(text: bytes, base: int) -> int:
    try:
        number = int(text.strip(), base)
    except ValueError:
        number = -1
    if number < 0:
        raise _Strange("the answer does not say how long it is")
    return number


def _too_long(limit_bytes: int) -> _Strange:
    return _Strange(f"the answer is longer than {limit_bytes} bytes")


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
