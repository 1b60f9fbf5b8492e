"""Which calls were in hand when the process ended."""

from __future__ import annotations

import stat
import subprocess
import sys

import pytest

from botkit.runner.in_hand import InHand, Note


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bot" / "in-hand"


@pytest.fixture
def opened(path):
    """Opens the file as a process does at its start."""
    made = []

    def make():
        made.append(InHand(path))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("end", ["os._exit(1)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_process_that_ends_leaves_its_notes(path, opened, end):
    """However it ends; what it had put down is not among them."""
    program = f"""
import os, pathlib, signal
from botkit.runner.in_hand import InHand
in_hand = InHand(pathlib.Path({str(path)!r}))
in_hand.take(7, "dice:on_message")
in_hand.leave(in_hand.take(8, "echo:on_message"))
slot = in_hand.take(9, "commands:on_message")
in_hand.change(slot, 9, "dice:!roll")
{end}
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=30, check=False).returncode != 0
    assert sorted(opened().left_over(), key=lambda note: note.row_id) == [
        Note(7, "dice:on_message"),
        Note(9, "dice:!roll"),
    ]


def test_notes_are_told_once(opened):
    """The next process begins with an empty file."""
    opened().take(7, "dice:on_message")
    assert opened().left_over() == [Note(7, "dice:on_message")]
    assert opened().left_over() == []


def test_a_bot_that_stops_in_good_order_leaves_no_notes(opened):
    """What is still in hand then has not ended the process."""
    first = opened()
    first.take(7, "dice:on_message")
    first.close()
    first.close()
    assert opened().left_over() == []


def test_with_all_slots_taken_a_call_is_not_noted(opened):
    """It runs all the same, and a slot that is given back can be taken again."""
    in_hand = opened()
    slots = [in_hand.take(number, "p:on_message") for number in range(1, 129)]
    assert None not in slots
    spare = in_hand.take(129, "p:on_message")
    assert spare is None
    in_hand.change(spare, 129, "p:!roll")
    in_hand.leave(spare)
    in_hand.leave(slots[0])
    assert in_hand.take(130, "p:on_message") == slots[0]
    assert {note.row_id for note in opened().left_over()} == {*range(2, 129), 130}


def test_a_worker_that_comes_after_the_end_does_no_harm(opened):
    """It is left over from a bot that has stopped."""
    in_hand = opened()
    slot = in_hand.take(7, "p:on_message")
    in_hand.close()
    in_hand.change(slot, 7, "p:!roll")
    in_hand.leave(slot)
    in_hand.take(8, "p:on_message")
    assert opened().left_over() == []


def test_a_long_name_is_cut(opened):
    """The file has a fixed size; half a character does not make it unreadable."""
    opened().take(7, "é" * 100 + "x")
    ((note),) = opened().left_over()
    assert note.handler == "é" * 60


def test_the_file_is_private_and_of_one_size(path, opened):
    """Mode 0600, and no larger after a lot of work."""
    in_hand = opened()
    size = path.stat().st_size
    for number in range(1, 1000):
        in_hand.leave(in_hand.take(number, "p:on_message"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == size
