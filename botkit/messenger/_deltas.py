"""From deltas and other pushed payloads to events. Pure: names are looked up elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from botkit.messenger._raw_events import client_payload, thread_id_of
from botkit.messenger.attachments import Attachment, attachment_from, location_of
from botkit.messenger.events import (
    Event,
    Message,
    Presence,
    Reaction,
    Read,
    ReadReceipt,
    ThreadEvent,
    Typing,
    Unparsed,
    Unsend,
)

Wire = Mapping[str, Any]

# dossier 2, section 7: other types of admin text keep their own name.
_LOG_TYPES = {
    "change_thread_theme": "log:thread-color",
    "change_thread_icon": "log:thread-icon",
    "change_thread_quick_reaction": "log:thread-icon",
    "change_thread_nickname": "log:user-nickname",
    "change_thread_admins": "log:thread-admins",
    "change_thread_approval_mode": "log:thread-approval-mode",
    "group_poll": "log:thread-poll",
    "messenger_call_log": "log:thread-call",
    "rtc_call_log": "log:thread-call",
    "participant_joined_group_call": "log:thread-call",
    "pin_messages_v2": "log:pin-message",
    "unpin_messages_v2": "log:unpin-message",
}
# dossier 2, section 13.3: `p` to (status, webStatus, messengerStatus).
_PRESENCE = {
    0: ("offline", "offline", "offline"),
    1: ("idle", "idle", "offline"),
    2: ("active", "active", "offline"),
    3: ("active", "offline", "active"),
}


def parse(payload: Wire, own_id: str) -> Event:
    """The event of a raw event's payload; `own_id` is the account's. Never raises: see `Unparsed`."""
    try:
        name = payload["class"]
        if name == "ClientPayload":
            return _inner(client_payload(payload)[0], own_id) or _unparsed(name, payload)
        reader = _READERS.get(name)
        return reader(payload, own_id) if reader else _unparsed(name, payload)
    except Exception as error:
        # Whatever a strange delta does to the code above, its neighbours must go on.
        return Unparsed(
            f"{_class_of(payload)}: {type(error).__name__}", payload if isinstance(payload, Mapping) else {}
        )


def parse_transient(topic: str, payload: Wire, received_ms: int, own_id: str) -> tuple[Event, ...]:
    """The events of a payload that has no number: typing and presence; none for other topics. Never raises."""
    try:
        if topic in ("/thread_typing", "/orca_typing_notifications"):
            return (_typing(payload),)
        if topic == "/orca_presence":
            return tuple(_presence(entry, received_ms) for entry in payload.get("list") or ())
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return (Unparsed(f"{topic}: {type(error).__name__}", payload),)
    return ()


def _class_of(payload: Any) -> str:
    return str(payload.get("class", "delta without class")) if isinstance(payload, Mapping) else "no object"


def _unparsed(name: str, payload: Wire) -> Unparsed:
    return Unparsed(f"{name}: unknown or not supported", payload)


def _message(delta: Wire, own_id: str) -> Message:
    metadata = delta["messageMetadata"]
    key = metadata["threadKey"]
    body = delta.get("body") or ""
    attachments = _attachments(delta)
    replied = (delta.get("messageReply") or {}).get("replyToMessageId") or {}
    return Message(
        thread_id=_thread_id(key),
        sender_id=str(metadata["actorFbId"]),
        message_id=str(metadata["messageId"]),
        body=body,
        timestamp_ms=int(metadata["timestamp"]),
        is_group="threadFbId" in key,
        attachments=attachments,
        participant_ids=_participants(delta, own_id),
        mentions=_mentions(delta, body),
        location=location_of(attachments),
        reply_to_id=replied.get("id"),
        offline_threading_id=_optional_text(metadata.get("offlineThreadingId")),
    )


def _reply(body: Wire, own_id: str) -> Message:
    """A message that answers another one; the other may be missing (dossier 2, section 6)."""
    answer = _message(body["message"], own_id)
    replied = body.get("repliedToMessage")
    original = _message(replied, own_id) if replied else None
    shortcut = (body.get("replyToMessageId") or {}).get("id")
    reply_to_id = answer.reply_to_id or shortcut or (original.message_id if original else None)
    return replace(answer, reply_to=original, reply_to_id=reply_to_id)


def _attachments(delta: Wire) -> tuple[Attachment, ...]:
    return tuple(attachment_from(_unwrapped(entry)) for entry in delta.get("attachments") or ())


def _unwrapped(entry: Wire) -> Wire:
    """In replies the content is JSON text beside the wrapper's own keys."""
    text = entry.get("mercuryJSON")
    return {**entry, "mercury": json.loads(text)} if text else entry


def _participants(delta: Wire, own_id: str) -> tuple[str, ...]:
    metadata = delta["messageMetadata"]
    ids = delta.get("participants") or (metadata.get("cid") or {}).get("canonicalParticipantFbids")
    other = metadata["threadKey"].get("otherUserFbId")
    return tuple(str(value) for value in ids or ([own_id, other] if other else ()))


def _mentions(delta: Wire, body: str) -> dict[str, str]:
    """Who is named, and by which text; offsets count UTF-16 units (dossier 2, section 5.1)."""
    units = body.encode("utf-16-le")
    found = {}
    for user_id, offset, length in _mention_ranges(delta):
        found[user_id] = units[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")
    return found


def _mention_ranges(delta: Wire) -> Iterable[tuple[str, int, int]]:
    """The first of the four forms that the delta has (dossier 2, section 5.1)."""
    data = delta.get("data") or {}
    if data.get("prng"):
        return [(str(m["i"]), int(m["o"]), int(m["l"])) for m in json.loads(data["prng"])]
    for holder in (data, delta):
        if holder.get("mention_ids"):
            columns = [str(holder[f"mention_{name}"]).split(",") for name in ("ids", "offsets", "lengths")]
            return [(i.strip(), int(o), int(n)) for i, o, n in zip(*columns, strict=False)]
    if ranges := delta.get("ranges") or delta.get("profileRanges"):
        return [(str((r.get("entity") or r)["id"]), int(r["offset"]), int(r["length"])) for r in ranges]
    return _mapped_ranges(delta)


def _mapped_ranges(delta: Wire) -> Iterable[tuple[str, int, int]]:
    value: Any = delta["messageMetadata"]
    for key in ("data", "data", "Gb", "asMap", "data"):
        value = value.get(key) if isinstance(value, Mapping) else None
    for entry in (value or {}).values():
        mention = entry["asMap"]["data"]
        yield str(_only(mention["id"])), int(_only(mention["offset"])), int(_only(mention["length"]))


def _only(value: Wire) -> Any:
    return next(iter(value.values()))


def _thread_event(log_type: str, data: Wire, delta: Wire, own_id: str) -> ThreadEvent:
    metadata = delta["messageMetadata"]
    return ThreadEvent(
        thread_id=_thread_id(metadata["threadKey"]),
        log_message_type=log_type,
        log_message_data=data,
        log_message_body=metadata.get("adminText") or "",
        author_id=str(metadata["actorFbId"]),
        message_id=str(metadata["messageId"]),
        timestamp_ms=int(metadata["timestamp"]),
        is_group="threadFbId" in metadata["threadKey"],
        participant_ids=_participants(delta, own_id),
    )


def _thread_name(delta: Wire, own_id: str) -> ThreadEvent:
    return _thread_event("log:thread-name", {"name": delta.get("name") or ""}, delta, own_id)


def _added(delta: Wire, own_id: str) -> ThreadEvent:
    return _thread_event("log:subscribe", {"addedParticipants": delta["addedParticipants"]}, delta, own_id)


def _left(delta: Wire, own_id: str) -> ThreadEvent:
    data = {"leftParticipantFbId": str(delta["leftParticipantFbId"])}
    return _thread_event("log:unsubscribe", data, delta, own_id)


def _admin_text(delta: Wire, own_id: str) -> ThreadEvent:
    kind = str(delta["type"])
    data = dict(delta.get("untypedData") or {})
    if "thread_quick_reaction_emoji" in data:
        # One key for both forms of the emoji change.
        data["thread_icon"] = data["thread_quick_reaction_emoji"]
    return _thread_event(_LOG_TYPES.get(kind, kind), data, delta, own_id)


def _approval_queue(delta: Wire, own_id: str) -> ThreadEvent:
    names = ("action", "recipientFbId", "inviterFbId", "requestTimestamp", "requestSource")
    data = {name: delta[name] for name in names if name in delta}
    return _thread_event("log:approval-queue", data, delta, own_id)


def _read_receipt(delta: Wire, _own_id: str) -> ReadReceipt:
    key = delta["threadKey"]
    reader = key.get("otherUserFbId") or delta["actorFbId"]
    return ReadReceipt(_thread_id(key), str(reader), int(delta["actionTimestampMs"]))


def _mark_read(delta: Wire, _own_id: str) -> Read:
    time = delta.get("actionTimestamp") or delta["actionTimestampMs"]
    return Read(_thread_id(delta["threadKeys"][0]), int(time))


_READERS: Mapping[str, Callable[[Wire, str], Event]] = {
    "NewMessage": _message,
    "ThreadName": _thread_name,
    "ParticipantsAddedToGroupThread": _added,
    "ParticipantLeftGroupThread": _left,
    "AdminTextMessage": _admin_text,
    "ApprovalQueue": _approval_queue,
    "ReadReceipt": _read_receipt,
    "MarkRead": _mark_read,
}


def _inner(delta: Wire, own_id: str) -> Event | None:
    if reply := delta.get("deltaMessageReply"):
        return _reply(reply, own_id)
    if reaction := delta.get("deltaMessageReaction"):
        return _reaction(reaction)
    if recall := delta.get("deltaRecallMessageData"):
        return _unsend(recall)
    return None


def _reaction(body: Wire) -> Reaction:
    return Reaction(
        thread_id=_thread_id(body["threadKey"]),
        message_id=str(body["messageId"]),
        reaction=body.get("reaction") or None if not body.get("action") else None,
        sender_id=str(body.get("senderId") or body["userId"]),
        user_id=str(body["userId"]),
    )


def _unsend(body: Wire) -> Unsend:
    return Unsend(
        thread_id=_thread_id(body["threadKey"]),
        message_id=str(body["messageID"]),
        sender_id=str(body["senderID"]),
        deletion_timestamp_ms=int(body["deletionTimestamp"]),
        timestamp_ms=int(body["timestamp"]),
    )


def _typing(payload: Wire) -> Typing:
    sender_id = str(payload["sender_fbid"])
    return Typing(str(payload.get("thread") or sender_id), sender_id, bool(payload["state"]))


def _presence(entry: Wire, received_ms: int) -> Presence:
    p = int(entry["p"])
    status, web, messenger = _PRESENCE.get(p, _PRESENCE[2] if p > 0 else _PRESENCE[0])
    last_active_s = entry.get("l")
    active_ms = received_ms if p > 0 else None
    return Presence(
        user_id=str(entry["u"]),
        timestamp_ms=int(last_active_s) * 1000 if last_active_s else active_ms,
        statuses={
            "status": status,
            "webStatus": web,
            "fbAppStatus": "offline",
            "messengerStatus": messenger,
            "otherStatus": "offline",
        },
        p=p,
    )


def _thread_id(key: Wire) -> str:
    found = thread_id_of(key)
    if found is None:
        raise KeyError("threadKey")
    return found


def _optional_text(value: Any) -> str | None:
    return None if value is None else str(value)
