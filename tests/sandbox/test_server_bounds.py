"""What the listener does not take: other addresses, other hosts, too much, too many, too slow."""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from botkit.sandbox import server as shell
from botkit.sandbox.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, port=0)
    server.start()
    yield server
    server.stop()


def place(server: Server) -> tuple[str, int]:
    host, _, port = server.url.removeprefix("http://").partition(":")
    return host, int(port)


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """Everything up to the first piece with `end` in it, or up to the end of the connection."""
    seen = b""
    while end not in seen and (piece := connection.recv(4096)):
        seen += piece
    return seen


def status(server: Server, headers: dict[str, str]) -> int:
    """Of a GET of the page."""
    connection = http.client.HTTPConnection(*place(server), timeout=5)
    try:
        connection.request("GET", "/", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_loopback_only(server: Server) -> None:
    """The same port of another address of this machine is free."""
    host, port = place(server)
    assert host == "127.0.0.1"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.2", port))


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "facebook.com.evil.test", "192.168.0.7"])
def test_other_hosts(server: Server, host: str) -> None:
    """A name that leads here from elsewhere gets neither the page nor the protocol."""
    assert status(server, {"Host": host}) == 421


@pytest.mark.parametrize("path", ["/chat", "/sandbox/api/events", "/ws/realtime"])
def test_sockets_of_other_hosts(server: Server, path: str) -> None:
    """Nor a socket."""

    async def talk() -> int:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(f"{server.url}{path}", headers={"Host": "evil.test"})
            return caught.value.status

    assert asyncio.run(talk()) == 421


@pytest.mark.parametrize("headers", [{"X-Long": "x" * 20_000}, {f"X-{n}": "x" for n in range(300)}])
def test_headers(server: Server, headers: dict[str, str]) -> None:
    """Too long or too many headers are refused."""
    assert status(server, headers) == 400


def test_frames(server: Server) -> None:
    """A frame that nobody needs to send ends the socket as soon as its length is known."""
    with socket.create_connection(place(server), timeout=5) as chat:
        chat.sendall(
            b"GET /chat?sid=5 HTTP/1.1\r\nHost: edge-chat.facebook.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        seen = read_until(chat, b"\r\n\r\n")
        chat.sendall(b"\x82\xff" + ((4 << 20) + 1).to_bytes(8, "big") + bytes(4))
        assert seen.startswith(b"HTTP/1.1 101")
        # A close frame with the code 1009, message too big.
        assert read_until(chat, b"\x03\xf1")[:1] == b"\x88"


def cut_off(server: Server) -> bool:
    """Whether a new connection is ended without an answer."""
    with socket.create_connection(place(server), timeout=5) as connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return connection.recv(1) == b""
        except ConnectionError:
            return True


def test_connections(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """One connection too many is cut at once; the others go on."""
    monkeypatch.setattr(shell, "_MOST_CONNECTIONS", 2)
    first, second = (socket.create_connection(place(server), timeout=5) for _ in range(2))
    with first, second:
        for open_one in (first, second):
            open_one.sendall(b"GET /page.css HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert open_one.recv(15) == b"HTTP/1.1 200 OK"
        assert cut_off(server)
        first.sendall(b"GET /page.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert first.recv(1)


def test_body_that_does_not_come(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who announces a body and sends nothing is not waited for."""
    monkeypatch.setattr(shell, "_BODY_WITHIN_S", 0.05)
    with socket.create_connection(place(server), timeout=5) as slow:
        slow.sendall(b"POST /sandbox/api/send HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n")
        assert read_until(slow, b"\r\n").startswith(b"HTTP/1.1 408")


def test_who_leaves_in_the_midst_of_a_body(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """A client that was killed is no fault of the server's."""
    with socket.create_connection(place(server), timeout=5) as half:
        half.sendall(b"POST /sandbox/api/send HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nhalf")
    with socket.create_connection(place(server), timeout=5) as other:
        other.sendall(b"GET /page.css HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert other.recv(15) == b"HTTP/1.1 200 OK"
    server.stop()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
