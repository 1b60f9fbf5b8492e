"""From what was measured to the lines that are printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from measure import Figures

Rounds = Mapping[str, Sequence[Figures]]
"""The figures of each bot, a round after the other."""


@dataclass(frozen=True)
class _Column:
    title: str
    value: Callable[[Figures], float]
    places: int = 2
    more_is_better: bool = False

    def median(self, rounds: Sequence[Figures]) -> float:
        return median(self.value(one) for one in rounds)


_BURST = _Column("burst /s", lambda one: one.burst.per_second, 0, more_is_better=True)
_BURST_MS = _Column("ms/echo", lambda one: one.burst.processor_ms)
_COLUMNS = (
    _BURST,
    _BURST_MS,
    _Column("32 in flight /s", lambda one: one.flight.per_second, 0, more_is_better=True),
    _Column("ms/echo", lambda one: one.flight.processor_ms),
    _Column("delay ms", lambda one: one.median_ms, 1),
    _Column("p99 ms", lambda one: one.p99_ms, 1),
    _Column("ms/echo", lambda one: one.single.processor_ms),
    _Column("peak MB", lambda one: one.peak_mb, 0),
    _Column("ground ms/echo", lambda one: one.burst.ground_ms),
)
# What the strangers are compared in: not what the ground costs.
_COMPARED = _COLUMNS[:-1]


def figures_table(rounds: Rounds) -> str:
    """The medians of each bot's rounds; `ms/echo` is its processor time in the pass to the left."""
    rows = [[name, *(f"{one.median(found):.{one.places}f}" for one in _COLUMNS)] for name, found in rounds.items()]
    return _table(["", *(column.title for column in _COLUMNS)], rows)


def ratios_table(ours: Rounds, strangers: Rounds) -> str:
    """Our medians divided by the best of the strangers' in the same column."""
    rows = []
    for name, found in ours.items():
        ratios = (column.median(found) / _best(column, strangers) for column in _COMPARED)
        rows.append([f"{name} / best stranger", *(f"{ratio:.2f}" for ratio in ratios)])
    return _table(["", *(column.title for column in _COMPARED)], rows)


def costs_table(rounds: Rounds, base: str) -> str:
    """Throughput and processor time of a burst, and how both compare with those of `base`."""
    rate, cost = (column.median(rounds[base]) for column in (_BURST, _BURST_MS))
    rows = [
        [name, f"{_BURST.median(one):.0f}", f"{_BURST.median(one) / rate:.2f}", f"{_BURST_MS.median(one):.2f}",
         f"{_BURST_MS.median(one) / cost:.2f}"]
        for name, one in rounds.items()
    ]  # fmt: skip
    return _table(["", "burst /s", "ratio", "ms/echo", "ratio"], rows)


def line(one: Figures) -> str:
    """A round in a line."""
    return ", ".join(f"{column.title} {column.value(one):.{column.places}f}" for column in _COLUMNS)


def _best(column: _Column, rounds: Rounds) -> float:
    choose = max if column.more_is_better else min
    return choose(column.median(found) for found in rounds.values())


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, the first column to the left."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(cells, widths) for cells in (titles, rule, *rows))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]) + " |"
