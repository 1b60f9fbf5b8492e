"""A delta cut into rows that can be kept: what it is, what tells it from a repeat, and the raw delta to parse later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Wire = Mapping[str, Any]

# dossier 2, sections 5.7, 5.8 and 6: nothing in them is an event, or another delta says the same.
_MEANINGLESS = frozenset(
    {
        "NoOp", "MarkUnread", "DeliveryReceipt", "MarkFolderSeen", "ThreadFolder", "ThreadDelete", "ThreadAction",
        "ThreadMuteSettings", "ApprovalMode", "JoinableMode", "AdminRemovedFromGroupThread", "RtcCallData",
    }
)  # fmt: skip
_MEANINGLESS_INSIDE = frozenset(
    {
        "deltaRemoveMessage", "deltaChangeViewerStatus", "liveLocationData", "deltaUpdateThreadTheme",
        "deltaUpdateThreadEmoji", "deltaUpdateMagicWords", "deltaPromoteGroupThreadAdmin", "deltaAcceptGroupThread",
        "deltaMuteCallsFromThread", "deltaUpdatePinnedThread", "deltaBiiMPageMessageNotification",
    }
)  # fmt: skip


@dataclass(frozen=True)
class RawEvent:
    """One thing that happened, still as the wire has it.

    kind: the `type` of the event that `parse` will most likely make, or "unknown".
    key: the same for every delivery of the same thing, such as "message:<id>"; None when nothing tells repeats apart.
    offline_threading_id: of a message; an own send is recognised by it.
    payload: JSON-able, understood by `parse`. An inner delta of a ClientPayload stands in a list of one under `deltas`.
    """

    kind: str
    key: str | None
    thread_id: str | None
    sender_id: str | None
    offline_threading_id: str | None
    payload: Mapping[str, Any] = field(repr=False)


def raw_events(delta: Wire) -> tuple[RawEvent, ...]:
    """The rows of one delta of `/t_ms`; none for deltas without meaning here. Never raises."""
    try:
        return tuple(_rows(delta))
    except (AttributeError, KeyError, TypeError, ValueError):
        return (_unknown(delta),)


def client_payload(delta: Wire) -> list[Wire]:
    """The inner deltas of a ClientPayload, whose `payload` is a list of byte values (dossier 2, section 6)."""
    if "deltas" in delta:
        return list(delta["deltas"])
    return list(json.loads(bytes(delta["payload"])).get("deltas") or ())


def thread_id_of(key: Wire | None) -> str | None:
    """The id in a `threadKey`, a group's or the other person's."""
    found = (key or {}).get("threadFbId") or (key or {}).get("otherUserFbId")
    return None if found is None else str(found)


def _rows(delta: Wire) -> Iterable[RawEvent]:
    name = delta.get("class")
    if name in _MEANINGLESS:
        return ()
    if name == "ClientPayload":
        return [row for inner in client_payload(delta) for row in _inner_rows(inner)]
    if name == "MarkRead":
        return [_read(delta, key) for key in delta.get("threadKeys") or ()]
    if name == "ReadReceipt":
        return [_read_receipt(delta)]
    if name == "ForcedFetch":
        return [_forced_fetch(delta)] if delta.get("messageId") else ()
    if "messageMetadata" in delta:
        return [_with_metadata(delta, delta, "message" if name == "NewMessage" else "event")]
    return [_unknown(delta)]


def _inner_rows(inner: Wire) -> Iterable[RawEvent]:
    for name, body in inner.items():
        wrapped = {"class": "ClientPayload", "deltas": [{name: body}]}
        if name == "deltaMessageReply":
            yield _with_metadata(wrapped, body["message"], "message")
        elif name == "deltaMessageReaction":
            yield _reaction(wrapped, body)
        elif name == "deltaRecallMessageData":
            yield _unsend(wrapped, body)
        elif name not in _MEANINGLESS_INSIDE:
            yield _unknown(wrapped)


def _with_metadata(payload: Wire, holder: Wire, kind: str) -> RawEvent:
    metadata = holder["messageMetadata"]
    otid = metadata.get("offlineThreadingId")
    return RawEvent(
        kind=kind,
        key=f"message:{metadata['messageId']}",
        thread_id=thread_id_of(metadata.get("threadKey")),
        sender_id=_id(metadata.get("actorFbId")),
        offline_threading_id=_id(otid),
        payload=payload,
    )


def _reaction(payload: Wire, body: Wire) -> RawEvent:
    emoji = body.get("reaction") if not body.get("action") else None
    parts = (body["messageId"], body["userId"], emoji or "", body.get("reactionTimestamp", ""))
    key = "reaction:" + ":".join(map(str, parts))
    return RawEvent("message_reaction", key, thread_id_of(body.get("threadKey")), _id(body["userId"]), None, payload)


def _unsend(payload: Wire, body: Wire) -> RawEvent:
    key = f"unsend:{body['messageID']}"
    return RawEvent("message_unsend", key, thread_id_of(body.get("threadKey")), _id(body["senderID"]), None, payload)


def _read_receipt(delta: Wire) -> RawEvent:
    thread_id = thread_id_of(delta["threadKey"])
    reader_id = _id(delta["threadKey"].get("otherUserFbId") or delta.get("actorFbId"))
    key = f"receipt:{thread_id}:{reader_id}:{delta['watermarkTimestampMs']}"
    return RawEvent("read_receipt", key, thread_id, reader_id, None, delta)


def _read(delta: Wire, thread_key: Wire) -> RawEvent:
    """One row per chat; the reader is the account itself, so the key names none."""
    thread_id = thread_id_of(thread_key)
    watermark = delta.get("watermarkTimestamp") or delta.get("watermarkTimestampMs")
    watermark = watermark or delta.get("actionTimestamp") or delta.get("actionTimestampMs")
    single = {**delta, "threadKeys": [thread_key]}
    return RawEvent("read", f"receipt:{thread_id}::{watermark}", thread_id, None, None, single)


def _forced_fetch(delta: Wire) -> RawEvent:
    return RawEvent("event", f"message:{delta['messageId']}", thread_id_of(delta.get("threadKey")), None, None, delta)


def _unknown(delta: Wire) -> RawEvent:
    payload = dict(delta) if isinstance(delta, Mapping) else {"raw": delta}
    return RawEvent("unknown", None, None, None, None, payload)


def _id(value: Any) -> str | None:
    return None if value is None else str(value)
