"""How much slower than its limits the bot goes because the network has complained, and how it finds back.

Times are seconds of a clock that never goes back. Nothing here is safe for threads: the governor's lock guards it.
"""

from __future__ import annotations

import math
from collections import OrderedDict

_HOLD_FIRST_S = 30.0
_HOLD_MOST_S = 900.0
_WELL_TO_HALVE = 10
_MOST_STEPS = 4
"""Rates are halved at most so often: to a sixteenth."""
_STEP_BACK_S = 60.0
"""After so long without new trouble a thing that goes well doubles the rates, up to what they were."""
_REFUSED_S = 600.0
"""A refusal slows its chat for so long; refusals from several chats within it slow everything."""
_REFUSING_CHATS = 3


class Brakes:
    """Holds that end, and steps by which rates are halved, of all chats and of single ones."""

    def __init__(self) -> None:
        self._held_until = -math.inf
        self._next_hold_s = _HOLD_FIRST_S
        self._well_since_hold = 0
        self._steps = 0
        self._changed_at = -math.inf
        self._chats: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._refusing: dict[str, float] = {}

    @property
    def are_on(self) -> bool:
        """Whether rates are smaller than they were set, for all chats."""
        return self._steps > 0

    def held_s(self, now: float) -> float:
        """For how long nothing at all is done."""
        return max(0.0, self._held_until - now)

    def divisor(self) -> int:
        """By what the rates are divided."""
        return int(2**self._steps)

    def divisor_of(self, thread_id: str, now: float) -> int:
        """By what the rates of one chat are divided."""
        return int(2 ** (self._steps + self._steps_of(thread_id, now)))

    def hold(self, now: float, retry_after_s: float | None) -> bool:
        """The network asks for less haste: do nothing for a while, then everything at half the pace. The while is the
        network's wish, else 30 s, and twice as long at each new time; False when it was held already."""
        if now < self._held_until:
            # Of several that were under way together, each comes back with the same bad news.
            self._held_until = max(self._held_until, now + (retry_after_s or 0.0))
            return False
        self._well_since_hold = 0
        self._held_until = now + (self._next_hold_s if retry_after_s is None else retry_after_s)
        self._next_hold_s = min(self._next_hold_s * 2, _HOLD_MOST_S)
        self._slow_down(now)
        return True

    def refusal(self, now: float, thread_id: str) -> bool:
        """A chat does not take what it is given: half the pace there, and everywhere (True) when it is the third chat
        lately."""
        self._chats[thread_id] = (min(self._steps_of(thread_id, now) + 1, _MOST_STEPS), now)
        self._chats.move_to_end(thread_id)
        while not self._steps_of(oldest := next(iter(self._chats)), now):
            del self._chats[oldest]
        lately = {chat: at for chat, at in self._refusing.items() if now - at < _REFUSED_S}
        self._refusing = {**lately, thread_id: now}
        if len(self._refusing) < _REFUSING_CHATS:
            return False
        self._refusing = {}
        self._slow_down(now)
        return True

    def went_well(self, now: float) -> bool:
        """Something has been done without complaint: one step back (True), if it was quiet for a minute. Ten such
        halve the next hold: a network that takes most of what it gets complains by chance, not of the bot's pace."""
        self._well_since_hold += 1
        if self._well_since_hold % _WELL_TO_HALVE == 0:
            self._next_hold_s = max(self._next_hold_s / 2, _HOLD_FIRST_S)
        if not self._steps or now < max(self._held_until, self._changed_at) + _STEP_BACK_S:
            return False
        self._steps -= 1
        self._changed_at = now
        if not self._steps:
            self._next_hold_s = _HOLD_FIRST_S
        return True

    def _slow_down(self, now: float) -> None:
        self._steps = min(self._steps + 1, _MOST_STEPS)
        self._changed_at = now

    def _steps_of(self, thread_id: str, now: float) -> int:
        """One for each refusal of the chat, less one for each ten minutes without."""
        steps, since = self._chats.get(thread_id, (0, now))
        return max(0, steps - int((now - since) / _REFUSED_S))
