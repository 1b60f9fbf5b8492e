"""Makes an environment for each stranger under .venv/strangers, once; a change of its requirements makes it anew."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_HOME = ROOT / ".venv" / "strangers"
_INSTALL_WITHIN_S = 300.0
_NPM_INSTALL = ("install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")


class NotInstalled(Exception):
    """A stranger's environment could not be made; the text says which and why."""


def node_modules() -> Path:
    """The folder that holds facebook-chat-api; installs it when it is not there yet.

    Raises:
        NotInstalled: node or npm is missing, or the package cannot be had.
    """
    home, wanted = _HOME / "node", HERE / "node" / "package.json"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotInstalled("facebook-chat-api: node and npm are not installed; it needs Node.js 20 or newer")
    if not _is_made(home, wanted):
        shutil.copy(wanted, home)
        _run("facebook-chat-api", [npm, *_NPM_INSTALL], home)
        _stamp(home, wanted)
    return home / "node_modules"


def python() -> Path:
    """The interpreter of the environment that holds fbchat; installs it when it is not there yet.

    Raises:
        NotInstalled: the packages cannot be had.
    """
    home, wanted = _HOME / "python", HERE / "python" / "requirements.txt"
    interpreter = home / "venv" / "bin" / "python"
    if not _is_made(home, wanted):
        _run("fbchat", [sys.executable, "-m", "venv", "venv"], home)
        pip = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run("fbchat", [*pip, "-r", str(wanted)], home)
        _stamp(home, wanted)
    return interpreter


def _is_made(home: Path, wanted: Path) -> bool:
    """Whether `home` was made from what `wanted` says now; if not, it is an empty folder afterwards."""
    stamp = home / "made.stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == _made_from(wanted):
        return True
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    return False


def _stamp(home: Path, wanted: Path) -> None:
    (home / "made.stamp").write_text(_made_from(wanted), encoding="utf-8")


def _made_from(wanted: Path) -> str:
    return f"{sys.version}\n{wanted.read_text(encoding='utf-8')}"


def _run(stranger: str, command: list[str], folder: Path) -> None:
    """Run an installer in `folder`; its first line that begins as an error explains a failure."""
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_INSTALL_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{stranger}: cannot be installed: {error}") from error
    if done.returncode:
        lines = (done.stdout + done.stderr).splitlines()
        errors = (line for line in lines if line.lower().startswith(("error", "npm err")))
        raise NotInstalled(f"{stranger}: cannot be installed: {next(errors, f'exit code {done.returncode}')}")
