"""What tests of bots and plugins stand on: the fixture `bot` and its parts, a stage to play on, clocks to hold."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from botkit.testing.manual_clock import ManualClock
from botkit.testing.virtual_clock import VirtualClock

if TYPE_CHECKING:
    from botkit.testing.chats import Chat as Chat
    from botkit.testing.chats import Participant as Participant
    from botkit.testing.chats import Said as Said
    from botkit.testing.kit import TestBot as TestBot
    from botkit.testing.stage import Person as Person
    from botkit.testing.stage import Stage as Stage

__all__ = ["Chat", "ManualClock", "Participant", "Person", "Said", "Stage", "TestBot", "VirtualClock"]

_LATER = {
    "Chat": "chats",
    "Participant": "chats",
    "Person": "stage",
    "Said": "chats",
    "Stage": "stage",
    "TestBot": "kit",
}


def __getattr__(name: str) -> Any:
    # Tests of a single part do without the client, the sandbox and the runner, which take long to load.
    if name in _LATER:
        return getattr(importlib.import_module(f"botkit.testing.{_LATER[name]}"), name)
    raise AttributeError(f"module 'botkit.testing' has no attribute {name!r}")
