"""The file by which tools find a running sandbox: written when it starts, removed when it stops, ignored when stale."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from botkit.logs import hide
from botkit.sandbox import client
from botkit.sandbox.errors import SandboxError

_NAME = "sandbox.json"


@dataclass(frozen=True)
class Location:
    """Where a sandbox answers, and the proof that one may use its control API."""

    url: str
    token: str = field(repr=False)
    pid: int
    world: str

    def is_alive(self) -> bool:
        """Whether that process still runs and that very world answers there; waits at most 5 s."""
        try:
            return _runs(self.pid) and client.world(self.url, self.token).get("world") == self.world
        except SandboxError:
            return False


def read(data_dir: Path) -> Location | None:
    """What the file in `data_dir` says, alive or not; None when there is none that can be read."""
    try:
        found = json.loads((data_dir / _NAME).read_text(encoding="utf-8"))
        location = Location(str(found["url"]), str(found["token"]), int(found["pid"]), str(found["world"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    hide(location.token)
    return location


def find(data_dir: Path) -> Location | None:
    """The sandbox that runs on `data_dir`; None when there is none."""
    location = read(data_dir)
    return location if location is not None and location.is_alive() else None


def write(data_dir: Path, location: Location) -> None:
    """Leave the file, readable by its owner only; a reader never sees half of it."""
    draft = data_dir / f"{_NAME}.{location.pid}"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(location), file)
    draft.replace(data_dir / _NAME)


def remove(data_dir: Path, location: Location) -> None:
    """Take the file away if it is still this one's."""
    if read(data_dir) == location:
        (data_dir / _NAME).unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    # On Windows signal 0 would end the process; there the answer over HTTP has to do.
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
