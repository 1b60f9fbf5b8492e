"""Values that are kept as JSON and come back as they were."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

import pytest

from botkit import Member, Message
from botkit.messenger import RateLimited
from botkit.messenger.attachments import Attachment
from botkit.runner.recorded import dump, load

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MESSAGE = Message(
    thread_id="7",
    sender_id="1",
    message_id="mid.$g1",
    body="hé 🌷",
    timestamp_ms=1,
    is_group=True,
    attachments=(Attachment("photo", {"ID": "5", "size": {"width": 1}}),),
    mentions={"2": "@Ben"},
)


class Mood(Enum):
    GOOD = "good"


class Plan:
    class Day(Enum):
        FIRST = 1


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1.5,
        2**80,
        math.inf,
        "hé 🌷 \ud83d",
        [1, (2, "x"), {"k": [None]}],
        {1: "a", "~": {"is": 2}},
        {1, 2},
        frozenset({"a"}),
        b"\x00\xff",
        date(2026, 5, 3),
        timedelta(days=2, microseconds=3),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=AMSTERDAM),
        datetime(2026, 5, 3, tzinfo=UTC),
        datetime(2026, 5, 3),
        Member("1", "Ann", None),
        MESSAGE,
        Mood.GOOD,
        Plan.Day.FIRST,
    ],
    ids=repr,
)
def test_a_value_comes_back_as_it_was(value):
    """With its type."""
    again = load(dump(value), globals())
    assert (again, type(again)) == (value, type(value))


def test_a_zone_comes_back_with_its_rules():
    """So that the hour after the clocks have changed is right."""
    again = load(dump(datetime(2026, 10, 25, 1, 30, tzinfo=AMSTERDAM)), {})
    assert (again + timedelta(days=1)).utcoffset() == timedelta(hours=1)


def test_an_error_comes_back_with_what_it_holds():
    """As the same class."""
    again = load(dump(RateLimited("too much", retry_after_s=3.0)), {})
    assert (type(again), str(again), again.retry_after_s) == (RateLimited, "too much", 3.0)


def test_in_the_place_of_anything_else_stands_what_does_nothing():
    """Such as the end of a typing indicator, or a timer."""
    again = load(dump([lambda: 1 / 0]), {})[0]
    assert again() is None
    assert again.cancel() is None


@pytest.mark.parametrize(
    "text",
    [
        '{"~": "object", "is": ["os:system", {}]}',
        '{"~": "object", "is": ["botkit.messenger.models:Gone", {"~": "dict", "is": []}]}',
        '{"~": "enum", "is": ["Gone", "GOOD"]}',
        '{"~": "sparrow", "is": 1}',
    ],
)
def test_what_other_code_has_kept_is_refused(text):
    """It is not made into something else."""
    with pytest.raises((ValueError, LookupError, AttributeError)):
        load(text, globals())
