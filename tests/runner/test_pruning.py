"""What is too old to matter is deleted."""

from __future__ import annotations

import pytest

from botkit.runner.pruning import Pruning

SIX_HOURS_S = 6 * 3600.0


class Journal:
    """Counts."""

    def __init__(self):
        self.pruned = 0

    def prune(self):
        self.pruned += 1


@pytest.fixture
def journal():
    return Journal()


@pytest.fixture
def pruning(database, journal, virtual):
    made = Pruning(database, journal, virtual)
    yield made
    made.stop()


def test_it_is_done_at_the_start_and_every_six_hours(pruning, journal, virtual):
    """For as long as the bot runs."""
    pruning.start()
    assert journal.pruned == 1
    virtual.advance(SIX_HOURS_S - 1)
    assert journal.pruned == 1
    virtual.advance(1)
    virtual.advance(SIX_HOURS_S)
    assert journal.pruned == 3


def test_after_a_stop_none_begins(pruning, journal, virtual):
    """Nor one that was due."""
    pruning.start()
    pruning.stop()
    virtual.advance(2 * SIX_HOURS_S)
    pruning.start()
    assert journal.pruned == 1


def test_cooldowns_that_are_over_are_forgotten(pruning, database, book, virtual):
    """Those that are not stay."""
    book.keep("cooldown:dice:roll", virtual.time_ms() + 1000)
    book.keep("cooldown:dice:toss", virtual.time_ms() + 3000)
    virtual.advance(2)
    pruning.start()
    assert database.read("SELECT key FROM store") == [("cooldown:dice:toss",)]
