"""The shell over real sockets: start, stop, ports, lock, the people's client, slow readers, and a killed process."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from botkit.sandbox import client, locator, sockets
from botkit.sandbox.errors import ControlError, SandboxError
from botkit.sandbox.server import Server

BOT, ANN = "100000000000001", "100000000000002"
FRIENDS = "7000000000000001"
_CHILD = """
import sys, pathlib, threading
from botkit.sandbox.server import Server
server = Server(pathlib.Path(sys.argv[1]), port=0)
server.start()
print(server.url, flush=True)
threading.Event().wait()
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, port=0)
    server.start()
    yield server
    server.stop()


def cookies(server_url: str, token: str, who: str) -> str:
    state = client.app_state(server_url, token, who)
    return "; ".join(f"{cookie['key']}={cookie['value']}" for cookie in state)


def ask(url: str, method: str, path: str, cookie: str, form: dict[str, str] | None = None) -> str:
    """One request under Messenger's name, over a plain connection to the sandbox's port."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    headers = {"Host": "www.facebook.com", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request(method, path, urlencode(form or {}), headers)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None
    return match[1]


def send(url: str, cookie: str, text: str, otid: str) -> str:
    """Send by the form; the message's id."""
    dtsg = found(r'name="fb_dtsg" value="(.*?)"', ask(url, "GET", "/", cookie))
    form = {
        "client": "mercury",
        "action_type": "ma-type:user-generated-message",
        "author": f"fbid:{BOT}",
        "timestamp": "1",
        "source": "source:chat:web",
        "body": text,
        "offline_threading_id": otid,
        "message_id": otid,
        "threading_id": "<1>",
        "thread_fbid": FRIENDS,
        "__a": "1",
        "fb_dtsg": dtsg,
    }
    return found(r'"message_id":"(.*?)"', ask(url, "POST", "/messaging/send/", cookie, form))


def field(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()


def connect_packet() -> bytes:
    name = json.dumps({"u": BOT, "s": 5, "st": ["/t_ms"]})
    body = field("MQIsdp") + b"\x03\x82\x00\x0a" + field("mqttwsclient") + field(name)
    return b"\x10" + bytes([len(body)]) + body


async def open_mqtt(http_session: aiohttp.ClientSession, url: str, cookie: str) -> aiohttp.ClientWebSocketResponse:
    headers = {"Host": "edge-chat.facebook.com", "Cookie": cookie}
    chat = await http_session.ws_connect(f"{url}/chat?sid=5", headers=headers)
    await chat.send_bytes(connect_packet())
    assert await chat.receive_bytes(timeout=5) == b"\x20\x02\x00\x00"
    return chat


def test_start_and_stop_leave_nothing(tmp_path: Path) -> None:
    """No thread, no file with the address; stopping again does nothing, and the port is free."""
    before = set(threading.enumerate())
    server = Server(tmp_path, port=0)
    server.start()
    port = int(server.url.rsplit(":", 1)[1])
    server.stop()
    server.stop()
    assert set(threading.enumerate()) <= before
    assert not (tmp_path / "sandbox.json").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_stop_with_open_sockets(server: Server) -> None:
    """Sockets are told goodbye."""

    async def talk() -> aiohttp.WSMsgType:
        async with client.People(server.url, server.token, "Ann") as people, people.events():
            async with aiohttp.ClientSession() as session:
                chat = await open_mqtt(session, server.url, cookies(server.url, server.token, "Bot"))
                await asyncio.to_thread(server.stop)
                return (await chat.receive(timeout=5)).type

    assert asyncio.run(talk()) is aiohttp.WSMsgType.CLOSE


def test_taken_port(server: Server, tmp_path: Path) -> None:
    """A port that was asked for and is taken is told in one line; nothing stays behind."""
    port = int(server.url.rsplit(":", 1)[1])
    other = Server(tmp_path / "other", port=port)
    before = set(threading.enumerate())
    with pytest.raises(SandboxError, match=f"port {port} on 127.0.0.1 cannot be had"):
        other.start()
    assert set(threading.enumerate()) <= before


def test_default_ports(tmp_path: Path) -> None:
    """Without a wish two sandboxes find two ports."""
    one, two = Server(tmp_path / "1"), Server(tmp_path / "2")
    one.start()
    two.start()
    try:
        assert one.url != two.url
    finally:
        one.stop()
        two.stop()


def test_second_server_on_the_same_folder(server: Server, tmp_path: Path) -> None:
    """It is refused, naming the first."""
    with pytest.raises(SandboxError) as caught:
        Server(tmp_path, port=0).start()
    assert str(os.getpid()) in str(caught.value)
    assert server.url in str(caught.value)


def test_started_twice(server: Server) -> None:
    """One object is one run."""
    with pytest.raises(SandboxError, match="started already"):
        server.start()


def test_location_file(server: Server, tmp_path: Path) -> None:
    """sandbox.json tells how to reach the server, to its owner only."""
    path = tmp_path / "sandbox.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "url": server.url,
        "token": server.token,
        "pid": os.getpid(),
        "world": server.world_id,
    }
    assert locator.find(tmp_path) == locator.Location(server.url, server.token, os.getpid(), server.world_id)


def test_client(server: Server) -> None:
    """The people's client reads the token off the page and gets world and app state."""
    token = client.fetch_token(server.url)
    assert token == server.token
    assert client.world(server.url, token)["world"] == server.world_id
    assert client.app_state(server.url, token, "bot")[0]["value"] == BOT


def test_client_refused(server: Server) -> None:
    """The server's line, or that nothing answers."""
    with pytest.raises(SandboxError, match="nobody called 'Zoe'; there are Bot, Ann"):
        client.app_state(server.url, server.token, "Zoe")
    with pytest.raises(SandboxError, match="the token is not this server's"):
        client.world(server.url, "wrong")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SandboxError, match="no sandbox answers"):
            client.fetch_token(f"http://127.0.0.1:{taken.getsockname()[1]}")


def test_people_chat(server: Server) -> None:
    """Two people talk by calls and events."""

    async def talk() -> list[Any]:
        async with client.People(server.url, server.token, "Ben") as ben, ben.events() as events:
            async with client.People(server.url, server.token, "Ann") as ann:
                await ann.typing("Friends", True)
                await ann.send("Friends", "hi", client_id="1")
                await ann.send("Friends", "hi", client_id="1")
                await ben.read("Friends")
                assert (await ben.threads())[0]["snippet"] == "hi"
                assert (await ben.messages("Friends", limit=1))[0]["text"] == "hi"
            stream = events.__aiter__()
            async with asyncio.timeout(5):
                return [await anext(stream) for _ in range(5)]

    events = asyncio.run(talk())
    assert [event["type"] for event in events] == ["typing", "message", "thread", "read", "thread"]


def test_people_client_refused(server: Server) -> None:
    """A refusal has the server's status and line, on calls and on the event socket."""

    async def talk() -> None:
        async with client.People(server.url, server.token, "Ann") as ann:
            with pytest.raises(ControlError, match="no chat called 'Nowhere'"):
                await ann.send("Nowhere", "x")
        async with client.People(server.url, "wrong", "Ann") as ann:
            with pytest.raises(ControlError, match="token"):
                async with ann.events():
                    pass

    asyncio.run(talk())


@pytest.mark.parametrize("hello", ['{"token": "wrong", "as": "Ann"}', "[]", "no json"])
def test_event_socket_refused(server: Server, hello: str) -> None:
    """A wrong first frame is told, and the socket closed with 4401."""

    async def talk() -> tuple[str, int | None]:
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(f"{server.url}/sandbox/api/events") as events:
                await events.send_str(hello)
                told = await events.receive_json(timeout=5)
                await events.receive(timeout=5)
                return told["type"], events.close_code

    assert asyncio.run(talk()) == ("error", 4401)


def test_event_socket_that_leaves_at_once(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Who opens the socket and leaves without a word is no error."""

    async def talk() -> int | None:
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(f"{server.url}/sandbox/api/events") as events:
                await events.close()
                return events.close_code

    assert asyncio.run(talk()) == 1000
    server.stop()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_event_socket_of_another_origin(server: Server) -> None:
    """Another site's page cannot open it."""

    async def talk() -> int:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(f"{server.url}/sandbox/api/events", headers={"Origin": "http://evil.test"})
            return caught.value.status

    assert asyncio.run(talk()) == 403


@pytest.mark.parametrize(("offered", "answered"), [((), None), (("mqtt",), "mqtt"), (("mqttv3.1",), "mqttv3.1")])
def test_subprotocol(server: Server, offered: tuple[str, ...], answered: str | None) -> None:
    """A subprotocol is answered only when it was offered; deflate is taken."""

    async def talk() -> str | None:
        async with aiohttp.ClientSession() as session:
            headers = {"Host": "edge-chat.facebook.com"}
            url = f"{server.url}/chat?sid=5"
            async with session.ws_connect(url, headers=headers, protocols=offered, compress=15) as chat:
                return chat.protocol

    assert asyncio.run(talk()) == answered


def test_refused_mqtt_over_a_socket(server: Server) -> None:
    """The CONNACK still arrives before the socket is closed."""

    async def talk() -> tuple[bytes, aiohttp.WSMsgType]:
        async with aiohttp.ClientSession() as session:
            headers = {"Host": "edge-chat.facebook.com", "Cookie": "c_user=1; xs=2"}
            async with session.ws_connect(f"{server.url}/chat?sid=5", headers=headers) as chat:
                await chat.send_bytes(connect_packet())
                return await chat.receive_bytes(timeout=5), (await chat.receive(timeout=5)).type

    assert asyncio.run(talk()) == (b"\x20\x02\x00\x05", aiohttp.WSMsgType.CLOSE)


def test_gateway_stays_silent(server: Server) -> None:
    """The socket that one client opens beside is taken and says nothing (dossier 4)."""

    async def talk() -> bool:
        async with aiohttp.ClientSession() as session:
            headers = {"Host": "gateway.facebook.com"}
            async with session.ws_connect(f"{server.url}/ws/realtime", headers=headers) as gateway:
                await gateway.send_bytes(b"\x09")
                await gateway.close()
                return gateway.close_code == 1000

    assert asyncio.run(talk())


def test_cut_over_a_socket(server: Server) -> None:
    """The fault on command: the socket ends without a goodbye."""

    async def talk() -> aiohttp.WSMsgType:
        async with aiohttp.ClientSession(headers={"X-Botkit-Token": server.token}) as session:
            cookie = await asyncio.to_thread(cookies, server.url, server.token, "Bot")
            chat = await open_mqtt(session, server.url, cookie)
            async with session.post(f"{server.url}/sandbox/api/cut", json={"as": "Bot"}) as answer:
                assert await answer.json() == {"closed": 1}
            return (await chat.receive(timeout=5)).type

    assert asyncio.run(talk()) in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)


class _Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_slow_reader_is_cut() -> None:
    """Who leaves too much unread is cut off instead of holding up the sender or growing without end."""

    async def talk() -> tuple[bool, bool]:
        transport = _Transport()
        # Never prepared: nothing leaves the queue, as with a reader that stands still.
        outlet = sockets.Outlet(aiohttp.web.WebSocketResponse(), transport)
        piece = bytes(sockets.MOST_WAITING // 2)
        outlet.send(piece)
        outlet.send(piece)
        before = transport.aborted
        outlet.send(b"x")
        await outlet.stop()
        return before, transport.aborted

    assert asyncio.run(talk()) == (False, True)


def test_stop_with_a_reader_that_stands_still(server: Server) -> None:
    """Messages wait for somebody who reads nothing: the others are served, and the server stops all the same."""
    before = threading.active_count()
    stuck = socket.socket()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.settimeout(5)
    stuck.connect(("127.0.0.1", int(server.url.rsplit(":", 1)[1])))
    with stuck:
        stuck.sendall(
            b"GET /sandbox/api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        hello = json.dumps({"token": server.token, "as": "Ben"}).encode()
        # A masked text frame; the mask of zeros leaves the text as it is.
        stuck.sendall(b"\x81" + bytes([0x80 | len(hello)]) + bytes(4) + hello)
        seen = b""
        while b'"ready"' not in seen:
            seen += stuck.recv(4096)

        async def flood() -> None:
            async with client.People(server.url, server.token, "Ann") as ann:
                for _ in range(100):
                    await ann.send("Friends", "x" * 20_000)

        asyncio.run(flood())
        server.stop()
        assert threading.active_count() == before - 1


def test_killed_process(tmp_path: Path) -> None:
    """What was acknowledged before `kill -9` is there afterwards, and a repeat is still a repeat."""
    command = [sys.executable, "-c", _CHILD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        url = child.stdout.readline().strip()
        cookie = cookies(url, client.fetch_token(url), "Bot")
        first = send(url, cookie, "before the end", "7412281402983798101")
        os.kill(child.pid, signal.SIGKILL)
    assert locator.read(tmp_path) is not None
    assert locator.find(tmp_path) is None
    server = Server(tmp_path, port=0)
    server.start()
    try:
        assert send(server.url, cookie, "before the end", "7412281402983798101") == first
        texts = _texts(server)
        assert texts.count("before the end") == 1
    finally:
        server.stop()


def _texts(server: Server) -> list[str]:
    async def read() -> list[str]:
        async with client.People(server.url, server.token, "Ann") as ann:
            return [message["text"] for message in await ann.messages("Friends")]

    return asyncio.run(read())
