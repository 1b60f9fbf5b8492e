"""Named moments on the path of a message, at which a test can end the process to see that nothing is lost.

A bot calls its `step` with one of these names at the moment itself, on the thread that gets there.
"""

from __future__ import annotations

from collections.abc import Callable

Step = Callable[[str], None]

JOURNAL_COMMITTED = "journal committed"
CALL_BEGUN = "call begun"
CALL_COMMITTED = "call committed"
ANSWER_READ = "answer read"
"""The network has answered a send; its row is still open."""
ROW_TICKED_OFF = "row ticked off"
ONCE_BEGUN = "once begun"
"""An effect that must not happen twice is in the ledger as begun; its request has not left yet."""
CONTROL_CALL = "control call"
"""A call from outside has been done; who asked has no answer yet."""


def no_step(_name: str) -> None:
    """What a bot does at these moments outside of tests: nothing."""
