"""From deltas to events: the worked pairs of dossier 2, section 9, and the odd cases around them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from botkit.messenger import Message, Presence, ThreadEvent, Unparsed, parse, parse_transient, raw_events

OWN = "100000000000001"
META = {
    "actorFbId": "100000000000002",
    "messageId": "mid.$gAAA1",
    "timestamp": "1767225600000",
    "threadKey": {"threadFbId": "200000000000009"},
    "adminText": "text",
}
THREAD = {"threadFbId": "200000000000009"}
DAN = {"userFbId": "100000000000004", "fullName": "Dan Example"}
EVENT = {"type": "event", "author": "100000000000002", "logMessageBody": "text"}


def inner(delta: dict[str, Any], *, ascii_only: bool = True) -> dict[str, Any]:
    """A ClientPayload as the wire has it."""
    return {
        "class": "ClientPayload",
        "payload": list(json.dumps({"deltas": [delta]}, ensure_ascii=ascii_only).encode()),
    }


def event_of(delta: dict[str, Any]) -> Any:
    (raw,) = raw_events(delta)
    json.dumps(raw.payload)
    return parse(raw.payload, OWN)


PAIRS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {
            "class": "NewMessage",
            "body": "😀 @Ann",
            "attachments": [],
            "data": {"prng": '[{"i":"100000000000003","o":3,"l":4}]'},
            "participants": ["100000000000001", "100000000000002"],
            "messageMetadata": META,
        },
        {
            "type": "message",
            "senderID": "100000000000002",
            "body": "😀 @Ann",
            "messageID": "mid.$gAAA1",
            "attachments": [],
            "isGroup": True,
            "mentions": {"100000000000003": "@Ann"},
            "participantIDs": ["100000000000001", "100000000000002"],
            "timestamp": 1767225600000,
            "location": None,
        },
    ),
    (
        {"class": "ThreadName", "name": "Crew", "messageMetadata": META},
        EVENT | {"logMessageType": "log:thread-name", "logMessageData": {"name": "Crew"}},
    ),
    (
        {"class": "ParticipantsAddedToGroupThread", "addedParticipants": [DAN], "messageMetadata": META},
        EVENT | {"logMessageType": "log:subscribe", "logMessageData": {"addedParticipants": [DAN]}},
    ),
    (
        {"class": "ParticipantLeftGroupThread", "leftParticipantFbId": "100000000000004", "messageMetadata": META},
        EVENT | {"logMessageType": "log:unsubscribe", "logMessageData": {"leftParticipantFbId": "100000000000004"}},
    ),
    (
        {
            "class": "AdminTextMessage",
            "type": "change_thread_theme",
            "untypedData": {"theme_color": "FFFF5CA1"},
            "messageMetadata": META,
        },
        EVENT | {"logMessageType": "log:thread-color", "logMessageData": {"theme_color": "FFFF5CA1"}},
    ),
    (
        {
            "class": "AdminTextMessage",
            "type": "change_thread_quick_reaction",
            "untypedData": {"thread_quick_reaction_emoji": "🦊"},
            "messageMetadata": META,
        },
        EVENT
        | {
            "logMessageType": "log:thread-icon",
            "logMessageData": {"thread_quick_reaction_emoji": "🦊", "thread_icon": "🦊"},
        },
    ),
    (
        {
            "class": "AdminTextMessage",
            "type": "change_thread_nickname",
            "untypedData": {"participant_id": "100000000000004", "nickname": ""},
            "messageMetadata": META,
        },
        EVENT
        | {
            "logMessageType": "log:user-nickname",
            "logMessageData": {"participant_id": "100000000000004", "nickname": ""},
        },
    ),
    (
        {
            "class": "ReadReceipt",
            "actorFbId": "100000000000002",
            "threadKey": THREAD,
            "actionTimestampMs": "1767225700000",
            "watermarkTimestampMs": "1767225600000",
        },
        {"type": "read_receipt", "reader": "100000000000002", "time": 1767225700000},
    ),
    (
        {"class": "MarkRead", "threadKeys": [THREAD], "actionTimestamp": "1767225700000"},
        {"type": "read", "time": 1767225700000},
    ),
    (
        inner(
            {
                "deltaRecallMessageData": {
                    "threadKey": {"threadFbId": 200000000000009},
                    "messageID": "mid.$gAAA1",
                    "senderID": 100000000000002,
                    "deletionTimestamp": 1767225800000,
                    "timestamp": 1767225600000,
                }
            }
        ),
        {
            "type": "message_unsend",
            "messageID": "mid.$gAAA1",
            "senderID": "100000000000002",
            "deletionTimestamp": 1767225800000,
            "timestamp": 1767225600000,
        },
    ),
    (
        inner(
            {
                "deltaMessageReaction": {
                    "threadKey": {"threadFbId": 200000000000009},
                    "messageId": "mid.$gAAA1",
                    "action": 1,
                    "userId": 100000000000003,
                    "senderId": 100000000000002,
                }
            }
        ),
        {
            "type": "message_reaction",
            "messageID": "mid.$gAAA1",
            "reaction": None,
            "senderID": "100000000000002",
            "userID": "100000000000003",
        },
    ),
]


@pytest.mark.parametrize(("delta", "wanted"), PAIRS, ids=[pair[0]["class"] + str(i) for i, pair in enumerate(PAIRS)])
def test_worked_pairs(delta: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Each delta of the dossier gives its event, every documented field."""
    found = event_of(delta).to_dict()
    assert {name: found[name] for name in wanted} == wanted
    assert found["threadID"] == "200000000000009"


def test_typing_in_a_group_and_with_one_person() -> None:
    """The worked pair, and the other topic, whose thread is the sender."""
    payload = {"type": "typ", "sender_fbid": 100000000000002, "state": 1, "thread": "200000000000009"}
    (group,) = parse_transient("/thread_typing", payload, 5, OWN)
    wanted = {"type": "typ", "isTyping": True, "from": "100000000000002", "fromMobile": False}
    assert wanted.items() <= group.to_dict().items()
    assert group.to_dict()["threadID"] == "200000000000009"
    (person,) = parse_transient("/orca_typing_notifications", {"sender_fbid": 2, "state": 0}, 5, OWN)
    assert (person.to_dict()["threadID"], person.to_dict()["isTyping"]) == ("2", False)


def test_a_message_may_be_almost_empty() -> None:
    """No body, no attachments key, no participants: as seen with stickers."""
    delta = {"class": "NewMessage", "messageMetadata": META | {"threadKey": {"otherUserFbId": "100000000000002"}}}
    event = event_of(delta)
    assert isinstance(event, Message)
    assert (event.body, event.attachments, event.is_group) == ("", (), False)
    assert event.participant_ids == (OWN, "100000000000002")
    assert event.thread_id == "100000000000002"


def test_canonical_participants_are_used_in_a_chat_of_two() -> None:
    """`cid` stands in for `participants`."""
    metadata = META | {"cid": {"canonicalParticipantFbids": [OWN, "100000000000002"]}, "offlineThreadingId": "77"}
    (raw,) = raw_events({"class": "NewMessage", "body": "x", "messageMetadata": metadata})
    event = parse(raw.payload, OWN)
    assert isinstance(event, Message) and event.participant_ids == (OWN, "100000000000002")
    assert event.offline_threading_id == raw.offline_threading_id == "77"


GB = {"asMap": {"data": {"0": {"asMap": {"data": {
    "id": {"asString": "3"}, "offset": {"asLong": "6"}, "length": {"asInt": 4},
}}}}}}  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        {"data": {"mention_ids": "3", "mention_offsets": "6", "mention_lengths": "4"}},
        {"mention_ids": "3", "mention_offsets": "6", "mention_lengths": "4"},
        {"ranges": [{"entity": {"id": "3"}, "offset": 6, "length": 4}]},
        {"profileRanges": [{"id": 3, "offset": "6", "length": "4"}]},
        {"messageMetadata": META | {"data": {"data": {"Gb": GB}}}},
    ],
)
def test_mentions_come_in_several_forms(more: dict[str, Any]) -> None:
    """The later forms of dossier 2, section 5.1."""
    event = event_of({"class": "NewMessage", "body": "hello @Ann", "messageMetadata": META} | more)
    assert isinstance(event, Message) and event.mentions == {"3": "@Ann"}


REPLY = {
    "message": {
        "body": "yés",
        "attachments": [
            {
                "id": "301",
                "mercuryJSON": json.dumps({"blob_attachment": {"__typename": "MessageFile", "url": "https://x.test"}}),
            }
        ],
        "messageMetadata": {
            "threadKey": {"otherUserFbId": 100000000000002},
            "messageId": "mid.$cBBB",
            "offlineThreadingId": "7003",
            "actorFbId": 100000000000002,
            "timestamp": 1767225660000,
        },
        "messageReply": {"replyToMessageId": {"id": "mid.$cAAA"}, "status": 0},
        "data": {"prng": "[]"},
        "participants": [100000000000001, 100000000000002],
    },
    "repliedToMessage": {
        "body": "shall we?",
        "messageMetadata": {
            "threadKey": {"otherUserFbId": 100000000000002},
            "messageId": "mid.$cAAA",
            "actorFbId": 100000000000001,
            "timestamp": 1767225600000,
        },
    },
    "status": 0,
}


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_reply_is_a_message_with_what_it_answers(ascii_only: bool) -> None:
    """Numbers become texts; raw UTF-8 inside the byte list is read, too."""
    event = event_of(inner({"deltaMessageReply": REPLY}, ascii_only=ascii_only))
    assert isinstance(event, Message)
    assert (event.body, event.sender_id, event.thread_id) == ("yés", "100000000000002", "100000000000002")
    assert event.attachments[0].type == "file" and event.attachments[0].url == "https://x.test"
    assert event.to_dict()["type"] == "message"
    assert event.to_dict()["messageReply"] == {
        "threadID": "100000000000002",
        "messageID": "mid.$cAAA",
        "senderID": "100000000000001",
        "attachments": [],
        "body": "shall we?",
        "isGroup": False,
        "mentions": {},
        "timestamp": 1767225600000,
    }


def test_a_reply_without_the_original_keeps_its_id() -> None:
    """The event comes all the same."""
    event = event_of(inner({"deltaMessageReply": {"message": REPLY["message"]}}))
    assert isinstance(event, Message)
    assert (event.reply_to, event.reply_to_id) == (None, "mid.$cAAA")
    assert "messageReply" not in event.to_dict()


def test_a_reaction_without_author_is_on_the_reactors_word() -> None:
    """`senderId` may be 0."""
    body = {"threadKey": THREAD, "messageId": "m", "action": 0, "userId": 3, "reaction": "👍", "senderId": 0}
    event = event_of(inner({"deltaMessageReaction": body}))
    assert (event.sender_id, event.user_id, event.reaction) == ("3", "3", "👍")


def test_unknown_admin_types_pass_under_their_own_name() -> None:
    """Nothing is hidden."""
    event = event_of(
        {"class": "AdminTextMessage", "type": "limit_sharing", "untypedData": {"a": "b"}, "messageMetadata": META}
    )
    assert isinstance(event, ThreadEvent)
    assert (event.log_message_type, event.log_message_data) == ("limit_sharing", {"a": "b"})


@pytest.mark.parametrize(
    "payload",
    [
        {"class": "SomethingNew"},
        {"class": "NewMessage"},
        {"class": "NewMessage", "messageMetadata": META | {"timestamp": "soon"}},
        {"class": "NewMessage", "messageMetadata": META | {"threadKey": {}}},
        {"class": "ClientPayload", "deltas": [{"deltaUnknown": {}}]},
        {"class": "ClientPayload", "payload": [1, 2]},
        {"class": "ForcedFetch", "threadKey": THREAD},
        {},
        None,
        [],
    ],
)
def test_what_cannot_be_understood_is_unparsed(payload: Any) -> None:
    """Never an exception; the reason quotes nothing."""
    event = parse(payload, OWN)
    assert isinstance(event, Unparsed) and "\n" not in event.reason


def test_presence_maps_each_state() -> None:
    """The table of dossier 2, section 13.3; unknown states count by their sign."""
    entries = [
        {"u": 2, "p": 2},
        {"u": 3, "p": 0, "l": 1767225000},
        {"u": 4, "p": 0},
        {"u": 5, "p": 3},
        {"u": 6, "p": 9},
    ]
    events = parse_transient("/orca_presence", {"list_type": "full", "list": entries}, 777, OWN)
    assert all(isinstance(event, Presence) for event in events)
    found = [event.to_dict() for event in events]
    assert [(e["userID"], e["timestamp"], e["statuses"]["status"]) for e in found] == [
        ("2", 777, "active"),
        ("3", 1767225000000, "offline"),
        ("4", None, "offline"),
        ("5", 777, "active"),
        ("6", 777, "active"),
    ]
    assert found[3]["statuses"] == {
        "status": "active",
        "webStatus": "offline",
        "fbAppStatus": "offline",
        "messengerStatus": "active",
        "otherStatus": "offline",
    }


def test_other_topics_and_broken_payloads_are_no_accident() -> None:
    """Nothing, or Unparsed."""
    assert parse_transient("/inbox", {"unread": 3}, 5, OWN) == ()
    (broken,) = parse_transient("/thread_typing", {"state": 1}, 5, OWN)
    assert isinstance(broken, Unparsed)


def test_reprs_hide_what_people_wrote() -> None:
    """Bodies never enter a log through a repr."""
    assert "@Ann" not in repr(event_of(PAIRS[0][0]))


def test_being_late_is_the_hosts_word() -> None:
    """It is False as parsed, and no documented field tells it."""
    metadata = {"actorFbId": "2", "messageId": "m", "timestamp": "5", "threadKey": {"threadFbId": "9"}}
    message = parse({"class": "NewMessage", "body": "b", "messageMetadata": metadata}, "1")
    assert isinstance(message, Message) and not message.is_late
    assert replace(message, is_late=True).to_dict() == message.to_dict()
