"""One chat in order, chats side by side."""

from __future__ import annotations

import threading

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
