"""The bytes inside WebSocket frames, over a pair of connected sockets."""

import socket
from collections.abc import Iterator

import pytest

from botkit.messenger._websocket import WebSocketStream

Pair = tuple[WebSocketStream, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A stream that does not block, and the server's end."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(5)
    stream = WebSocketStream(ours)
    yield stream, theirs
    stream.close()
    theirs.close()


def frame(content: bytes, kind: int = 2) -> bytes:
    """As servers send it: whole, without a mask."""
    length = len(content)
    if length < 126:
        return bytes((0x80 | kind, length)) + content
    if length < 1 << 16:
        return bytes((0x80 | kind, 126)) + length.to_bytes(2, "big") + content
    return bytes((0x80 | kind, 127)) + length.to_bytes(8, "big") + content


def unmasked(data: bytes) -> list[tuple[int, bytes]]:
    """The kind and the content of each frame that a client has sent."""
    found = []
    while data:
        length, at = data[1] & 127, 2
        assert data[1] & 128, "a client masks"
        if length >= 126:
            at = 4 if length == 126 else 10
            length = int.from_bytes(data[2:at], "big")
        mask, content = data[at : at + 4], data[at + 4 : at + 4 + length]
        found.append((data[0] & 15, bytes(byte ^ mask[n % 4] for n, byte in enumerate(content))))
        data = data[at + 4 + length :]
    return found


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536])
def test_content_of_any_length(pair: Pair, length: int) -> None:
    """There and back, with the three ways of saying a length."""
    stream, server = pair
    content = bytes(n % 251 for n in range(length))
    assert stream.send(content) == length
    while stream.has_unsent:
        try:
            stream.flush()
        except BlockingIOError:
            server.recv(0)
    data = b""
    while len(data) < length + 6:
        data += server.recv(1 << 20)
    assert unmasked(data) == [(2, content)]
    server.sendall(frame(content + b"!"))
    got = b""
    while len(got) <= length:
        got += stream.recv(1 << 20)
    assert got == content + b"!"


def test_nothing_has_come(pair: Pair) -> None:
    """As with any socket that does not block."""
    stream, _ = pair
    with pytest.raises(BlockingIOError):
        stream.recv(1)
    assert not stream.has_more()


def test_what_came_together_is_read_at_once(pair: Pair) -> None:
    """And given in any pieces; `pending` says how much `select` does not know of."""
    stream, server = pair
    server.sendall(frame(b"abc") + frame(b"def", kind=0))
    assert stream.has_more()
    assert stream.recv(1) == b"a"
    assert stream.pending() == 5 and stream.has_more()
    assert stream.recv(10) == b"bcdef" and not stream.has_more()


def test_a_frame_comes_byte_by_byte(pair: Pair) -> None:
    """It is given when it is whole."""
    stream, server = pair
    for byte in frame(b"x" * 130)[:-1]:
        server.sendall(bytes((byte,)))
        with pytest.raises(BlockingIOError):
            stream.recv(1)
    server.sendall(b"x")
    assert stream.recv(1000) == b"x" * 130


def test_a_server_that_masks(pair: Pair) -> None:
    """Is not meant to, but says so."""
    stream, server = pair
    server.sendall(bytes((0x82, 0x83, 1, 2, 3, 4)) + bytes((ord("a") ^ 1, ord("b") ^ 2, ord("c") ^ 3)))
    assert stream.recv(10) == b"abc"


def test_frames_that_gather_go_in_one_piece(pair: Pair) -> None:
    """Nothing goes before `flush`."""
    stream, server = pair
    stream.send(b"one")
    stream.send(b"two")
    server.setblocking(False)
    with pytest.raises(BlockingIOError):
        server.recv(1)
    stream.flush()
    assert unmasked(server.recv(1000)) == [(2, b"one"), (2, b"two")]
    assert not stream.has_unsent


def test_a_ping_is_answered(pair: Pair) -> None:
    """With its content, when the next flush comes; it is no content of the stream."""
    stream, server = pair
    server.sendall(frame(b"here?", kind=9) + frame(b"x"))
    assert stream.recv(10) == b"x"
    stream.flush()
    assert unmasked(server.recv(1000)) == [(10, b"here?")]


def test_the_server_says_goodbye(pair: Pair) -> None:
    """Answered in kind; what came before it is still given, then the end."""
    stream, server = pair
    server.sendall(frame(b"last") + frame(b"\x03\xe8", kind=8))
    assert (stream.recv(10), stream.recv(10)) == (b"last", b"")
    stream.close()
    assert unmasked(server.recv(1000)) == [(8, b"\x03\xe8")]


def test_the_connection_breaks(pair: Pair) -> None:
    """The end of the stream."""
    stream, server = pair
    server.close()
    assert stream.recv(10) == b""


def test_a_frame_of_absurd_length(pair: Pair) -> None:
    """Ends the connection instead of filling the memory."""
    stream, server = pair
    server.sendall(bytes((0x82, 127)) + (1 << 40).to_bytes(8, "big"))
    with pytest.raises(ConnectionAbortedError):
        stream.recv(10)


def test_closing_sends_what_waits(pair: Pair) -> None:
    """A DISCONNECT still reaches the server."""
    stream, server = pair
    stream.send(b"bye")
    stream.close()
    assert unmasked(server.recv(1000)) == [(2, b"bye")]
