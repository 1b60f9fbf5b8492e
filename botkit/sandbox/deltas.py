"""What happened, as deltas of the sync queue, each as one member's log sees it (dossier 2, section 5). Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botkit.sandbox import client_payload
from botkit.sandbox.delta_parts import mention_data, question_for, tags, thread_key, wrappers
from botkit.sandbox.world import JoinRequest, LogEntry, Message, Person, Thread, World

Delta = dict[str, Any]
# From a member and the number that the delta takes in the member's log.
DeltaFor = Callable[[str, int], Delta]


def for_message(
    world: World, thread: Thread, message: Message, answered: Message | None, viewer: str, number: int
) -> Delta:
    """The delta of a new entry in a thread's history; `number` is its place in the viewer's log.

    `answered` is the message that a reply replies to: a reply comes as a ClientPayload only.
    """
    if message.log:
        return _for_log(world, thread, message, message.log, viewer, number)
    if message.content.reply_to:
        return client_payload.for_reply(thread, message, answered, viewer)
    return {
        "class": "NewMessage",
        "body": message.text,
        "attachments": wrappers(thread, message.content, viewer),
        "data": mention_data(message.content),
        **_around(thread, "NewMessage", number),
        **({"participants": list(thread.members)} if thread.group else {}),
        "messageMetadata": _metadata(thread, message, viewer),
    }


def for_request(thread: Thread, viewer: str, number: int) -> Delta:
    """What a new message is in the log of somebody who has not accepted the chat: fetch it if you want to read it."""
    return {"class": "ForcedFetch", "threadKey": thread_key(thread, viewer), "isLazy": True, "irisSeqId": str(number)}


def for_folder(thread: Thread, folder: str, viewer: str, number: int) -> Delta:
    """What the viewer's own log says of a thread that is in another folder now (dossier 2, section 5.8)."""
    return {
        "class": "ThreadFolder",
        "folder": f"FOLDER_{folder}",
        "threadKey": thread_key(thread, viewer),
        "irisSeqId": str(number),
    }


def for_archive(thread: Thread, archived: bool, viewer: str, number: int) -> Delta:
    """What the viewer's own log says of archiving; no source records the words of `action`, these are ours."""
    return {
        "class": "ThreadAction",
        "action": "ARCHIVE" if archived else "UNARCHIVE",
        "threadKey": thread_key(thread, viewer),
        "irisSeqId": str(number),
    }


def for_mute(thread: Thread, until_s: int, viewer: str, number: int) -> Delta:
    """What the viewer's own log says of muting; -1 is for ever, 0 not muted."""
    return {
        "class": "ThreadMuteSettings",
        "actorFbId": viewer,
        "threadKey": thread_key(thread, viewer),
        "expireTime": str(until_s),
        "irisSeqId": str(number),
    }


def for_thread_delete(thread: Thread, viewer: str, number: int) -> Delta:
    """What the viewer's own log says of a deleted thread."""
    return {
        "class": "ThreadDelete",
        "actorFbId": viewer,
        "threadKeys": [thread_key(thread, viewer)],
        "irisSeqId": str(number),
    }


def for_delivery(thread: Thread, receiver: str, mids: list[str], watermark_ms: int, viewer: str, number: int) -> Delta:
    """What the log of a message's author says when it reached a device of `receiver`."""
    return {
        "class": "DeliveryReceipt",
        "threadKey": thread_key(thread, viewer),
        "messageIds": mids,
        "deliveredWatermarkTimestampMs": str(watermark_ms),
        **({"actorFbId": receiver} if thread.group else {}),
        "irisSeqId": str(number),
    }


def for_folder_seen(now_ms: int, number: int) -> Delta:
    """What the own log says of opening the inbox."""
    return {
        "class": "MarkFolderSeen",
        "folders": ["FOLDER_INBOX"],
        "timestamp": str(now_ms),
        "irisSeqId": str(number),
    }


def for_queue(
    world: World, thread: Thread, waiting: JoinRequest, action: str, mid: str, viewer: str, now_ms: int, number: int
) -> Delta:
    """Somebody begins (`REQUESTED`) or ceases (`REMOVED`) to wait for an admin (dossier 2, section 5.8).

    `mid` is an id like a message's, though nothing stands in the history.
    """
    metadata = {
        "actorFbId": waiting.inviter,
        "messageId": mid,
        "threadKey": thread_key(thread, viewer),
        "timestamp": str(now_ms),
        "adminText": f"{world.people[waiting.inviter].first_name} wants to add {world.people[waiting.person].name}.",
    }
    return {
        "class": "ApprovalQueue",
        "action": action,
        "recipientFbId": waiting.person,
        "inviterFbId": waiting.inviter,
        "requestTimestamp": str(waiting.timestamp_ms),
        "requestSource": "ADD",
        "messageMetadata": metadata,
        "irisSeqId": str(number),
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


def _for_log(world: World, thread: Thread, message: Message, entry: LogEntry, viewer: str, number: int) -> Delta:
    """Dossier 3, section 2.10."""
    if entry.kind == "image":
        return {
            "class": "ForcedFetch",
            "threadKey": thread_key(thread, viewer),
            "messageId": message.id,
            "forceInsert": False,
            "irisSeqId": str(number),
        }
    name, fields = _log_class(world, entry, viewer)
    # Who was removed is still listed (dossier 2, section 5.4).
    gone = entry.people if entry.kind == "left" else ()
    return {
        "class": name,
        **fields,
        **_around(thread, name, number),
        "participants": [*thread.members, *gone],
        "messageMetadata": {**_metadata(thread, message, viewer), "adminText": message.text},
    }


def _log_class(world: World, entry: LogEntry, viewer: str) -> tuple[str, Delta]:
    if entry.kind == "added":
        added = [_added(world.people[person]) for person in entry.people]
        return "ParticipantsAddedToGroupThread", {"addedParticipants": added}
    if entry.kind == "left":
        return "ParticipantLeftGroupThread", {"leftParticipantFbId": entry.people[0]}
    if entry.kind == "name":
        return "ThreadName", {"name": entry.data["name"]}
    data = dict(entry.data)
    if entry.kind == "group_poll":
        data["question_json"] = question_for(data["question_json"], viewer)
    return "AdminTextMessage", {"type": entry.kind, "untypedData": data}


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


def _around(thread: Thread, name: str, number: int) -> dict[str, Any]:
    """What stands beside the metadata (dossier 2, section 5); the sandbox counts once only, so both numbers are one."""
    return {
        "irisSeqId": str(number),
        "irisTags": [f"Delta{name}", "is_from_iris_fanout"],
        "requestContext": {"apiArgs": {}},
        **({"tqSeqId": str(number)} if thread.group else {}),
    }


def _metadata(thread: Thread, message: Message, viewer: str) -> dict[str, Any]:
    return {
        "actorFbId": message.sender,
        "messageId": message.id,
        "offlineThreadingId": message.otid,
        "threadKey": thread_key(thread, viewer),
        "timestamp": str(message.timestamp_ms),
        "folderId": {"systemFolderId": "INBOX"},
        "tags": ["source:generic_admin_text"] if message.log else tags(message.content),
        "skipBumpThread": False,
        "skipSnippetUpdate": False,
        "threadReadStateEffect": "KEEP_AS_IS" if message.sender == viewer else "MARK_UNREAD",
        "unsendType": "can_unsend" if message.kind == "text" else "deny_log_message",
        **({} if thread.group else {"cid": {"canonicalParticipantFbids": list(thread.members)}}),
    }
