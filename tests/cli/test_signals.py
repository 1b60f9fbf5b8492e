"""Ctrl+C and SIGTERM."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from botkit.cli._signals import when_asked_to_stop


@pytest.fixture(autouse=True)
def handlers():
    """Puts the handlers of the test run back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_never_waits_for_a_lock_of_the_thread_that_it_interrupts(number):
    """The main thread holds the lock that stopping needs; it goes on, and then the stop comes through."""
    lock, stopped = threading.Lock(), threading.Event()

    def stop():
        with lock:
            stopped.set()

    when_asked_to_stop(stop)
    with lock:
        signal.raise_signal(number)
        assert not stopped.is_set()
    assert stopped.wait(5)


def test_the_second_signal_leaves_at_once():
    """Whatever the first has set going."""
    script = (
        "import signal, threading\n"
        "from botkit.cli._signals import when_asked_to_stop\n"
        "when_asked_to_stop(threading.Event().wait)\n"
        "signal.raise_signal(signal.SIGINT)\n"
        "signal.raise_signal(signal.SIGINT)\n"
        "print('still here')\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=10, check=False)
    assert (ran.returncode, ran.stdout) == (130, "")
