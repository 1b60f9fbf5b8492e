"""The machine's clock, and the one that tests hold."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from botkit.clock import SystemClock, system_random
from botkit.testing import ManualClock


def test_the_machines_clock_agrees_with_itself():
    """now, milliseconds and the monotonic clock go forward together."""
    clock = SystemClock()
    first, ms, monotonic = clock.now(), clock.time_ms(), clock.monotonic()
    assert first.tzinfo is UTC
    assert -1 <= ms - first.timestamp() * 1000 < 5000
    assert clock.now() >= first
    assert clock.monotonic() >= monotonic


def test_waiting_ends_with_the_event_or_the_time_out():
    """It says which."""
    event = threading.Event()
    assert not SystemClock().wait(event, 0)
    SystemClock().call_later(0, event.set)
    assert SystemClock().wait(event, 5)


def test_a_timer_can_be_cancelled():
    """Then it does nothing."""
    fired = threading.Event()
    SystemClock().call_later(1000, fired.set).cancel()
    assert not fired.is_set()


def test_chance_is_the_operating_systems():
    """Two draws of 128 bits are not the same."""
    assert system_random().getrandbits(128) != system_random().getrandbits(128)


def test_a_manual_clock_fires_in_order_and_only_when_moved():
    """Also what a timer starts on the way; never what was cancelled."""
    clock = ManualClock()
    start, seen = clock.now(), []

    def again():
        seen.append(("again", clock.monotonic()))
        clock.call_later(1, lambda: seen.append(("later", clock.monotonic())))

    clock.call_later(5, lambda: seen.append(("five", clock.monotonic())))
    clock.call_later(2, again)
    clock.call_later(3, lambda: seen.append(("never", 0))).cancel()
    assert seen == []
    clock.advance(4)
    assert seen == [("again", 2), ("later", 3)]
    clock.advance(1)
    assert seen[-1] == ("five", 5)
    assert clock.now() - start == timedelta(seconds=5)
    assert clock.time_ms() == int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000) + 5000


def test_who_waits_on_a_manual_clock_goes_on_when_it_is_moved():
    """Or when the event is set."""
    clock, never, ends = ManualClock(), threading.Event(), []
    thread = threading.Thread(target=lambda: ends.append(clock.wait(never, 60)))
    thread.start()
    clock.advance(61)
    thread.join(5)
    assert ends == [False]
    never.set()
    assert clock.wait(never, 60)
