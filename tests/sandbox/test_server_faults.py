"""Faults over real sockets: what only the shell can carry out."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from botkit.sandbox import client
from botkit.sandbox.server import Server

BOT = "100000000000001"
SEEN = "/ajax/mercury/mark_seen.php"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, port=0)
    server.start()
    yield server
    server.stop()


def cookie(server: Server) -> str:
    state = client.app_state(server.url, server.token, "Bot")
    return "; ".join(f"{part['key']}={part['value']}" for part in state)


def has_struck(server: Server) -> bool:
    """Whether the fault that was ordered has struck."""
    return bool(client._call(server.url, server.token, "faults", None)["faults"][0]["struck"])


def run(server: Server, talk: Callable[[aiohttp.ClientSession, Callable[..., Awaitable[Any]]], Awaitable[Any]]) -> Any:
    """Give `talk` a session of the bot's, and a way to order faults."""

    async def whole() -> Any:
        headers = {"Cookie": await asyncio.to_thread(cookie, server)}
        async with aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as http_session:

            async def order(kind: str, **more: object) -> None:
                call = {"X-Botkit-Token": server.token, "Host": server.url.removeprefix("http://")}
                body = {"as": "Bot", "kind": kind, **more}
                async with http_session.post(f"{server.url}/sandbox/api/fault", json=body, headers=call) as answer:
                    assert answer.status == 200, await answer.text()

            async with asyncio.timeout(10):
                return await talk(http_session, order)

    return asyncio.run(whole())


def get(session: aiohttp.ClientSession, server: Server, path: str) -> Any:
    return session.get(f"{server.url}{path}", headers={"Host": "www.facebook.com"}, allow_redirects=False)


def upgrade(session: aiohttp.ClientSession, server: Server) -> Any:
    return session.ws_connect(f"{server.url}/chat?sid=5", headers={"Host": "edge-chat.facebook.com"})


def test_slow_answer_holds_up_nobody(server: Server) -> None:
    """It is held, others are answered meanwhile, and when its time is over it comes."""

    async def talk(session: aiohttp.ClientSession, order: Callable[..., Awaitable[Any]]) -> None:
        async def load() -> str:
            async with get(session, server, "/") as answer:
                return str(await answer.text())

        await order("slow", seconds=3600)
        slow = asyncio.create_task(load())
        while not await asyncio.to_thread(has_struck, server):
            pass
        assert "DTSGInitialData" in await load()
        assert not slow.done()
        slow.cancel()
        await order("slow", seconds=0.01)
        assert "DTSGInitialData" in await load()

    run(server, talk)


def test_held_answer_ends_with_its_time(server: Server) -> None:
    """The call is held, and then the connection ends without an answer."""
    client._call(server.url, server.token, "fault", {"as": "Bot", "kind": "hold_answer", "seconds": 0.05})
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
    try:
        headers = {"Host": "www.facebook.com", "Cookie": cookie(server)}
        connection.request("GET", "/ajax/presence/reconnect.php", headers=headers)
        with pytest.raises(ConnectionError):
            connection.getresponse()
    finally:
        connection.close()


def test_stop_while_an_answer_is_held(server: Server) -> None:
    """Nobody waits for it when the server stops."""
    client._call(server.url, server.token, "fault", {"as": "Bot", "kind": "hold_answer", "seconds": 3600})
    headers = {"Host": "www.facebook.com", "Cookie": cookie(server)}
    before = threading.active_count()
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/ajax/presence/reconnect.php", headers=headers)
        while not has_struck(server):
            pass
        server.stop()
        with pytest.raises(ConnectionError):
            connection.getresponse()
    finally:
        connection.close()
    assert threading.active_count() == before - 1


def test_refused_upgrade(server: Server) -> None:
    """The socket is answered with a status once, and opened the next time."""

    async def talk(session: aiohttp.ClientSession, order: Callable[..., Awaitable[Any]]) -> int:
        await order("refuse_upgrade", status=502)
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with upgrade(session, server):
                pass
        async with upgrade(session, server):
            return caught.value.status

    assert run(server, talk) == 502


def field(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()


def packet(first: int, body: bytes) -> bytes:
    length = len(body)
    size = bytes([length]) if length < 128 else bytes([length % 128 | 128, length // 128])
    return bytes([first]) + size + body


async def queue(session: aiohttp.ClientSession, server: Server) -> Any:
    """A connection with a queue that follows; its answer is read."""
    socket = await upgrade(session, server)
    name = json.dumps({"u": BOT, "s": 5, "st": ["/t_ms"]})
    head = field("MQIsdp") + b"\x03\x82\x00\x0a" + field("mqttwsclient")
    await socket.send_bytes(packet(0x10, head + field(name)))
    request = json.dumps({"entity_fbid": BOT, "initial_titan_sequence_id": 1000, "delta_batch_size": 500})
    await socket.send_bytes(packet(0x30, field("/messenger_sync_create_queue") + request.encode()))
    assert await socket.receive_bytes(timeout=5) == b"\x20\x02\x00\x00"
    assert b"syncToken" in await socket.receive_bytes(timeout=5)
    return socket


async def say(server: Server, text: str) -> None:
    async with client.People(server.url, server.token, "Ann") as ann:
        await ann.send("Friends", text)


def test_split_packet(server: Server) -> None:
    """Two frames make one packet."""

    async def talk(session: aiohttp.ClientSession, order: Callable[..., Awaitable[Any]]) -> bytes:
        socket = await queue(session, server)
        await order("split")
        await say(server, "x" * 200)
        first, second = await socket.receive_bytes(timeout=5), await socket.receive_bytes(timeout=5)
        assert abs(len(second) - len(first)) <= 1
        await socket.close()
        return bytes(first + second)

    whole = run(server, talk)
    assert whole[0] == 0x32
    assert json.loads(whole[whole.index(b"{") :])["deltas"][0]["body"] == "x" * 200


def test_cut_in_a_batch(server: Server) -> None:
    """Half of a packet arrives before the end."""

    async def talk(session: aiohttp.ClientSession, order: Callable[..., Awaitable[Any]]) -> tuple[bytes, Any]:
        socket = await queue(session, server)
        await order("cut_batch")
        await say(server, "x" * 200)
        return await socket.receive_bytes(timeout=5), (await socket.receive(timeout=5)).type

    half, end = run(server, talk)
    assert half[0] == 0x32
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(half[half.index(b"{") :])
    assert end in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


def test_deduplication_is_chosen_at_the_start(tmp_path: Path) -> None:
    """A server takes the choice and answers by it."""
    server = Server(tmp_path, port=0, deduplicate_s=0)
    server.start()
    try:
        ids = [_send(server, cookie(server)) for _ in range(2)]
    finally:
        server.stop()
    assert ids[0] != ids[1]


def _send(server: Server, cookies: str) -> str:
    task = {"thread_id": BOT, "otid": "7412281402983798101", "send_type": 1, "text": "hello", "source": 65537}
    payload = json.dumps({"tasks": [{"label": "46", "payload": json.dumps(task), "task_id": 0}]})

    async def talk() -> str:
        async with aiohttp.ClientSession(headers={"Cookie": cookies}) as session:
            socket = await queue(session, server)
            request = json.dumps({"request_id": 7, "type": 3, "payload": payload})
            await socket.send_bytes(packet(0x30, field("/ls_req") + request.encode()))
            while b"/ls_resp" not in (answer := await socket.receive_bytes(timeout=5)):
                pass
            await socket.close()
            program = json.loads(json.loads(answer[answer.index(b"{") :])["payload"])
            return str(next(step for step in program["step"][1:] if step[1] == "replaceOptimsiticMessage")[3])

    return asyncio.run(talk())


def test_connection_survives_a_refusal(server: Server) -> None:
    """A status on command leaves the HTTP connection usable."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
    try:
        headers = {"Host": "www.facebook.com", "Cookie": cookie(server)}
        order = {"as": "Bot", "kind": "status", "status": 429, "retry_after": 3}
        client._call(server.url, server.token, "fault", order)
        statuses = []
        for _ in range(2):
            connection.request("GET", "/", headers=headers)
            answer = connection.getresponse()
            statuses.append((answer.status, answer.headers["Retry-After"]))
            answer.read()
    finally:
        connection.close()
    assert statuses == [(429, "3"), (200, None)]
