"""Refuses to begin while a file that holds a secret can be read by others than its owner."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from botkit.messenger.errors import ConfigError

if TYPE_CHECKING:
    from botkit.config import BotConfig

_HAS_MODES = os.name == "posix"
# Sessions, tokens, passwords of the sandbox's people, what people write.
_IN_DATA = ("accounts.json", "control.json", "sandbox.json", "sandbox.db*", "*/appstate.json", "*/bot.db*")


def check(settings: BotConfig) -> None:
    """Raise ConfigError when there are `problems`."""
    if found := problems(settings):
        raise ConfigError(found)


def problems(settings: BotConfig) -> list[str]:
    """A line with a command for each such file of a bot file; none where files have no such modes (Windows)."""
    return [problem for path in _files(settings) if (problem := too_wide(path))]


def too_wide(path: Path) -> str | None:
    """What is wrong with the file's mode and the command that mends it; None when nothing is, or there is no file."""
    if not _HAS_MODES:
        return None
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
    if not mode & 0o077:
        return None
    return (
        f"{path}: holds a secret and is open to others than its owner (mode {mode:04o}); "
        f"mend it with: chmod 600 {shlex.quote(str(path))}"
    )


def _files(settings: BotConfig) -> Iterator[Path]:
    login = settings.file.login
    if login is not None and login.password is not None and ("login", "password") not in settings.source.private:
        yield settings.source.path
    if login is not None and login.app_state is not None:
        yield settings.path(login.app_state)
    for pattern in _IN_DATA:
        yield from sorted(settings.data.glob(pattern))
