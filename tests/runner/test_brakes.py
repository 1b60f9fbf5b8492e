"""How the bot slows down when the network complains, and how it finds back."""

from __future__ import annotations

import pytest

from botkit.runner.brakes import Brakes


@pytest.fixture
def brakes():
    return Brakes()


def test_at_first_nothing_is_slowed(brakes):
    """Rates are what was set."""
    assert (brakes.are_on, brakes.held_s(0.0), brakes.divisor(), brakes.divisor_of("7", 0.0)) == (False, 0.0, 1, 1)


def test_holds_last_30_s_and_double_up_to_15_minutes(brakes):
    """As long as the network names no time of its own."""
    now, held = 0.0, []
    for _ in range(7):
        assert brakes.hold(now, None)
        held.append(brakes.held_s(now))
        now += held[-1]
    assert held == [30, 60, 120, 240, 480, 900, 900]


def test_the_networks_own_time_is_kept(brakes):
    """Retry-After goes before our guess."""
    brakes.hold(0.0, 7.0)
    assert brakes.held_s(1.0) == 6.0
    assert brakes.held_s(7.0) == 0.0


def test_the_same_bad_news_several_times_is_one(brakes):
    """Requests that were under way together come back together; only a longer wish of the network counts."""
    assert brakes.hold(0.0, None)
    assert not brakes.hold(1.0, None)
    assert brakes.held_s(1.0) == 29.0
    assert not brakes.hold(2.0, 100.0)
    assert brakes.held_s(2.0) == 100.0
    assert brakes.divisor() == 2


def test_rates_are_halved_at_most_four_times(brakes):
    """To a sixteenth."""
    divisors = []
    for number in range(6):
        brakes.hold(number * 1000.0, None)
        divisors.append(brakes.divisor())
    assert divisors == [2, 4, 8, 16, 16, 16]


def test_the_pace_comes_back_one_step_a_minute(brakes):
    """Counted from the end of the hold, and only when something goes well."""
    brakes.hold(0.0, None)
    brakes.hold(30.0, None)
    assert brakes.divisor() == 4
    assert not brakes.went_well(149.9)
    assert brakes.went_well(150.0)
    assert brakes.divisor() == 2
    assert not brakes.went_well(209.9)
    assert brakes.went_well(500.0)
    assert not brakes.are_on
    assert not brakes.went_well(1000.0)


def test_after_all_steps_back_holds_are_short_again(brakes):
    """The doubling belongs to one time of trouble."""
    brakes.hold(0.0, None)
    brakes.went_well(90.0)
    brakes.hold(200.0, None)
    assert brakes.held_s(200.0) == 30.0


def test_a_refusal_slows_its_chat_for_ten_minutes(brakes):
    """And no other."""
    assert not brakes.refusal(0.0, "7")
    assert brakes.divisor_of("7", 599.0) == 2
    assert brakes.divisor_of("8", 599.0) == 1
    assert brakes.divisor_of("7", 600.0) == 1


def test_each_refusal_slows_its_chat_further(brakes):
    """To a sixteenth at most; ten minutes without one take one step back."""
    for second in range(9):
        brakes.refusal(float(second), "7")
    assert brakes.divisor_of("7", 9.0) == 16
    assert brakes.divisor_of("7", 608.0) == 8


def test_the_third_chat_that_refuses_within_ten_minutes_slows_everything(brakes):
    """Then it is not the chats. The same chat again does not count twice."""
    assert not brakes.refusal(0.0, "7")
    assert not brakes.refusal(1.0, "7")
    assert not brakes.refusal(2.0, "8")
    assert brakes.refusal(599.0, "9")
    assert (brakes.divisor(), brakes.divisor_of("9", 599.0), brakes.divisor_of("1", 599.0)) == (2, 4, 2)


def test_it_takes_three_more_chats_for_the_next_step(brakes):
    """A fourth alone says nothing new."""
    for number in range(5):
        brakes.refusal(float(number), str(number))
    assert brakes.divisor() == 2
    assert brakes.refusal(5.0, "5")
    assert brakes.divisor() == 4


def test_chats_that_refuse_now_and_then_slow_nothing_else(brakes):
    """Three in more than ten minutes are no pattern."""
    assert not brakes.refusal(0.0, "7")
    assert not brakes.refusal(300.0, "8")
    assert not brakes.refusal(601.0, "9")


def test_chats_that_refused_long_ago_are_forgotten(brakes):
    """Memory does not grow with the years."""
    for number in range(5000):
        brakes.refusal(number * 10.0, "again and again")
        brakes.refusal(number * 10.0, str(number))
    assert len(brakes._chats) <= 61
    assert len(brakes._refusing) <= 61


def test_holds_get_shorter_again_while_most_goes_well(brakes):
    """Ten that went well halve the next hold, also without a quiet minute: complaints by chance do not add up."""
    now = 0.0
    for _ in range(4):
        brakes.hold(now, None)
        now += brakes.held_s(now)
    for _ in range(9):
        brakes.went_well(now)
    brakes.hold(now, None)
    assert brakes.held_s(now) == 480
    now += 480
    for _ in range(40):
        brakes.went_well(now)
    brakes.hold(now, None)
    assert brakes.held_s(now) == 900 / 2**4
