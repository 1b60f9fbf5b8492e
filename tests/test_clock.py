"""The machine's clock, and the one that tests hold."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

from botkit.clock import Agenda, SystemClock, start_thread, system_random
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
    assert not SystemClock().wait(event, 0.3)
    SystemClock().call_later(0.3, event.set)
    assert SystemClock().wait(event, 5)
    assert SystemClock().wait(event, 0) and SystemClock().wait(event)


def test_timers_share_one_thread():
    """They fire in order of time, whatever the order in which they were made."""
    clock, seen, done = SystemClock(), [], threading.Event()

    def note(name):
        seen.append((name, threading.current_thread().name))

    clock.call_later(0.02, done.set)
    clock.call_later(0.01, lambda: note("second"))
    clock.call_later(0, lambda: note("first"))
    assert done.wait(5)
    assert seen == [("first", "botkit-timer"), ("second", "botkit-timer")]
    assert sum(thread.name == "botkit-timer" for thread in threading.enumerate()) == 1


def test_a_timer_can_be_cancelled():
    """Then it does nothing, and the others fire."""
    clock, fired, done = SystemClock(), threading.Event(), threading.Event()
    timer = clock.call_later(0.01, fired.set)
    clock.call_later(0.02, done.set)
    timer.cancel()
    assert done.wait(5)
    assert not fired.is_set()


def test_a_timer_that_fails_is_logged(caplog):
    """And the next one fires all the same."""
    clock, done = SystemClock(), threading.Event()
    with caplog.at_level(logging.ERROR, "botkit.clock"):
        clock.call_later(0, lambda: 1 // 0)
        clock.call_later(0.01, done.set)
        assert done.wait(5)
    assert "a timer's call has failed" in caplog.text


def test_cancelled_calls_leave_the_agenda():
    """Most timers are limits that nobody reaches; they must not pile up until their time."""
    agenda = Agenda()
    kept = agenda.add(1000.0, lambda: None)
    for _ in range(10_000):
        agenda.add(60.0, lambda: None).cancel()
    assert len(agenda) < 200
    assert agenda.next_s() == 1000.0
    assert agenda.pop() is kept.function
    assert agenda.next_s() is None


def test_a_ticket_of_the_machines_clock_costs_nothing():
    """Nobody waits for work there; one object serves all."""
    clock = SystemClock()
    ticket = clock.ticket("frame")
    assert ticket is clock.ticket("row")
    with ticket.in_hand():
        ticket.done()


def test_a_thread_is_started():
    """A daemon of that name, which runs the function."""
    seen = []
    thread = start_thread(SystemClock(), lambda: seen.append(threading.current_thread().name), "botkit-test")
    thread.join(5)
    assert thread.daemon
    assert seen == ["botkit-test"]


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
    clock, looked, ends = ManualClock(), threading.Event(), []

    class Never(threading.Event):
        def wait(self, timeout=None):
            looked.set()
            return super().wait(timeout)

    never = Never()
    thread = threading.Thread(target=lambda: ends.append(clock.wait(never, 60)))
    thread.start()
    assert looked.wait(5)
    clock.advance(61)
    thread.join(5)
    assert ends == [False]
    never.set()
    assert clock.wait(never, 60)
