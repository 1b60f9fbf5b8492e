"""The ground of a run: a sandbox with enough chats, and the TLS end before it, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import environments
from meter import cost_of
from processes import START_WITHIN_S, Failed, Place, sandbox

BOT, ANN = "100000000000001", "100000000000002"
BOT_NAME, ANN_NAME = "Bot", "Ann"
_FIRST_CHAT = 7_000_000_000_000_000
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class TlsPort:
    """Where the TLS end listens, with the file of the authority that its certificate comes from."""

    port: int
    ca: Path
    pid: int


@dataclass(frozen=True)
class Ground:
    """Where a run takes place; `folder` is its own. Without `tls` the bots connect to the sandbox itself."""

    folder: Path
    place: Place
    chats: Sequence[str]
    tls: TlsPort | None

    def processor_s(self) -> float:
        """What the sandbox and the TLS end have cost so far."""
        pid = json.loads((self.folder / ".botkit" / "sandbox.json").read_text(encoding="utf-8"))["pid"]
        return cost_of(pid).processor_s + (cost_of(self.tls.pid).processor_s if self.tls else 0.0)


@asynccontextmanager
async def ground(folder: Path, chats: int, certificates: Path | None) -> AsyncIterator[Ground]:
    """A fresh sandbox in which Bot and Ann share so many groups.

    `certificates` is a folder that `tls_end.make_certificate` has filled; None leaves the TLS end out.
    """
    ids = [str(_FIRST_CHAT + number) for number in range(1, chats + 1)]
    folder.mkdir()
    world = folder / "world.yaml"
    # JSON is YAML, too.
    world.write_text(json.dumps(_world(ids)), encoding="utf-8")
    async with sandbox(folder, world) as place:
        if certificates is None:
            yield Ground(folder, place, ids, None)
        else:
            async with _tls_end(place.port, certificates) as tls:
                yield Ground(folder, place, ids, tls)


def _world(chats: Sequence[str]) -> dict[str, object]:
    people = [(BOT, BOT_NAME, True), (ANN, ANN_NAME, False)]
    return {
        "people": [
            {"id": id_, "name": name, "bot": bot, "email": f"{name}@sandbox.test", "password": f"{name}-sandbox"}
            for id_, name, bot in people
        ],
        "groups": [{"id": chat, "name": f"Chat {chat[-4:]}", "members": [BOT_NAME, ANN_NAME]} for chat in chats],
    }


@asynccontextmanager
async def _tls_end(target: int, certificates: Path) -> AsyncIterator[TlsPort]:
    command = [sys.executable, str(_HERE / "tls.py"), str(certificates), str(target)]
    env = {**os.environ, "PYTHONPATH": str(environments.HERE)}
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=PIPE)
    try:
        async with asyncio.timeout(START_WITHIN_S):
            line = await process.stdout.readline()
        if not line:
            raise Failed("the TLS end did not start")
        yield TlsPort(int(line), certificates / "client.pem", process.pid)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
