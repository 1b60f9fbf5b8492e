"""Questions, and what is an answer to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Literal

import pytest

from botkit import Member, Message, Rest, ask
from botkit.conversations import Ask, asked
from botkit.messenger.errors import CommandError, PluginError


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


class Here:
    """A chat with Ann and Ben."""

    def now(self):
        return datetime(2026, 1, 1, 12, tzinfo=UTC)

    def members(self):
        return [Member("1", "Ann Lee"), Member("2", "Ben", "Bee")]

    def threads(self):
        return []

    def mentions(self):
        return {}


def read(question, body):
    message = Message(thread_id="7", sender_id="1", message_id="m", body=body, timestamp_ms=0, is_group=True)
    return question.read(message, Here())


@pytest.mark.parametrize(
    ("kind", "body", "value"),
    [
        (str, " two  words ", "two  words"),
        (Rest, 'a "quoted" word', 'a "quoted" word'),
        (int, " 7 ", 7),
        (float, "1.5", 1.5),
        (bool, "Yes", True),
        (timedelta, "2h 30m", timedelta(hours=2.5)),
        (datetime, "tomorrow 9:00", datetime(2026, 1, 2, 9, tzinfo=UTC)),
        (Member, "Ann Lee", Member("1", "Ann Lee")),
        (Member, "@Bee", Member("2", "Ben", "Bee")),
        (Size, "LARGE", Size.LARGE),
        (Literal["to the lake", "home"], "To the  lake", "to the lake"),
        (list[int], "1 2 3", [1, 2, 3]),
    ],
)
def test_an_answer_is_read_as_an_argument_would_be(kind, body, value):
    """The whole message is one, with as many words as it needs."""
    assert read(ask("?", kind), body) == value


@pytest.mark.parametrize(
    ("kind", "body", "fault"),
    [
        (int, "many", "Please answer with a whole number."),
        (int, "1 2", "Please answer with a whole number."),
        (bool, "perhaps", "Please answer with on or off."),
        (str, "  ", "Please answer in words."),
        (Size, "huge", "Please answer with small or large."),
    ],
)
def test_what_does_not_fit_is_told(kind, body, fault):
    """In a sentence for the chat."""
    with pytest.raises(CommandError) as caught:
        read(ask("?", kind), body)
    assert str(caught.value) == fault


def test_choices_are_the_only_answers():
    """They come back as they were given."""
    question = ask("Which?", choices=[1, "two", "Three"])
    assert [read(question, body) for body in ("1", "TWO", "three")] == [1, "two", "Three"]
    with pytest.raises(CommandError, match="Please answer with 1, two or Three"):
        read(question, "four")


def test_any_message_is_an_answer_where_a_message_is_wanted():
    """Such as a picture without a word."""
    assert isinstance(read(ask("Which?", Message), ""), Message)


@pytest.mark.parametrize(
    ("timeout", "seconds"), [(None, 600), (30, 30), ("2h", 7200), (timedelta(minutes=1), 60), ("1.5m", 90)]
)
def test_a_question_waits_for_so_long(timeout, seconds):
    """Ten minutes unless it says otherwise."""
    assert ask("?", timeout=timeout).timeout_s == seconds


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"question": " "}, "the question must be a text"),
        ({"question": 5}, "the question must be a text"),
        ({"type": object}, "the type must be one that an argument of a command may have"),
        ({"type": "int"}, "the type must be one"),
        ({"choices": []}, "choices must be a list"),
        ({"choices": "abc"}, "choices must be a list"),
        ({"choices": ["a"], "type": int}, "without a type"),
        ({"timeout": 0}, "the timeout must be a number of seconds"),
        ({"timeout": "soon"}, "the timeout must be a number of seconds"),
        ({"timeout": float("nan")}, "the timeout must be a number of seconds"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(arguments, fault):
    """Where it is made, so that the log names the line."""
    with pytest.raises(PluginError, match=fault):
        ask(**{"question": "?", **arguments})


def test_a_text_is_a_question_for_a_text():
    """So that `yield "Why?"` is enough."""
    assert asked("Why?") == ask("Why?")
    assert asked(ask("Why?")) == ask("Why?")


@pytest.mark.parametrize("value", [None, 5, ["Why?"]])
def test_anything_else_is_no_question(value):
    """It names what was found."""
    with pytest.raises(PluginError, match=f"not {type(value).__name__}"):
        asked(value)


def test_a_question_does_not_show_its_text():
    """It may hold what people wrote."""
    assert "secret" not in repr(Ask("secret", again="secret"))
