"""How a bot comes to its end."""

from __future__ import annotations

import pytest

from botkit.messenger import Checkpoint, NotLoggedIn
from botkit.messenger.errors import WorkersLost
from botkit.runner.ending import Ending

GONE, LOST = NotLoggedIn("the session is dead; log in again"), WorkersLost("8 handlers did not come back")


@pytest.fixture
def ending(database, clock):
    return Ending(database, clock)


@pytest.fixture
def kept(database):
    """What a later process reads of the last ending."""
    return lambda: database.read("SELECT state, reason, ended_ms FROM ending")


def test_who_is_asked_to_end_has_no_reason(ending, kept):
    """Nothing is raised, and nothing is kept."""
    assert not ending.wait(0) and not ending.is_asked
    ending.ask()
    assert ending.wait(None) and ending.is_asked
    assert not ending.has_reason
    assert kept() == []


def test_whoever_asked_to_know_is_told(database, clock):
    """That it is to end, whatever the reason."""
    told = []
    for end in (lambda one: one.ask(), lambda one: one.end(GONE)):
        end(Ending(database, clock, on_asked=lambda: told.append("asked")))
    assert told == ["asked", "asked"]


def test_the_first_reason_counts(ending, kept, clock):
    """What follows from it, or comes beside it, is no other one."""
    assert ending.note(GONE)
    assert not ending.note(LOST)
    # The last words are still to be said.
    assert not ending.is_asked and not ending.wait(0)
    ending.end(LOST)
    with pytest.raises(NotLoggedIn):
        ending.wait(None)
    assert kept() == [("logged_out", str(GONE), clock.time_ms())]


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (Checkpoint("look there", "https://www.facebook.com/checkpoint/"), "checkpoint"),
        (GONE, "logged_out"),
        (LOST, "stopped"),
    ],
)
def test_a_reason_is_kept_until_a_bot_starts(ending, kept, reason, state):
    """As a state and a sentence."""
    ending.end(reason)
    assert kept()[0][:2] == (state, str(reason))
    ending.forget_last()
    assert kept() == []


def test_a_bot_ends_where_nothing_can_be_kept(ending, database, caplog):
    """The log tells it."""
    database.close()
    ending.end(GONE)
    with pytest.raises(NotLoggedIn):
        ending.wait(None)
    assert "why the bot has ended cannot be kept" in caplog.text
