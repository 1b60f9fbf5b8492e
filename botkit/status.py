"""How a bot is doing, as values: for `botkit status`, `!status`, the metrics and scripts.

Nothing here holds the text of a message or a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60


@dataclass(frozen=True)
class PluginStatus:
    """One plugin since the bot started; the failures that led to a pause are remembered over restarts."""

    name: str
    calls: int = 0
    errors: int = 0
    missed: int = 0
    """Events that passed it by while it was paused."""
    paused_until_ms: int | None = None
    mean_ms: float = 0.0
    slowest_ms: float = 0.0
    last_error: str | None = None
    """One line: the error's class and the plugin's own line."""

    def is_paused(self, now_ms: int) -> bool:
        """Whether events pass it by at this moment."""
        return self.paused_until_ms is not None and self.paused_until_ms > now_ms


@dataclass(frozen=True)
class BudgetStatus:
    """One limit of the governor, such as messages per hour; `of` is None where it only counts."""

    kind: str
    limit: str
    """Which limit of that kind: `per chat` (its fullest chat), `overall`, `hourly`, `daily`."""
    used: int
    of: int | None = None
    until_ms: int | None = None
    """When something of it is free again; None while there is room."""


@dataclass(frozen=True)
class Status:
    """A bot at one moment. Times are milliseconds since 1970, None where there was no such event yet."""

    state: str
    """Of the connection: connecting, live, stalled, backing_off, logged_out, checkpoint or stopped."""
    reason: str
    since_ms: int | None
    started_ms: int | None
    last_event_ms: int | None
    own_id: str
    network: str
    open_rows: int = 0
    dead_rows: int = 0
    late_rows: int = 0
    lanes_waiting: int = 0
    outbox_waiting: int = 0
    background_waiting: int = 0
    lost_workers: int = 0
    plugins: tuple[PluginStatus, ...] = ()
    budgets: tuple[BudgetStatus, ...] = ()
    jobs: int = 0
    """How many jobs are still to run, each chat of one counted."""
    next_job_ms: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON values, under the names of the fields."""
        found = asdict(self)
        return {**found, "plugins": list(found["plugins"]), "budgets": list(found["budgets"])}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Status:
        """What `to_dict` gave, back again; raises TypeError or KeyError for anything else."""
        plugins = tuple(PluginStatus(**one) for one in found["plugins"])
        budgets = tuple(BudgetStatus(**one) for one in found["budgets"])
        return cls(**{**found, "plugins": plugins, "budgets": budgets})

    def describe(self, now_ms: int) -> str:
        """A few lines for people; `now_ms` is what ages are counted from."""
        lines = [*self._connection(now_ms), *self._work(now_ms), *self._plugins(now_ms), *self._budgets(now_ms)]
        return "\n".join(lines)

    def _connection(self, now_ms: int) -> list[str]:
        since = "" if self.since_ms is None else f" for {duration((now_ms - self.since_ms) / 1000)}"
        reason = f" ({self.reason})" if self.reason and self.reason != self.state else ""
        started = "" if self.started_ms is None else f", started {duration((now_ms - self.started_ms) / 1000)} ago"
        heard = "none yet" if self.last_event_ms is None else f"{duration((now_ms - self.last_event_ms) / 1000)} ago"
        return [
            f"connection: {self.state.replace('_', ' ')}{since}{reason}",
            f"account: {self.own_id} on {self.network}{started}",
            f"last event: {heard}",
        ]

    def _work(self, now_ms: int) -> list[str]:
        waiting = (
            f"{self.lanes_waiting} in lanes, {self.outbox_waiting} to send, {self.background_waiting} in the background"
        )
        lines = [f"events: {self.open_rows} open, {self.dead_rows} dead, {self.late_rows} late", f"waiting: {waiting}"]
        if self.next_job_ms is not None:
            lines.append(f"jobs: {self.jobs}, the next in {duration((self.next_job_ms - now_ms) / 1000)}")
        return [*lines, f"workers lost: {self.lost_workers}"] if self.lost_workers else lines

    def _plugins(self, now_ms: int) -> list[str]:
        return [f"plugin {one.name}: {_plugin(one, now_ms)}" for one in self.plugins]

    def _budgets(self, now_ms: int) -> list[str]:
        return [f"budget {one.kind}, {one.limit}: {_budget(one, now_ms)}" for one in self.budgets]


@dataclass(frozen=True)
class RowInfo:
    """A row of the journal that is not done: what kind of event, where, and why it still stands there."""

    id: int
    thread_id: str | None
    kind: str
    state: str
    """open: to be handled; dead: set aside after it had ended the process too often; late: too old to be answered."""
    received_ms: int
    starts: int
    """How often the process has ended while the row was in hand."""
    note: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON values, under the names of the fields."""
        return asdict(self)


def duration(seconds: float) -> str:
    """A length of time in its two largest units, such as `3 h 12 min`; a negative one counts as none."""
    left = max(0, int(seconds))
    if left < _MINUTE_S:
        return f"{left} s"
    if left < _HOUR_S:
        return f"{left // _MINUTE_S} min {left % _MINUTE_S} s"
    if left < _DAY_S:
        return f"{left // _HOUR_S} h {left % _HOUR_S // _MINUTE_S} min"
    return f"{left // _DAY_S} d {left % _DAY_S // _HOUR_S} h"


def _plugin(one: PluginStatus, now_ms: int) -> str:
    parts = [f"{_number(one.calls, 'call')}, {_number(one.errors, 'error')}"]
    if one.calls:
        parts.append(f"{one.mean_ms:.1f} ms on average, {one.slowest_ms:.0f} ms at most")
    if one.is_paused(now_ms):
        assert one.paused_until_ms is not None, "what is paused has an end"
        parts.append(f"PAUSED for {duration((one.paused_until_ms - now_ms) / 1000)} more, {one.missed} missed")
    elif one.missed:
        parts.append(f"{one.missed} missed")
    if one.last_error:
        parts.append(f"last error: {one.last_error}")
    return "; ".join(parts)


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _budget(one: BudgetStatus, now_ms: int) -> str:
    used = f"{one.used} used" if one.of is None else f"{one.used} of {one.of} used"
    if one.until_ms is None or one.until_ms <= now_ms:
        return used
    return f"{used}; full for {duration((one.until_ms - now_ms) / 1000)} more"
