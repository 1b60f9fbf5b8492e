"""The file that names a running sandbox: alive, stale, broken."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from botkit.sandbox import locator
from botkit.sandbox.locator import Location
from botkit.sandbox.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", port=0)
    server.start()
    yield server
    server.stop()


def test_alive(server: Server, tmp_path: Path) -> None:
    """A running sandbox is found, by whoever reads its file."""
    location = Location(server.url, server.token, os.getpid(), server.world_id)
    locator.write(tmp_path, location)
    assert locator.find(tmp_path) == location
    assert stat.S_IMODE((tmp_path / "sandbox.json").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("sandbox.json*")] == ["sandbox.json"]


@pytest.mark.parametrize("change", ["token", "world", "url", "pid"])
def test_stale(server: Server, tmp_path: Path, change: str) -> None:
    """Another token, world, address or a process that ended: ignored."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    parts: dict[str, Any] = {"url": server.url, "token": server.token, "pid": os.getpid(), "world": server.world_id}
    parts |= {change: {"url": "http://127.0.0.1:1", "pid": ended.pid}.get(change, "other")}
    locator.write(tmp_path, Location(**parts))
    assert locator.read(tmp_path) is not None
    assert locator.find(tmp_path) is None


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"url": 1}'])
def test_unreadable(tmp_path: Path, text: str | None) -> None:
    """No file, or not such a file: nobody is there."""
    if text is not None:
        (tmp_path / "sandbox.json").write_text(text, encoding="utf-8")
    assert locator.find(tmp_path) is None


def test_remove_only_ones_own(tmp_path: Path) -> None:
    """A stopping sandbox leaves the file of its successor."""
    old, new = Location("http://127.0.0.1:1", "a", 1, "w"), Location("http://127.0.0.1:2", "b", 2, "w")
    locator.write(tmp_path, new)
    locator.remove(tmp_path, old)
    assert locator.read(tmp_path) == new
    locator.remove(tmp_path, new)
    assert locator.read(tmp_path) is None


def test_token_is_not_shown() -> None:
    """The token stays out of reprs."""
    assert "secret" not in repr(Location("http://127.0.0.1:1", "secret", 1, "w"))
