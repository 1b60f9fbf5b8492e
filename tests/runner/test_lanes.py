"""One chat in order, chats side by side."""

from __future__ import annotations

import threading

import pytest

from botkit.clock import SystemClock
from botkit.runner.lanes import Lanes

SOON_S = 5


def test_items_of_one_lane_keep_their_order():
    """Whatever the number of workers, a lane is handled by one at a time."""
    seen = []
    lanes = Lanes("test", lambda key, item: seen.append((key, item)), SystemClock())
    for number in range(300):
        lanes.put("ab"[number % 2], number)
    assert lanes.wait_empty(SOON_S)
    assert [item for key, item in seen if key == "a"] == list(range(0, 300, 2))
    assert [item for key, item in seen if key == "b"] == list(range(1, 300, 2))
    assert lanes.stop(SOON_S)


def test_a_slow_item_delays_its_own_lane_only():
    """The other lane is handled while the first still waits."""
    release, other = threading.Event(), threading.Event()

    def handle(key, item):
        if key == "slow":
            release.wait(SOON_S)
        else:
            other.set()

    lanes = Lanes("test", handle, SystemClock())
    lanes.put("slow", 1)
    lanes.put("quick", 2)
    assert other.wait(SOON_S)
    assert not lanes.wait_empty(0)
    release.set()
    assert lanes.stop(SOON_S)


def test_a_busy_lane_does_not_starve_the_others():
    """With one worker, lanes take turns item by item."""
    order = []
    go = threading.Event()

    def handle(key, item):
        go.wait(SOON_S)
        order.append(key)

    lanes = Lanes("test", handle, SystemClock(), most_workers=1)
    for _ in range(3):
        lanes.put("busy", 0)
    lanes.put("quiet", 0)
    go.set()
    assert lanes.stop(SOON_S)
    assert order == ["busy", "quiet", "busy", "busy"]


def test_an_item_that_raises_does_not_end_the_lane(caplog):
    """It is logged, and the next item is handled."""
    seen = []

    def handle(key, item):
        if item == 1:
            raise SystemExit
        seen.append(item)

    lanes = Lanes("test", handle, SystemClock())
    lanes.put("a", 1)
    lanes.put("a", 2)
    assert lanes.stop(SOON_S)
    assert seen == [2]
    assert "an item of lane a could not be handled" in caplog.text


def test_stop_drops_what_is_not_through_in_time():
    """It says so, and nothing is taken afterwards."""
    started, release, seen = threading.Event(), threading.Event(), []

    def handle(key, item):
        started.set()
        release.wait(SOON_S)
        seen.append(item)

    lanes = Lanes("test", handle, SystemClock())
    lanes.put("a", 1)
    lanes.put("a", 2)
    assert started.wait(SOON_S)
    assert lanes.length("a") == 2
    assert not lanes.stop(0)
    lanes.put("a", 3)
    release.set()
    assert lanes.length("a") == 0
    assert 2 not in seen
    assert 3 not in seen


def lanes_on(virtual, handle, **options):
    return Lanes("test", handle, virtual, **options)


def test_an_item_that_asks_for_a_rest_comes_again_after_that_time(virtual):
    """The same item, on the clock, and before those behind it in its lane."""
    seen = []

    def handle(key, item):
        seen.append((virtual.monotonic(), item))
        return 30.0 if len(seen) < 3 else None

    lanes = lanes_on(virtual, handle)
    lanes.put("a", 1)
    lanes.put("a", 2)
    virtual.advance(29)
    assert seen == [(0, 1)]
    virtual.advance(100)
    assert seen == [(0, 1), (30, 1), (60, 1), (60, 2)]
    assert lanes.stop(0)


def test_a_lane_that_rests_holds_no_worker(virtual):
    """With a single worker the other lanes go on."""
    seen = []

    def handle(key, item):
        seen.append((key, item))
        return 60.0 if key == "tired" and len(seen) == 1 else None

    lanes = lanes_on(virtual, handle, most_workers=1)
    lanes.put("tired", 1)
    lanes.put("tired", 2)
    virtual.settle()
    lanes.put("brisk", 1)
    virtual.settle()
    assert seen == [("tired", 1), ("brisk", 1)]
    assert (lanes.length("tired"), lanes.waiting()) == (2, 2)
    virtual.advance(60)
    assert seen[2:] == [("tired", 1), ("tired", 2)]
    assert lanes.stop(0)


def test_a_lane_holds_a_ticket_while_it_has_work_and_none_while_it_rests(virtual):
    """So a test's clock waits for the work, and moves on during the rest."""
    go, handled = threading.Event(), []

    def handle(key, item):
        # Not a wait on the clock: the work goes on.
        assert go.wait(SOON_S)
        handled.append(item)
        return 10.0 if len(handled) == 1 else None

    lanes = lanes_on(virtual, handle)
    assert not lanes.are_at_work
    lanes.put("a", 1)
    with pytest.raises(AssertionError, match="test a"):
        virtual.settle(0.05)
    assert lanes.are_at_work
    go.set()
    virtual.settle()
    assert (handled, lanes.waiting(), lanes.are_at_work) == ([1], 1, False)
    virtual.advance(10)
    assert (handled, lanes.waiting(), lanes.are_at_work) == ([1, 1], 0, False)
    assert lanes.stop(0)


class Stuck:
    """A handler that does not come back from its first item until it is let go."""

    def __init__(self, clock):
        self.clock = clock
        self.let_go = threading.Event()
        self.handled = []

    def __call__(self, key, item):
        self.handled.append((key, item))
        if len(self.handled) == 1:
            self.clock.wait(self.let_go)


def test_a_worker_that_is_given_up_is_replaced(virtual):
    """Another one gets the same item; what the lost one returns changes nothing."""
    stuck = Stuck(virtual)
    lanes = lanes_on(virtual, stuck, most_workers=1)
    lanes.put("a", 1)
    lanes.put("a", 2)
    virtual.settle()
    assert stuck.handled == [("a", 1)]
    lanes.give_up("a")
    virtual.settle()
    assert stuck.handled == [("a", 1), ("a", 1), ("a", 2)]
    assert lanes.waiting() == 0
    stuck.let_go.set()
    lanes.put("a", 3)
    virtual.settle()
    assert stuck.handled[3:] == [("a", 3)]
    assert lanes.stop(0)


def test_a_lost_worker_that_comes_back_ends(virtual):
    """It was replaced, and does not make one more of them, even when its lane is empty by then."""
    stuck = Stuck(virtual)
    lanes = lanes_on(virtual, stuck, most_workers=1)
    before = set(threading.enumerate())
    lanes.put("a", 1)
    virtual.settle()
    (lost,) = set(threading.enumerate()) - before
    lanes.give_up("a")
    virtual.settle()
    assert lanes.waiting() == 0
    stuck.let_go.set()
    lost.join(SOON_S)
    assert not lost.is_alive()
    assert lanes.stop(0)


def test_giving_up_a_lane_that_nobody_has_in_hand_does_nothing(virtual):
    """The watch may be a moment too late."""
    handled = []
    lanes = lanes_on(virtual, lambda key, item: handled.append(item))
    lanes.give_up("a")
    lanes.put("a", 1)
    virtual.settle()
    lanes.give_up("a")
    virtual.settle()
    assert handled == [1]
    assert lanes.stop(0)


def test_stop_does_not_wait_for_a_lane_that_rests(virtual):
    """Its items are dropped at once, and its timer never comes."""
    handled = []

    def handle(key, item):
        handled.append(item)
        return 60.0

    lanes = lanes_on(virtual, handle)
    lanes.put("a", 1)
    virtual.settle()
    assert lanes.stop(1.5)
    assert virtual.monotonic() == 0
    virtual.advance(120)
    assert handled == [1]


def test_an_item_that_asks_for_a_rest_during_the_stop_is_dropped(virtual):
    """The stop is not held up by it."""
    go = threading.Event()

    def handle(key, item):
        virtual.wait(go)
        return 60.0

    lanes = lanes_on(virtual, handle)
    lanes.put("a", 1)
    virtual.call_later(1.0, go.set)
    assert lanes.stop(5.0)
    assert virtual.monotonic() == 1.0


def test_no_more_workers_are_started_than_are_allowed(virtual):
    """However many lanes there are."""
    names = set()
    lanes = lanes_on(virtual, lambda key, item: names.add(threading.current_thread().name), most_workers=3)
    for number in range(50):
        lanes.put(str(number), 0)
    virtual.settle()
    assert names <= {f"botkit-test-{number}" for number in (1, 2, 3)}
    assert lanes.stop(0)
