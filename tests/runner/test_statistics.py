"""What the calls of each plugin have cost."""

from __future__ import annotations

from botkit.runner.breaker import Pause
from botkit.runner.statistics import Figures, Statistics
from botkit.status import PluginStatus


def test_calls_times_and_errors_are_added_up_for_each_plugin():
    """The slowest and the last error are kept."""
    statistics = Statistics()
    statistics.note("dice", 0.2, None)
    statistics.note("dice", 0.5, "ValueError at dice.py:3")
    statistics.note("dice", 0.3, None)
    statistics.note("echo", 0.1, None)
    assert statistics.of("dice") == Figures(3, 1, 1.0, 0.5, "ValueError at dice.py:3")
    assert statistics.of("echo") == Figures(1, 0, 0.1, 0.1, None)


def test_a_plugin_that_was_never_called_has_no_figures():
    """Not even zeroes that stay in memory."""
    assert Statistics().of("dice") == Figures()


def test_what_was_given_does_not_change_afterwards():
    """It is how things stood at that moment."""
    statistics = Statistics()
    statistics.note("dice", 0.2, None)
    before = statistics.of("dice")
    statistics.note("dice", 0.2, None)
    assert before.calls == 1


def test_how_a_plugin_is_doing_has_means_and_the_pause_it_is_in():
    """Times in ms; zeroes for one that was never called."""
    statistics = Statistics()
    statistics.note("dice", 0.2, None)
    statistics.note("dice", 0.4, "ValueError at dice.py:3")
    found = statistics.status_of("dice", Pause("dice", 1000, 7, "five calls failed"))
    assert (found.calls, found.errors, found.missed, found.paused_until_ms) == (2, 1, 7, 1000)
    assert (round(found.mean_ms), found.slowest_ms, found.last_error) == (300, 400.0, "ValueError at dice.py:3")
    assert statistics.status_of("echo", None) == PluginStatus("echo", 0, 0, 0, None, 0.0, 0.0, None)
