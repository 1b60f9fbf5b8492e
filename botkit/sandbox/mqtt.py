"""MQTT packets to bytes and back, as far as web clients use them (dossier 2, section 2.5). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

# The longest packet that is taken, fixed header not counted.
LONGEST_PACKET = 1 << 20

_CONNECT, _PUBLISH, _PUBACK, _SUBSCRIBE, _UNSUBSCRIBE, _PINGREQ, _DISCONNECT = 1, 3, 4, 8, 10, 12, 14
_LEVELS = {("MQIsdp", 3), ("MQTT", 4)}


class MqttError(Exception):
    """The bytes are not the MQTT that a web client speaks; the connection has to be closed."""


@dataclass(frozen=True)
class Connect:
    """The first packet. `supported`: name and level are MQTT 3.1 or 3.1.1; the other fields are empty otherwise."""

    supported: bool
    keepalive_s: int = 0
    client_id: str = ""
    username: str = field(default="", repr=False)


@dataclass(frozen=True)
class Publish:
    """A message on a topic; `packet_id` is None at QoS 0."""

    topic: str
    payload: bytes = field(repr=False)
    packet_id: int | None = None


@dataclass(frozen=True)
class Puback:
    """The answer to a publish at QoS 1."""

    packet_id: int


@dataclass(frozen=True)
class Subscribe:
    """Topics that the client wants, each with the QoS it asked for."""

    packet_id: int
    topics: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Unsubscribe:
    """Topics that the client wants no more."""

    packet_id: int
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Pingreq:
    """A sign of life that wants an answer."""


@dataclass(frozen=True)
class Disconnect:
    """The client leaves."""


Packet = Connect | Publish | Puback | Subscribe | Unsubscribe | Pingreq | Disconnect


class Decoder:
    """Collects bytes in whatever pieces they come, and gives whole packets."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets that `data` completes.

        Raises:
            MqttError: a packet is malformed, of a kind that only servers send, or longer than `LONGEST_PACKET`.
        """
        self._buffer += data
        while (frame := self._frame()) is not None:
            first, body = frame
            yield _decode(first >> 4, first & 0x0F, _Body(body))

    def _frame(self) -> tuple[int, bytes] | None:
        """Cut one whole packet off the buffer: its first byte and its body; None while it is not all there."""
        length = 0
        for position in range(4):
            if len(self._buffer) < position + 2:
                return None
            byte = self._buffer[position + 1]
            length |= (byte & 0x7F) << (7 * position)
            if byte < 0x80:
                break
        else:
            raise MqttError("the remaining length has more than four bytes")
        if length > LONGEST_PACKET:
            raise MqttError(f"a packet of {length} bytes is longer than {LONGEST_PACKET}")
        start = position + 2
        if len(self._buffer) < start + length:
            return None
        first, body = self._buffer[0], bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return first, body


class _Body:
    """Reads one packet's body from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise MqttError("a packet ends too early")
        self._at += count
        return piece

    def number(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def text(self) -> str:
        try:
            return self.take(self.number()).decode()
        except UnicodeDecodeError as error:
            raise MqttError("a text is not UTF-8") from error

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    @property
    def left(self) -> bool:
        return self._at < len(self._data)


def _decode(kind: int, flags: int, body: _Body) -> Packet:
    if kind == _CONNECT:
        return _connect(body)
    if kind == _PUBLISH:
        if flags & 0x04:
            raise MqttError("QoS 2 is never used by web clients")
        topic = body.text()
        return Publish(topic, packet_id=body.number() if flags & 0x02 else None, payload=body.rest())
    if kind == _PUBACK:
        return Puback(body.number())
    if kind == _SUBSCRIBE:
        packet_id, topics = body.number(), []
        while body.left:
            topics.append((body.text(), body.take(1)[0]))
        return Subscribe(packet_id, tuple(topics))
    if kind == _UNSUBSCRIBE:
        packet_id, names = body.number(), []
        while body.left:
            names.append(body.text())
        return Unsubscribe(packet_id, tuple(names))
    if kind == _PINGREQ:
        return Pingreq()
    if kind == _DISCONNECT:
        return Disconnect()
    raise MqttError(f"packets of type {kind} do not come from a client")


def _connect(body: _Body) -> Connect:
    name, level, flags, keepalive_s = body.text(), body.take(1)[0], body.take(1)[0], body.number()
    if (name, level) not in _LEVELS:
        return Connect(supported=False)
    client_id = body.text()
    if flags & 0x04:
        body.text()
        body.take(body.number())
    return Connect(True, keepalive_s, client_id, body.text() if flags & 0x80 else "")


def connack(code: int) -> bytes:
    """The answer to CONNECT; 0 is welcome (other codes: dossier 2, section 2.7)."""
    return bytes((0x20, 2, 0, code))


def publish(topic: str, payload: bytes, packet_id: int | None = None) -> bytes:
    """A message to the client: QoS 1 with a packet id, else QoS 0."""
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name
    if packet_id is not None:
        body += packet_id.to_bytes(2, "big")
    return _packet(0x30 if packet_id is None else 0x32, body + payload)


def puback(packet_id: int) -> bytes:
    """The answer to a publish at QoS 1."""
    return _packet(0x40, packet_id.to_bytes(2, "big"))


def suback(packet_id: int, count: int) -> bytes:
    """The answer to SUBSCRIBE: `count` topics are granted, at QoS 0."""
    return _packet(0x90, packet_id.to_bytes(2, "big") + bytes(count))


def unsuback(packet_id: int) -> bytes:
    """The answer to UNSUBSCRIBE."""
    return _packet(0xB0, packet_id.to_bytes(2, "big"))


def pingresp() -> bytes:
    """The answer to PINGREQ."""
    return _packet(0xD0, b"")


def _packet(first: int, body: bytes) -> bytes:
    length, digits = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | (0x80 if length else 0))
        if not length:
            return bytes((first, *digits)) + body
