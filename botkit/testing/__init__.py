"""What tests of bots and plugins stand on: a clock that moves only when the test says so, and a stage to play on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botkit.testing.manual_clock import ManualClock
from botkit.testing.virtual_clock import VirtualClock

if TYPE_CHECKING:
    from botkit.testing.stage import Person as Person
    from botkit.testing.stage import Stage as Stage

__all__ = ["ManualClock", "Person", "Stage", "VirtualClock"]


def __getattr__(name: str) -> Any:
    # Tests of a single part do without the client, the sandbox and the runner, which take long to load.
    if name in ("Person", "Stage"):
        from botkit.testing import stage

        return getattr(stage, name)
    raise AttributeError(f"module 'botkit.testing' has no attribute {name!r}")
