"""Calls of one plugin run together, or alone."""

from __future__ import annotations

import threading

import pytest

from botkit.clock import SystemClock
from botkit.runner.turns import Turns

SOON_S = 5
A_MOMENT_S = 0.05


@pytest.fixture
def turns():
    return Turns(SystemClock())


@pytest.fixture
def enter(turns):
    """Enters on a thread of its own; gives an event that is set when the turn has come."""
    threads = []

    def begin(token, *, alone):
        entered = threading.Event()

        def run():
            turns.enter(token, alone=alone)
            entered.set()

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return entered

    yield begin
    for thread in threads:
        thread.join(SOON_S)
        assert not thread.is_alive()


def test_calls_run_together(turns):
    """Nobody waits as long as nobody wants to be alone."""
    for token in "abc":
        turns.enter(token, alone=False)


def test_one_alone_waits_for_those_who_run(turns, enter):
    """Until the last of them has left."""
    turns.enter("a", alone=False)
    turns.enter("b", alone=False)
    entered = enter("c", alone=True)
    turns.leave("a")
    assert not entered.wait(A_MOMENT_S)
    turns.leave("b")
    assert entered.wait(SOON_S)


def test_who_comes_after_one_that_waits_to_be_alone_waits_too(turns, enter):
    """Else it would never have its turn."""
    turns.enter("a", alone=False)
    alone = enter("b", alone=True)
    # It has to be in line before the next one comes.
    while not turns._line:
        alone.wait(0.001)
    later = enter("c", alone=False)
    assert not later.wait(A_MOMENT_S)
    turns.leave("a")
    assert alone.wait(SOON_S)
    assert not later.wait(A_MOMENT_S)
    turns.leave("b")
    assert later.wait(SOON_S)


def test_two_alone_follow_one_another(turns, enter):
    """Each has the plugin to itself."""
    turns.enter("a", alone=True)
    entered = enter("b", alone=True)
    assert not entered.wait(A_MOMENT_S)
    turns.leave("a")
    assert entered.wait(SOON_S)


def test_leaving_twice_is_fine(turns, enter):
    """A call that was given up is taken out by the watch, and leaves itself should it come back."""
    turns.enter("lost", alone=True)
    turns.leave("lost")
    turns.enter("b", alone=True)
    turns.leave("lost")
    assert not enter("c", alone=False).wait(A_MOMENT_S)
    turns.leave("b")
