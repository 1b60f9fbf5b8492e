"""A delta cut into rows that can be kept: what it is, what tells it from a repeat, and the raw delta to parse later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botkit.messenger._wire import STRANGE, Wire, id_of, int_of, json_in, optional_id

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
    timestamp_ms: when it happened, by the server's clock; None where that is not told.
    text: of a message, "" for one without; None for other kinds.
    """

    kind: str
    key: str | None
    thread_id: str | None
    sender_id: str | None
    offline_threading_id: str | None
    payload: Mapping[str, Any] = field(repr=False)
    timestamp_ms: int | None = None
    text: str | None = field(default=None, repr=False)


def raw_events(delta: Wire) -> tuple[RawEvent, ...]:
    """The rows of one delta of `/t_ms`; none for deltas without meaning here. Never raises."""
    return tuple(_guarded(_rows, delta))


def client_payload(delta: Wire) -> list[Wire]:
    """The inner deltas of a ClientPayload, whose `payload` is a list of byte values (dossier 2, section 6)."""
    if "deltas" in delta:
        return list(delta["deltas"])
    if not isinstance(delta["payload"], list):
        raise ValueError("payload is no list of bytes")
    return list(json_in(bytes(delta["payload"])).get("deltas") or ())


def thread_id_of(key: Wire | None) -> str | None:
    """The id in a `threadKey`, a group's or the other person's."""
    return optional_id((key or {}).get("threadFbId") or (key or {}).get("otherUserFbId"))


def _guarded(rows: Callable[[Any], Iterable[RawEvent]], delta: Any) -> list[RawEvent]:
    """The rows, or one of an unknown kind: what is strange is kept, and its neighbours go on."""
    try:
        return list(rows(delta))
    except STRANGE:
        return [_unknown(delta)]


def _rows(delta: Wire) -> Iterable[RawEvent]:
    name = delta.get("class")
    if isinstance(name, str) and name in _MEANINGLESS:
        return ()
    if name == "ClientPayload":
        return [row for inner in client_payload(delta) for row in _inner_rows(inner)]
    if name == "MarkRead":
        single = ({**delta, "threadKeys": [key]} for key in delta.get("threadKeys") or ())
        return [row for one in single for row in _guarded(_read, one)]
    if name == "ReadReceipt":
        return [_read_receipt(delta)]
    if name == "ForcedFetch":
        return [_forced_fetch(delta)] if delta.get("messageId") else ()
    if "messageMetadata" in delta:
        return [_with_metadata(delta, delta, "message" if name == "NewMessage" else "event")]
    return [_unknown(delta)]


def _inner_rows(inner: Any) -> Iterable[RawEvent]:
    parts = inner.items() if isinstance(inner, Mapping) else [("", inner)]
    for name, body in parts:
        if name not in _MEANINGLESS_INSIDE:
            yield from _guarded(_inner_row, {"class": "ClientPayload", "deltas": [{name: body}]})


def _inner_row(wrapped: Wire) -> Iterable[RawEvent]:
    ((name, body),) = wrapped["deltas"][0].items()
    if name == "deltaMessageReply":
        return [_with_metadata(wrapped, body["message"], "message")]
    if name == "deltaMessageReaction":
        return [_reaction(wrapped, body)]
    if name == "deltaRecallMessageData":
        return [_unsend(wrapped, body)]
    return [_unknown(wrapped)]


def _with_metadata(payload: Wire, holder: Wire, kind: str) -> RawEvent:
    metadata = holder["messageMetadata"]
    return RawEvent(
        kind=kind,
        key=f"message:{id_of(metadata['messageId'])}",
        thread_id=thread_id_of(metadata.get("threadKey")),
        sender_id=optional_id(metadata.get("actorFbId")),
        offline_threading_id=optional_id(metadata.get("offlineThreadingId")),
        payload=payload,
        timestamp_ms=_time(metadata.get("timestamp")),
        text=_text(holder.get("body")) if kind == "message" else None,
    )


def _time(value: Any) -> int | None:
    try:
        return int_of(value)
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    """A message's text, "" where there is none, None for what is no text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else None


def _reaction(payload: Wire, body: Wire) -> RawEvent:
    emoji = body.get("reaction") if not body.get("action") else None
    user_id = id_of(body["userId"])
    parts = (id_of(body["messageId"]), user_id, emoji or "", body.get("reactionTimestamp", ""))
    key = "reaction:" + ":".join(map(str, parts))
    time_ms = _time(body.get("reactionTimestamp"))
    return RawEvent("message_reaction", key, thread_id_of(body.get("threadKey")), user_id, None, payload, time_ms)


def _unsend(payload: Wire, body: Wire) -> RawEvent:
    key, sender_id = f"unsend:{id_of(body['messageID'])}", id_of(body["senderID"])
    time_ms = _time(body.get("deletionTimestamp"))
    return RawEvent("message_unsend", key, thread_id_of(body.get("threadKey")), sender_id, None, payload, time_ms)


def _read_receipt(delta: Wire) -> RawEvent:
    thread_id = thread_id_of(delta["threadKey"])
    reader_id = optional_id(delta["threadKey"].get("otherUserFbId") or delta.get("actorFbId"))
    key = f"receipt:{thread_id}:{reader_id}:{delta['watermarkTimestampMs']}"
    return RawEvent("read_receipt", key, thread_id, reader_id, None, delta, _time(delta.get("actionTimestampMs")))


def _read(delta: Wire) -> list[RawEvent]:
    """One row per chat; the reader is the account itself, so the key names none."""
    thread_id = thread_id_of(delta["threadKeys"][0])
    time = delta.get("actionTimestamp") or delta.get("actionTimestampMs")
    watermark = delta.get("watermarkTimestamp") or delta.get("watermarkTimestampMs") or time
    return [RawEvent("read", f"receipt:{thread_id}::{watermark}", thread_id, None, None, delta, _time(time))]


def _forced_fetch(delta: Wire) -> RawEvent:
    key = f"message:{id_of(delta['messageId'])}"
    return RawEvent("event", key, thread_id_of(delta.get("threadKey")), None, None, delta)


def _unknown(delta: Any) -> RawEvent:
    payload = dict(delta) if isinstance(delta, Mapping) else {"raw": delta}
    return RawEvent("unknown", None, None, None, None, payload)
