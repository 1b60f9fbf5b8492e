"""What the calls of each plugin have cost."""

from __future__ import annotations

from botkit.runner.statistics import Figures, Statistics


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
