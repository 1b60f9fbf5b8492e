"""How the command line says that it cannot go on: one line for each reason on stderr, and an exit code."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from botkit.messenger.errors import (
    AlreadyRunning,
    BotkitError,
    Checkpoint,
    ConfigError,
    LoginError,
    NetworkError,
    NotLoggedIn,
    WorkersLost,
)

EXIT_CODES = """\b
Exit codes:
  0    stopped by Ctrl+C or SIGTERM, in good order
  1    an unexpected error
  2    the bot file or a plugin is wrong
  3    the network or the sandbox cannot be reached
  4    the login was refused, or the session is dead
  5    the account is at a checkpoint: see to it in a browser
  6    another bot runs on this data
  7    too many handlers of plugins never came back
  130  left at once, at a second Ctrl+C
"""

_CODES: tuple[tuple[type[BotkitError], int], ...] = (
    (ConfigError, 2),
    (Checkpoint, 5),
    (LoginError, 4),
    (NotLoggedIn, 4),
    (NetworkError, 3),
    (AlreadyRunning, 6),
    (WorkersLost, 7),
)


def exit_code(error: BotkitError) -> int:
    """The exit code for what ended a command."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), 1)


def fail(error: BotkitError) -> NoReturn:
    """Say what is wrong and leave."""
    for line in str(error).splitlines():
        click.echo(f"botkit: {line}", err=True)
    sys.exit(exit_code(error))
