"""Forms on kept connections, with a server that says exactly what a test gives it."""

import contextlib
import gzip
import queue
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from botkit.messenger import Address, BadAnswer, BadArgument, HttpRequest, Network, NetworkError
from botkit.messenger._keepalive import KeepAlive

WAIT_S = 5.0
URL = "https://www.facebook.com/messaging/send/?x=1"
TLS = Path(__file__).parent / "tls"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
TRUSTED_IN_FOLDER = "ce275665.0"
"""The name that OpenSSL looks for: the hash of the certificate's subject."""
END = b"<END>"
"""Last in an answer: close the connection."""


class Server:
    """Answers each request with the next part of its script, on whatever connection it comes."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.script: list[bytes] = []
        self.requests: queue.Queue[bytes] = queue.Queue()
        self.connections = 0
        self.closed = queue.Queue[int]()
        self._context = context
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, self.connections))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            self._answer(connection)
        except OSError:
            pass
        finally:
            connection.close()
            self.closed.put(number)

    def _answer(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            while line := stream.readline():
                head = line
                while (line := stream.readline()).strip():
                    head += line
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.requests.put(head + b"\r\n" + stream.read(length))
                said = self.script.pop(0)
                connection.sendall(said.removesuffix(END))
                if said.endswith(END):
                    return

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._accepting.join()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for connection in self._open:
            connection.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def forms(server: Server) -> Iterator[KeepAlive]:
    forms = KeepAlive(Network("test", Address("http", "127.0.0.1", server.port)), str(TLS / "certificate.pem"))
    yield forms
    forms.close()


def form(**more: object) -> HttpRequest:
    return HttpRequest("POST", URL, {"Cookie": "xs=9%3Aabc", "Accept": "*/*"}, b"body=hello", **more)  # type: ignore[arg-type]


def test_a_form_under_its_real_name(server: Server, forms: KeepAlive) -> None:
    """Path, query, Host, the client's own headers and the body arrive as they are."""
    server.script = [GOOD]
    answer = forms.post(form(), WAIT_S)
    lines = server.requests.get(timeout=WAIT_S).split(b"\r\n")
    assert lines[0] == b"POST /messaging/send/?x=1 HTTP/1.1"
    assert {b"Host: www.facebook.com", b"Cookie: xs=9%3Aabc", b"Accept: */*", b"Content-Length: 10"} <= set(lines)
    assert lines[-1] == b"body=hello"
    assert (answer.status, answer.text, answer.url, answer.data) == (200, "ok", URL, b"")


def test_the_next_form_takes_the_same_connection(server: Server, forms: KeepAlive) -> None:
    """One connection is enough for what comes one after another."""
    server.script = [GOOD, GOOD, GOOD]
    for _ in range(3):
        assert forms.post(form(), WAIT_S).status == 200
    assert server.connections == 1


def test_forms_at_the_same_time_have_connections_of_their_own(server: Server, forms: KeepAlive) -> None:
    """Nobody waits for somebody else's answer."""
    server.script = [GOOD] * 2
    both = threading.Barrier(2)
    taken = forms._taken

    def meet(*args: object) -> object:
        line = taken(*args)  # type: ignore[arg-type]
        both.wait(WAIT_S)
        return line

    forms._taken = meet  # type: ignore[method-assign,assignment]
    threads = [threading.Thread(target=forms.post, args=(form(), WAIT_S)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.connections == 2


def test_the_headers_that_the_client_asks_for_come_back(server: Server, forms: KeepAlive) -> None:
    """Each line of Set-Cookie, and the values of the others, whatever the case of their names."""
    server.script = [
        b"HTTP/1.1 302 Found\r\nset-cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nLOCATION: /login\r\nRetry-After:  7 \r\n"
        b"Content-Type: text/html\r\nContent-Disposition: inline\r\nContent-Length: 0\r\n\r\n"
    ]
    answer = forms.post(form(), WAIT_S)
    assert (answer.status, answer.location, answer.retry_after) == (302, "/login", "7")
    assert (answer.content_type, answer.content_disposition) == ("text/html", "inline")
    assert answer.cookies == ("a=1; Path=/", "b=2")


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"4;x=y\r\ngr\xc3\xbc\r\n2\r\n\xc3\x9f\r\n0\r\nA: b\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n" + "grüß".encode(),
        b"HTTP/1.1 200\nContent-Length: 6\n\n" + "grüß".encode(),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
        % (len(gzip.compress("grüß".encode(), mtime=0)), gzip.compress("grüß".encode(), mtime=0)),
    ],
)
def test_answers_in_every_form(server: Server, forms: KeepAlive, said: bytes) -> None:
    """Chunked, after a 100, with bare line ends, packed; another form can follow each on the same connection."""
    server.script = [said, GOOD]
    assert forms.post(form(), WAIT_S).text == "grüß"
    assert forms.post(form(), WAIT_S).text == "ok"
    assert server.connections == 1


def test_an_answer_without_a_body(server: Server, forms: KeepAlive) -> None:
    """204 has none, and needs no length."""
    server.script = [b"HTTP/1.1 204 No Content\r\n\r\n", GOOD]
    assert forms.post(form(), WAIT_S).text == ""
    assert (forms.post(form(), WAIT_S).text, server.connections) == ("ok", 1)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\n\r\nok" + END,
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok" + END,
        b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\nok" + END,
        GOOD + END,
    ],
)
def test_a_connection_that_ends_is_replaced(server: Server, forms: KeepAlive, said: bytes) -> None:
    """Whether the answer has said so or not; the next form does not fail."""
    server.script = [said, GOOD]
    assert forms.post(form(), WAIT_S).text == "ok"
    assert server.closed.get(timeout=WAIT_S) == 1
    assert (forms.post(form(), WAIT_S).text, server.connections) == ("ok", 2)


def test_bytes_are_given_as_they_are(server: Server, forms: KeepAlive) -> None:
    """When the request says that it wants them."""
    server.script = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\x00"]
    answer = forms.post(form(binary=True), WAIT_S)
    assert (answer.data, answer.text) == (b"\xff\x00", "")


@pytest.mark.parametrize(
    "said", [END, b"HTTP/1.1 200 OK\r\nContent-Le" + END, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok" + END]
)
def test_an_answer_that_breaks_off(server: Server, forms: KeepAlive, said: bytes) -> None:
    """Is none: the message names the place and nothing of the query."""
    server.script = [said]
    with pytest.raises((NetworkError, BadAnswer), match=r"^POST www\.facebook\.com/messaging/send/: [^?]*$"):
        forms.post(form(), WAIT_S)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"SSH-2.0-x\r\n\r\n", "no answer of HTTP"),
        (b"HTTP/1.1 ok\r\n\r\n", "no answer of HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "how long"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "how long"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "how long"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok", "unpacked"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"ok", mtime=0)[:-4] + END,
            "end is missing",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok", "unpacked"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 201, "more than 200 headers"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000, "breaks off"),
    ],
)
def test_what_is_no_answer(server: Server, forms: KeepAlive, said: bytes, words: str) -> None:
    """Is a BadAnswer that says why; the connection is not used again."""
    server.script = [said, GOOD]
    with pytest.raises(BadAnswer, match=words):
        forms.post(form(), WAIT_S)
    assert (forms.post(form(), WAIT_S).text, server.connections) == ("ok", 2)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 41\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 41 + END,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + b"x" * 32 + b"\r\n9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 41, mtime=0) + END,
    ],
)
def test_an_answer_that_is_too_long(server: Server, forms: KeepAlive, said: bytes) -> None:
    """Is not read to its end, however it says its length."""
    server.script = [said]
    with pytest.raises(BadAnswer, match="longer than 40 bytes"):
        forms.post(form(limit_bytes=40), WAIT_S)


def test_silence_is_a_network_error(server: Server, forms: KeepAlive) -> None:
    """After the time-out of this very form, also on a connection that was made for a longer one."""
    server.script = [GOOD, b"HTTP/1.1 200 OK\r\n"]
    forms.post(form(), WAIT_S)
    with pytest.raises(NetworkError, match="time-out"):
        forms.post(form(), 0.05)


def test_nobody_there_is_a_network_error() -> None:
    """A port on which nothing listens."""
    forms = KeepAlive(Network("test", Address("http", "127.0.0.1", 9)), str(TLS / "certificate.pem"))
    with pytest.raises(NetworkError, match="no connection"):
        forms.post(form(), 1.0)


@pytest.mark.parametrize("value", ["a\nX-Evil: 1", "a\r\nX-Evil: 1", "a\r"])
def test_a_header_cannot_bring_another(server: Server, forms: KeepAlive, value: str) -> None:
    """A line end in a value is refused before anything is sent."""
    with pytest.raises(BadArgument, match="one line"):
        forms.post(HttpRequest("POST", URL, {"User-Agent": value}, b""), WAIT_S)
    assert server.requests.empty()


def test_closing_closes_what_is_idle(server: Server, forms: KeepAlive) -> None:
    """The server sees the end at once."""
    server.script = [GOOD]
    forms.post(form(), WAIT_S)
    forms.close()
    assert server.closed.get(timeout=WAIT_S) == 1


@pytest.fixture
def tls_server() -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    server = Server(context)
    yield server
    server.close()


@pytest.mark.parametrize("bundle", ["file", "folder"])
def test_a_trusted_certificate(tls_server: Server, tmp_path: Path, bundle: str) -> None:
    """Of an authority in the bundle, which is a file, or a folder with files named by their hashes."""
    trusted = TLS / "certificate.pem"
    if bundle == "folder":
        (tmp_path / TRUSTED_IN_FOLDER).write_bytes(trusted.read_bytes())
        trusted = tmp_path
    tls_server.script = [GOOD, GOOD]
    forms = KeepAlive(Network("test", Address("https", "localhost", tls_server.port)), str(trusted))
    assert [forms.post(form(), WAIT_S).text for _ in range(2)] == ["ok", "ok"]
    assert tls_server.connections == 1
    forms.close()


@pytest.mark.parametrize(("host", "bundle"), [("localhost", "other.pem"), ("127.0.0.1", "certificate.pem")])
def test_a_certificate_that_is_not_trusted(tls_server: Server, host: str, bundle: str) -> None:
    """Of an unknown authority, or for another name: nothing is sent."""
    forms = KeepAlive(Network("test", Address("https", host, tls_server.port)), str(TLS / bundle))
    with pytest.raises(NetworkError, match="SSLCertVerificationError"):
        forms.post(form(), WAIT_S)
    assert tls_server.requests.empty()
