"""The deltas inside a ClientPayload: JSON as a list of byte values, with ids as numbers (dossier 2, section 6)."""

from __future__ import annotations

from typing import Any

from botkit.sandbox.delta_parts import mention_data, tags, thread_key, wrappers
from botkit.sandbox.wire import compact
from botkit.sandbox.world import Message, Thread

Json = dict[str, Any]

_ADD, _REMOVE = 0, 1
_BLOCKED_ON_MESSENGER = 2
_MARK_UNREAD, _KEEP = 1, 3


def for_reply(thread: Thread, message: Message, answered: Message | None, viewer: str) -> Json:
    """A message that replies to `answered`; None when that is gone from the history."""
    reply: Json = {"message": _message(thread, message, viewer), "status": 0}
    reply["message"]["messageReply"] = {"replyToMessageId": {"id": message.content.reply_to}, "status": 0}
    if answered is not None:
        reply["repliedToMessage"] = _message(thread, answered, viewer)
    return _payload("deltaMessageReply", reply)


def for_reaction(thread: Thread, message: Message, person: str, emoji: str | None, now_ms: int, viewer: str) -> Json:
    """A reaction set, or with None taken away."""
    reaction: Json = {
        "threadKey": _key(thread, viewer),
        "messageId": message.id,
        "action": _ADD if emoji else _REMOVE,
        "userId": int(person),
        "senderId": int(message.sender),
        "offlineThreadingId": message.otid,
        "reactionTimestamp": now_ms,
    }
    return _payload("deltaMessageReaction", {**reaction, **({"reaction": emoji} if emoji else {})})


def for_unsend(thread: Thread, message: Message, now_ms: int, viewer: str) -> Json:
    """A message taken back for everybody."""
    recall = {
        "threadKey": _key(thread, viewer),
        "messageID": message.id,
        "senderID": int(message.sender),
        "deletionTimestamp": now_ms,
        "timestamp": message.timestamp_ms,
    }
    return _payload("deltaRecallMessageData", recall)


def for_removal(thread: Thread, mids: list[str], now_ms: int, viewer: str) -> Json:
    """Messages that the viewer deleted for itself."""
    removal = {"threadKey": _key(thread, viewer), "messageIds": mids, "deletionTimestamp": now_ms, "timestamp": now_ms}
    return _payload("deltaRemoveMessage", removal)


def for_block(thread: Thread, actor: str, blocked: bool, can_reply: bool, now_ms: int, viewer: str) -> Json:
    """`actor` blocks or no longer blocks the other member of a one-to-one thread."""
    change: Json = {
        "threadKey": _key(thread, viewer),
        "canViewerReply": can_reply,
        "reason": _BLOCKED_ON_MESSENGER,
        "actorFbid": int(actor),
    }
    if viewer == actor:
        change |= {"isMsgBlockedByViewer": blocked, "isMsgBlockedByViewerTimestamp": now_ms}
    return _payload("deltaChangeViewerStatus", change)


def _payload(key: str, value: Json) -> Json:
    """ASCII JSON, as the real server's is for the most part."""
    return {"class": "ClientPayload", "payload": list(compact({"deltas": [{key: value}]}).encode())}


def _key(thread: Thread, viewer: str) -> dict[str, int]:
    return {name: int(value) for name, value in thread_key(thread, viewer).items()}


def _message(thread: Thread, message: Message, viewer: str) -> Json:
    content = message.content
    return {
        "body": message.text,
        "attachments": [_numbered(wrapper) for wrapper in wrappers(thread, content, viewer)],
        "messageMetadata": {
            "threadKey": _key(thread, viewer),
            "messageId": message.id,
            "offlineThreadingId": message.otid,
            "actorFbId": int(message.sender),
            "timestamp": message.timestamp_ms,
            "tags": [*tags(content), "inbox"],
            "threadReadStateEffect": _KEEP if message.sender == viewer else _MARK_UNREAD,
            "unsendType": "can_unsend",
            "folderId": {"systemFolderId": 0},
        },
        "data": mention_data(content) or {"prng": "[]"},
        "participants": [int(member) for member in thread.members],
    }


def _numbered(wrapper: Json) -> Json:
    """An attachment with its shape as text, as it stands in a reply."""
    return {**{k: v for k, v in wrapper.items() if k != "mercury"}, "mercuryJSON": compact(wrapper["mercury"])}
