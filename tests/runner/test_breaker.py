"""A plugin that keeps failing is paused, told once, and tried again later."""

from __future__ import annotations

import pytest

from botkit.runner.breaker import Breakers, Pause
from botkit.testing import ManualClock

MINUTE_MS = 60_000


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def breakers(database, clock, pauses):
    return Breakers(database, clock, pauses.append)


@pytest.fixture
def fails(database, breakers):
    """A call of plugin p raises, so many times."""

    def fail(times=1, *, on=breakers, lost=False, plugin="p"):
        for _ in range(times):
            database.write(lambda c: on.failed(c, plugin, "ValueError", lost=lost))

    return fail


@pytest.fixture
def succeeds(database, breakers):
    return lambda on=breakers: database.write(lambda c: on.succeeded(c, "p"))


def test_five_failures_in_a_row_pause_a_plugin_for_a_minute(breakers, fails, clock, pauses):
    """Not four; the owner is told of it once, and other plugins go on."""
    fails(4)
    assert breakers.admits("p")
    assert pauses == []
    fails()
    assert not breakers.admits("p")
    assert pauses == [Pause("p", clock.time_ms() + MINUTE_MS, 0, "ValueError")]
    assert breakers.admits("q")


def test_a_success_between_them_begins_the_count_anew(breakers, fails, succeeds):
    """It is only in a row that failures mean something."""
    fails(4)
    succeeds()
    assert not breakers.counts("p")
    fails(4)
    assert breakers.admits("p")


def test_after_the_pause_one_call_is_let_through_on_trial(breakers, fails, clock):
    """The others wait for how it ends."""
    fails(5)
    clock.advance(59.999)
    assert not breakers.admits("p")
    clock.advance(0.001)
    assert [breakers.admits("p") for _ in range(3)] == [True, False, False]


def test_a_trial_that_ends_well_closes_the_breaker(breakers, fails, succeeds, clock):
    """As if nothing had been: it takes five failures again, and they pause it for a minute."""
    fails(5)
    clock.advance(60)
    breakers.admits("p")
    succeeds()
    assert breakers.admits("p")
    assert breakers.pause_of("p") is None
    fails(4)
    assert breakers.admits("p")


def test_a_trial_that_fails_doubles_the_pause_up_to_an_hour(breakers, fails, clock, pauses):
    """And nobody is told again."""
    fails(5)
    lengths = []
    for _ in range(9):
        length_s = (breakers.pause_of("p").until_ms - clock.time_ms()) / 1000
        lengths.append(length_s)
        clock.advance(length_s)
        assert breakers.admits("p")
        fails()
    assert lengths == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert len(pauses) == 1


def test_a_trial_without_an_outcome_leaves_the_next_call_to_be_it(breakers, fails, clock):
    """The store could not be written: that is not the plugin's fault, and no success either."""
    fails(5)
    clock.advance(60)
    assert breakers.admits("p")
    breakers.undecided("p")
    assert breakers.admits("p")
    assert not breakers.admits("p")
    breakers.undecided("unknown")


def test_a_success_of_a_call_from_before_the_pause_does_not_end_it(breakers, fails, succeeds, clock):
    """Another chat's call was under way when the plugin was paused."""
    fails(5)
    succeeds()
    assert not breakers.admits("p")


def test_a_failure_of_a_call_from_before_the_pause_does_not_lengthen_it(breakers, fails, clock, pauses):
    """It is one more of the same."""
    fails(5)
    clock.advance(30)
    fails()
    assert breakers.pause_of("p").until_ms == pauses[0].until_ms


def test_a_call_that_does_not_come_back_pauses_at_once(breakers, fails, pauses):
    """It holds a worker: nobody waits for four more."""
    fails(lost=True)
    assert not breakers.admits("p")
    assert len(pauses) == 1


def test_what_a_paused_plugin_misses_is_counted(breakers, fails):
    """The pause tells how many events that are."""
    fails(5)
    for _ in range(3):
        breakers.admits("p")
    assert breakers.pause_of("p").missed == 3


def test_everything_is_remembered_over_a_restart(database, breakers, fails, clock, pauses):
    """Failures before a pause, and the pause with its length, what was missed, and that it was told."""
    fails(3, plugin="q")
    fails(5)
    breakers.admits("p")
    clock.advance(60)
    breakers.admits("p")
    fails()
    breakers.admits("p")
    again = Breakers(database, clock, pauses.append)
    fails(2, on=again, plugin="q")
    assert [pause.plugin for pause in pauses] == ["p", "q"]
    assert again.pause_of("p") == Pause("p", clock.time_ms() + 2 * MINUTE_MS, 2, "ValueError")
    assert not again.admits("p")
    clock.advance(120)
    assert again.admits("p")


def test_a_success_is_forgotten_over_a_restart_too(database, breakers, fails, succeeds, clock):
    """There is nothing left in the file."""
    fails(4)
    succeeds()
    assert not Breakers(database, clock, lambda pause: None).counts("p")


def test_a_pause_ends_by_the_wall_clock(database, breakers, fails):
    """It holds over a restart, which a clock that begins at zero could not tell."""
    fails(5)
    later = ManualClock()
    later.advance(60)
    assert Breakers(database, later, lambda pause: None).admits("p")


def test_a_clock_that_is_set_back_does_not_lengthen_a_pause(database, fails, pauses):
    """A day back, and the minute is still a minute."""

    class SetBack(ManualClock):
        back_ms = 0

        def time_ms(self):
            return super().time_ms() - self.back_ms

    clock = SetBack()
    own = Breakers(database, clock, pauses.append)
    fails(5, on=own)
    clock.back_ms = 24 * 60 * MINUTE_MS
    assert not own.admits("p")
    clock.advance(60)
    assert own.admits("p")
