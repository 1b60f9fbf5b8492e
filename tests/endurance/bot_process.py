"""A bot in a process of its own, as `botkit run` starts one, which can be told at which moment to end itself.

Arguments: the bot file, and a JSON object with `url` (of the sandbox), `session` (a file with an app state), `folder`
(of the bot's data), `options` (of the client), `point` and `number` (at which moment to die, the how manieth time).
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from botkit import logs
from botkit.cli._signals import when_asked_to_stop
from botkit.clock import SystemClock, system_random
from botkit.messenger import HttpRequest, HttpResponse, Network, login
from botkit.messenger._http import RequestsDoor
from botkit.runner import loader
from botkit.runner.bot import Bot
from botkit.runner.control import ControlPort
from botkit.runner.data_lock import data_lock

LIVE_S = 30.0
"""How long it may take until the bot listens."""
REQUEST_WRITTEN = "request written"
"""The moment that no bot can tell of: the bytes of a send are on the wire, and nobody has read the answer."""


class Death:
    """Ends this process without a word when a moment has come for the how manieth time."""

    def __init__(self, point: str | None, number: int) -> None:
        self._point = point
        self._left = number
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        """What a bot calls at each step."""
        if self.is_due(name):
            die()

    def is_due(self, name: str) -> bool:
        """Count this moment; whether it is the one."""
        if name != self._point:
            return False
        with self._lock:
            self._left -= 1
            return self._left == 0


def die() -> None:
    """As `kill -9` does it, at this very place."""
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()


class DyingDoor:
    """The usual door to HTTP; a send may be the last thing that it does."""

    def __init__(self, url: str, death: Death) -> None:
        self._network = Network.sandbox(url)
        self._door = RequestsDoor(self._network)
        self._death = death

    def request(self, request: HttpRequest, *, timeout_s: float) -> HttpResponse:
        if urlsplit(request.url).path == "/messaging/send/" and self._death.is_due(REQUEST_WRITTEN):
            self._write_and_die(request)
        return self._door.request(request, timeout_s=timeout_s)

    def close(self) -> None:
        self._door.close()

    def _write_and_die(self, request: HttpRequest) -> None:
        """Write the request; when the first bytes of its answer are there, die without reading them."""
        parts = urlsplit(request.url)
        address = self._network.address(parts.hostname or "")
        body = request.body or b""
        lines = [f"{request.method} {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        lines += [f"Content-Length: {len(body)}", "", ""]
        connection = socket.create_connection((address.host, address.port), timeout=10.0)
        connection.sendall("\r\n".join(lines).encode() + body)
        readable, _, _ = select.select([connection], [], [], 10.0)
        assert readable, "the sandbox did not answer a send"
        die()


def main(bot_file: Path, life: dict) -> None:
    logs.set_up("warning")
    settings, table = loader.read(bot_file)
    clock, chance = SystemClock(), system_random()
    death = Death(life["point"], life["number"])
    folder = Path(life["folder"])
    with data_lock(folder, str(bot_file)):
        session = json.loads(Path(life["session"]).read_text(encoding="utf-8"))
        options = {**life["options"], "network": life["url"]}
        door = DyingDoor(life["url"], death)
        api = login(session, options, clock=clock, random=chance, http_door=door)
        bot = Bot(api, table, folder, clock, chance, settings.file, step=death)
        port = ControlPort(bot, folder, bot_file, clock, chance)
        try:
            when_asked_to_stop(bot.request_stop)
            bot.start()
            port.start()
            bot.wait_live(LIVE_S)
            print("started", flush=True)
            bot.wait()
        finally:
            port.stop()
            bot.stop()
            api.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
