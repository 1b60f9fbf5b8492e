"""The clock of tests over real sockets: it runs, and leaps."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from botkit.clock import NO_TICKET, SystemClock
from botkit.testing.leaping_clock import LeapingClock, WallOnly

SOON_S = 5


@pytest.fixture
def clock():
    made = LeapingClock()
    yield made
    made.close()


def test_it_runs_by_itself_and_leaps(clock):
    """Date and seconds go together."""
    first = clock.monotonic()
    clock.leap(3600)
    assert 3600 <= clock.monotonic() - first < 3600 + SOON_S
    assert timedelta(hours=1) <= clock.now() - datetime(2026, 1, 1, tzinfo=UTC) < timedelta(hours=1, seconds=SOON_S)
    assert clock.time_ms() == pytest.approx(clock.now().timestamp() * 1000, abs=1000 * SOON_S)
    assert clock.ticket("work") is NO_TICKET


def test_what_is_due_after_the_leap_is_called(clock):
    """In order, on a thread of its own."""
    called, last = [], threading.Event()
    clock.call_later(200, last.set)
    clock.call_later(100, lambda: called.append(threading.current_thread()))
    clock.call_later(150, lambda: called.append("dropped")).cancel()
    assert 99 < clock.next_s() <= 100 + SOON_S
    clock.leap(250)
    assert last.wait(SOON_S)
    assert called == [clock._thread]
    assert clock.next_s() is None


def test_a_wait_is_over_after_the_leap(clock):
    """It counts among what is due, and one without an end does not."""
    begun, outcome = threading.Event(), []

    def wait():
        begun.set()
        outcome.append(clock.wait(threading.Event(), 100))

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert begun.wait(SOON_S)
    while clock.next_s() is None:
        SystemClock().wait(threading.Event(), 0.001)
    clock.leap(100)
    waiting.join(SOON_S)
    assert outcome == [False]


def test_an_event_ends_a_wait(clock):
    """With a limit and without."""
    event = threading.Event()
    threading.Thread(target=event.set).start()
    assert clock.wait(event, 100)
    assert clock.wait(event)


def test_a_server_sees_the_date_only(clock):
    """Its clients are heard of every few real seconds, whatever the test's clock does."""
    wall = WallOnly(clock)
    before = wall.monotonic()
    clock.leap(3600)
    assert wall.monotonic() - before < SOON_S
    assert wall.now() - datetime(2026, 1, 1, tzinfo=UTC) >= timedelta(hours=1)
