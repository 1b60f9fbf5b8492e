"""Takes orders for faults, and carries out what happens at once. Used by one thread at a time."""

from __future__ import annotations

from dataclasses import dataclass

from botkit.sandbox.faults import ON_CONNECTIONS, Fault, Faults
from botkit.sandbox.logins import Logins
from botkit.sandbox.session import Sessions

# Besides the kinds of faults.py.
EXPIRE, NONE = "expire", "none"


@dataclass(frozen=True)
class Orders:
    """The desk at which a test or a person orders trouble."""

    faults: Faults
    logins: Logins
    sessions: Sessions

    def order(self, fault: Fault) -> int:
        """Ask for a fault; how many connections it ended at once.

        A `cut`, `stall` or `silent_queue` that neither waits nor draws lots strikes open connections now. The kind
        `expire` ends the account's sessions and connections, `none` takes back everything that was ordered for it.

        Raises:
            ControlError: there is no such kind, or something makes no sense with it.
        """
        if fault.kind == NONE:
            self.faults.clear(fault.account)
            return 0
        if fault.kind == EXPIRE:
            self.logins.expire(fault.account)
            return self.sessions.close_account(fault.account)
        self.faults.order(fault)
        if fault.kind in ON_CONNECTIONS and fault.strikes_first_chance:
            return self.sessions.strike(fault.account)
        return 0
