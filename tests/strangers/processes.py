"""The processes beside the runner, the sandbox and a stranger's driver, and what they say, to be waited for."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

START_WITHIN_S = 15.0
ANSWER_WITHIN_S = 5.0
_TAIL_LINES = 25

Item = TypeVar("Item")


class Failed(Exception):
    """Something is not as it should be; the text says what was seen, or what is missing."""


class Refused(Failed):
    """A stranger's library turned a call into an error; the text is the error's code, or what the library says."""


class Record(Generic[Item]):
    """What came from somewhere, oldest first."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._changed = asyncio.Event()

    async def fill(self, source: AsyncIterator[Item]) -> None:
        """Take in everything that `source` gives."""
        async for item in source:
            self.items.append(item)
            self._changed.set()

    async def until(self, holds: Callable[[], bool], missing: str, within_s: float = ANSWER_WITHIN_S) -> None:
        """Wait until `holds()`; raises `Failed` with `missing` when it does not in time."""
        try:
            async with asyncio.timeout(within_s):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise Failed(f"{missing} within {within_s:g} s") from None


@dataclass(frozen=True)
class Place:
    """A running sandbox, and the token that its people's API asks for."""

    url: str
    port: int
    token: str


@asynccontextmanager
async def sandbox(folder: Path, world: Path) -> AsyncIterator[Place]:
    """`botkit sandbox` on a free port, begun from `world` and kept in `folder`, as a process of its own."""
    log = folder / "sandbox.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *_botkit("sandbox", "--port", "0", "--world", str(world)),
            cwd=folder,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=errors,
        )
    try:
        async with asyncio.timeout(START_WITHIN_S):
            if not await process.stdout.readline():
                raise Failed(f"the sandbox did not start\n{_tail(log)}")
        found = json.loads((folder / ".botkit" / "sandbox.json").read_text(encoding="utf-8"))
        yield Place(found["url"], int(found["url"].rsplit(":", 1)[1]), found["token"])
    finally:
        await _end(process)


async def app_state(folder: Path, name: str) -> list[dict[str, Any]]:
    """What `botkit sandbox app-state NAME` prints for the sandbox of `folder`."""
    process = await asyncio.create_subprocess_exec(
        *_botkit("sandbox", "app-state", name), cwd=folder, stdin=DEVNULL, stdout=PIPE
    )
    try:
        async with asyncio.timeout(START_WITHIN_S):
            printed, _ = await process.communicate()
    finally:
        await _end(process)
    if process.returncode:
        raise Failed(f"`botkit sandbox app-state {name}` ended with exit code {process.returncode}")
    return json.loads(printed)


class Driver:
    """A stranger's bot, which says what it hears, a line each."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.said: Record[str] = Record()
        self._process = process
        self._log = log
        self._asked = 0
        self._listening = asyncio.create_task(self.said.fill(self._lines()))

    def lines(self, word: str) -> list[str]:
        """What it has said after `word`, oldest first."""
        split = [line.partition(" ") for line in self.said.items]
        return [rest for first, _, rest in split if first == word]

    def give(self, credentials: dict[str, Any]) -> None:
        """Let it log in."""
        self._write(credentials)

    async def ask(self, what: str, *arguments: object) -> Any:
        """What the library answers to a call that both drivers know by this name; raises `Refused`."""
        self._asked += 1
        number = self._asked
        self._write({"number": number, "what": what, "arguments": arguments})
        await self.said.until(lambda: self._answer(number) is not None, f"no answer to {what} came")
        answer = self._answer(number)
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer["value"]

    def events(self, kind: str) -> list[dict[str, Any]]:
        """What it has told of this kind, oldest first."""
        told = [json.loads(line) for line in self.lines("EVENT")]
        return [event for event in told if event["event"] == kind]

    async def leave(self) -> int:
        """Close its input and wait for its end; its exit code."""
        self._process.stdin.close()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._listening
                return await self._process.wait()
        except TimeoutError:
            raise Failed(f"it did not end within {ANSWER_WITHIN_S:g} s of being told to") from None

    async def end(self) -> None:
        """End it now, if it has not ended."""
        await _end(self._process)
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    def tail(self) -> str:
        """The last lines that it said, and that it logged."""
        said = "\n".join(f"    > {line}" for line in self.said.items[-_TAIL_LINES:])
        return f"{said}\n{_tail(self._log)}"

    def _answer(self, number: int) -> dict[str, Any] | None:
        answers = (json.loads(line) for line in self.lines("ANSWER"))
        return next((answer for answer in answers if answer["number"] == number), None)

    def _write(self, value: dict[str, Any]) -> None:
        self._process.stdin.write(json.dumps(value).encode() + b"\n")

    async def _lines(self) -> AsyncIterator[str]:
        async for line in self._process.stdout:
            yield line.decode("utf-8", "replace").rstrip("\n")


@asynccontextmanager
async def driver(command: list[str], variables: dict[str, str], folder: Path) -> AsyncIterator[Driver]:
    """A driver with these environment variables added; proxies are taken out, they must not see loopback's traffic."""
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    log = folder / "driver.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env={**env, **variables}, stdin=PIPE, stdout=PIPE, stderr=errors
        )
    running = Driver(process, log)
    try:
        yield running
    finally:
        await running.end()


def _botkit(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "botkit.cli", *arguments]


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"    | {line}" for line in lines[-_TAIL_LINES:])


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
