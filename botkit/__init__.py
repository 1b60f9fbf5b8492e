"""botkit: a plugin-based bot framework for Messenger groups.

This is the front door: what plugin authors import. Each name is loaded when it is first used, so that importing
botkit itself costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from botkit.commands import Command as Command
    from botkit.commands import CommandTable as CommandTable
    from botkit.commands import Invocation as Invocation
    from botkit.commands import Rest as Rest
    from botkit.commands import command as command
    from botkit.config import Settings as Settings
    from botkit.context import AccountTrouble as AccountTrouble
    from botkit.context import BackgroundResult as BackgroundResult
    from botkit.context import ChatContext as ChatContext
    from botkit.context import Context as Context
    from botkit.hookspecs import STOP as STOP
    from botkit.hookspecs import hookimpl as hookimpl
    from botkit.messenger import Message as Message
    from botkit.messenger import ThreadEvent as ThreadEvent
    from botkit.messenger import Typing as Typing
    from botkit.messenger.errors import BotkitError as BotkitError
    from botkit.messenger.errors import CommandError as CommandError
    from botkit.messenger.errors import OutcomeUnknown as OutcomeUnknown
    from botkit.messenger.errors import RateLimited as RateLimited

_HOMES = {
    "Command": "botkit.commands",
    "CommandTable": "botkit.commands",
    "Invocation": "botkit.commands",
    "Rest": "botkit.commands",
    "command": "botkit.commands",
    "Settings": "botkit.config",
    "AccountTrouble": "botkit.context",
    "BackgroundResult": "botkit.context",
    "ChatContext": "botkit.context",
    "Context": "botkit.context",
    "STOP": "botkit.hookspecs",
    "hookimpl": "botkit.hookspecs",
    "Message": "botkit.messenger",
    "ThreadEvent": "botkit.messenger",
    "Typing": "botkit.messenger",
    "BotkitError": "botkit.messenger.errors",
    "CommandError": "botkit.messenger.errors",
    "OutcomeUnknown": "botkit.messenger.errors",
    "RateLimited": "botkit.messenger.errors",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'botkit' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(["__version__", *_HOMES])
