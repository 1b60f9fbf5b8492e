"""Counting what was done lately: exactly where there is a limit, roughly where there is none.

Times are seconds of a clock that never goes back, and come in their order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class Window:
    """What was done within the last `window_s` seconds: a bucket of `most` tokens, each of which comes back that long
    after it was taken, so that no stretch of this length holds more, wherever it begins."""

    def __init__(self, most: int, window_s: float, past: Iterable[float] = ()) -> None:
        self._most = most
        self._window_s = window_s
        self._taken = deque(past, most)

    def take(self, now: float) -> None:
        """Count one, which `state` has said is possible."""
        self._taken.append(now)

    def state(self, now: float, divisor: int = 1) -> tuple[int, int, float]:
        """(used, of how many, seconds until there is a token or 0.0); `divisor` makes the bucket smaller."""
        taken, window_s = self._taken, self._window_s
        while taken and taken[0] + window_s <= now:
            taken.popleft()
        most = max(1, self._most // divisor)
        missing = len(taken) - most
        return len(taken), most, 0.0 if missing < 0 else taken[missing] + window_s - now


class Tally:
    """How much was done within the last `window_s` seconds, give or take a sixtieth of them; takes no more memory for
    more."""

    _SLOTS = 60

    def __init__(self, window_s: float, past: Iterable[float] = ()) -> None:
        self._slot_s = window_s / self._SLOTS
        self._counts = [0] * self._SLOTS
        self._total = 0
        self._newest: int | None = None
        for one in past:
            self.take(one)

    def take(self, now: float) -> None:
        """Count one."""
        slot = int(now // self._slot_s)
        if slot != self._newest:
            self._move_to(slot)
        self._counts[slot % self._SLOTS] += 1
        self._total += 1

    def state(self, now: float) -> tuple[int, None, float]:
        """(used, of any number, 0.0): there is always room."""
        self._move_to(int(now // self._slot_s))
        return self._total, None, 0.0

    def _move_to(self, slot: int) -> None:
        passed = self._SLOTS if self._newest is None else min(self._SLOTS, slot - self._newest)
        for old in range(slot - passed + 1, slot + 1):
            self._total -= self._counts[old % self._SLOTS]
            self._counts[old % self._SLOTS] = 0
        self._newest = slot
