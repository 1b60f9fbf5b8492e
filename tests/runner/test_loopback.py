"""The loopback server lets in what it should, and nothing else."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading

import pytest

from botkit.runner import loopback
from botkit.runner.loopback import LoopbackServer, Response, json_response


@pytest.fixture
def serve():
    """Starts a server with this handler; all are stopped at the end."""
    servers = []

    def begin(handle, port=0):
        servers.append(LoopbackServer("test", handle, port))
        servers[-1].start()
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


def ask(server, method="GET", path="/", body=None, **headers):
    """(status, body) of one request."""
    host, port = server.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    headers = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    found = response.status, response.read()
    connection.close()
    return found


def ask_until_let_in(server):
    """As ask(): a place is free only a moment after its answer has been read, so one refusal proves nothing."""
    for _ in range(10_000):
        with contextlib.suppress(http.client.HTTPException, OSError):
            return ask(server)
    pytest.fail("no place came free")


def test_a_request_is_handed_over_whole(serve):
    """Method, path, query, token and body."""
    seen = []

    def handle(request):
        seen.append(request)
        return json_response(200, {"ok": True})

    server = serve(handle)
    asked = ask(server, "POST", "/a?b=c%20d", "{}", Authorization="Bearer word", Content_Type="application/json")
    assert asked == (200, b'{"ok": true}')
    (request,) = seen
    assert (request.method, request.path, request.query) == ("POST", "/a", {"b": "c d"})
    assert (request.token, request.body) == ("word", b"{}")
    assert "word" not in repr(request)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:80", "LOCALHOST", "[::1]:99"])
def test_names_of_this_machine_are_let_in(serve, host):
    """With any port: it may have been forwarded."""
    assert ask(serve(lambda request: Response(200, b"")), Host=host)[0] == 200


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1.example.org", "127.0.0.1@example.org", "", "[", "192.168.0.1"]
)
def test_another_host_is_refused(serve, host):
    """A page of a foreign name that was made to point here sends its own name."""
    status, body = ask(serve(lambda request: Response(200, b"")), Host=host)
    assert status == 403
    assert b"Host" in body


@pytest.mark.parametrize("origin", ["https://example.org", "http://127.0.0.1:80", "null", ""])
def test_pages_are_refused(serve, origin):
    """Any, for none has business here."""
    assert ask(serve(lambda request: Response(200, b"")), Origin=origin)[0] == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain", "Content-Length": "2"}, 415),
        ({"Content-Type": "application/json"}, 411),
        ({"Content-Type": "application/json", "Content-Length": "-1"}, 411),
        ({"Content-Type": "application/json", "Content-Length": str(2**20 + 1)}, 413),
    ],
)
def test_a_body_is_json_of_a_known_and_bounded_length(serve, headers, status):
    """Refused before it is read."""
    server = serve(lambda request: Response(200, b""))
    host, port = server.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.putrequest("POST", "/")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == status
    assert set(json.loads(response.read())) == {"error"}
    connection.close()


def test_other_methods_are_not_known(serve):
    """501, without a page of the library's."""
    status, body = ask(serve(lambda request: Response(200, b"")), "DELETE")
    assert (status, json.loads(body)["error"]["message"]) == (501, "HTTP 501")


def test_a_handler_that_raises_is_told_in_the_log_alone(serve, caplog):
    """Who asks learns no inside."""

    def handle(request):
        raise ValueError("inside")

    status, body = ask(serve(handle))
    assert status == 500
    assert b"inside" not in body
    assert "could not be answered" in caplog.text


def test_few_connections_at_a_time(serve, monkeypatch):
    """One more is closed without an answer; when one has ended there is room again."""
    monkeypatch.setattr(loopback, "_MOST_CONNECTIONS", 2)
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def handle(request):
        begun.release()
        go_on.wait(5)
        return Response(200, b"")

    server = serve(handle)
    asking = [threading.Thread(target=ask, args=(server,)) for _ in range(2)]
    for one in asking:
        one.start()
        assert begun.acquire(timeout=5)
    with pytest.raises((http.client.HTTPException, OSError)):
        ask(server)
    go_on.set()
    for one in asking:
        one.join(5)
    assert ask_until_let_in(server)[0] == 200


def test_who_says_nothing_is_let_go(serve, monkeypatch):
    """After a while of silence."""
    monkeypatch.setattr(loopback._Handler, "timeout", 0.05)
    server = serve(lambda request: Response(200, b""))
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 5) as silent:
        silent.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert silent.recv(100) == b""


def test_it_binds_to_loopback_and_lets_the_port_go(serve):
    """A second on the same port is refused; after a stop it is free. A second stop does nothing."""
    first = serve(lambda request: Response(200, b"first"))
    port = int(first.url.rpartition(":")[2])
    assert first.url.startswith("http://127.0.0.1:")
    with pytest.raises(OSError, match="in use"):
        LoopbackServer("second", lambda request: Response(200, b""), port)
    first.stop()
    first.stop()
    assert ask(serve(lambda request: Response(200, b"second"), port)) == (200, b"second")
