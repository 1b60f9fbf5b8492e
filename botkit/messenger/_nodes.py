"""Messages as GraphQL has them: one fetched by its id, and those of a chat's history. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botkit.messenger._admin_texts import log_data, log_type
from botkit.messenger._mentions import named, ranges_of
from botkit.messenger._wire import STRANGE, Wire, id_of, int_of, items, mapping
from botkit.messenger.attachments import Attachment, attachment_from, location_of
from botkit.messenger.events import Message, ThreadEvent, Unparsed

MESSAGE_QUERIES = ("2848441488556444", "1768656253222505")
"""The query of one message, and the older one to fall back on (dossier 2, section 5.6)."""


def message_query(doc_id: str, thread_id: str, message_id: str) -> dict[str, Any]:
    """Ask for one message of a chat."""
    ids = {"thread_id": thread_id, "message_id": message_id}
    return {"o0": {"doc_id": doc_id, "query_params": {"thread_and_message_id": ids}}}


def events_from_node(node: Any, thread_id: str, *, is_group: bool) -> tuple[Message | ThreadEvent | Unparsed, ...]:
    """What a node tells (dossier 3, section 6.2): one event, or one for each person added or gone.

    Never raises: a node that cannot be read gives `Unparsed`.
    """
    try:
        kind = node["__typename"]
        if kind == "UserMessage":
            return (message_from_node(node, thread_id, is_group=is_group),)
        return tuple(_log_event(name, data, node, thread_id, is_group) for name, data in _LOGS.get(kind, _other)(node))
    except STRANGE as error:
        name = str(mapping(node).get("__typename", "node without type"))
        return (Unparsed(f"{name}: {type(error).__name__}", mapping(node)),)


def message_from_node(node: Wire, thread_id: str, *, is_group: bool) -> Message:
    """The message of a `UserMessage` node (dossier 3, section 3.3 c). Raises one of `STRANGE`."""
    text = mapping(node.get("message"))
    body = str(text.get("text") or "")
    sender_id = id_of(node["message_sender"]["id"])
    attachments = attachments_of(node)
    replied = mapping(mapping(node.get("replied_to_message")).get("message"))
    reply_to = message_from_node(replied, thread_id, is_group=is_group) if replied.get("message_id") else None
    return Message(
        thread_id=thread_id,
        sender_id=sender_id,
        message_id=id_of(node["message_id"]),
        body=body,
        timestamp_ms=int_of(node["timestamp_precise"]),
        is_group=is_group,
        attachments=attachments,
        participant_ids=(sender_id,),
        mentions=named(ranges_of(text.get("ranges")), body),
        location=location_of(attachments),
        reply_to=reply_to,
        reply_to_id=reply_to.message_id if reply_to else None,
    )


def attachments_of(node: Wire) -> tuple[Attachment, ...]:
    """What is attached to a message's node, or to the last message of a chat's."""
    found: list[Wire] = [{"blob_attachment": blob} for blob in items(node.get("blob_attachments"))]
    if node.get("sticker"):
        found.append({"sticker_attachment": node["sticker"]})
    if node.get("extensible_attachment"):
        found.append({"extensible_attachment": node["extensible_attachment"]})
    return tuple(attachment_from(wire) for wire in found)


def _log_event(name: str, data: Wire, node: Wire, thread_id: str, is_group: bool) -> ThreadEvent:
    return ThreadEvent(
        thread_id=thread_id,
        log_message_type=name,
        log_message_data=data,
        log_message_body=str(node.get("snippet") or ""),
        author_id=id_of(node["message_sender"]["id"]),
        message_id=id_of(node["message_id"]),
        timestamp_ms=int_of(node["timestamp_precise"]),
        is_group=is_group,
    )


def _image(node: Wire) -> list[tuple[str, Wire]]:
    """The new picture of a group; all is None when it was taken away."""
    image = mapping(node.get("image_with_metadata"))
    size = mapping(image.get("original_dimensions"))
    data = {
        "attachmentID": image.get("legacy_attachment_id"),
        "width": size.get("x"),
        "height": size.get("y"),
        "url": mapping(image.get("preview")).get("uri"),
    }
    return [("log:thread-image", data)]


def _added(node: Wire) -> list[tuple[str, Wire]]:
    people = [{"userFbId": id_of(person["id"])} for person in items(node.get("participants_added"))]
    return [("log:subscribe", {"addedParticipants": people})]


def _left(node: Wire) -> list[tuple[str, Wire]]:
    gone = [id_of(person["id"]) for person in items(node.get("participants_removed"))]
    return [("log:unsubscribe", {"leftParticipantFbId": user_id}) for user_id in gone]


def _admin_text(node: Wire) -> list[tuple[str, Wire]]:
    """Its kind is in capitals here, and in small letters in deltas."""
    kind = str(node.get("extensible_message_admin_text_type") or "other").lower()
    data = dict(mapping(node.get("extensible_message_admin_text")))
    data.pop("__typename", None)
    return [(log_type(kind), log_data(data))]


def _other(_node: Wire) -> list[tuple[str, Wire]]:
    return [("other", {})]


_LOGS: Mapping[str, Callable[[Wire], list[tuple[str, Wire]]]] = {
    "ThreadNameMessage": lambda node: [("log:thread-name", {"name": node.get("thread_name") or ""})],
    "ThreadImageMessage": _image,
    "ParticipantsAddedMessage": _added,
    "ParticipantLeftMessage": _left,
    "GenericAdminTextMessage": _admin_text,
}
