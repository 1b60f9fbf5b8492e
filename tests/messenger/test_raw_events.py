"""Rows of a delta: kinds, keys and splitting."""

import json
from typing import Any

import pytest

from botkit.messenger import parse, raw_events

KEY = {"threadFbId": "9"}
META = {"actorFbId": "2", "messageId": "mid.$g1", "timestamp": "5", "threadKey": KEY, "offlineThreadingId": "70"}


def payload_of(*inner: dict[str, Any]) -> dict[str, Any]:
    return {"class": "ClientPayload", "payload": list(json.dumps({"deltas": list(inner)}).encode())}


def test_a_message_is_told_by_its_id() -> None:
    """Kind, key, chat, sender and own id of the send."""
    delta = {"class": "NewMessage", "body": "secret", "messageMetadata": META}
    (raw,) = raw_events(delta)
    assert (raw.kind, raw.key, raw.thread_id, raw.sender_id) == ("message", "message:mid.$g1", "9", "2")
    assert raw.offline_threading_id == "70" and raw.payload == delta
    assert "secret" not in repr(raw)


def test_a_message_tells_its_time_and_text() -> None:
    """Without parsing it again; no text is "", and a strange one is none."""
    found = [raw_events({"class": "NewMessage", "messageMetadata": META, **body})[0] for body in ({"body": "hi"}, {})]
    assert [(raw.timestamp_ms, raw.text) for raw in found] == [(5, "hi"), (5, "")]
    (strange,) = raw_events({"class": "NewMessage", "body": [1], "messageMetadata": {**META, "timestamp": "soon"}})
    assert (strange.kind, strange.timestamp_ms, strange.text) == ("message", None, None)


def test_a_reply_tells_them_too() -> None:
    """Although its text stands inside."""
    (raw,) = raw_events(payload_of({"deltaMessageReply": {"message": {"body": "b", "messageMetadata": META}}}))
    assert (raw.timestamp_ms, raw.text) == (5, "b")


def test_other_kinds_tell_their_time_only() -> None:
    """When the thing itself happened, not the message that it is about."""
    title = {"class": "ThreadName", "name": "x", "messageMetadata": META}
    receipt = {"class": "ReadReceipt", "actorFbId": "2", "threadKey": KEY, "actionTimestampMs": "8"}
    read = {"class": "MarkRead", "threadKeys": [KEY], "actionTimestamp": "9"}
    reaction = {"threadKey": KEY, "messageId": "m", "action": 0, "userId": 3, "reaction": "👍", "reactionTimestamp": 7}
    recall = {"threadKey": KEY, "messageID": "m", "senderID": 3, "deletionTimestamp": 6, "timestamp": 5}
    inner = payload_of({"deltaMessageReaction": reaction}, {"deltaRecallMessageData": recall})
    rows = [
        row for delta in (title, {**receipt, "watermarkTimestampMs": "7"}, read, inner) for row in raw_events(delta)
    ]
    assert [(row.timestamp_ms, row.text) for row in rows] == [(time, None) for time in (5, 8, 9, 7, 6)]


def test_log_events_are_told_by_their_message_id() -> None:
    """The same kind of key as messages have."""
    (raw,) = raw_events({"class": "ThreadName", "name": "x", "messageMetadata": META})
    assert (raw.kind, raw.key) == ("event", "message:mid.$g1")


def test_a_client_payload_is_split() -> None:
    """Every inner delta is a row that `parse` understands; those without meaning are left out."""
    reaction = {"threadKey": KEY, "messageId": "m", "action": 0, "userId": 3, "reaction": "👍", "reactionTimestamp": 7}
    recall = {"threadKey": KEY, "messageID": "m", "senderID": 3, "deletionTimestamp": 8, "timestamp": 5}
    rows = raw_events(
        payload_of(
            {"deltaMessageReaction": reaction},
            {"deltaUpdateThreadTheme": {}},
            {"deltaRecallMessageData": recall},
            {"deltaMessageReply": {"message": {"body": "b", "messageMetadata": META}}},
        )
    )
    assert [row.key for row in rows] == ["reaction:m:3:👍:7", "unsend:m", "message:mid.$g1"]
    assert [parse(row.payload, "1").type for row in rows] == ["message_reaction", "message_unsend", "message"]


def test_taking_a_reaction_back_is_another_row() -> None:
    """The emoji is none then."""
    body = {"threadKey": KEY, "messageId": "m", "action": 1, "userId": 3, "reactionTimestamp": 9}
    assert raw_events(payload_of({"deltaMessageReaction": body}))[0].key == "reaction:m:3::9"


def test_receipts_are_told_by_chat_reader_and_watermark() -> None:
    """Reading of others', and one's own per chat."""
    receipt = {
        "class": "ReadReceipt",
        "actorFbId": "2",
        "threadKey": KEY,
        "actionTimestampMs": "8",
        "watermarkTimestampMs": "7",
    }
    assert raw_events(receipt)[0].key == "receipt:9:2:7"
    own = {"class": "MarkRead", "threadKeys": [KEY, {"otherUserFbId": "2"}], "actionTimestamp": "8"}
    assert [row.key for row in raw_events(own)] == ["receipt:9::8", "receipt:2::8"]
    assert [parse(row.payload, "1").to_dict()["threadID"] for row in raw_events(own)] == ["9", "2"]


@pytest.mark.parametrize("name", ["NoOp", "DeliveryReceipt", "MarkFolderSeen", "ThreadFolder", "ThreadMuteSettings"])
def test_deltas_without_meaning_give_no_row(name: str) -> None:
    """They only take a number."""
    assert raw_events({"class": name}) == ()


@pytest.mark.parametrize(
    "delta",
    [{"class": "New"}, {}, {"class": "NewMessage", "messageMetadata": {}}, payload_of() | {"payload": [1]}, None, 5],
)
def test_strange_deltas_are_kept_as_unknown(delta: Any) -> None:
    """Never an exception, and a payload that can be kept."""
    (raw,) = raw_events(delta)
    assert (raw.kind, raw.key) == ("unknown", None)
    json.dumps(raw.payload)
