"""The client's half of MQTT 3.1, as far as the client speaks it (dossier 2, section 2.5): packets to bytes and back.

A publish and its acknowledgement look the same in both directions and come from the sandbox's half. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from botkit.messenger._doors import SocketConnect

_CONNACK, _PUBLISH = 2, 3
_PROTOCOL, _LEVEL = "MQIsdp", 3
_CLEAN_SESSION_AND_USER_NAME = 0x82

DISCONNECT = bytes((0xE0, 0))


@dataclass(frozen=True)
class Connack:
    """The answer to CONNECT; 0 is welcome."""

    code: int


@dataclass(frozen=True)
class Message:
    """A publish of the server; `packet_id` is None at QoS 0."""

    topic: str
    payload: bytes = field(repr=False)
    packet_id: int | None = None


def connect(what: SocketConnect) -> bytes:
    """The first packet."""
    flags = bytes((_LEVEL, _CLEAN_SESSION_AND_USER_NAME))
    head = _text(_PROTOCOL) + flags + what.keepalive_s.to_bytes(2, "big")
    return packet(0x10, head + _text(what.client_id) + _text(what.username))


def subscribe(packet_id: int, topics: Sequence[str]) -> bytes:
    """Ask for topics with QoS 0."""
    return packet(0x82, packet_id.to_bytes(2, "big") + b"".join(_text(topic) + b"\0" for topic in topics))


def packet(first: int, body: bytes) -> bytes:
    """A whole packet: its first byte, the length in groups of seven bits, lowest first, and the body."""
    digits, left = bytearray(), len(body)
    while left > 0x7F:
        digits.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes((first, *digits, left)) + body


class Reader:
    """Puts packets together from pieces; gives those that a client has to look at."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, piece: bytes) -> Iterator[Connack | Message]:
        """The packets that `piece` completes; acknowledgements and pongs are left out."""
        self._buffer += piece
        while (frame := self._frame()) is not None:
            first, body = frame
            if first >> 4 == _CONNACK:
                yield Connack(body[1])
            elif first >> 4 == _PUBLISH:
                yield _message(body, acknowledged=bool(first & 0x06))

    def _frame(self) -> tuple[int, bytes] | None:
        """Cut one whole packet off the buffer: its first byte and its body; None while it is not all there."""
        length = 0
        for position, byte in enumerate(self._buffer[1:5]):
            length |= (byte & 0x7F) << (7 * position)
            if byte < 0x80:
                start = position + 2
                break
        else:
            return None
        if len(self._buffer) < start + length:
            return None
        first, body = self._buffer[0], self._buffer[start : start + length]
        self._buffer = self._buffer[start + length :]
        return first, body


def _message(body: bytes, *, acknowledged: bool) -> Message:
    end = 2 + int.from_bytes(body[:2], "big")
    topic = body[2:end].decode()
    if not acknowledged:
        return Message(topic, body[end:])
    return Message(topic, body[end + 2 :], int.from_bytes(body[end : end + 2], "big"))


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data
