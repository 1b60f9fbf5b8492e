"""What is too old to matter is deleted."""

from __future__ import annotations

import pytest

from botkit.messenger.errors import StoreError
from botkit.runner.pruning import Pruning

SIX_HOURS_S = 6 * 3600.0


class Journal:
    """Counts."""

    def __init__(self):
        self.pruned = 0
        self.trouble = None
        self.meanwhile = lambda: None

    def prune(self):
        self.meanwhile()
        if self.trouble is not None:
            raise self.trouble
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
    assert journal.pruned == 1


def test_what_cannot_be_deleted_is_tried_again(pruning, journal, virtual, caplog):
    """The log tells it, and the bot goes on; at the start it is an error."""
    pruning.start()
    journal.trouble = StoreError("the disk is full")
    virtual.advance(SIX_HOURS_S)
    assert "what is old cannot be deleted, next try in six hours: the disk is full" in caplog.text
    journal.trouble = None
    virtual.advance(SIX_HOURS_S)
    assert journal.pruned == 2
    journal.trouble = StoreError("the disk is full")
    with pytest.raises(StoreError):
        pruning.start()


def test_a_bot_that_ends_in_the_midst_is_no_trouble(pruning, journal, virtual, caplog):
    """Its file is closed by then."""
    pruning.start()
    journal.trouble, journal.meanwhile = StoreError("the store is closed"), pruning.stop
    virtual.advance(SIX_HOURS_S)
    assert "deleted" not in caplog.text


def test_cooldowns_that_are_over_are_forgotten(pruning, database, book, virtual):
    """Those that are not stay."""
    book.keep("cooldown:dice:roll", virtual.time_ms() + 1000)
    book.keep("cooldown:dice:toss", virtual.time_ms() + 3000)
    virtual.advance(2)
    pruning.start()
    assert database.read("SELECT key FROM store") == [("cooldown:dice:toss",)]
