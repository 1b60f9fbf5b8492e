"""Twenty-four hours of a busy group: what the bot takes from its machine does not grow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent / "busy_day.py"
LIMIT_S = 600.0
MOST_MEMORY = 1.05
BYTES_OF_A_CALL = 2048
"""So much of the bot's file a call may take, with all that led to it and followed from it; it is kept for 14 days."""


def test_a_busy_day_leaves_nothing_behind(tmp_path, length):
    """Threads and open files are as many as in the morning, memory is bounded, and so is what is kept on disk."""
    command = [sys.executable, str(SCRIPT), str(tmp_path), str(length.pause_s)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    print(found)
    warm, end = found["warm"], found["end"]
    assert (end["threads"], end["handles"]) == (warm["threads"], warm["handles"])
    assert end["memory"] < warm["memory"] * MOST_MEMORY
    assert end["bytes"] - warm["bytes"] < found["calls"] * BYTES_OF_A_CALL
    assert found["rows"] > 0
    assert found["rows_in_the_end"] == 0
