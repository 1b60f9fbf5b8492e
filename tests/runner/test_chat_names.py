"""Which chats the bot file means by their names."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from botkit.host import ChatSettings
from botkit.messenger import Message, ThreadEvent
from botkit.runner.book import Book
from botkit.runner.chat_names import ChatNames


def chat(thread_id, name, *, is_group=True, is_subscribed=True):
    return SimpleNamespace(thread_id=thread_id, name=name, is_group=is_group, is_subscribed=is_subscribed)


@pytest.fixture
def chats():
    """Those that the network tells; a test changes them."""
    return [chat("7", "Friends"), chat("8", "Lake"), chat("9", "lake"), chat("5", None, is_group=False)]


@pytest.fixture
def start(database, chats):
    """Gives the names of a bot that has just been started."""
    return lambda: ChatNames(Book(database, ChatSettings("!", "en", "UTC")), lambda: list(chats))


@pytest.mark.parametrize(
    ("name", "thread_id"), [("Friends", "7"), ("friends", "7"), ("Lake", None), ("Sea", None), ("12", "12")]
)
def test_a_chat_is_an_id_or_the_only_one_of_its_name(start, name, thread_id):
    """In any case of letters."""
    assert start().id_of(name) == thread_id


def test_one_that_was_found_stays_the_same(start, chats):
    """When it is renamed, in this life and the next, whoever has its name by then."""
    assert start().id_of("Friends") == "7"
    chats[:2] = [chat("7", "Mates"), chat("8", "Friends")]
    assert start().id_of("Friends") == "7"


def test_one_that_the_network_does_not_tell_stays_the_same(start, chats):
    """It may be older than the hundred latest."""
    assert start().id_of("Friends") == "7"
    chats.clear()
    assert start().id_of("Friends") == "7"


def test_where_the_bot_is_out_another_of_the_name_is_meant(start, chats):
    """Until there is one, it is still that one; who told it, the network or an event, does not matter."""
    names = start()
    assert names.id_of("Friends") == "7"
    names.left("7")
    assert names.id_of("Friends") == "7"
    chats.append(chat("11", "Friends"))
    assert names.id_of("Friends") == "11"
    chats[:] = [chat("7", "Friends"), chat("11", "Friends", is_subscribed=False)]
    assert start().id_of("Friends") == "7"


def test_what_was_heard_of_groups_is_kept(start):
    """Until the bot is back."""
    names = start()
    names.left("7")
    names.keep_heard()
    assert start().is_left("7")
    names.joined("7")
    names.keep_heard()
    assert not start().is_left("7")


def test_groups_are_those_that_the_bot_is_in(start, chats):
    """Also one that it has just come into, which the network does not list yet."""
    chats[1] = chat("8", "Lake", is_subscribed=False)
    names = start()
    names.joined("12")
    assert names.groups() == ["7", "9", "12"]


def people_change(kind, data):
    return ThreadEvent("7", f"log:{kind}", data, "", "2", "mid.$g1", 0, is_group=True)


def test_events_tell_that_the_bot_has_left_and_come_back(start):
    """Others who come and go change nothing."""
    names = start()
    assert not names.note(people_change("unsubscribe", {"leftParticipantFbId": "2"}), "1")
    assert not names.note(people_change("subscribe", {"addedParticipants": [{"userFbId": "2"}]}), "1")
    assert names.note(people_change("unsubscribe", {"leftParticipantFbId": "1"}), "1")
    assert names.is_left("7")
    assert names.note(people_change("subscribe", {"addedParticipants": [{"userFbId": 1}]}), "1")
    assert not names.is_left("7")


def test_who_hears_a_message_of_a_group_is_in_it(start):
    """That it was added may never have been heard."""
    names = start()
    names.left("7")
    message = Message(thread_id="7", sender_id="2", message_id="mid.$g1", body="", timestamp_ms=0, is_group=True)
    assert names.note(message, "1")
    assert not names.is_left("7")
    assert not names.note(message, "1")
