"""A small client of the people's side, for botkit's own tools: who is there, app states, and a chat for the terminal.

The plain functions stand on the standard library; `People` needs a running event loop and aiohttp.
"""

from __future__ import annotations

import asyncio
import json
import re
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp

from botkit.logs import hide
from botkit.sandbox.errors import ControlError, SandboxError

TIMEOUT_S = 5.0
_META = re.compile(r'<meta name="botkit-token" content="([^"]+)">')
# A proxy of the environment must never see what is meant for loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

Json = dict[str, Any]


def fetch_token(url: str) -> str:
    """Read the control token from the page at `url`.

    Raises:
        SandboxError: nothing answers there, or what answers is no sandbox.
    """
    if not url.startswith("http://"):
        raise SandboxError(f"{url!r} is not a sandbox's address; write one like http://127.0.0.1:8642")
    found = _META.search(_open(urllib.request.Request(url.rstrip("/") + "/")))  # noqa: S310 - the caller's loopback URL
    if found is None:
        raise SandboxError(f"{url} answers, but it is not a sandbox's page")
    hide(found[1])
    return found[1]


def world(url: str, token: str) -> Json:
    """The answer of `GET /sandbox/api/world`: the world's id, the people, and whom to be by default."""
    return _call(url, token, "world", None)


def app_state(url: str, token: str, who: str) -> list[Json]:
    """A fresh login session of the account called `who`, as an app state."""
    state: list[Json] = _call(url, token, "app-state", {"as": who})["app_state"]
    for cookie in state:
        if cookie["key"] == "xs":
            hide(cookie["value"])
    return state


class People:
    """Chats as one person through the control API; use it as an `async with` block.

    Every call raises `ControlError` with the server's line when it is refused, and `SandboxError` when nothing answers.
    """

    def __init__(self, url: str, token: str, who: str) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._who = who

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        self._http = aiohttp.ClientSession(timeout=timeout, headers={"X-Botkit-Token": self._token})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def threads(self) -> list[Json]:
        """The person's chats, newest first."""
        threads: list[Json] = (await self._get("threads"))["threads"]
        return threads

    async def messages(self, thread: str, limit: int = 50) -> list[Json]:
        """The newest messages of a chat, oldest first."""
        messages: list[Json] = (await self._get("messages", thread=thread, limit=str(limit)))["messages"]
        return messages

    async def send(self, thread: str, text: str, client_id: str | None = None) -> Json:
        """Write; the message as the server shows it. A repeat with the same `client_id` sends nothing."""
        arguments = {"thread": thread, "text": text, **({"client_id": client_id} if client_id else {})}
        message: Json = (await self._post("send", arguments))["message"]
        return message

    async def add(self, thread: str, people: Sequence[str]) -> None:
        """Add people to a group, by names or ids."""
        await self._post("do", {"thread": thread, "action": "add", "people": list(people)})

    async def typing(self, thread: str, typing: bool) -> None:
        """Show or hide the typing dots for the others."""
        await self._post("typing", {"thread": thread, "typing": typing})

    async def read(self, thread: str) -> None:
        """Mark a chat as read."""
        await self._post("read", {"thread": thread})

    def events(self) -> Events:
        """The person's stream of events: enter it, then iterate."""
        return Events(self._http, self._url, self._token, self._who)

    async def _get(self, name: str, **arguments: str) -> Json:
        query = urlencode({"as": self._who, **arguments})
        return await self._ask("GET", f"{name}?{query}", None)

    async def _post(self, name: str, arguments: Json) -> Json:
        return await self._ask("POST", name, {"as": self._who, **arguments})

    async def _ask(self, method: str, name: str, arguments: Json | None) -> Json:
        try:
            async with self._http.request(method, f"{self._url}/sandbox/api/{name}", json=arguments) as answer:
                value: Json = await answer.json()
                if answer.status != 200:
                    raise ControlError(answer.status, str(value.get("error")))
                return value
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SandboxError(f"the sandbox at {self._url} does not answer") from error


class Events:
    """One person's events in order, as the JSON objects of the socket; ends when the server closes it."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str, who: str) -> None:
        self._http = http
        self._url = url
        self._hello = {"token": token, "as": who}
        self.account = ""

    async def __aenter__(self) -> Self:
        """Connect; `account` is the person's id afterwards."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                self._socket = await self._http.ws_connect(f"{self._url}/sandbox/api/events")
                await self._socket.send_json(self._hello)
                ready = await self._socket.receive_json()
        except (aiohttp.ClientError, TimeoutError, TypeError) as error:
            raise SandboxError(f"the sandbox at {self._url} does not answer") from error
        if ready.get("type") != "ready":
            await self._socket.close()
            raise ControlError(401, str(ready.get("error")))
        self.account = ready["as"]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._socket.close()

    async def __aiter__(self) -> AsyncIterator[Json]:
        async for frame in self._socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                yield json.loads(frame.data)


def _call(url: str, token: str, name: str, arguments: Json | None) -> Json:
    request = urllib.request.Request(  # noqa: S310 - the caller's loopback URL
        f"{url.rstrip('/')}/sandbox/api/{name}",
        data=None if arguments is None else json.dumps(arguments).encode(),
        headers={"X-Botkit-Token": token, "Content-Type": "application/json"},
    )
    try:
        value = json.loads(_open(request))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise SandboxError(f"{url} answers, but it is not a sandbox")
    return value


def _open(request: urllib.request.Request) -> str:
    try:
        with _opener.open(request, timeout=TIMEOUT_S) as answer:
            text: str = answer.read().decode("utf-8", "replace")
            return text
    except urllib.error.HTTPError as error:
        with error:
            raise SandboxError(f"the sandbox refuses: {_reason(error)}") from error
    except (OSError, ValueError) as error:
        raise SandboxError(f"no sandbox answers at {request.full_url.split('/sandbox/')[0]}") from error


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["error"])
    except (ValueError, KeyError, TypeError):
        return f"status {error.code}"
