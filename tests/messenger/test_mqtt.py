"""The door to MQTT over a real socket, with a small WebSocket and MQTT server written here from the dossier."""

import base64
import contextlib
import hashlib
import json
import queue
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from botkit.messenger import Network, NetworkError, SocketConnect
from botkit.messenger._mqtt import PahoDoor

WAIT_S = 5.0
URL = "wss://edge-chat.facebook.com/chat?region=atn&sid=1&cid=x"
HEADERS = {
    "Cookie": "c_user=1; xs=s",
    "Origin": "https://www.facebook.com",
    "User-Agent": "Test/1.0",
    "Referer": "https://www.facebook.com/",
}
USERNAME = json.dumps({"u": "1", "s": 1})


class Peer:
    """The server's end of one connection: frames in, packets out."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.request = b""
        self.tunnel = b""
        self.refuse = False
        self.packets: queue.Queue[bytes] = queue.Queue()
        self._connection: socket.socket | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        try:
            self._connection, _ = self._listening.accept()
        except OSError:
            return
        self._read_request()
        if self.request.startswith(b"CONNECT "):
            self.tunnel, self.request = self.request, b""
            self._connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._read_request()
        if self.refuse:
            self._connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
            self._connection.close()
            return
        key = self.header("Sec-WebSocket-Key").encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key).digest())
        self._connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self._ready.set()
        stream = self._connection.makefile("rb")
        with stream:
            while (payload := self._frame(stream)) is not None:
                self.packets.put(payload)

    def _read_request(self) -> None:
        assert self._connection is not None
        while b"\r\n\r\n" not in self.request:
            self.request += self._connection.recv(4096)

    def _frame(self, stream: Any) -> bytes | None:
        try:
            head = stream.read(2)
            if len(head) < 2 or head[0] & 15 == 8:
                return None
            length = head[1] & 127
            if length == 126:
                (length,) = struct.unpack("!H", stream.read(2))
            mask = stream.read(4)
            return bytes(byte ^ mask[i % 4] for i, byte in enumerate(stream.read(length)))
        except OSError:
            return None

    def header(self, name: str) -> str:
        for line in self.request.decode().split("\r\n")[1:]:
            key, _, value = line.partition(": ")
            if key.lower() == name.lower():
                return value
        return ""

    def send(self, *packets: bytes) -> None:
        assert self._ready.wait(WAIT_S) and self._connection is not None
        for packet in packets:
            self._connection.sendall(bytes([0x82, len(packet)]) + packet)

    def next(self) -> bytes:
        return self.packets.get(timeout=WAIT_S)

    def cut(self) -> None:
        assert self._connection is not None
        self._connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection.close()
        self._listening.close()
        self._thread.join(WAIT_S)


class Handler:
    """Remembers; raises on demand."""

    def __init__(self) -> None:
        self.codes: queue.Queue[int] = queue.Queue()
        self.messages: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.reasons: queue.Queue[str] = queue.Queue()
        self.silent = False
        self.hold: threading.Event | None = None
        self.fault: Exception | None = None
        self.thread: threading.Thread | None = None

    def connected(self, socket: Any, code: int) -> None:
        self.codes.put(code)

    def received(self, topic: str, payload: bytes) -> None:
        self.thread = threading.current_thread()
        self.messages.put((topic, payload))
        if self.fault is not None:
            raise self.fault
        if self.hold is not None:
            self.hold.wait(WAIT_S)

    def closed(self, reason: str, *, silent: bool = False) -> None:
        self.silent = silent
        self.reasons.put(reason)


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def opened(peer: Peer, handler: Handler) -> Iterator[Any]:
    connect = SocketConnect("mqttwsclient", USERNAME, keepalive_s=10, timeout_s=WAIT_S)
    opened = PahoDoor(Network.sandbox(peer.url)).open(URL, headers=HEADERS, connect=connect, handler=handler)
    yield opened
    opened.close()
    opened.join(WAIT_S)


def publish(topic: str, payload: bytes, packet_id: int = 7) -> bytes:
    rest = struct.pack("!H", len(topic)) + topic.encode() + struct.pack("!H", packet_id) + payload
    return bytes([0x32, len(rest)]) + rest


def accepted(peer: Peer, handler: Handler) -> None:
    peer.next()
    peer.send(b"\x20\x02\x00\x00")
    assert handler.codes.get(timeout=WAIT_S) == 0


def test_the_handshake_says_the_real_names(opened: Any, peer: Peer) -> None:
    """Path, Host and our headers; the subprotocol is mqtt."""
    peer.next()
    assert peer.request.startswith(b"GET /chat?region=atn&sid=1&cid=x HTTP/1.1\r\n")
    assert peer.header("Host") == "edge-chat.facebook.com"
    assert {name: peer.header(name) for name in HEADERS} == HEADERS
    assert (peer.header("Sec-WebSocket-Version"), peer.header("Sec-WebSocket-Protocol")) == ("13", "mqtt")


def test_connect_byte_by_byte(opened: Any, peer: Peer) -> None:
    """Dossier 2, section 2.5: MQIsdp, level 3, flags 0x82, keepalive 10, client id, user name, no more."""
    packet = peer.next()
    name = USERNAME.encode()
    rest = b"\x00\x06MQIsdp\x03\x82\x00\x0a\x00\x0cmqttwsclient" + struct.pack("!H", len(name)) + name
    assert packet == bytes([0x10, len(rest)]) + rest


@pytest.mark.parametrize("code", [0, 3, 4, 5, 21, 24])
def test_the_code_of_the_answer_is_passed_on_as_it_came(opened: Any, peer: Peer, handler: Handler, code: int) -> None:
    """Also numbers that MQTT 3.1 does not know."""
    peer.next()
    peer.send(bytes([0x20, 2, 0, code]))
    assert handler.codes.get(timeout=WAIT_S) == code


def test_subscribing_and_publishing(opened: Any, peer: Peer, handler: Handler) -> None:
    """SUBSCRIBE with QoS 0, PUBLISH with QoS 1, from another thread."""
    accepted(peer, handler)
    opened.subscribe(["/t_ms"])
    assert peer.next()[4:] == b"\x00\x05/t_ms\x00"
    opened.publish("/a", "{}", qos=1)
    packet = peer.next()
    assert packet[0] == 0x32 and packet[2:6] == b"\x00\x02/a" and packet[8:] == b"{}"


def test_a_message_is_confirmed_after_the_handler_returned(opened: Any, peer: Peer, handler: Handler) -> None:
    """Not before: what is kept there is safe then."""
    accepted(peer, handler)
    handler.hold = threading.Event()
    peer.send(publish("/t_ms", b'{"a":1}'))
    assert handler.messages.get(timeout=WAIT_S) == ("/t_ms", b'{"a":1}')
    assert peer.packets.empty()
    handler.hold.set()
    assert peer.next() == b"\x40\x02\x00\x07"
    assert handler.thread is not threading.current_thread()


def test_a_handler_that_raises_closes_without_confirming(opened: Any, peer: Peer, handler: Handler) -> None:
    """DISCONNECT follows, no PUBACK; paho's thread ends in order."""
    accepted(peer, handler)
    handler.fault = OSError("disk full")
    peer.send(publish("/t_ms", b"{}"))
    assert peer.next() == b"\xe0\x00"
    assert handler.reasons.get(timeout=WAIT_S)


def test_closing_says_disconnect(opened: Any, peer: Peer, handler: Handler) -> None:
    """And the handler hears of the end once."""
    accepted(peer, handler)
    opened.close()
    assert peer.next() == b"\xe0\x00"
    assert handler.reasons.get(timeout=WAIT_S)
    opened.join(WAIT_S)
    opened.close()
    assert handler.reasons.empty()


def test_a_cut_is_told(opened: Any, peer: Peer, handler: Handler) -> None:
    """The door does not connect again by itself."""
    accepted(peer, handler)
    peer.cut()
    assert "gone" in handler.reasons.get(timeout=WAIT_S) and not handler.silent


def test_a_deaf_server_is_found_by_pings(peer: Peer, handler: Handler) -> None:
    """After two keepalives in which nothing came: within 30 s of 10 s each, here of 1 s."""
    connect = SocketConnect("mqttwsclient", USERNAME, keepalive_s=1, timeout_s=WAIT_S)
    opened = PahoDoor(Network.sandbox(peer.url)).open(URL, headers=HEADERS, connect=connect, handler=handler)
    accepted(peer, handler)
    assert peer.next() == b"\xc0\x00"
    assert "not even the answer to a ping" in handler.reasons.get(timeout=WAIT_S) and handler.silent
    opened.join(WAIT_S)


def test_an_ended_connection_leaves_nothing_open(peer: Peer, handler: Handler, opened: Any) -> None:
    """Neither paho's inner pipe nor its thread, before any garbage collection; publishing then does nothing."""
    accepted(peer, handler)
    client = opened._client
    opened.close()
    opened.join(WAIT_S)
    assert (client._sock, client._sockpairR, client._sockpairW) == (None, None, None)
    opened.publish("/t_ms", "{}", qos=1)
    opened.subscribe(["/t_ms"])
    opened.close()


def test_an_end_that_paho_does_not_tell_is_told(opened: Any, peer: Peer, handler: Handler) -> None:
    """Here a fault inside its thread: without a word the listener would be silent for ever."""
    accepted(peer, handler)
    opened._client._handle_publish = lambda: 1 / 0
    peer.send(publish("/t_ms", b"{}"))
    assert handler.reasons.get(timeout=WAIT_S) == "the connection has ended"


def test_a_refused_handshake_is_a_network_error(peer: Peer, handler: Handler) -> None:
    """So is nobody there."""
    peer.refuse = True
    connect = SocketConnect("mqttwsclient", USERNAME, timeout_s=WAIT_S)
    for url in (peer.url, "http://127.0.0.1:9"):
        with pytest.raises(NetworkError, match="socket edge-chat"):
            PahoDoor(Network.sandbox(url)).open(URL, headers=HEADERS, connect=connect, handler=handler)
    assert handler.reasons.empty()


def test_a_proxy_opens_the_way(peer: Peer, handler: Handler) -> None:
    """It is asked for the network's address, with its own password; then the handshake goes through."""
    door = PahoDoor(Network.sandbox("http://127.0.0.1:9"), peer.url.replace("//", "//me:pass%20word@"))
    opened = door.open(URL, headers=HEADERS, connect=SocketConnect("mqttwsclient", USERNAME), handler=handler)
    accepted(peer, handler)
    assert peer.tunnel.startswith(b"CONNECT 127.0.0.1:9 ")
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"me:pass word") in peer.tunnel
    assert peer.header("Host") == "edge-chat.facebook.com"
    opened.close()
    opened.join(WAIT_S)


def test_a_proxy_that_refuses_is_a_network_error(handler: Handler) -> None:
    """Or that speaks no HTTP at all; its address stays unsaid."""
    for answer in (b"HTTP/1.1 403 Forbidden\r\n\r\n", b"nonsense\r\n\r\n"):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            proxy = f"http://me:password@127.0.0.1:{listening.getsockname()[1]}"

            def serve(listening: socket.socket = listening, answer: bytes = answer) -> None:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(answer)

            serving = threading.Thread(target=serve)
            serving.start()
            with pytest.raises(NetworkError) as caught:
                PahoDoor(Network.facebook(), proxy).open(
                    URL, headers=HEADERS, connect=SocketConnect("mqttwsclient", USERNAME), handler=handler
                )
            serving.join(WAIT_S)
        assert "password" not in str(caught.value) and "socket edge-chat.facebook.com" in str(caught.value)
