"""The lock on a data directory: never two bots on one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from botkit.messenger.errors import AlreadyRunning, StoreError
from botkit.runner.supervisor import write_private


@contextmanager
def data_lock(data: Path, name: str) -> Iterator[None]:
    """Hold the data directory; raises AlreadyRunning, naming who holds it, when another bot does."""
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{data}: cannot be used as data directory: {error}") from error
    # The lock is the operating system's and goes with the process; the note beside it only says whose it is.
    note = data / "bot.json"
    lock = FileLock(data / "bot.lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyRunning(f"{data}: another bot runs on this data: {_holder(note)}; stop it first") from None
    try:
        write_private(note, json.dumps({"pid": os.getpid(), "bot": name}))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _holder(note: Path) -> str:
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
        return f"{known['bot']}, process {known['pid']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "its name is not written down"
