"""Deadlines behind one timer."""

from botkit.messenger._deadlines import Deadlines
from botkit.testing import ManualClock


class Counting(ManualClock):
    """Counts the timers that were asked for."""

    timers = 0

    def call_later(self, delay_s, function):
        self.timers += 1
        return super().call_later(delay_s, function)


class Work:
    """Two functions that note their calls."""

    def __init__(self):
        self.done = []

    def early(self):
        self.done.append("early")

    def late(self):
        self.done.append("late")


def test_each_is_called_once_at_its_time():
    """Also when the later one was set first."""
    clock, work = ManualClock(), Work()
    deadlines = Deadlines(clock)
    deadlines.set(work.late, 20)
    deadlines.set(work.early, 10)
    clock.advance(9.9)
    assert work.done == []
    clock.advance(0.2)
    assert work.done == ["early"]
    clock.advance(100)
    assert work.done == ["early", "late"]


def test_what_is_put_off_is_not_called_before():
    """A thousand times, with one timer pending and none made for it."""
    clock, work = Counting(), Work()
    deadlines = Deadlines(clock)
    for _ in range(1000):
        deadlines.set(work.late, 10)
        clock.advance(0.001)
    assert clock.timers == 1
    clock.advance(9.9)
    assert work.done == []
    clock.advance(0.2)
    assert work.done == ["late"] and clock.timers == 2


def test_what_is_dropped_is_not_called():
    """The others are; dropping twice is fine."""
    clock, work = ManualClock(), Work()
    deadlines = Deadlines(clock)
    deadlines.set(work.early, 1)
    deadlines.set(work.late, 2)
    deadlines.drop(work.early)
    deadlines.drop(work.early)
    clock.advance(5)
    assert work.done == ["late"]


def test_one_may_set_the_next():
    """From inside its call."""
    clock, work = ManualClock(), Work()
    deadlines = Deadlines(clock)
    deadlines.set(lambda: deadlines.set(work.late, 1), 1)
    clock.advance(5)
    assert work.done == ["late"]


def test_after_the_end_nothing_is_called():
    """Neither what was set before nor what is set afterwards."""
    clock, work = ManualClock(), Work()
    deadlines = Deadlines(clock)
    deadlines.set(work.early, 1)
    deadlines.close()
    deadlines.set(work.late, 1)
    clock.advance(5)
    assert work.done == []


def test_sums_of_floats_do_not_keep_it_ringing():
    """A deadline that is missed by a rounding error counts as reached."""
    clock, work = Counting(), Work()
    clock.advance(0.1)
    clock.advance(0.2)
    deadlines = Deadlines(clock)
    for _ in range(50):
        deadlines.set(work.late, 0.7)
        clock.advance(0.3)
    clock.advance(5)
    assert work.done == ["late"] and clock.timers < 60
