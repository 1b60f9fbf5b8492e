"""What comes in is kept before it is handled."""

from __future__ import annotations

import pytest

from botkit.context import Outgoing
from botkit.messenger import Batch, Position
from botkit.messenger.errors import StoreError
from botkit.runner import outbox
from botkit.runner.journal import KEPT_MS, Journal, Listeners

OWN, GROUP = "100000000000001", "7000000000000001"


@pytest.fixture
def told():
    return []


@pytest.fixture
def journal(database, clock, told):
    return make(database, clock, told)


def make(database, clock, told, **options):
    listeners = Listeners(
        rows=told.extend, transient=lambda *a: None, state=told.append, gap=told.append, caught_up=lambda: None
    )
    return Journal(database, OWN, clock, listeners, **options)


def batch(*deltas, first=1):
    return Batch(first, tuple(deltas), 1767225600000), Position(OWN, "1", first + len(deltas) - 1)


def test_a_batch_is_kept_with_its_position_and_told_by_row(journal, delta, told):
    """The rows hold the raw delta; the lanes get row numbers with their chat."""
    journal.batch(*batch(delta("mid.$g1"), delta("mid.$g2", thread="8000000000000001")))
    assert told == [(1, GROUP), (2, "8000000000000001")]
    assert journal.last_position() == Position(OWN, "1", 2)
    row = journal.read(1)
    assert (row.thread_id, row.payload["body"], row.received_ms) == (GROUP, "hello", 1767225600000)
    assert journal.open_rows() == told


def test_what_came_before_is_dropped(journal, delta, told):
    """The same message id again is one row; its neighbours are kept."""
    journal.batch(*batch(delta("mid.$g1")))
    journal.batch(*batch(delta("mid.$g1"), delta("mid.$g2"), first=2))
    assert len(told) == 2
    assert len(journal.open_rows()) == 2


def test_own_messages_are_kept_for_their_key_only(journal, delta, told, database, clock):
    """They are not handled; with self_listen they are."""
    journal.batch(*batch(delta("mid.$g1", sender=OWN)))
    assert (told, journal.open_rows()) == ([], [])
    make(database, clock, told, keep_own=True).batch(*batch(delta("mid.$g2", sender=OWN), first=2))
    assert len(told) == 1


def test_the_echo_of_an_own_message_ticks_its_row_off(journal, delta, database):
    """By the offline threading id; the message id is kept."""
    database.write(lambda c: outbox.add(c, "echo", [Outgoing(GROUP, "hi")], 1767225600000))
    ((otid,),) = database.read("SELECT offline_threading_id FROM outbox")
    journal.batch(*batch(delta("mid.$g9", sender=OWN, otid=otid)))
    assert database.read("SELECT state, message_id FROM outbox") == [("sent", "mid.$g9")]


def test_somebody_elses_message_with_our_id_ticks_nothing_off(journal, delta, database):
    """The id counts only together with the sender."""
    database.write(lambda c: outbox.add(c, "echo", [Outgoing(GROUP, "hi")], 1767225600000))
    ((otid,),) = database.read("SELECT offline_threading_id FROM outbox")
    journal.batch(*batch(delta("mid.$g9", otid=otid)))
    assert database.read("SELECT state FROM outbox") == [("open",)]


def test_a_delta_that_means_nothing_moves_the_position_only(journal):
    """NoOp takes a number and makes no row."""
    journal.batch(*batch({"class": "NoOp"}))
    assert journal.open_rows() == []
    assert journal.last_position().cursor == 1


def test_a_new_queue_is_remembered(journal):
    """Token and cursor, without deltas."""
    assert journal.last_position() is None
    journal.position(Position(OWN, "7", 4321))
    assert journal.last_position() == Position(OWN, "7", 4321)


def test_when_it_cannot_write_the_batch_is_refused(journal, delta, database):
    """The listener then keeps its old position and comes back."""
    database.close()
    with pytest.raises(StoreError):
        journal.batch(*batch(delta("mid.$g1")))


def test_a_row_that_was_handled_is_closed_for_good(journal, delta):
    """Its marks go with it, and a repeat is still known."""
    journal.batch(*batch(delta("mid.$g1")))
    journal.close_row(1)
    assert journal.read(1) is None
    journal.batch(*batch(delta("mid.$g1"), first=2))
    assert journal.open_rows() == []


def test_keys_are_forgotten_after_fourteen_days(journal, delta, clock, database):
    """Open rows stay whatever their age."""
    journal.batch(*batch(delta("mid.$g1"), delta("mid.$g2")))
    journal.close_row(1)
    clock.advance(KEPT_MS / 1000)
    journal.prune()
    assert len(database.read("SELECT id FROM journal")) == 2
    clock.advance(1)
    journal.prune()
    assert database.read("SELECT id FROM journal") == [(2,)]
