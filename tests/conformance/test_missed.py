"""What a host fetches after a lost queue is what the queue would have brought, on the sandbox."""

import queue
import threading

import pytest

from botkit.messenger import Message, Sink, parse, raw_events

FRIENDS, ANN = "7000000000000001", "100000000000002"
SOON_S = 5


class Ear(Sink):
    """Collects the raw messages that the queue brings."""

    def __init__(self):
        self.messages = queue.Queue()
        self.live = threading.Event()

    def batch(self, batch, position):
        for raw in (raw for delta in batch.deltas for raw in raw_events(delta)):
            if raw.kind == "message":
                self.messages.put(raw)

    def caught_up(self):
        self.live.set()


@pytest.fixture
def heard(account):
    """The bot and what it hears; then Ann, who writes."""
    bot, ann, ear = account("Bot"), account("Ann"), Ear()
    listener = bot.listener(ear)
    listening = threading.Thread(target=listener.run)
    listening.start()
    assert ear.live.wait(SOON_S)
    yield bot, ann, ear.messages
    listener.stop()
    listening.join(SOON_S)


def test_missed_messages_are_those_of_the_queue(heard):
    """Own ones too, with the same keys, ids, times and texts; and they parse to the same."""
    bot, ann, messages = heard
    first = ann.send_message("one 😀", FRIENDS)
    ann.send_message({"body": "@Bot two", "mentions": [{"tag": "@Bot", "id": bot.get_current_user_id()}]}, FRIENDS)
    ann.send_message({"body": "three", "attachment": ("a.txt", b"text")}, FRIENDS, reply_to=first.message_id)
    bot.send_message("four", FRIENDS)
    live = [messages.get(timeout=SOON_S) for _ in range(4)]
    missed = bot.missed_messages(FRIENDS, first.timestamp_ms, lambda key: False)
    for name in ("key", "thread_id", "sender_id", "offline_threading_id", "timestamp_ms", "text"):
        assert [getattr(raw, name) for raw in missed] == [getattr(raw, name) for raw in live], name
    own_id = bot.get_current_user_id()
    for there, here in zip(missed, live, strict=True):
        past, present = parse(there.payload, own_id), parse(here.payload, own_id)
        assert isinstance(past, Message)
        for name in ("body", "mentions", "is_group", "participant_ids", "reply_to_id", "offline_threading_id"):
            assert getattr(past, name) == getattr(present, name), name
        assert [one.type for one in past.attachments] == [one.type for one in present.attachments]


def test_a_chat_of_two_and_the_list_of_those_that_changed(heard):
    """Whoever wrote since a time is found, and nobody else."""
    bot, ann, messages = heard
    sent = ann.send_message("to you alone", bot.get_current_user_id())
    live = messages.get(timeout=SOON_S)
    assert [thread for thread, _ in bot.threads_since(sent.timestamp_ms)] == [ANN]
    (raw,) = bot.missed_messages(ANN, sent.timestamp_ms, lambda key: False)
    assert (raw.key, raw.thread_id) == (live.key, ANN)
    assert bot.missed_messages(ANN, sent.timestamp_ms, lambda key: key == live.key) == []
