"""The bytes inside WebSocket frames, as paho wants its socket: all that has come in one read, all that goes in one.

paho's own frames are read in up to six small reads each, masked byte by byte in Python and written one by one, which
costs a bot more than all the rest of MQTT. The handshake stays paho's.
"""

from __future__ import annotations

import select
import socket as sockets
import ssl
from contextlib import suppress

from botkit.clock import system_random
from botkit.messenger._doors import MOST_BYTES

_CHUNK = 64 * 1024
_FINAL, _MASKED = 0x80, 0x80
_CONTINUATION, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x2, 0x8, 0x9, 0xA
_TWO_BYTES, _EIGHT_BYTES = 126, 127


class WebSocketStream:
    """An open WebSocket over `socket`; on one thread, paho's.

    `recv` and `flush` raise BlockingIOError, or what ssl has for it, when they would have to wait.
    """

    def __init__(self, socket: sockets.socket) -> None:
        self._socket = socket
        self._chance = system_random()
        self._inbox = bytearray()
        self._content = bytearray()
        self._unsent = b""
        self._ended = False

    def recv(self, length: int) -> bytes:
        """At most `length` bytes of content; none when the server has closed the connection."""
        while not self._content and not self._ended:
            self._read()
        found = bytes(self._content[:length])
        del self._content[:length]
        return found

    def send(self, content: bytes) -> int:
        """Put content into a frame, which goes with the next `flush`; how much of it was taken, which is all."""
        self._unsent += self._frame(_BINARY, content)
        return len(content)

    @property
    def has_unsent(self) -> bool:
        """Whether there is something to flush."""
        return bool(self._unsent)

    def flush(self) -> None:
        """Send the frames that have gathered, in one piece."""
        while self._unsent:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]

    def has_more(self) -> bool:
        """Whether `recv` would give something now."""
        return self.pending() > 0 or bool(select.select([self._socket], [], [], 0)[0])

    def pending(self) -> int:
        """How many bytes `recv` would give without a wait that `select` knows of."""
        more = self._socket.pending() if isinstance(self._socket, ssl.SSLSocket) else 0
        return len(self._content) + more

    def fileno(self) -> int:
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        self._socket.setblocking(flag)

    def close(self) -> None:
        """Send what can still go, and close."""
        with suppress(OSError):
            self.flush()
        self._socket.close()

    def _read(self) -> None:
        data = self._socket.recv(_CHUNK)
        self._ended = not data
        self._inbox += data
        while (frame := self._next_frame()) is not None:
            self._take(*frame)

    def _next_frame(self) -> tuple[int, bytes] | None:
        """Cut one whole frame off what has come: its kind and its content; None while it is not all there."""
        inbox = self._inbox
        if len(inbox) < 2:
            return None
        length, start = inbox[1] & 0x7F, 2
        if length >= _TWO_BYTES:
            start = 4 if length == _TWO_BYTES else 10
            if len(inbox) < start:
                return None
            length = int.from_bytes(inbox[2:start], "big")
        if length > MOST_BYTES:
            raise ConnectionAbortedError(f"a frame of {length} bytes is longer than {MOST_BYTES}")
        # Servers do not mask, but it is said for each frame.
        mask_at, start = start, start + 4 if inbox[1] & _MASKED else start
        if len(inbox) < start + length:
            return None
        kind, mask = inbox[0] & 0x0F, bytes(inbox[mask_at:start])
        content = bytes(inbox[start : start + length])
        del inbox[: start + length]
        return kind, _masked(content, mask) if mask else content

    def _take(self, kind: int, content: bytes) -> None:
        if kind in (_BINARY, _CONTINUATION):
            self._content += content
        elif kind == _PING:
            self._unsent += self._frame(_PONG, content)
        elif kind == _CLOSE:
            self._unsent += self._frame(_CLOSE, content)
            self._ended = True

    def _frame(self, kind: int, content: bytes) -> bytes:
        length = len(content)
        if length < _TWO_BYTES:
            head = bytes((_FINAL | kind, _MASKED | length))
        elif length < 1 << 16:
            head = bytes((_FINAL | kind, _MASKED | _TWO_BYTES)) + length.to_bytes(2, "big")
        else:
            head = bytes((_FINAL | kind, _MASKED | _EIGHT_BYTES)) + length.to_bytes(8, "big")
        mask = self._chance.getrandbits(32).to_bytes(4, "big")
        return head + mask + _masked(content, mask)


def _masked(content: bytes, mask: bytes) -> bytes:
    """The content with each byte combined with one of the four of the mask; the same again takes the mask off."""
    length = len(content)
    whole = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
    return (int.from_bytes(content, "big") ^ whole).to_bytes(length, "big")
