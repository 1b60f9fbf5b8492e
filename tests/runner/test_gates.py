"""Whether the plugins are asked about an event at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from botkit.messenger import Message, RawEvent, Read, Typing
from botkit.messenger.errors import StoreError
from botkit.runner.gates import OPEN, Gates

OWN, ANN, OWNER, GROUP = "100000000000001", "100000000000002", "100000000000009", "7000000000000001"


@pytest.fixture
def loops():
    return []


@pytest.fixture
def gates(clock, book, loops):
    return Gates(clock, OWN, 3600.0, book, frozenset({OWNER}), lambda *told: loops.append(told))


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
        found.append(gates.verdict(replace(message, body=str(number), timestamp_ms=at_ms + 500)).closed)
    return found


def test_other_peoples_messages_pass(gates, message):
    """That is what a bot is for."""
    assert gates.verdict(message) == OPEN


def test_an_account_that_repeats_the_bot_is_answered_no_more(gates, message, loops):
    """Told once; other people in the chat are answered as before."""
    found = loop(gates, message, 8)
    assert found[:5] == [None] * 5
    assert set(found[5:]) == {"loop guard: the bot is quiet towards this account"}
    assert loops == [(GROUP, ANN)]
    assert gates.verdict(replace(message, sender_id="100000000000003")) == OPEN


def test_own_messages_and_other_events_pass_the_loop_guard_by(gates, message):
    """With self_listen the bot hears itself, and that is no war."""
    assert loop(gates, replace(message, sender_id=OWN), 8) == [None] * 8
    assert gates.verdict(Read(thread_id=GROUP, time_ms=0)) == OPEN


def test_an_own_deed_without_a_text_or_a_time_is_passed_over(gates):
    """Such as a reaction."""
    gates.own(RawEvent("message_reaction", None, GROUP, OWN, None, {}))


def test_a_gate_that_fails_counts_as_no(gates, message, monkeypatch, caplog):
    """It is logged without what was written."""

    def fails(*arguments):
        raise ValueError("hi")

    monkeypatch.setattr(gates._loops, "other", fails)
    assert gates.verdict(message).closed == "a gate failed"
    assert "a gate failed on an event of type Message" in caplog.text
    assert "'hi'" not in "".join(record.getMessage() for record in caplog.records)


def test_a_message_older_than_the_bot_answers_is_late(gates, message, clock):
    """To the millisecond; other events have no such age."""
    clock.advance(3600)
    assert not gates.with_age(message).is_late
    clock.advance(0.001)
    assert gates.with_age(message).is_late
    read = Read(thread_id=GROUP, time_ms=0)
    assert gates.with_age(read) is read


def test_nothing_of_an_ignored_person_reaches_a_plugin(gates, message, keep):
    """Neither messages nor anything else; an owner is always heard."""
    keep(f"user:{ANN}", "ignored", True)
    keep(f"user:{OWNER}", "ignored", True)
    assert gates.verdict(message).closed == "banned: the bot ignores this person"
    assert gates.verdict(Typing(thread_id=GROUP, sender_id=ANN, is_typing=True)).closed
    assert gates.verdict(replace(message, sender_id=OWNER)) == OPEN


def test_in_a_muted_chat_only_owners_are_heard(gates, message, keep):
    """And of them only commands; other chats are open."""
    keep(f"thread:{GROUP}", "muted", True)
    assert gates.verdict(message).closed == "muted: the bot is silent in this chat"
    assert gates.verdict(replace(message, sender_id=OWNER)).commands_only
    assert gates.verdict(replace(message, thread_id="7000000000000002")) == OPEN


def test_ignored_comes_before_muted_and_muted_before_the_loop_guard(gates, message, keep, monkeypatch):
    """The documented order."""
    monkeypatch.setattr(gates._loops, "other", lambda *arguments, **options: True)
    assert gates.verdict(message).step.key == "loop"
    keep(f"thread:{GROUP}", "muted", True)
    assert gates.verdict(message).step.key == "muted"
    keep(f"user:{ANN}", "ignored", True)
    assert gates.verdict(message).step.key == "ignored"


def test_a_resumed_event_is_not_counted_by_the_loop_guard_again(gates, message, monkeypatch):
    """It has passed it before the crash."""
    monkeypatch.setattr(gates._loops, "other", lambda *arguments, **options: True)
    assert gates.verdict(message, is_resumed=True) == OPEN


def test_a_plugin_may_be_off_in_one_chat(gates, message, keep):
    """Events without a chat are for all."""
    keep(f"thread:{GROUP}", "plugin:echo", False)
    assert not gates.is_enabled("echo", message)
    assert gates.is_enabled("ping", message)
    assert gates.is_enabled("echo", replace(message, thread_id="7000000000000002"))
    assert gates.is_enabled("echo", None)


def test_an_event_waits_while_the_store_cannot_be_read(gates, message, monkeypatch, book):
    """That is no answer of a gate."""

    def fails(scope):
        raise StoreError("the disk is gone")

    monkeypatch.setattr(book, "scope", fails)
    with pytest.raises(StoreError):
        gates.verdict(message)
