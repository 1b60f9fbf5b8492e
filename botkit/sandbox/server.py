"""The sandbox's shell: one loopback port on aiohttp, in a thread of its own, around the core without sockets.

All state of the core is touched on that thread only; `start` and `stop` may be called from any other.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import threading
from concurrent.futures import Future
from pathlib import Path

from aiohttp import WSMsgType, web
from aiohttp.web_protocol import RequestHandler

from botkit.clock import Clock, SystemClock, system_random
from botkit.logs import get_logger
from botkit.sandbox import locator
from botkit.sandbox.app import LOOPBACK_HOSTS, MESSENGER_HOSTS
from botkit.sandbox.control import PersonStream
from botkit.sandbox.core import Core, open_core
from botkit.sandbox.errors import ControlError, DatabaseInUse, SandboxError
from botkit.sandbox.sockets import GOODBYE_S, Outlet
from botkit.sandbox.uploads import LARGEST_FILE, UPLOAD_PATHS
from botkit.sandbox.wire import Request, Response, compact

_HOST = "127.0.0.1"
_PORTS = range(8642, 8662)
_HELLO_WITHIN_S = 5.0
_SWEEP_EVERY_S = 1.0
_STOP_WITHIN_S = 5.0
_LARGEST_FRAME = 4 << 20
_LARGEST_BODY = 1 << 20
# Several files may come in one form, with some bytes around each.
_LARGEST_UPLOAD = 2 * LARGEST_FILE
# Clients that are in a hurry open thousands (dossier 4).
_MOST_CONNECTIONS = 10_000
_BODY_WITHIN_S = 30.0
_POLICY_REFUSED = 4401

_log = get_logger(__name__)


class Server:
    """A Messenger on 127.0.0.1.

    `world_file` is read only while `data_dir` holds no sandbox.db yet. `port` None means 8642 or the next free one,
    0 any free one; another number has to be free. `deduplicate_s` is how many seconds a send with the same offline
    threading id counts as a repeat: None for ever, 0 never.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        world_file: Path | None = None,
        port: int | None = None,
        clock: Clock | None = None,
        random: random.Random | None = None,
        deduplicate_s: float | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._world_file = world_file
        self._port = port
        self._clock = clock or SystemClock()
        self._random = random or system_random()
        self._deduplicate_s = deduplicate_s
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self.url = ""
        self.token = ""
        self.world_id = ""

    def start(self) -> None:
        """Start the server's thread; returns when the port answers.

        Raises:
            SandboxError: the port is taken, the world file is wrong, or another sandbox uses the same folder.
        """
        if self._thread is not None:
            raise SandboxError("this sandbox was started already")
        started: Future[None] = Future()
        self._thread = threading.Thread(target=self._main, args=(started,), name="botkit-sandbox", daemon=True)
        self._thread.start()
        try:
            started.result()
        except Exception:
            self.stop()
            raise

    def stop(self) -> None:
        """Close the sockets, free port and file, end the thread. Does nothing the second time."""
        if self._loop is not None and self._stopping is not None and not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(self._stopping.set)
            except RuntimeError:
                _log.debug("the sandbox's loop ended by itself")
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_STOP_WITHIN_S)

    def _main(self, started: Future[None]) -> None:
        try:
            asyncio.run(self._run(started))
        except Exception as error:
            if started.done():
                raise
            started.set_exception(error)

    async def _run(self, started: Future[None]) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        try:
            core = self._open()
        except SandboxError as error:
            started.set_exception(error)
            return
        self.world_id, self.token = core.world_id, core.token
        shell = _Shell(core)
        runner = web.ServerRunner(shell.server(), shutdown_timeout=GOODBYE_S)
        try:
            await runner.setup()
            port = await self._bind(runner)
            self.url = f"http://{_HOST}:{port}"
            location = locator.Location(self.url, self.token, os.getpid(), self.world_id)
            locator.write(self._data_dir, location)
        except (SandboxError, OSError) as error:
            await runner.cleanup()
            core.close()
            started.set_exception(error if isinstance(error, SandboxError) else SandboxError(str(error)))
            return
        _log.info("the sandbox answers at %s", self.url)
        started.set_result(None)
        shell.sweep()
        await self._stopping.wait()
        locator.remove(self._data_dir, location)
        await shell.close()
        await runner.cleanup()
        core.close()

    def _open(self) -> Core:
        """Open the core; a refusal of the lock says who holds it."""
        try:
            return open_core(
                self._data_dir, self._world_file, self._clock, self._random, deduplicate_s=self._deduplicate_s
            )
        except DatabaseInUse as error:
            first = locator.read(self._data_dir)
            where = f" (process {first.pid}, {first.url})" if first else ""
            raise SandboxError(f"{error}{where}") from error

    async def _bind(self, runner: web.ServerRunner) -> int:
        """Listen on the first port that can be had; which one."""
        ports = [*_PORTS, 0] if self._port is None else [self._port]
        for port in ports:
            try:
                await web.TCPSite(runner, _HOST, port).start()
            except (OSError, OverflowError) as error:
                reason = error
                continue
            bound: int = runner.addresses[0][1]
            return bound
        raise SandboxError(f"port {self._port} on {_HOST} cannot be had: {reason}; choose another or leave it out")


class _Door(web.Server):
    """Takes connections, but no more than anybody needs."""

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self.connections) > _MOST_CONNECTIONS:
            _log.warning("more than %d connections at once: the newest is cut", _MOST_CONNECTIONS)
            transport.abort()


class _Shell:
    """Takes requests and sockets from aiohttp and hands them to the core."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._outlets: set[Outlet] = set()
        self._closing = asyncio.Event()

    def server(self) -> web.Server:
        """The handler as aiohttp wants it."""
        return _Door(self._handle, access_log=None, logger=_log)

    def sweep(self) -> None:
        """Cut the sockets that have gone quiet, now and every second."""
        self._core.sessions.close_silent()
        self._sweeper = asyncio.get_running_loop().call_later(_SWEEP_EVERY_S, self.sweep)

    async def close(self) -> None:
        """Say goodbye on every socket, and hold no answer any longer."""
        self._sweeper.cancel()
        self._closing.set()
        await asyncio.gather(*(outlet.close() for outlet in list(self._outlets)))

    async def _handle(self, raw: web.BaseRequest) -> web.StreamResponse:
        try:
            request = await _request(raw)
        except _TooLarge:
            return _turned_away(413, "the request is too large")
        except TimeoutError:
            return _turned_away(408, "the request's body does not come")
        except ConnectionError:
            return _turned_away(400, "the connection ended in the midst of the request")
        if request.headers.get("upgrade", "").lower() == "websocket":
            if request.host in MESSENGER_HOSTS and request.path == "/chat":
                refused = self._core.app.refused_upgrade(request)
                return _response(refused) if refused else await self._mqtt(raw, request)
            if request.host in MESSENGER_HOSTS and request.path == "/ws/realtime":
                return await self._silent(raw)
            if request.host in LOOPBACK_HOSTS and request.path == "/sandbox/api/events":
                return await self._events(raw, request)
        answer = self._core.handle(request)
        if answer.hold_s:
            await self._hold(answer.hold_s)
        if answer.cut and raw.transport is not None:
            raw.transport.abort()
        return _response(answer)

    async def _hold(self, seconds: float) -> None:
        """Wait, at most until the server stops."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def _mqtt(self, raw: web.BaseRequest, request: Request) -> web.StreamResponse:
        socket = await _accept(raw)
        outlet = self._outlet(raw, socket)
        session = self._core.connect(request, outlet.send, outlet.finish, outlet.cut)
        try:
            async for frame in socket:
                if frame.type is WSMsgType.BINARY:
                    session.feed(frame.data)
        finally:
            self._core.sessions.discard(session)
            await self._ended(outlet)
        return socket

    async def _silent(self, raw: web.BaseRequest) -> web.StreamResponse:
        """The gateway that one client opens beside; nothing ever comes on it (dossier 4)."""
        socket = await _accept(raw)
        outlet = self._outlet(raw, socket)
        async for _ in socket:
            pass
        await self._ended(outlet)
        return socket

    async def _events(self, raw: web.BaseRequest, request: Request) -> web.StreamResponse:
        try:
            self._core.control.check_origin(request)
        except ControlError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        socket = await _accept(raw)
        outlet = self._outlet(raw, socket)
        stream: PersonStream | None = None
        try:
            account = await self._hello(socket)
            outlet.send(compact({"type": "ready", "as": account}))
            stream = self._core.stream(account, outlet.send)
            async for _ in socket:
                pass
        except ControlError as error:
            # Who left before saying who it is hears nothing.
            if not socket.closed:
                await socket.send_json({"type": "error", "error": str(error)})
                await socket.close(code=_POLICY_REFUSED)
        finally:
            if stream is not None:
                self._core.engine.audience.detach(stream)
            await self._ended(outlet)
        return socket

    async def _hello(self, socket: web.WebSocketResponse) -> str:
        """The account that the first frame names."""
        try:
            hello = await socket.receive_json(timeout=_HELLO_WITHIN_S)
        except (TimeoutError, TypeError, ValueError):
            hello = None
        if not isinstance(hello, dict):
            raise ControlError(400, 'the first frame is {"token": …, "as": …}')
        self._core.control.check_token(str(hello.get("token", "")))
        return self._core.control.person(hello.get("as")).id

    def _outlet(self, raw: web.BaseRequest, socket: web.WebSocketResponse) -> Outlet:
        outlet = Outlet(socket, raw.transport)
        self._outlets.add(outlet)
        return outlet

    async def _ended(self, outlet: Outlet) -> None:
        self._outlets.discard(outlet)
        await outlet.stop()


async def _accept(raw: web.BaseRequest) -> web.WebSocketResponse:
    """Accept an upgrade; a subprotocol is answered only when one was offered (dossier 2, section 2.4)."""
    socket = web.WebSocketResponse(
        protocols=("mqtt", "mqttv3.1"), timeout=GOODBYE_S, max_msg_size=_LARGEST_FRAME, autoping=True
    )
    await socket.prepare(raw)
    return socket


async def _request(raw: web.BaseRequest) -> Request:
    host = raw.headers.get("Host", "").lower()
    name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    headers = {key.lower(): value for key, value in raw.headers.items()}
    body = await _body(raw)
    return Request(raw.method, name, raw.path, raw.rel_url.raw_query_string, headers, body)


async def _body(raw: web.BaseRequest) -> bytes:
    """The whole body, if it is not larger than its path may have.

    Raises:
        _TooLarge: it is.
        TimeoutError: it does not come.
        ConnectionError: who sends it is gone.
    """
    limit = _LARGEST_UPLOAD if raw.path.rstrip("/") in UPLOAD_PATHS else _LARGEST_BODY
    if (raw.content_length or 0) > limit:
        raise _TooLarge
    body = bytearray()
    async with asyncio.timeout(_BODY_WITHIN_S):
        while chunk := await raw.content.readany():
            body += chunk
            if len(body) > limit:
                raise _TooLarge
    return bytes(body)


class _TooLarge(Exception):
    """A body that nobody should have to hold in memory."""


def _turned_away(status: int, reason: str) -> web.Response:
    """An answer after which the connection ends: what is left unread would be taken for the next request."""
    response = web.json_response({"error": reason}, status=status)
    response.force_close()
    return response


def _response(answer: Response) -> web.Response:
    response = web.Response(status=answer.status, body=answer.body)
    for name, value in answer.headers:
        if name == "Content-Type":
            response.headers[name] = value
        else:
            response.headers.add(name, value)
    return response
