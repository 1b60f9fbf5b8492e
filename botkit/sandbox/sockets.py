"""What goes out on one WebSocket: in order, without ever waiting for a slow reader, and bounded."""

from __future__ import annotations

import asyncio

from aiohttp import web

# Who leaves more than this unread is cut off; it can come back with get_diffs (dossier 2, section 3.3).
MOST_WAITING = 16 << 20
# How long a goodbye may take.
GOODBYE_S = 0.3
_GOING_AWAY = 1001


class Outlet:
    """A queue before a socket, and the task that empties it. Event-loop thread only."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self._socket = socket
        self._transport = transport
        self._queue: asyncio.Queue[bytes | str | None] = asyncio.Queue()
        self._waiting = 0
        self._task = asyncio.create_task(self._write())

    def send(self, data: bytes | str) -> None:
        """Queue one frame; returns at once."""
        self._waiting += len(data)
        if self._waiting > MOST_WAITING:
            self.cut()
        else:
            self._queue.put_nowait(data)

    def finish(self) -> None:
        """Close the socket when everything queued is out."""
        self._queue.put_nowait(None)

    def cut(self) -> None:
        """End the socket at once, without a goodbye."""
        if self._transport is not None:
            self._transport.abort()

    async def close(self) -> None:
        """Say goodbye now; who does not even read that is cut off."""
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._socket.close(code=_GOING_AWAY)
        except TimeoutError:
            self.cut()

    async def stop(self) -> None:
        """End the task; the socket is gone."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _write(self) -> None:
        while (data := await self._queue.get()) is not None:
            if isinstance(data, bytes):
                await self._socket.send_bytes(data)
            else:
                await self._socket.send_str(data)
            self._waiting -= len(data)
        await self._socket.close()
