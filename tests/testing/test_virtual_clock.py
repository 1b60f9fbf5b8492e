"""A clock that moves only when the test says so, and only when all work has come to rest."""

from __future__ import annotations

import queue
import threading
from datetime import UTC, datetime, timedelta

import pytest

from botkit.clock import Clock, start_thread
from botkit.testing import VirtualClock, virtual_clock

SOON_S = 5


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


class Worker:
    """Takes work from a queue, as lanes do: each piece holds a ticket until it is through."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._line: queue.SimpleQueue = queue.SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def put(self, function):
        self._line.put((self._clock.ticket("piece"), function))

    def stop(self):
        self._line.put(None)

    def _run(self):
        while (item := self._line.get()) is not None:
            ticket, function = item
            with ticket.in_hand():
                function()
            ticket.done()


@pytest.fixture
def worker(clock):
    made = Worker(clock)
    yield made
    made.stop()


def test_it_stands_still(clock):
    """Its three faces agree, and only `advance` moves them."""
    start = clock.now()
    assert start == datetime(2026, 1, 1, tzinfo=UTC)
    clock.advance(1.5)
    clock.advance(days=1)
    assert clock.monotonic() == 86_401.5
    assert clock.now() - start == timedelta(days=1, seconds=1.5)
    assert clock.time_ms() == round(clock.now().timestamp() * 1000)


def test_timers_fire_in_order_of_time(clock):
    """Also those that a timer starts on the way, those of one moment as they were made, and no cancelled one."""
    seen = []

    def again():
        seen.append(("again", clock.monotonic()))
        clock.call_later(1, lambda: seen.append(("later", clock.monotonic())))

    clock.call_later(5, lambda: seen.append(("five", clock.monotonic())))
    clock.call_later(5, lambda: seen.append(("five too", clock.monotonic())))
    clock.call_later(2, again)
    clock.call_later(3, lambda: seen.append(("never", 0))).cancel()
    clock.advance(4.5)
    assert seen == [("again", 2), ("later", 3)]
    clock.advance(0.5)
    assert seen[2:] == [("five", 5), ("five too", 5)]


def test_a_failing_timer_fails_the_test(clock):
    """What its call raises comes out of `advance`, and the clock can be moved again."""
    clock.call_later(1, lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        clock.advance(2)
    clock.advance(2)
    assert clock.monotonic() == 3


def test_a_jump_moves_the_wall_clock_only(clock):
    """Timers and waits do not notice that somebody sets the machine's clock."""
    fired = threading.Event()
    clock.call_later(10, fired.set)
    before_ms = clock.time_ms()
    clock.jump(-3600)
    assert clock.time_ms() == before_ms - 3_600_000
    clock.jump(7200)
    assert clock.time_ms() == before_ms + 3_600_000
    assert clock.monotonic() == 0
    assert not fired.is_set()
    clock.advance(10)
    assert fired.is_set()


def test_settling_waits_for_open_tickets(clock, worker):
    """What one piece of work starts is waited for, too."""
    seen = []
    worker.put(lambda: worker.put(lambda: seen.append("second")))
    clock.settle()
    assert seen == ["second"]


def test_settling_in_vain_names_the_holders(clock):
    """The test fails instead of hanging."""
    first, second, third = clock.ticket("lane 7"), clock.ticket("lane 7"), clock.ticket("frame")
    with pytest.raises(AssertionError, match=r"lane 7 \(2 times\), frame$"):
        clock.settle(limit_s=0.01)
    for ticket in (first, second, third, third):
        ticket.done()
    clock.settle(limit_s=0.01)


def test_the_clock_moves_only_when_work_has_come_to_rest(clock, worker):
    """A timer that is due finds the work before it done."""
    seen = []
    clock.call_later(1, lambda: seen.append("timer"))
    worker.put(lambda: seen.append("work"))
    clock.advance(1)
    assert seen == ["work", "timer"]


def test_who_waits_does_not_hold_up_the_clock(clock, worker):
    """A ticket in hand is suspended in `wait` and counts again after it."""
    never, seen = threading.Event(), []

    def work():
        seen.append(clock.wait(never, 60))
        seen.append(clock.monotonic())

    worker.put(work)
    clock.advance(59)
    assert seen == []
    clock.advance(10)
    assert seen == [False, 60]


def test_a_wait_ends_at_once_with_its_event(clock, worker):
    """Without the clock being moved; it says so, and who is woken counts as being at work again."""
    event, seen = threading.Event(), []
    worker.put(lambda: seen.append((clock.wait(event, 60), clock.wait(event, 60), clock.monotonic())))
    clock.settle()
    event.set()
    clock.settle()
    assert seen == [(True, True, 0)]


def test_a_wait_without_time_is_a_look(clock, worker):
    """It neither waits nor moves the clock."""
    seen = []
    worker.put(lambda: seen.append(clock.wait(threading.Event(), 0)))
    clock.settle()
    assert seen == [False]


def test_a_ticket_given_back_by_another_stays_given_back(clock, worker):
    """As when a worker is written off while it waits."""
    ticket, event = clock.ticket("work"), threading.Event()

    def work():
        with ticket.in_hand():
            clock.wait(event)

    worker.put(work)
    clock.settle()
    ticket.done()
    event.set()
    clock.settle()


def test_a_ticket_counts_while_one_who_has_it_in_hand_works(clock):
    """A second thread may take over from one that waits for ever."""
    ticket, never = clock.ticket("work"), threading.Event()
    waits = Worker(clock)

    def wait_for_ever():
        with ticket.in_hand():
            clock.wait(never)

    waits.put(wait_for_ever)
    clock.settle()
    with ticket.in_hand(), pytest.raises(AssertionError, match=r"work$"):
        clock.settle(limit_s=0.01)
    ticket.done()
    clock.settle()
    never.set()
    waits.stop()


def test_a_thread_that_loops_is_at_work_between_its_waits(clock):
    """Each round finds the clock where its wait ended, until the thread ends."""
    stopping, rounds = threading.Event(), []

    def run():
        while not clock.wait(stopping, 10):
            rounds.append(clock.monotonic())

    thread = start_thread(clock, run, "looper")
    clock.advance(35)
    assert rounds == [10, 20, 30]
    stopping.set()
    clock.settle()
    thread.join(SOON_S)
    assert not thread.is_alive()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_fails_holds_nothing_up(clock):
    """Its ticket goes with it."""

    def run():
        raise RuntimeError

    thread = start_thread(clock, run, "failing")
    thread.join(SOON_S)
    clock.settle(limit_s=0.01)


def test_the_tests_own_wait_moves_the_clock(clock):
    """It goes on to the moment when the event is set, or for as long as it was to wait."""
    event = threading.Event()
    clock.call_later(7, event.set)
    assert not clock.wait(event, 5)
    assert clock.monotonic() == 5
    assert clock.wait(event, 5)
    assert clock.monotonic() == 7
    assert clock.wait(event)


def test_the_tests_own_wait_gives_a_moment_of_grace(clock, monkeypatch):
    """A thread that is about to set the event, its ticket given back already, is not too late."""
    # However busy the machine is.
    monkeypatch.setattr(virtual_clock, "_GRACE_S", 5.0)
    event, ticket = threading.Event(), clock.ticket("work")

    def work():
        ticket.done()
        event.set()

    threading.Thread(target=work).start()
    assert clock.wait(event, 60)
    assert clock.monotonic() == 0


def test_the_tests_own_wait_can_be_in_vain(clock):
    """Without a limit and with nothing left to happen it would hang."""
    with pytest.raises(AssertionError, match="nothing is left"):
        clock.wait(threading.Event())


def test_the_tests_own_tickets_do_not_hold_up_its_wait(clock):
    """What the test's thread has in hand waits with it."""
    ticket, event = clock.ticket("call"), threading.Event()
    clock.call_later(1, event.set)
    with ticket.in_hand():
        assert clock.wait(event, 2)
    ticket.done()


def test_a_timers_call_must_not_wait(clock):
    """It would hold up all the other timers of a real clock."""
    clock.call_later(1, lambda: clock.wait(threading.Event(), 1))
    with pytest.raises(AssertionError, match="must return at once"):
        clock.advance(1)


def test_only_the_tests_thread_moves_the_clock(clock, worker):
    """Two movers would not know where they stand."""
    seen = []

    def move():
        try:
            clock.advance(1)
        except AssertionError as error:
            seen.append(str(error))

    worker.put(move)
    clock.settle()
    assert seen == ["only the thread that made the clock moves it"]


def test_two_that_wait_for_one_event_have_times_of_their_own(clock):
    """The end of one wait leaves the other asleep."""
    event, ends = threading.Event(), []

    def run(seconds):
        ends.append((clock.wait(event, seconds), clock.monotonic()))

    for seconds in (1, 5):
        start_thread(clock, lambda seconds=seconds: run(seconds), f"waits {seconds} s")
    clock.advance(3)
    assert ends == [(False, 1)]
    event.set()
    clock.settle()
    assert ends[1:] == [(True, 3)]


def test_thousands_of_pieces_of_work_a_second(clock):
    """Two threads throw work at each other while the test moves the clock: nothing is lost, nothing hangs."""
    workers, done = (Worker(clock), Worker(clock)), []

    def step(number):
        done.append(number)
        if number < 5000:
            workers[number % 2].put(lambda: step(number + 1))

    step(0)
    clock.settle()
    for worker in workers:
        worker.stop()
    assert done == list(range(5001))
