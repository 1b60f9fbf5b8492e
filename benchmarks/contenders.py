"""The echo bots that are compared: how each is started, as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import environments
from place import BOT_NAME, Ground

from botkit.sandbox.client import app_state

_BOTS = Path(__file__).parent / "bots"
_PRELOAD = environments.HERE / "node" / "preload.js"
# Those of a sandbox: everything is counted, nothing held back.
_RATES, _BUDGETS = ("per_chat", "overall"), ("hourly", "daily")
_LIMITS = {
    "message": dict.fromkeys((*_RATES, *_BUDGETS), "unlimited"),
    "small": dict.fromkeys(_RATES, "unlimited"),
    "change": dict.fromkeys((*_RATES, *_BUDGETS), "unlimited"),
    "read": {"overall": "unlimited"},
}


@dataclass(frozen=True)
class Contender:
    """An echo bot. `command` gets the folder that it is to work in, which holds its app state in appstate.json."""

    name: str
    command: Callable[[Path, Ground], Sequence[str]]
    variables: Mapping[str, str] = field(default_factory=dict)


def chat_api() -> Contender:
    """facebook-chat-api; installs it first if need be, raises `environments.NotInstalled`."""
    modules = environments.node_modules()
    command = [str(shutil.which("node")), "-r", str(_PRELOAD), str(_BOTS / "chat_api_echo.js"), "appstate.json"]
    return Contender("facebook-chat-api 1.8.0", lambda folder, ground: command, {"NODE_PATH": str(modules)})


def fbchat() -> Contender:
    """fbchat; installs it first if need be, raises `environments.NotInstalled`."""
    command = [str(environments.python()), str(_BOTS / "fbchat_echo.py"), "appstate.json"]
    return Contender("fbchat 1.9.7", lambda folder, ground: command)


def botkit(name: str, carrier: str, *, plugins: int = 1, durability: str = "normal", journal: bool = True) -> Contender:
    """The whole of botkit, as `botkit run` starts it, with the limits of a sandbox and `plugins` plugins."""

    def command(folder: Path, ground: Ground) -> Sequence[str]:
        _write_bot_file(folder, ground, carrier, plugins, durability)
        words = [] if journal else ["unjournalled"]
        return [sys.executable, str(_BOTS / "botkit_echo.py"), "bot.yaml", *words]

    return Contender(name, command)


def bare(name: str, carrier: str) -> Contender:
    """botkit's client alone: no runner, no promises."""

    def command(folder: Path, ground: Ground) -> Sequence[str]:
        network = "facebook" if ground.tls else ground.place.url
        return [sys.executable, str(_BOTS / "bare_echo.py"), "appstate.json", carrier, network]

    return Contender(name, command)


@asynccontextmanager
async def running(contender: Contender, ground: Ground) -> AsyncIterator[int]:
    """The bot's process in a fresh folder; its number."""
    folder = ground.folder / "bot"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    state = folder / "appstate.json"
    state.touch(mode=0o600)
    cookies = await asyncio.to_thread(app_state, ground.place.url, ground.place.token, BOT_NAME)
    state.write_text(json.dumps(cookies), encoding="utf-8")
    command, env = contender.command(folder, ground), _environment(contender, ground)
    with (folder / "bot.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=env, stdin=DEVNULL, stdout=log, stderr=log
        )
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _environment(contender: Contender, ground: Ground) -> dict[str, str]:
    """Without proxies: they must not see loopback's traffic."""
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    if ground.tls:
        env |= dict.fromkeys(("NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), str(ground.tls.ca))
        env |= dict.fromkeys(("BENCH_TLS_PORT", "STRANGERS_TLS_PORT"), str(ground.tls.port))
    return {**env, **contender.variables}


def _write_bot_file(folder: Path, ground: Ground, carrier: str, plugins: int, durability: str) -> None:
    """All plugins but the first hear every message and say nothing."""
    silent = [f"silent_{number}" for number in range(1, plugins)]
    home = folder / "plugins"
    home.mkdir()
    shutil.copy(_BOTS / "plugins" / "again.py", home)
    for name in silent:
        shutil.copy(_BOTS / "plugins" / "silent.py", home / f"{name}.py")
    network = {"network": "facebook"} if ground.tls else {"network": "sandbox", "sandbox": {"url": ground.place.url}}
    settings: dict[str, Any] = {
        **network,
        "data": "data",
        "login": {"app_state": "appstate.json"},
        "options": {"send_via": carrier},
        "limits": _LIMITS,
        "durability": durability,
        "plugin_dirs": ["plugins"],
        "plugins": dict.fromkeys(["again", *silent]),
    }
    (folder / "bot.yaml").write_text(json.dumps(settings), encoding="utf-8")
