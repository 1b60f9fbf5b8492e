"""Faults of the connection and its batches, seen by raw packets (dossier 2, sections 2.7, 3 and 14)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from botkit.sandbox.core import Core
from botkit.sandbox.wire import Request

BOT, ANN = "100000000000001", "100000000000002"
FRIENDS = "7000000000000001"
CREATE, RESUME = "/messenger_sync_create_queue", "/messenger_sync_get_diffs"
PING, PONG = b"\xc0\x00", (0xD0, b"")


def say(ann: Any, *texts: str) -> None:
    for text in texts:
        ann.send(text, thread_fbid=FRIENDS)


def bodies(batches: list[Any]) -> list[str]:
    return [delta["body"] for batch in batches for delta in batch["deltas"]]


def resume(bot: Any, after: int, token: str = "1") -> Any:
    """A new connection that goes on after this number."""
    socket = bot.socket("/t_ms")
    socket.publish(RESUME, {"entity_fbid": BOT, "last_seq_id": after, "sync_token": token})
    return socket


def test_cut_now(core: Core, bot: Any) -> None:
    """An open connection ends at once, without another byte; the next one lives."""
    socket = bot.listen()
    assert core.order("Bot", "cut") == 1
    assert (socket.closed, bytes(socket.out)) == (True, b"")
    assert not bot.listen().closed


def test_cut_later(core: Core, bot: Any, ann: Any) -> None:
    """With `after` the connection ends in place of a later batch, which the next one gets."""
    core.order("Bot", "cut", after=2)
    socket = bot.listen()
    start = bot.position()
    say(ann, "one", "two", "three")
    assert socket.closed
    assert bodies(socket.messages("/t_ms")) == ["one"]
    assert bodies(resume(bot, start + 1).messages("/t_ms")) == ["two", "three"]


def test_cut_without_a_connection(core: Core, bot: Any) -> None:
    """It waits for the next connection that is told something."""
    assert core.order("Bot", "cut") == 0
    assert bot.listen().closed
    assert not bot.listen().closed


def test_cut_in_a_batch(core: Core, bot: Any, ann: Any) -> None:
    """Half of the packet comes, then the connection ends; the whole of it comes by resuming."""
    socket, start = bot.listen(), bot.position()
    core.order("Bot", "cut_batch", after=1)
    say(ann, "one")
    whole = len(socket.out)
    say(ann, "two", "three")
    assert socket.closed
    assert 1.4 * whole < len(socket.out) < 1.6 * whole
    assert bodies(resume(bot, start + 1).messages("/t_ms")) == ["two", "three"]


@pytest.mark.parametrize("code", [3, 4, 5, 21, 24])
def test_refused_connect(core: Core, bot: Any, code: int) -> None:
    """CONNECT is answered with the code, and the connection ends; the next one is welcome."""
    core.order("Bot", "refuse_connect", code=code)
    socket = bot.open().connect(BOT)
    assert (socket.packets(), socket.closed) == ([(0x20, bytes([0, code]))], True)
    assert bot.open().connect(BOT).packets() == [(0x20, b"\x00\x00")]


def test_stall(core: Core, bot: Any, ann: Any) -> None:
    """No PINGRESP, no batch, no queue answer, and nothing that comes in has an effect; until it closes."""
    socket = bot.listen()
    core.order("Bot", "stall")
    assert socket.session.is_deaf
    say(ann, "unheard")
    socket.session.feed(PING)
    socket.publish(RESUME, {"entity_fbid": BOT, "last_seq_id": bot.position(), "sync_token": "1"})
    socket.publish("/mark_thread", {"threadID": FRIENDS, "mark": "read", "state": True})
    assert (bytes(socket.out), socket.closed) == (b"", False)
    assert ann.control("GET", "threads", {"as": "Bot"})["threads"][0]["unread"] == 1
    socket.session.feed(b"\xe0\x00")
    assert socket.closed
    assert not bot.listen().session.is_deaf


def test_stall_for_a_while(core: Core, bot: Any, ann: Any, clock: Any) -> None:
    """After so many seconds the connection works again; what was not said shows as a hole."""
    socket, start = bot.listen(), bot.position()
    core.order("Bot", "stall", seconds=20)
    clock.advance(19)
    say(ann, "unheard")
    clock.advance(1)
    socket.session.feed(PING)
    say(ann, "heard")
    pong, (_, batch) = socket.packets()
    assert (pong, socket.session.is_deaf) == (PONG, False)
    assert json.loads(batch[9:])["firstDeltaSeqId"] == start + 2
    assert bodies(resume(bot, start).messages("/t_ms")) == ["unheard", "heard"]


@pytest.mark.parametrize("kind", ["stall", "silent_queue"])
def test_each_connection_counts_once(core: Core, bot: Any, ann: Any, kind: str) -> None:
    """What a dead connection would have been told is no chance: the next connection dies too, and the third lives."""
    first = bot.listen()
    core.order("Bot", kind, times=2)
    say(ann, "one", "two")
    first.session.feed(b"\xe0\x00")
    second = bot.listen()
    say(ann, "three", "four")
    assert (first.messages("/t_ms"), second.messages("/t_ms")) == ([], [])
    third = bot.listen()
    say(ann, "five")
    assert bodies(third.messages("/t_ms")) == ["five"]


def test_lost_queue_waits_for_the_connection(core: Core, bot: Any, ann: Any, clock: Any) -> None:
    """While nothing can be told, nothing is lost on command: the error comes when the connection works again."""
    socket = bot.listen()
    core.order("Bot", "silent_queue", seconds=60)
    core.order("Bot", "overflow")
    say(ann, "unheard")
    clock.advance(60)
    say(ann, "lost")
    assert socket.messages("/t_ms") == [{"errorCode": "ERROR_QUEUE_OVERFLOW"}]


def test_silent_queue(core: Core, bot: Any, ann: Any, clock: Any) -> None:
    """Pings are answered and sends are taken, but nothing comes on `/t_ms`, not even the answer to get_diffs."""
    socket = bot.listen()
    core.order("Bot", "silent_queue", seconds=60)
    say(ann, "unheard")
    socket.publish(RESUME, {"entity_fbid": BOT, "last_seq_id": bot.position(), "sync_token": "1"})
    socket.session.feed(PING)
    assert socket.packets() == [(0x40, b"\x00\x07"), PONG]
    assert not socket.session.is_deaf
    clock.advance(60)
    say(ann, "heard")
    assert bodies(socket.messages("/t_ms")) == ["heard"]


def test_duplicate(core: Core, bot: Any, ann: Any) -> None:
    """The batch comes twice under the same numbers, in two packets."""
    socket = bot.listen()
    core.order("Bot", "duplicate")
    say(ann, "one", "two")
    packets = [body for _, body in socket.packets()]
    batches = [json.loads(body[9:]) for body in packets]
    assert bodies(batches) == ["one", "one", "two"]
    assert batches[0] == batches[1]
    assert packets[0][7:9] != packets[1][7:9]


def test_reorder(core: Core, bot: Any, ann: Any) -> None:
    """One batch is held back and comes after the next."""
    socket = bot.listen()
    core.order("Bot", "reorder")
    say(ann, "one", "two", "three")
    assert bodies(socket.messages("/t_ms")) == ["two", "one", "three"]


def test_hole(core: Core, bot: Any, ann: Any) -> None:
    """One batch is left out; who asks from before it gets it."""
    socket, start = bot.listen(), bot.position()
    core.order("Bot", "hole")
    say(ann, "one", "two")
    (batch,) = socket.messages("/t_ms")
    assert (bodies([batch]), batch["firstDeltaSeqId"]) == (["two"], start + 2)
    socket.publish(RESUME, {"entity_fbid": BOT, "last_seq_id": start, "sync_token": "1"})
    assert bodies(socket.messages("/t_ms")) == ["one", "two"]


def test_split(core: Core, bot: Any, ann: Any) -> None:
    """One packet comes in two frames."""
    socket = bot.listen()
    socket.frames.clear()
    core.order("Bot", "split")
    say(ann, "one", "two")
    first, second, third = socket.frames
    assert third[0] == first[0] == 0x32
    assert len(first) + len(second) == len(third)


def test_not_json_and_unknown_topic(core: Core, bot: Any, ann: Any) -> None:
    """Before a batch comes a payload on `/t_ms` that is none, and something on a topic that nobody knows."""
    socket = bot.listen()
    core.order("Bot", "not_json")
    core.order("Bot", "unknown_topic")
    say(ann, "one")
    junk, strange, batch = (body for _, body in socket.packets())
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(junk[9:])
    assert strange[2:13] == b"/t_tomorrow"
    assert bodies([json.loads(batch[9:])]) == ["one"]


@pytest.mark.parametrize(
    ("kind", "code"), [("overflow", "ERROR_QUEUE_OVERFLOW"), ("not_found", "ERROR_QUEUE_NOT_FOUND")]
)
def test_lost_queue_live(core: Core, bot: Any, ann: Any, kind: str, code: str) -> None:
    """In place of a batch comes the error, and nothing after it; a new queue at the end works."""
    socket, start = bot.listen(), bot.position()
    core.order("Bot", kind)
    say(ann, "one", "two")
    assert socket.messages("/t_ms") == [{"errorCode": code}]
    assert resume(bot, start).messages("/t_ms") == [{"errorCode": code}]
    again = bot.listen()
    say(ann, "three")
    assert bodies(again.messages("/t_ms")) == ["three"]


@pytest.mark.parametrize(
    ("kind", "code"), [("overflow", "ERROR_QUEUE_OVERFLOW"), ("not_found", "ERROR_QUEUE_NOT_FOUND")]
)
def test_lost_queue_on_resume(core: Core, bot: Any, kind: str, code: str) -> None:
    """Who was away when it happened is told at get_diffs; the old token is not minted again."""
    bot.listen().session.feed(b"\xe0\x00")
    core.order("Bot", kind)
    socket = resume(bot, bot.position())
    assert socket.messages("/t_ms") == [{"errorCode": code}]
    socket.publish(CREATE, {"entity_fbid": BOT, "initial_titan_sequence_id": bot.position()})
    (answer,) = socket.messages("/t_ms")
    assert answer["syncToken"] != "1"


def test_truncated_log_keeps_its_count(core: Core, bot: Any, ann: Any) -> None:
    """Numbers go on rising after an overflow, and what is below its end is gone for everybody."""
    bot.listen()
    start = bot.position()
    core.order("Bot", "overflow", after=1)
    say(ann, "one", "two")
    assert bot.position() == start + 2
    assert resume(bot, start + 1).messages("/t_ms") == [{"errorCode": "ERROR_QUEUE_OVERFLOW"}]
    socket = resume(bot, start + 2)
    say(ann, "three")
    assert bodies(socket.messages("/t_ms")) == ["three"]


def test_refused_upgrade(core: Core, bot: Any) -> None:
    """Its socket is answered with a status once; nobody's is not."""
    core.order("Bot", "refuse_upgrade", status=502)
    nobodys, its = (Request("GET", "edge-chat.facebook.com", "/chat", "sid=5", {"cookie": c}) for c in ("", bot.cookie))
    answers = [core.app.refused_upgrade(request) for request in (nobodys, its, its)]
    assert [answer and answer.status for answer in answers] == [None, 502, None]


def test_other_accounts_are_left_alone(core: Core, bot: Any, ann: Any) -> None:
    """A fault is one account's."""
    hers = ann.listen()
    core.order("Bot", "hole")
    core.order("Bot", "stall")
    say(ann, "one")
    assert bodies(hers.messages("/t_ms")) == ["one"]
