"""How long a send with the same offline threading id is the same send, on both carriers (dossier 1, section 13.5)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from botkit.sandbox.core import Core, open_core
from botkit.testing import ManualClock

FRIENDS = "7000000000000001"
OTID = "7412281402983798101"


def by_form(bot: Any) -> str:
    return str(bot.send("hello", OTID, thread_fbid=FRIENDS)["payload"]["actions"][0]["message_id"])


def by_task(bot: Any) -> str:
    fields = {"thread_id": int(FRIENDS), "otid": OTID, "send_type": 1, "text": "hello", "source": 65537}
    return str(bot.socket().ask(("46", fields))[0][2])


CARRIERS = pytest.mark.parametrize(
    ("first", "second"), [(by_form, by_form), (by_task, by_task), (by_form, by_task), (by_task, by_form)]
)


def count(bot: Any) -> int:
    messages = bot.control("GET", "messages", {"as": "Ann", "thread": "Friends"})["messages"]
    return [message["text"] for message in messages].count("hello")


@CARRIERS
def test_for_ever(bot: Any, clock: ManualClock, first: Callable[..., str], second: Callable[..., str]) -> None:
    """Unless something else was asked for, a repeat is one after a year too, and gets the first's message."""
    mid = first(bot)
    clock.advance(365 * 86_400)
    assert second(bot) == mid
    assert count(bot) == 1


@CARRIERS
def test_off(bot: Any, first: Callable[..., str], second: Callable[..., str]) -> None:
    """Every send makes a message."""
    bot.control("POST", "deduplicate", {"seconds": 0})
    assert first(bot) != second(bot)
    assert count(bot) == 2


@CARRIERS
def test_for_a_while(bot: Any, clock: ManualClock, first: Callable[..., str], second: Callable[..., str]) -> None:
    """Within the time a repeat gets the first's message, afterwards it makes one, from which time counts anew."""
    bot.control("POST", "deduplicate", {"seconds": 60})
    mid = first(bot)
    clock.advance(60)
    assert second(bot) == mid
    clock.advance(0.5)
    later = second(bot)
    assert later != mid
    clock.advance(60)
    assert first(bot) == later
    assert count(bot) == 2


def test_off_for_adding_people(bot: Any) -> None:
    """A repeat of adding somebody is refused like a new one, when it is not known as a repeat."""
    form = {**bot.send_form("", OTID, thread_fbid="7000000000000002"), "log_message_type": "log:subscribe"}
    form["log_message_data[added_participants][0]"] = "fbid:100000000000004"
    assert "error" not in bot.post("/messaging/send/", form)
    assert "error" not in bot.post("/messaging/send/", form)
    bot.control("POST", "deduplicate", {"seconds": 0})
    assert bot.post("/messaging/send/", form)["error"] == 1545003


def test_back_to_for_ever(bot: Any) -> None:
    """It can be changed while the server runs; null is for ever."""
    bot.control("POST", "deduplicate", {"seconds": 0})
    by_form(bot)
    bot.control("POST", "deduplicate", {"seconds": None})
    by_form(bot)
    assert count(bot) == 1


def test_repeats_of_the_page(bot: Any) -> None:
    """The page's own repeats are no concern of the protocol's."""
    bot.control("POST", "deduplicate", {"seconds": 0})
    for _ in range(2):
        bot.control("POST", "send", {"as": "Ann", "thread": "Friends", "text": "hello", "client_id": "1"})
    assert count(bot) == 1


@pytest.fixture
def forgetful(tmp_path: Path, world_file: Path, clock: ManualClock) -> Iterator[Core]:
    core = open_core(tmp_path / "other", world_file, clock, random.Random(1), deduplicate_s=0)
    yield core
    core.close()


def test_chosen_at_the_start(forgetful: Core, bot: Any) -> None:
    """A core can be opened with another choice."""
    other = type(bot)(forgetful, bot.id)
    assert by_form(other) != by_form(other)
