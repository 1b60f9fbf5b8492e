"""What is asked through the tape."""

from __future__ import annotations

import random
from dataclasses import fields

import pytest

from botkit.context import Services
from botkit.runner.tape import Astray, Tape, TapedRandom

TAPED = {"clock", "random", "log", "people", "desk", "jobs", "new_host", "new_lookup", "next_row"}
TAPED |= {"message_id_of", "status"}
STEADY = {"plugin", "module", "settings", "commands", "texts", "owners"}
"""What is read as it is now, as it hardly ever changes while a question is open."""


def test_a_service_is_asked_through_the_tape_or_steady():
    """A new one has to be put into `taped`, or here."""
    assert {one.name for one in fields(Services)} == TAPED | STEADY


def test_what_was_recorded_is_given_in_its_order():
    """Errors are raised again."""
    tape = Tape({})
    tape.record()
    assert tape.read("one", lambda: (1, 2)) == (1, 2)
    with pytest.raises(ZeroDivisionError):
        tape.read("two", lambda: 1 // 0)
    tape.play(tape.stop())
    assert tape.is_playing
    assert tape.read("one", lambda: None) == (1, 2)
    with pytest.raises(ZeroDivisionError):
        tape.read("two", lambda: None)
    assert tape.stop() == []


def test_a_value_is_kept_as_it_was_when_it_was_read():
    """The code may change what it got."""
    tape = Tape({})
    tape.record()
    tape.read("list", lambda: [1]).append(2)
    tape.play(tape.stop())
    assert tape.read("list", list) == [1]


def test_a_tape_that_is_off_lets_everything_pass():
    """Nothing is kept."""
    tape = Tape({})
    assert tape.read("one", lambda: 1) == 1
    assert tape.stop() == []


def test_what_is_left_on_the_tape_is_astray():
    """The code has read less than before."""
    tape = Tape({})
    tape.play([["one", 1, None]])
    with pytest.raises(Astray):
        tape.stop()


def test_lots_of_every_kind_are_the_same_again():
    """All that a Random does comes down to what is recorded."""
    tape = Tape({})

    def draw():
        chance = TapedRandom(random.Random(1), tape)
        letters = list("abcdef")
        chance.shuffle(letters)
        drawn = [chance.randint(1, 10**30), chance.uniform(1, 2), chance.gauss(), chance.gauss(), chance.choices("abc")]
        return drawn, letters, chance.sample(range(99), 9), chance.randbytes(5), chance.betavariate(1, 2)

    tape.record()
    first = draw()
    tape.play(tape.stop())
    assert draw() == first
    tape.stop()
