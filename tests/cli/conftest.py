"""Runs the real command in a process of its own."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner

from botkit.cli import main

BOTKIT = [sys.executable, "-m", "botkit.cli"]
SOON_S = 10


class Running:
    """A `botkit run` or `botkit sandbox` that was started; `url` is its page's address."""

    def __init__(self, arguments, folder, canary):
        self._canary = canary
        self.process = subprocess.Popen(
            [*BOTKIT, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.lines = []
        self.errors = []
        self._ready = threading.Event()
        self._said = threading.Condition()
        self.url = None
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.lines)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors)),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, lines):
        for line in stream:
            with self._said:
                lines.append(line.rstrip("\n"))
                self._said.notify_all()
            self._canary.look("the output of a botkit that runs", line)
            if "in a browser" in line and (found := re.search(r"http://\S+?(?=/)", line)):
                self.url = found.group()
                self._ready.set()
        self._ready.set()
        stream.close()

    def wait_ready(self):
        assert self._ready.wait(SOON_S), "it does not say where it is"
        assert self.url, "\n".join(self.errors)
        return self

    def wait_error(self, text):
        """Wait for a line on stderr that holds `text`."""
        with self._said:
            assert self._said.wait_for(lambda: any(text in line for line in self.errors), SOON_S), self.errors

    def end(self, number=signal.SIGINT, within_s=SOON_S):
        """Send a signal and give the exit code."""
        self.process.send_signal(number)
        return self.ended(within_s)

    def ended(self, within_s=SOON_S):
        code = self.process.wait(within_s)
        for reader in self._readers:
            reader.join(SOON_S)
        return code


@pytest.fixture
def start(tmp_path, canary):
    """Starts a command that runs on; what is left is killed at the end."""
    started = []

    def begin(*arguments):
        started.append(Running(arguments, tmp_path, canary))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.end(signal.SIGKILL)


@pytest.fixture
def botkit(tmp_path, canary):
    """Runs a command to its end."""

    def run(*arguments, **options):
        ran = subprocess.run(
            [*BOTKIT, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=SOON_S, check=False, **options
        )
        canary.look(f"the output of botkit {arguments[:1]}", ran.stdout + ran.stderr)
        return ran

    return run


@pytest.fixture
def botkit_here(tmp_path, canary, monkeypatch):
    """Runs a command to its end in this process, which is faster; gives the same as `botkit`."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, **options):
        ran = CliRunner().invoke(main, arguments, catch_exceptions=False, **options)
        canary.look(f"the output of botkit {arguments[:1]}", ran.output)
        return subprocess.CompletedProcess(arguments, ran.exit_code, ran.stdout, ran.stderr)

    return run


@pytest.fixture
def botkit_terminal(tmp_path, canary):
    """Runs a command on a terminal, answering prompts [(prompt, answer)]: gives what it showed and the exit code."""

    def run(*arguments, answers):
        ours, theirs = pty.openpty()
        ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        process = subprocess.Popen([*BOTKIT, *arguments], cwd=tmp_path, start_new_session=True, **ends)
        os.close(theirs)
        shown, read, left = "", 0, list(answers)
        with os.fdopen(ours, "r+b", buffering=0) as terminal:
            while select.select([terminal], [], [], SOON_S)[0]:
                try:
                    shown += terminal.read(4096).decode()
                except OSError:
                    # Linux reports the other end's closing so.
                    break
                if left and f"{left[0][0]}: " in shown[read:]:
                    read = len(shown)
                    terminal.write(left.pop(0)[1].encode() + b"\n")
        canary.look(f"the terminal of botkit {arguments[:1]}", shown)
        return shown, process.wait(SOON_S)

    return run
