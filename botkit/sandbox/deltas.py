"""What happened, as deltas of the sync queue, each as one member's log sees it (dossier 2, section 5). Pure."""

from __future__ import annotations

from typing import Any

from botkit.sandbox.world import Message, Person, Thread, World

Delta = dict[str, Any]


def thread_key(thread: Thread, viewer: str) -> dict[str, str]:
    """The thread's name inside a delta, as `viewer` sees it."""
    return {"threadFbId" if thread.group else "otherUserFbId": thread.id_for(viewer)}


def for_message(world: World, thread: Thread, message: Message, viewer: str, number: int) -> Delta:
    """The delta of a new entry in a thread's history; `number` is its place in the viewer's log."""
    if message.kind == "log":
        return _people_added(world, thread, message, viewer, number)
    return {
        "class": "NewMessage",
        "body": message.text,
        "attachments": [],
        "data": {},
        "irisSeqId": str(number),
        "irisTags": ["DeltaNewMessage", "is_from_iris_fanout"],
        "requestContext": {"apiArgs": {}},
        **({"participants": list(thread.members)} if thread.group else {}),
        "messageMetadata": _metadata(thread, message, viewer),
    }


def for_mark_read(thread: Thread, reader: str, watermark_ms: int, now_ms: int, number: int) -> Delta:
    """What the reader's own log says of reading (dossier 2, section 5.7)."""
    return {
        "class": "MarkRead",
        "threadKeys": [thread_key(thread, reader)],
        "actionTimestamp": str(now_ms),
        "watermarkTimestamp": str(watermark_ms),
        "irisSeqId": str(number),
    }


def for_mark_unread(thread: Thread, reader: str, now_ms: int, number: int) -> Delta:
    """What the reader's own log says of marking as unread."""
    return {
        "class": "MarkUnread",
        "threadKeys": [thread_key(thread, reader)],
        "actionTimestamp": str(now_ms),
        "irisSeqId": str(number),
    }


def for_read_receipt(thread: Thread, reader: str, viewer: str, watermark_ms: int, now_ms: int, number: int) -> Delta:
    """What the others' logs say of somebody's reading."""
    return {
        "class": "ReadReceipt",
        "actorFbId": reader,
        "threadKey": thread_key(thread, viewer),
        "actionTimestampMs": str(now_ms),
        "watermarkTimestampMs": str(watermark_ms),
        "folderId": {"systemFolderId": "INBOX"},
        "irisSeqId": str(number),
    }


def _people_added(world: World, thread: Thread, message: Message, viewer: str, number: int) -> Delta:
    return {
        "class": "ParticipantsAddedToGroupThread",
        "addedParticipants": [_added(world.people[person]) for person in message.added],
        "irisSeqId": str(number),
        "irisTags": ["DeltaParticipantsAddedToGroupThread", "is_from_iris_fanout"],
        "participants": list(thread.members),
        "messageMetadata": {**_metadata(thread, message, viewer), "adminText": message.text},
    }


def _added(person: Person) -> dict[str, Any]:
    return {
        "userFbId": person.id,
        "fullName": person.name,
        "firstName": person.first_name,
        "isMessengerUser": True,
        "fanoutPolicy": "IRIS_MESSAGE_QUEUE",
        "initialFolder": "FOLDER_INBOX",
        "initialFolderId": {"systemFolderId": "INBOX"},
    }


def _metadata(thread: Thread, message: Message, viewer: str) -> dict[str, Any]:
    return {
        "actorFbId": message.sender,
        "messageId": message.id,
        "offlineThreadingId": message.otid,
        "threadKey": thread_key(thread, viewer),
        "timestamp": str(message.timestamp_ms),
        "folderId": {"systemFolderId": "INBOX"},
        "tags": ["source:messenger:web" if message.kind == "text" else "source:generic_admin_text"],
        "skipBumpThread": False,
        "skipSnippetUpdate": False,
        "threadReadStateEffect": "KEEP_AS_IS" if message.sender == viewer else "MARK_UNREAD",
        "unsendType": "can_unsend" if message.kind == "text" else "deny_log_message",
        **({} if thread.group else {"cid": {"canonicalParticipantFbids": list(thread.members)}}),
    }
