"""What a process has cost so far, as Linux counts it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12


@dataclass(frozen=True)
class Cost:
    """`processor_s` of all its threads since its start; `peak_mb` (10⁶ bytes) is the most memory that it has held."""

    processor_s: float
    peak_mb: float


def cost_of(pid: int) -> Cost:
    """What the process has cost; raises OSError when it is gone."""
    # The name of the program, which may hold anything, ends with the last parenthesis.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    ticks = int(fields[_USER]) + int(fields[_SYSTEM])
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return Cost(ticks / _TICKS_PER_S, peak_kb * 1024 / 1e6)
