"""The door to HTTP over real sockets, with a server of the standard library."""

import gzip
import http.server
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from botkit.messenger import (
    BadAnswer,
    BadArgument,
    HttpRequest,
    HttpResponse,
    Network,
    NetworkError,
    NotLoggedIn,
    ServerError,
    login,
)
from botkit.messenger._http import RequestsDoor
from botkit.testing import ManualClock

COOKIES = {"c_user": "100000000000001", "xs": "synthetic-secret"}


class Server:
    """Answers by path; remembers each request's method, path, headers and body."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any, bytes]] = []
        self.answers: dict[str, list[tuple[int, list[tuple[str, str]], bytes]]] = {}
        self.release = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, self.headers, body))
                if self.path == "/silent":
                    outer.release.wait(5)
                    self.close_connection = True
                    return
                answers = outer.answers.get(self.path, [(404, [], b"")])
                status, headers, text = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def door(server: Server) -> Iterator[RequestsDoor]:
    door = RequestsDoor(Network.sandbox(server.url))
    yield door
    door.close()


def get(url: str, **headers: str) -> HttpRequest:
    return HttpRequest("GET", url, headers)


def test_a_real_name_goes_to_the_networks_address(server: Server, door: RequestsDoor) -> None:
    """Host says the real name; the Cookie header is ours, verbatim."""
    server.answers["/a?b=1"] = [(200, [("Content-Type", "text/html")], "grüß".encode())]
    answer = door.request(get("https://www.facebook.com/a?b=1", Cookie="xs=9%3Aabc"), timeout_s=5)
    _, path, headers, _ = server.asked[0]
    assert (path, headers["Host"], headers["Cookie"]) == ("/a?b=1", "www.facebook.com", "xs=9%3Aabc")
    assert (answer.status, answer.text, answer.url) == (200, "grüß", "https://www.facebook.com/a?b=1")


def test_redirects_and_every_set_cookie_come_back(server: Server, door: RequestsDoor) -> None:
    """Nothing is followed, and nothing of it is remembered by the door."""
    lines = [("Set-Cookie", "a=1; Domain=.facebook.com"), ("Set-Cookie", "b=2"), ("Location", "/login.php")]
    server.answers["/"] = [(302, lines, b"")]
    for _ in range(2):
        answer = door.request(get("https://www.facebook.com/"), timeout_s=5)
    assert (answer.status, answer.location) == (302, "/login.php")
    assert answer.cookies == ("a=1; Domain=.facebook.com", "b=2")
    assert len(server.asked) == 2 and server.asked[1][2]["Cookie"] is None


def test_bytes_come_back_when_they_are_asked_for(server: Server, door: RequestsDoor) -> None:
    """With what the server says about them, and no text."""
    content = bytes(range(256))
    disposition = 'attachment; filename="a.bin"'
    server.answers["/file"] = [(200, [("Content-Type", "image/png"), ("Content-Disposition", disposition)], content)]
    answer = door.request(HttpRequest("GET", "https://scontent.fbcdn.net/file", {}, binary=True), timeout_s=5)
    assert (answer.data, answer.text) == (content, "")
    assert (answer.content_type, answer.content_disposition) == ("image/png", disposition)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_that_is_too_long_is_given_up(server: Server, door: RequestsDoor, method: str) -> None:
    """Also one that only unpacks to so much; one of just the length allowed is taken."""
    packed = [("Content-Encoding", "gzip")]
    server.answers["/a"] = [(200, [], b"x" * 1001), (200, packed, gzip.compress(b"x" * 1001)), (200, [], b"x" * 1000)]
    request = HttpRequest(method, "https://www.facebook.com/a", {}, b"", limit_bytes=1000)
    for _ in range(2):
        with pytest.raises(BadAnswer, match=rf"{method} www\.facebook\.com/a: .* 1000 bytes"):
            door.request(request, timeout_s=5)
    assert door.request(request, timeout_s=5).text == "x" * 1000


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wish_for_less_haste_comes_back(server: Server, door: RequestsDoor, method: str) -> None:
    """The header Retry-After, as it came."""
    server.answers["/a"] = [(429, [("Retry-After", "17")], b"")]
    answer = door.request(HttpRequest(method, "https://www.facebook.com/a", {}, b""), timeout_s=5)
    assert (answer.status, answer.retry_after) == (429, "17")


def test_a_body_is_sent_as_it_is(server: Server, door: RequestsDoor) -> None:
    """Bytes with the content type that the client chose."""
    server.answers["/p"] = [(200, [], b"")]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    door.request(HttpRequest("POST", "https://www.facebook.com/p", headers, b"a=%20b"), timeout_s=5)
    method, _, got, body = server.asked[0]
    assert (method, got["Content-Type"], body) == ("POST", "application/x-www-form-urlencoded", b"a=%20b")


def test_a_proxy_is_asked_for_the_networks_address(server: Server) -> None:
    """Only when one is given; the real name stays in Host."""
    door = RequestsDoor(Network.sandbox("http://127.0.0.1:9"), server.url)
    server.answers["http://127.0.0.1:9/a"] = [(200, [], b"through")]
    assert door.request(get("https://www.facebook.com/a"), timeout_s=5).text == "through"
    assert server.asked[0][2]["Host"] == "www.facebook.com"
    door.close()


def test_tokens_in_a_query_are_not_shown() -> None:
    """Neither a request nor an answer shows what follows the question mark."""
    url = "https://www.facebook.com/p?fb_dtsg=secret"
    shown = repr(HttpRequest("GET", url, {})) + repr(HttpResponse(200, url, ""))
    assert "secret" not in shown and "www.facebook.com/p" in shown


def test_silence_is_a_network_error(server: Server, door: RequestsDoor) -> None:
    """After the time-out; the message names the place and no secret."""
    with pytest.raises(NetworkError, match=r"GET www\.facebook\.com/silent: time-out"):
        door.request(get("https://www.facebook.com/silent", Cookie="xs=s"), timeout_s=0.05)


def test_nobody_there_is_a_network_error() -> None:
    """A port on which nothing listens."""
    door = RequestsDoor(Network.sandbox("http://127.0.0.1:9"))
    with pytest.raises(NetworkError, match="no connection"):
        door.request(get("https://www.facebook.com/"), timeout_s=1)
    door.close()


def test_login_over_the_real_door(server: Server, page: str) -> None:
    """The option `network` leads there; a rotated cookie is kept for the next login."""
    rotated = ("Set-Cookie", "xs=rotated; Domain=.facebook.com; Path=/; Secure; HttpOnly")
    server.answers["/"] = [(302, [("Location", "/home.php"), rotated], b"")]
    server.answers["/home.php"] = [(200, [("Content-Type", "text/html")], page.encode())]
    api = login(COOKIES, {"network": server.url})
    assert api.get_current_user_id() == "100000000000001"
    assert server.asked[1][2]["Cookie"] == "c_user=100000000000001; xs=rotated"
    assert {c["key"]: c["value"] for c in api.get_app_state()} == {"c_user": "100000000000001", "xs": "rotated"}
    api.close()


def test_a_failing_server_is_asked_again_with_the_same_form(server: Server, page: str) -> None:
    """503 twice, then success: identical bodies; the pauses are the clock's."""
    server.answers["/"] = [(200, [], page.encode())]
    text = b'for (;;);{"payload":{"profiles":{}}}'
    server.answers["/chat/user_info/"] = [(503, [], b""), (503, [], b""), (200, [], text)]
    clock = ManualClock()
    api = login(COOKIES, {"network": server.url}, clock=clock, random=random.Random(1))
    done: list[object] = []
    asking = threading.Thread(target=lambda: done.append(api.get_user_info("5")))
    asking.start()
    while not done:
        clock.advance(1)
        asking.join(0.01)
    bodies = [body for _, path, _, body in server.asked if path == "/chat/user_info/"]
    assert done == [{}] and len(bodies) == 3 and len(set(bodies)) == 1
    api.close()


def test_the_session_ends_when_a_redirect_takes_the_secret_back(server: Server) -> None:
    """Set-Cookie that deletes xs on the way is a dead session."""
    server.answers["/"] = [
        (302, [("Location", "/home.php"), ("Set-Cookie", "xs=deleted; Max-Age=-1; Domain=.facebook.com")], b"")
    ]
    with pytest.raises(NotLoggedIn):
        login(COOKIES, {"network": server.url})


def test_a_page_that_is_not_there(server: Server) -> None:
    """404 is a ServerError with its status."""
    with pytest.raises(ServerError) as caught:
        login(COOKIES, {"network": server.url})
    assert caught.value.status == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com:80",
        "https://127.0.0.1:1",
        "http://127.0.0.1",
        "http://10.0.0.1:80",
        "127.0.0.1:80",
        "sandbox",
        "http://127.0.0.1:x",
    ],
)
def test_only_loopback_is_a_sandbox(url: str) -> None:
    """Nothing else can be named as one."""
    with pytest.raises(BadArgument, match="network"):
        Network.sandbox(url)


def test_addresses() -> None:
    """The real network keeps names; a sandbox takes them all."""
    real, box = Network.facebook().address("www.facebook.com"), Network.sandbox("http://[::1]:8642/").address("x")
    assert (real.scheme, real.host, real.port) == ("https", "www.facebook.com", 443)
    assert (box.scheme, box.host, box.port) == ("http", "::1", 8642)
