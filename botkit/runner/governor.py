"""The governor: everything that a bot does to the network asks here first, and is counted.

It paces and it hides nothing. A limit of N in a stretch of time holds for every such stretch, whoever acts: plugins,
jobs, control calls. Grants are counted when they are given, by a clock that never goes back.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botkit import limits as limits_module
from botkit.clock import Clock
from botkit.limits import DAY_S, HOUR_S, KINDS, Kind, KindLimits, Limits, Rate
from botkit.logs import get_logger
from botkit.messenger.errors import MessengerError, RateLimited, Refused
from botkit.runner.brakes import Brakes
from botkit.runner.windows import Tally, Window
from botkit.status import BudgetStatus

log = get_logger(__name__)

Spent = Callable[[Kind, int], Sequence[int]]
"""(kind, since in ms) → the times in ms at which something of that kind was done since then, in any order."""

# Who comes back this early has lost nothing, and does not spin on a clock that rounds.
_SHORTEST_S = 0.001


@dataclass(frozen=True)
class _Limit:
    """A limit as it stands at one moment: its name in `budget`, its words in an error; `wait_s` is 0.0 while there is
    room, `most` is None where it only counts."""

    name: str
    words: str
    used: int
    most: int | None
    wait_s: float


class Governor:
    """Grants, or tells how long to wait; never waits itself. Any thread."""

    def __init__(
        self, limits: Limits, clock: Clock, spent: Spent, on_budget: Callable[[str], None] = lambda _sentence: None
    ) -> None:
        """`spent` tells of the time before this start. It knows no chats: what was done then counts for every chat,
        until the window of their rate is over.

        `on_budget` is told when an hourly or daily limit is used up, once in an hour or day; it must return at once.
        """
        self._clock = clock
        self._on_budget = on_budget
        self._told_at: dict[tuple[Kind, str], float] = {}
        self._lock = threading.Lock()
        self._brakes = Brakes()
        now, now_ms = clock.monotonic(), clock.time_ms()
        self._books: dict[Kind, _Book] = {}
        for kind in KINDS:
            # Times of the future are those of a clock that was set back since; they count as now.
            ages_ms = (max(0, now_ms - at_ms) for at_ms in spent(kind, now_ms - int(DAY_S * 1000)))
            self._books[kind] = _Book(limits[kind], sorted(now - age_ms / 1000 for age_ms in ages_ms))

    def kind_of(self, function: str, arguments: Mapping[str, Any]) -> Kind:
        """What a call of a function of the API counts as (`botkit.limits.kind_of`). Raises BadArgument."""
        return limits_module.kind_of(function, arguments)

    def wait_s(self, kind: Kind, thread_id: str | None) -> float:
        """0.0: granted and counted. Else nothing was counted, and after so many seconds it is worth asking again."""
        blocked = self._reserve(kind, thread_id)
        return 0.0 if blocked is None else blocked[0]

    def check(self, kind: Kind, thread_id: str | None) -> None:
        """Grant and count; raises RateLimited, with the limit and the seconds, when that is not possible at once."""
        blocked = self._reserve(kind, thread_id)
        if blocked is not None:
            wait_s, reason = blocked
            raise RateLimited(f"{kind}: {reason}; ask again in {math.ceil(wait_s)} s", retry_after_s=wait_s)

    def trouble(self, error: MessengerError, thread_id: str | None) -> None:
        """What was granted has failed, in this chat. RateLimited holds everything for as long as it says, else 30 s
        and longer, and halves all rates; Refused halves those of its chat for 10 minutes, and all rates when it is the
        third chat within that time. Other errors change nothing."""
        with self._lock:
            now = self._clock.monotonic()
            if isinstance(error, RateLimited):
                if self._brakes.hold(now, error.retry_after_s):
                    held_s, divisor = self._brakes.held_s(now), self._brakes.divisor()
                    log.warning("less haste is asked for: nothing for %.0f s, then 1/%d of the pace", held_s, divisor)
            elif isinstance(error, Refused) and thread_id is not None and self._brakes.refusal(now, thread_id):
                log.warning("several chats refuse what they get: 1/%d of the pace", self._brakes.divisor())

    def went_well(self) -> None:
        """What was granted has been done: slowed rates come back, one step a minute."""
        if not self._brakes.are_on:
            return
        with self._lock:
            if self._brakes.went_well(self._clock.monotonic()):
                log.info("it goes well again: 1/%d of the pace", self._brakes.divisor())

    def budget(self) -> tuple[BudgetStatus, ...]:
        """Of each kind the limits that are set, as they are in force now, and how much was done in an hour and a day
        where they are not set."""
        with self._lock:
            now, now_ms = self._clock.monotonic(), self._clock.time_ms()
            held_s, divisor = self._brakes.held_s(now), self._brakes.divisor()
            found = []
            for kind, book in self._books.items():
                fullest = book.fullest_chat(now)
                divisor_of_chat = self._brakes.divisor_of(fullest, now)
                for one in book.state(fullest, now, divisor, divisor_of_chat):
                    wait_s = max(one.wait_s, held_s)
                    until_ms = now_ms + math.ceil(wait_s * 1000) if wait_s else None
                    found.append(BudgetStatus(kind, one.name, one.used, one.most, until_ms))
            return tuple(found)

    def _reserve(self, kind: Kind, thread_id: str | None) -> tuple[float, str] | None:
        """Grant and count, or (seconds, what is in the way)."""
        book = self._books.get(kind)
        if book is None:
            return None
        with self._lock:
            now = self._clock.monotonic()
            blocked = self._blocked(book, thread_id, now)
            if blocked is None:
                book.take(thread_id, now)
                return None
            wait_s, reason, limit = blocked
            is_news = self._is_news(kind, limit, now)
        if is_news:
            self._on_budget(f"{kind}: {reason}; the next in {math.ceil(wait_s)} s")
        return max(wait_s, _SHORTEST_S), reason

    def _is_news(self, kind: Kind, limit: str, now: float) -> bool:
        """Whether this limit is one to tell of, and was not told of within its own stretch of time."""
        window_s = {"hourly": HOUR_S, "daily": DAY_S}.get(limit)
        if window_s is None or now - self._told_at.get((kind, limit), -math.inf) < window_s:
            return False
        self._told_at[kind, limit] = now
        return True

    def _blocked(self, book: _Book, thread_id: str | None, now: float) -> tuple[float, str, str] | None:
        """(seconds, what is in the way, the name of the limit if it is one), or None when nothing is."""
        held_s = self._brakes.held_s(now)
        if held_s > 0:
            return held_s, "the network has asked for less haste", ""
        if not book.is_limited:
            return None
        divisor = self._brakes.divisor()
        divisor_of_chat = divisor if thread_id is None else self._brakes.divisor_of(thread_id, now)
        slowest = max(book.state(thread_id, now, divisor, divisor_of_chat), key=lambda one: one.wait_s)
        if slowest.wait_s <= 0:
            return None
        return slowest.wait_s, f"the limit of {slowest.words} is reached", slowest.name


class _Book:
    """What was done of one kind."""

    def __init__(self, limits: KindLimits, past: list[float]) -> None:
        self.is_limited = limits != KindLimits()
        self._limits = limits
        self._past = past
        self._chats: OrderedDict[str, Window] = OrderedDict()
        self._overall = None if limits.overall is None else Window(limits.overall.most, limits.overall.window_s, past)
        self._hourly = _counter(limits.hourly, HOUR_S, past)
        self._daily = _counter(limits.daily, DAY_S, past)

    def take(self, thread_id: str | None, now: float) -> None:
        """Count one."""
        self._hourly.take(now)
        self._daily.take(now)
        if self._overall is not None:
            self._overall.take(now)
        if self._limits.per_chat is not None and thread_id is not None:
            self._chat(thread_id, now, self._limits.per_chat).take(now)
            self._chats.move_to_end(thread_id)

    def state(self, thread_id: str | None, now: float, divisor: int, divisor_of_chat: int) -> Iterator[_Limit]:
        """Each limit; the divisors make the rates smaller, and leave the budgets."""
        per_chat, overall = self._limits.per_chat, self._limits.overall
        if per_chat is not None and thread_id is not None:
            chat = self._chat(thread_id, now, per_chat)
            yield _Limit("per chat", f"{per_chat} in chat {thread_id}", *chat.state(now, divisor_of_chat))
        if overall is not None and self._overall is not None:
            yield _Limit("overall", f"{overall} in all chats", *self._overall.state(now, divisor))
        yield _Limit("hourly", f"{self._limits.hourly} an hour", *self._hourly.state(now))
        yield _Limit("daily", f"{self._limits.daily} a day", *self._daily.state(now))

    def fullest_chat(self, now: float) -> str:
        """The chat in which the most was done lately, of those that are remembered; "" without any."""
        return max(self._chats, key=lambda chat: self._chats[chat].state(now)[0], default="")

    def _chat(self, thread_id: str, now: float, rate: Rate) -> Window:
        known = self._chats.get(thread_id)
        if known is not None:
            return known
        # In the order of their last use: the idle ones are in front.
        while self._chats and not next(iter(self._chats.values())).state(now)[0]:
            self._chats.popitem(last=False)
        if self._past and self._past[-1] + rate.window_s <= now:
            self._past = []
        return self._chats.setdefault(thread_id, Window(rate.most, rate.window_s, self._past))


def _counter(most: int | None, window_s: float, past: Sequence[float]) -> Window | Tally:
    return Tally(window_s, past) if most is None else Window(most, window_s, past)
