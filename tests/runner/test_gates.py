"""Whether the plugins are asked about an event at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from botkit.messenger import Message, RawEvent, Read
from botkit.runner.gates import Gates

OWN, ANN, GROUP = "100000000000001", "100000000000002", "7000000000000001"


@pytest.fixture
def loops():
    return []


@pytest.fixture
def gates(clock, loops):
    return Gates(clock, OWN, 3600.0, lambda *told: loops.append(told))


@pytest.fixture
def message(clock):
    return Message(
        thread_id=GROUP, sender_id=ANN, message_id="mid.$g1", body="hi", timestamp_ms=clock.time_ms(), is_group=True
    )


def own(text, at_ms):
    return RawEvent("message", "message:mid.$g0", GROUP, OWN, None, {}, at_ms, text)


def loop(gates, message, rounds):
    """The bot says something and is repeated, so many times; what the gates say each time."""
    found = []
    for number in range(rounds):
        at_ms = message.timestamp_ms + 2000 * number
        gates.own(own(str(number), at_ms))
        found.append(gates.closed_to(replace(message, body=str(number), timestamp_ms=at_ms + 500)))
    return found


def test_other_peoples_messages_pass(gates, message):
    """That is what a bot is for."""
    assert gates.closed_to(message) is None


def test_an_account_that_repeats_the_bot_is_answered_no_more(gates, message, loops):
    """Told once; other people in the chat are answered as before."""
    found = loop(gates, message, 8)
    assert found[:5] == [None] * 5
    assert set(found[5:]) == {"loop guard: the bot is quiet towards this account"}
    assert loops == [(GROUP, ANN)]
    assert gates.closed_to(replace(message, sender_id="100000000000003")) is None


def test_own_messages_and_other_events_pass_the_loop_guard_by(gates, message):
    """With self_listen the bot hears itself, and that is no war."""
    assert loop(gates, replace(message, sender_id=OWN), 8) == [None] * 8
    assert gates.closed_to(Read(thread_id=GROUP, time_ms=0)) is None


def test_an_own_deed_without_a_text_or_a_time_is_passed_over(gates):
    """Such as a reaction."""
    gates.own(RawEvent("message_reaction", None, GROUP, OWN, None, {}))


def test_a_gate_that_fails_counts_as_no(gates, message, monkeypatch, caplog):
    """It is logged without what was written."""

    def fails(*arguments):
        raise ValueError("hi")

    monkeypatch.setattr(gates._loops, "other", fails)
    assert gates.closed_to(message) == "the loop guard failed"
    assert "the loop guard failed on message mid.$g1" in caplog.text


def test_a_message_older_than_the_bot_answers_is_late(gates, message, clock):
    """To the millisecond; other events have no such age."""
    clock.advance(3600)
    assert not gates.with_age(message).is_late
    clock.advance(0.001)
    assert gates.with_age(message).is_late
    read = Read(thread_id=GROUP, time_ms=0)
    assert gates.with_age(read) is read
