"""From deltas, and what stands for them, to events. Pure: names are looked up elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from botkit.messenger._admin_texts import log_data, log_type
from botkit.messenger._ids import offline_id_of_message
from botkit.messenger._mentions import mentions_in
from botkit.messenger._nodes import message_from_node
from botkit.messenger._presence import presences_in
from botkit.messenger._raw_events import client_payload, thread_id_of
from botkit.messenger._wire import STRANGE, Wire, id_of, int_of, items, json_in, mapping, optional_id
from botkit.messenger.attachments import Attachment, attachment_from, location_of
from botkit.messenger.events import (
    Event,
    ForcedFetch,
    Message,
    Reaction,
    Read,
    ReadReceipt,
    ThreadEvent,
    Typing,
    Unparsed,
    Unsend,
)


def parse(payload: Wire, own_id: str) -> Event:
    """The event of a raw event's payload; `own_id` is the account's. Never raises: see `Unparsed`."""
    try:
        name = payload["class"]
        if name == "ClientPayload":
            return _inner(client_payload(payload)[0], own_id) or _unparsed(payload)
        reader = _READERS.get(name)
        return reader(payload, own_id) if reader else _unparsed(payload)
    except Exception as error:
        # Whatever a strange delta does to the code above, its neighbours must go on.
        return Unparsed(f"{_class_of(payload)}: {type(error).__name__}", mapping(payload))


def parse_transient(topic: str, payload: Wire, received_ms: int, own_id: str) -> tuple[Event, ...]:
    """The events of a payload that has no number: typing and presence; none for other topics. Never raises."""
    try:
        if topic in ("/thread_typing", "/orca_typing_notifications"):
            return (_typing(payload),)
        if topic == "/orca_presence":
            return presences_in(payload, received_ms)
    except STRANGE as error:
        return (Unparsed(f"{topic}: {type(error).__name__}", mapping(payload)),)
    return ()


def _class_of(payload: object) -> str:
    """For a reason, which quotes nothing but a name."""
    name = mapping(payload).get("class")
    return name if isinstance(name, str) and name.isidentifier() else "delta without class"


def _unparsed(payload: Wire) -> Unparsed:
    return Unparsed(f"{_class_of(payload)}: unknown or not supported", payload)


def _message(delta: Wire, own_id: str) -> Message:
    metadata = delta["messageMetadata"]
    key = metadata["threadKey"]
    body = delta.get("body") or ""
    if not isinstance(body, str):
        raise ValueError("body is no text")
    attachments = _attachments(delta)
    return Message(
        thread_id=_thread_id(key),
        sender_id=id_of(metadata["actorFbId"]),
        message_id=id_of(metadata["messageId"]),
        body=body,
        timestamp_ms=int_of(metadata["timestamp"]),
        is_group="threadFbId" in key,
        attachments=attachments,
        participant_ids=_participants(delta, own_id),
        mentions=mentions_in(delta, body),
        location=location_of(attachments),
        reply_to_id=_reply_to_id(mapping(delta.get("messageReply"))),
        offline_threading_id=optional_id(metadata.get("offlineThreadingId")),
    )


def _reply(body: Wire, own_id: str) -> Message:
    """A message that answers another one; the other may be missing (dossier 2, section 6)."""
    answer = _message(body["message"], own_id)
    original = _original(body.get("repliedToMessage"), own_id)
    reply_to_id = answer.reply_to_id or _reply_to_id(body) or (original.message_id if original else None)
    return replace(answer, reply_to=original, reply_to_id=reply_to_id)


def _original(replied: object, own_id: str) -> Message | None:
    """The message answered; one that cannot be read must not take the answer with it."""
    try:
        return _message(replied, own_id) if isinstance(replied, Mapping) and replied else None
    except STRANGE:
        return None


def _reply_to_id(holder: Wire) -> str | None:
    return optional_id(mapping(holder.get("replyToMessageId")).get("id"))


def _attachments(delta: Wire) -> tuple[Attachment, ...]:
    return tuple(attachment_from(_unwrapped(entry)) for entry in delta.get("attachments") or ())


def _unwrapped(entry: Wire) -> Wire:
    """In replies the content is JSON text beside the wrapper's own keys."""
    text = mapping(entry).get("mercuryJSON")
    try:
        return {**mapping(entry), "mercury": json_in(text)} if isinstance(text, str) else entry
    except ValueError:
        return entry


def _participants(delta: Wire, own_id: str) -> tuple[str, ...]:
    metadata = delta["messageMetadata"]
    ids = items(delta.get("participants")) or items(mapping(metadata.get("cid")).get("canonicalParticipantFbids"))
    other = metadata["threadKey"].get("otherUserFbId")
    return tuple(id_of(value) for value in ids or ([own_id, other] if other else ()))


def _thread_event(name: str, data: Wire, delta: Wire, own_id: str) -> ThreadEvent:
    metadata = delta["messageMetadata"]
    return ThreadEvent(
        thread_id=_thread_id(metadata["threadKey"]),
        log_message_type=name,
        log_message_data=data,
        log_message_body=str(metadata.get("adminText") or ""),
        author_id=id_of(metadata["actorFbId"]),
        message_id=id_of(metadata["messageId"]),
        timestamp_ms=int_of(metadata["timestamp"]),
        is_group="threadFbId" in metadata["threadKey"],
        participant_ids=_participants(delta, own_id),
    )


def _thread_name(delta: Wire, own_id: str) -> ThreadEvent:
    return _thread_event("log:thread-name", {"name": delta.get("name") or ""}, delta, own_id)


def _added(delta: Wire, own_id: str) -> ThreadEvent:
    return _thread_event("log:subscribe", {"addedParticipants": delta["addedParticipants"]}, delta, own_id)


def _left(delta: Wire, own_id: str) -> ThreadEvent:
    data = {"leftParticipantFbId": id_of(delta["leftParticipantFbId"])}
    return _thread_event("log:unsubscribe", data, delta, own_id)


def _admin_text(delta: Wire, own_id: str) -> ThreadEvent:
    data = log_data(delta.get("untypedData") or {})
    return _thread_event(log_type(str(delta["type"])), data, delta, own_id)


def _approval_queue(delta: Wire, own_id: str) -> ThreadEvent:
    names = ("action", "recipientFbId", "inviterFbId", "requestTimestamp", "requestSource")
    data = {name: delta[name] for name in names if name in delta}
    return _thread_event("log:approval-queue", data, delta, own_id)


def _forced_fetch(delta: Wire, _own_id: str) -> ForcedFetch:
    key = delta["threadKey"]
    return ForcedFetch(_thread_id(key), id_of(delta["messageId"]), "threadFbId" in key)


def _past_message(payload: Wire, own_id: str) -> Message:
    """A message out of a chat's history, with what its delta would have had."""
    key = payload["threadKey"]
    thread_id = _thread_id(key)
    message = message_from_node(payload["node"], thread_id, is_group="threadFbId" in key)
    pair = () if message.is_group else (own_id, thread_id)
    return replace(
        message,
        participant_ids=tuple(map(id_of, payload["participants"])) or pair or message.participant_ids,
        offline_threading_id=offline_id_of_message(message.message_id),
    )


def _read_receipt(delta: Wire, _own_id: str) -> ReadReceipt:
    key = delta["threadKey"]
    reader = key.get("otherUserFbId") or delta["actorFbId"]
    return ReadReceipt(_thread_id(key), id_of(reader), int_of(delta["actionTimestampMs"]))


def _mark_read(delta: Wire, _own_id: str) -> Read:
    time = delta.get("actionTimestamp") or delta["actionTimestampMs"]
    return Read(_thread_id(delta["threadKeys"][0]), int_of(time))


_READERS: Mapping[str, Callable[[Wire, str], Event]] = {
    "NewMessage": _message,
    "ThreadName": _thread_name,
    "ParticipantsAddedToGroupThread": _added,
    "ParticipantLeftGroupThread": _left,
    "AdminTextMessage": _admin_text,
    "ApprovalQueue": _approval_queue,
    "ForcedFetch": _forced_fetch,
    "HistoryMessage": _past_message,
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
    emoji = body.get("reaction") or None
    return Reaction(
        thread_id=_thread_id(body["threadKey"]),
        message_id=id_of(body["messageId"]),
        reaction=None if body.get("action") or emoji is None else str(emoji),
        sender_id=id_of(body.get("senderId") or body["userId"]),
        user_id=id_of(body["userId"]),
    )


def _unsend(body: Wire) -> Unsend:
    return Unsend(
        thread_id=_thread_id(body["threadKey"]),
        message_id=id_of(body["messageID"]),
        sender_id=id_of(body["senderID"]),
        deletion_timestamp_ms=int_of(body["deletionTimestamp"]),
        timestamp_ms=int_of(body["timestamp"]),
    )


def _typing(payload: Wire) -> Typing:
    sender_id = id_of(payload["sender_fbid"])
    return Typing(id_of(payload.get("thread") or sender_id), sender_id, bool(payload["state"]))


def _thread_id(key: Wire) -> str:
    found = thread_id_of(key)
    if found is None:
        raise KeyError("threadKey")
    return found
