"""Counting what was done lately."""

from __future__ import annotations

import pytest

from botkit.runner.windows import Tally, Window


def test_a_token_comes_back_when_its_window_is_over():
    """Not a moment before, and exactly then."""
    window = Window(2, 60.0)
    window.take(0.0)
    window.take(10.0)
    assert window.state(59.0) == (2, 2, 1.0)
    assert window.state(60.0) == (1, 2, 0.0)


def test_a_smaller_bucket_waits_for_more_tokens():
    """Divided by four, four of six tokens that are out are three too many."""
    window = Window(6, 60.0)
    for at in (0.0, 10.0, 20.0, 30.0):
        window.take(at)
    assert window.state(40.0, 2) == (4, 3, 30.0)
    assert window.state(40.0, 4) == (4, 1, 50.0)
    assert window.state(40.0, 100) == (4, 1, 50.0)


def test_a_past_that_was_fuller_than_allowed_counts_by_its_newest():
    """The limit may have been lowered since."""
    window = Window(2, 60.0, [0.0, 1.0, 2.0, 3.0])
    assert window.state(4.0) == (2, 2, 58.0)


def test_a_tally_forgets_slot_by_slot():
    """What was counted in a slot goes with it, after a window's length at the latest."""
    tally = Tally(60.0)
    for at in (0.0, 0.5, 30.0, 59.0):
        tally.take(at)
    assert tally.state(59.9) == (4, None, 0.0)
    assert tally.state(60.0) == (2, None, 0.0)
    assert tally.state(1000.0) == (0, None, 0.0)


@pytest.mark.parametrize("start", [-100000.25, 0.0, 1e9])
def test_a_tally_counts_from_any_start(start):
    """The clock's zero is arbitrary, and a past may lie before it."""
    tally = Tally(3600.0, [start, start + 1])
    tally.take(start + 2)
    assert tally.state(start + 3)[0] == 3
    assert tally.state(start + 3700)[0] == 0
