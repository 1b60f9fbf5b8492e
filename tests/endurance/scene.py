"""A sandbox that lives on, people who write to it by a script, and bots in processes of their own that come and go."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from botkit.runner.supervisor import write_private
from botkit.sandbox import client
from botkit.sandbox.server import Server
from tests.endurance.script import BOT, Line, world_file
from tests.endurance.truth import ANSWER

HERE = Path(__file__).parent
SOON_S = 30.0
"""How long a test waits for what should come at once, on a machine that is busy with other things."""


class Scene:
    """The sandbox with the script's world, the bot's folder, and what is heard in the groups."""

    def __init__(self, folder: Path, chats: int, **server_options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        world = folder / "world.yaml"
        world.write_text(world_file(chats), encoding="utf-8")
        self.server = Server(folder / "sandbox", world_file=world, port=0, **server_options)
        self.server.start()
        self.bot_folder = folder / "bot"
        self.session = folder / "appstate.json"
        state = client.app_state(self.server.url, self.server.token, "Bot")
        write_private(self.session, json.dumps(state))

    def close(self) -> None:
        self.server.stop()

    def ask(self, name: str, arguments: Mapping[str, Any] | None = None) -> Any:
        """One call of the sandbox's control API."""
        return client._call(self.server.url, self.server.token, name, None if arguments is None else dict(arguments))

    def says(self, line: Line) -> None:
        """Have a line written to its group."""
        self.ask("send", {"as": line.who, "thread": line.thread_id, "text": line.text})

    def history(self) -> list[dict[str, Any]]:
        """Every message of every chat, in the order in which the sandbox took them."""
        found: list[dict[str, Any]] = []
        while page := self.ask(f"history?since={found[-1]['number'] if found else 0}")["messages"]:
            found += page
        return found


class Feeder:
    """Writes lines to the sandbox on a thread of its own, in order, as many as it is allowed to."""

    def __init__(self, scene: Scene, lines: Sequence[Line]) -> None:
        self._scene = scene
        self._lines = lines
        self._allowed = 0
        self._written = 0
        self._changed = threading.Condition()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)
        self._thread.start()

    @property
    def written(self) -> int:
        """How many lines are in their groups."""
        return self._written

    def allow(self, number: int) -> None:
        """Let so many lines in all be written; returns at once."""
        with self._changed:
            self._allowed = min(number, len(self._lines))
            self._changed.notify()

    def wait(self) -> None:
        """Block until what is allowed is written."""
        with self._changed:
            assert self._changed.wait_for(self._is_through, SOON_S + self._allowed / 50), "the sandbox is stuck"
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        with self._changed:
            self._lines = self._lines[: self._written]
            self._changed.notify()
        self._thread.join(SOON_S)

    def _is_through(self) -> bool:
        return self._failure is not None or self._written >= self._allowed

    def _run(self) -> None:
        try:
            while self._written < len(self._lines):
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._written < min(self._allowed, len(self._lines)) or not self._lines
                    )
                    if self._written >= len(self._lines):
                        return
                self._scene.says(self._lines[self._written])
                with self._changed:
                    self._written += 1
                    self._changed.notify()
        except BaseException as error:
            with self._changed:
                self._failure = error
                self._changed.notify()


class Ear:
    """Counts the answers of the bot as the watcher hears them."""

    def __init__(self, watcher: Any) -> None:
        self._watcher = watcher
        self.answers = 0

    def wait_for(self, number: int) -> None:
        """Block until so many answers in all have been heard; fails when none comes for long."""
        while self.answers < number:
            try:
                event = self._watcher.next("message", SOON_S)
            except queue.Empty:
                raise AssertionError(f"silence after {self.answers} of {number} answers") from None
            self._count(event)

    def catch_up(self) -> int:
        """How many answers have been heard by now."""
        for event in self._watcher.heard_by_now():
            if event["type"] == "message":
                self._count(event)
        return self.answers

    def _count(self, event: Mapping[str, Any]) -> None:
        message = event["message"]
        if message["sender"] == BOT and ANSWER in message["text"]:
            self.answers += 1


class Life:
    """One process of the bot, from its start to its end."""

    def __init__(
        self, scene: Scene, bot_file: Path, *, point: str | None = None, number: int = 0, **options: Any
    ) -> None:
        """`point`, `number`: at which moment it is to die, the how manieth time; `options` are the client's."""
        session = scene.bot_folder / "appstate.json"
        life = {
            "url": scene.server.url,
            "session": str(session if session.exists() else scene.session),
            "folder": str(scene.bot_folder),
            "options": options,
            "point": point,
            "number": number,
        }
        self._log = (scene.folder / "bot.log").open("ab")
        command = [sys.executable, str(HERE / "bot_process.py"), str(bot_file), json.dumps(life)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log, text=True)

    def has_started(self) -> bool:
        """Block until the bot says that it runs; False when it ends before."""
        assert self.process.stdout is not None
        return self.process.stdout.readline() == "started\n"

    def ends_within(self, seconds: float) -> bool:
        """Block until the process has ended, for so long at most."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.poll() is not None

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """End the process by a signal, if it has not ended; what it ended with."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(SOON_S)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the process, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(SOON_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()


def log_of(scene: Scene, most: int = 2000) -> str:
    """The end of what the bots have logged."""
    path = scene.folder / "bot.log"
    return path.read_text(encoding="utf-8", errors="replace")[-most:] if path.exists() else ""
