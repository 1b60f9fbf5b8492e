"""Conditions on messages and reactions."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from botkit.matchers import keyword, matchers_of, matches, mentioned, reacted, replied_to_bot
from botkit.messenger import Message, Reaction
from botkit.messenger.errors import PluginError

OWN, ANN, GROUP = "100000000000001", "100000000000002", "7000000000000001"
MESSAGE = Message(
    thread_id=GROUP, sender_id=ANN, message_id="mid.$g1", body="", timestamp_ms=1767225600000, is_group=True
)
REACTION = Reaction(thread_id=GROUP, message_id="mid.$g1", reaction="❤", sender_id=OWN, user_id=ANN)


def found(mark, event):
    """What the condition that `mark` puts on a function finds in an event."""

    def function(ctx):
        pass

    (matcher,) = matchers_of(mark(function))
    return matcher.find(event, OWN)


def said(text, **fields):
    return replace(MESSAGE, body=text, **fields)


def test_a_pattern_is_found_anywhere_and_gives_its_match():
    """With the flags that were given."""
    assert found(matches(r"(\d+) km"), said("it is 20 km away"))["match"].group(1) == "20"
    assert found(matches("km"), said("KM")) is None
    assert found(matches("km", re.IGNORECASE), said("KM")) is not None


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("Pizza!", True),
        ("no pizza?", True),
        ("pizzas", False),
        ("a slice of Apple Pie, please", True),
        ("applepie", False),
        ("", False),
    ],
)
def test_a_keyword_is_a_whole_word_in_any_case(text, fits):
    """Or a phrase."""
    assert (found(keyword("pizza", "apple pie"), said(text)) is not None) == fits


def test_a_keyword_may_be_an_emoji_or_of_another_script():
    """What is no letter has no letters beside it that matter."""
    assert found(keyword("🍕"), said("x 🍕 y")) is not None
    assert found(keyword("سلام"), said("سلام!")) is not None


def test_a_mention_of_the_bot_is_told_from_others():
    """By the id, not by the text."""
    assert found(mentioned, said("@Bot hi", mentions={OWN: "@Bot"})) is not None
    assert found(mentioned, said("@Bot hi", mentions={ANN: "@Ann"})) is None


def test_a_reply_to_the_bot_is_told_from_others():
    """And from one whose original is not known."""
    assert found(replied_to_bot, said("yes", reply_to=replace(MESSAGE, sender_id=OWN))) is not None
    assert found(replied_to_bot, said("yes", reply_to=replace(MESSAGE, sender_id=ANN))) is None
    assert found(replied_to_bot, said("yes", reply_to_id="mid.$g0")) is None


@pytest.mark.parametrize(
    ("wanted", "given", "fits"),
    [
        (("❤",), "❤", True),
        (("❤",), "❤️", True),
        (("❤️",), "❤", True),
        (("❤",), "👍", False),
        (("❤", "👍"), "👍", True),
        ((), "👍", True),
        ((), None, False),
        (("❤",), None, False),
    ],
)
def test_a_reaction_is_one_of_those_named(wanted, given, fits):
    """Coloured or not; none named takes any; taking one back is none."""
    assert (found(reacted(*wanted), replace(REACTION, reaction=given)) is not None) == fits


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: matches("("), "is no regular expression"),
        (lambda: matches(None), "is no regular expression"),
        (lambda: keyword(), "name at least one word"),
        (lambda: keyword(" "), "name at least one word"),
        (lambda: reacted(5), "name emoji"),
        (lambda: keyword("x")("text"), "write it above a function"),
    ],
)
def test_what_cannot_be_a_condition_is_refused_where_it_is_written(make, told):
    """In one sentence."""
    with pytest.raises(PluginError, match=told):
        make()


def test_several_conditions_stand_in_the_order_of_the_file():
    """The uppermost first; a function without any has none."""

    @keyword("a")
    @mentioned
    def function(ctx):
        pass

    assert [one.text for one in matchers_of(function)] == ["keyword('a')", "mentioned"]
    assert matchers_of(test_several_conditions_stand_in_the_order_of_the_file) == ()
