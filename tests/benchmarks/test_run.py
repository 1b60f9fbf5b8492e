"""The bench itself, as small as it can be: every part works."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WITHIN_S = 120.0


def test_the_bench_runs_and_prints_its_tables(tmp_path: Path) -> None:
    """Both carriers and the first promises, without the strangers: each bot echoes and is measured."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "strangers"), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "run.py"), "--smoke", "--alone"],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("botkit, HTTP form", "botkit, socket", "everything on", "the client alone", "without the journal"):
        assert f"| {name}" in done.stdout
