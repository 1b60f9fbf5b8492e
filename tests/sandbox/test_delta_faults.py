"""Faults that stand in an account's log, seen by raw packets (dossier 2, sections 5, 6 and 14)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from botkit.sandbox.core import Core

BOT, FRIENDS = "100000000000001", "7000000000000001"


def resumed(bot: Any, after: int) -> list[Any]:
    """The batches that a new connection gets after this number."""
    socket = bot.socket("/t_ms")
    request = {"entity_fbid": BOT, "last_seq_id": after, "sync_token": "1"}
    socket.publish("/messenger_sync_get_diffs", request)
    return list(socket.messages("/t_ms"))


def test_twice(core: Core, bot: Any, ann: Any) -> None:
    """The same message comes under two numbers, both in the log for good."""
    socket, start = bot.listen(), bot.position()
    core.order("Bot", "twice")
    mid = ann.sent("one", thread_fbid=FRIENDS)
    batches = socket.messages("/t_ms")
    assert [batch["firstDeltaSeqId"] for batch in batches] == [start + 1, start + 2]
    deltas = [delta for batch in (*batches, *resumed(bot, start)) for delta in batch["deltas"]]
    assert [delta["messageMetadata"]["messageId"] for delta in deltas] == [mid] * 4
    assert [delta["irisSeqId"] for delta in deltas] == [str(start + 1), str(start + 2)] * 2


def test_lost(core: Core, bot: Any, ann: Any) -> None:
    """A number passes without a delta: the hole stays, also for who asks again, but the history has the message."""
    socket, start = bot.listen(), bot.position()
    core.order("Bot", "lost", after=1)
    for text in ("one", "two", "three"):
        ann.send(text, thread_fbid=FRIENDS)
    for batches in (socket.messages("/t_ms"), resumed(bot, start)):
        assert [(batch["firstDeltaSeqId"] - start, batch["deltas"][0]["body"]) for batch in batches] == [
            (1, "one"),
            (3, "three"),
        ]
    assert [node["message"]["text"] for node in bot.history(FRIENDS)][-3:] == ["one", "two", "three"]


def test_lost_at_the_end(core: Core, bot: Any, ann: Any) -> None:
    """Who asks for what was lost is told by an empty batch where the log ends."""
    bot.listen()
    start = bot.position()
    core.order("Bot", "lost")
    ann.send("one", thread_fbid=FRIENDS)
    assert bot.position() == start + 1
    (batch,) = resumed(bot, start)
    assert (batch["deltas"], batch["firstDeltaSeqId"], batch["lastIssuedSeqId"]) == ([], start + 2, start + 1)


@pytest.mark.parametrize("kind", ["unknown_class", "wrong_types"])
def test_strange_delta(core: Core, bot: Any, ann: Any, kind: str) -> None:
    """What no client can read stands between two good deltas, with a number of its own."""
    socket, start = bot.listen(), bot.position()
    core.order("Bot", kind, after=1)
    ann.send("one", thread_fbid=FRIENDS)
    ann.send("two", thread_fbid=FRIENDS)
    one, strange, two = socket.deltas()
    assert (one["body"], two["body"], two["irisSeqId"]) == ("one", "two", str(start + 3))
    if kind == "unknown_class":
        assert strange["class"] == "FromTomorrow"
    else:
        assert (strange["class"], strange["messageMetadata"]) == ("NewMessage", "nothing")
    assert len(resumed(bot, start)[0]["deltas"]) == 3


def test_without_attachments(core: Core, bot: Any, ann: Any) -> None:
    """The key is missing, not empty."""
    socket = bot.listen()
    core.order("Bot", "without_attachments")
    ann.send("one", thread_fbid=FRIENDS)
    ann.send("two", thread_fbid=FRIENDS)
    assert ["attachments" in delta for delta in socket.deltas()] == [False, True]


def test_without_what_was_replied_to(core: Core, bot: Any, ann: Any) -> None:
    """A reply names the message that it answers but does not bring it; other messages are no chance for that."""
    socket, answered = bot.listen(), ann.sent("shall we?", thread_fbid=FRIENDS)
    core.order("Bot", "without_replied")
    ann.send("hello", thread_fbid=FRIENDS)
    ann.send("yes", thread_fbid=FRIENDS, replied_to_message_id=answered)
    reply = json.loads(bytes(socket.deltas()[-1]["payload"]))["deltas"][0]["deltaMessageReply"]
    assert "repliedToMessage" not in reply
    assert reply["message"]["messageReply"]["replyToMessageId"]["id"] == answered


def test_raw_payload(core: Core, bot: Any, ann: Any) -> None:
    """A ClientPayload in raw UTF-8 instead of ASCII says the same."""
    answered = ann.sent("shall we?", thread_fbid=FRIENDS)
    socket = bot.listen()
    core.order("Bot", "raw_payload")
    for _ in range(2):
        ann.send("oui, ça va 👍", thread_fbid=FRIENDS, replied_to_message_id=answered)
    raw, plain = (bytes(delta["payload"]) for delta in socket.deltas())
    assert (raw.isascii(), plain.isascii()) == (False, True)
    bodies = [json.loads(text)["deltas"][0]["deltaMessageReply"]["message"]["body"] for text in (raw, plain)]
    assert bodies == ["oui, ça va 👍"] * 2
