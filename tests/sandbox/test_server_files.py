"""Files and lost answers over real sockets: sizes, bytes, addresses, and a connection that is cut."""

from __future__ import annotations

import http.client
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from botkit.sandbox import client
from botkit.sandbox.server import Server

FRIENDS = "7000000000000001"
HEAD = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x20\0\0\x02\x58\x08\x06\0\0\0"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, port=0)
    server.start()
    yield server
    server.stop()


def ask(server: Server, method: str, url: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    """One request under the host's name; status and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
    try:
        named = {"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, f"{parts.path}?{parts.query}", body, named)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def session(server: Server) -> tuple[str, str]:
    """A cookie header of the bot, and the form token."""
    state = client.app_state(server.url, server.token, "Bot")
    cookie = "; ".join(f"{part['key']}={part['value']}" for part in state)
    home = ask(server, "GET", "https://www.facebook.com/", b"", Cookie=cookie)[1].decode()
    found = re.search(r'name="fb_dtsg" value="(.*?)"', home)
    assert found
    return cookie, found[1]


def upload(server: Server, data: bytes) -> tuple[int, bytes]:
    cookie, dtsg = session(server)
    body = (
        b'--XyZ\r\nContent-Disposition: form-data; name="farr"; filename="big lake.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + data + b"\r\n--XyZ--\r\n"
    )
    url = f"https://www.facebook.com/ajax/mercury/upload.php?{urlencode({'fb_dtsg': dtsg, '__a': '1'})}"
    return ask(server, "POST", url, body, Cookie=cookie, Content_Type="multipart/form-data; boundary=XyZ")


def test_large_picture_arrives_whole(server: Server) -> None:
    """Megabytes go up in one form and come back byte for byte, to Messenger's name and to the page."""
    data = HEAD + random.Random(1).randbytes(5 << 20)
    status, body = upload(server, data)
    assert status == 200
    (entry,) = json.loads(body.removeprefix(b"for (;;);"))["payload"]["metadata"]
    assert ask(server, "GET", entry["src"], b"") == (200, data)
    own = entry["src"].replace("https://www.facebook.com", server.url)
    assert ask(server, "GET", own, b"") == (200, data)


def test_request_that_is_too_large(server: Server) -> None:
    """A body above what its path may have is refused before it is read."""
    assert ask(server, "POST", "https://www.facebook.com/messaging/send/", bytes((1 << 20) + 1))[0] == 413
    assert upload(server, bytes(51 << 20))[0] == 413


def test_page_upload(server: Server) -> None:
    """The page's upload takes a raw body, and a name of any letters."""
    query = f"as=Ann&thread=Friends&name={quote('Käse 🙂.png')}"
    url = f"{server.url}/sandbox/api/upload?{query}"
    status, body = ask(server, "POST", url, HEAD, X_Botkit_Token=server.token, Content_Type="image/png")
    (shown,) = json.loads(body)["message"]["attachments"]
    assert (status, shown["name"]) == (200, "Käse 🙂.png")
    assert ask(server, "GET", server.url + shown["url"], b"") == (200, HEAD)


def test_dropped_answer(server: Server) -> None:
    """The connection ends without an answer; the repeat has it."""
    cookie, dtsg = session(server)
    order: dict[str, Any] = {"as": "Bot", "kind": "drop_send"}
    url = f"{server.url}/sandbox/api/fault"
    headers = {"X_Botkit_Token": server.token, "Content_Type": "application/json"}
    assert ask(server, "POST", url, json.dumps(order).encode(), **headers)[0] == 200
    form = {
        "client": "mercury",
        "action_type": "ma-type:user-generated-message",
        "author": "fbid:100000000000001",
        "timestamp": "1",
        "source": "source:chat:web",
        "body": "kept",
        "offline_threading_id": "7412281402983798101",
        "message_id": "7412281402983798101",
        "threading_id": "<1>",
        "thread_fbid": FRIENDS,
        "fb_dtsg": dtsg,
    }
    body = urlencode(form).encode()
    send = "https://www.facebook.com/messaging/send/"
    kind = {"Cookie": cookie, "Content_Type": "application/x-www-form-urlencoded"}
    with pytest.raises(ConnectionError):
        ask(server, "POST", send, body, **kind)
    assert b'"message_id":"mid.$g' in ask(server, "POST", send, body, **kind)[1]
