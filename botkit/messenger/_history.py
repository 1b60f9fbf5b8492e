"""A chat's past: the query for it, and its nodes as values: those of `get_thread_history`, and raw ones. Pure.

Facts: dossier 3, sections 3.3 and 6.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from botkit.messenger._graphql import actors_in
from botkit.messenger._ids import offline_id_of_message
from botkit.messenger._nodes import events_from_node
from botkit.messenger._raw_events import RawEvent
from botkit.messenger._wire import STRANGE, Wire, id_of, int_of, items, mapping
from botkit.messenger.events import Message, ThreadEvent, Unparsed
from botkit.messenger.models import HistoryMessage

HISTORY_QUERIES = ("1498317363570230", "1860982147341344")
"""The query of a chat's messages, and the one to fall back on."""
_NOBODY = "Facebook User"


@dataclass(frozen=True)
class Scene:
    """What an answer tells about the chat besides its messages; `member_ids` is empty when it does not say."""

    thread_id: str
    is_group: bool
    title: str
    member_ids: tuple[str, ...]


def history_query(doc_id: str, thread_id: str, limit: int, before_ms: int | None) -> dict[str, Any]:
    """Ask for the newest messages of a chat, those of `before_ms` or older if given."""
    params = {
        "id": thread_id,
        "message_limit": limit,
        "load_messages": True,
        "load_read_receipts": doc_id == HISTORY_QUERIES[1],
        "before": before_ms,
    }
    return {"o0": {"doc_id": doc_id, "query_params": params}}


def scene_in(thread: Wire, thread_id: str) -> Scene:
    """The chat of an answer's thread."""
    key = mapping(thread.get("thread_key"))
    is_group = bool(key.get("thread_fbid")) or thread.get("thread_type") == "GROUP"
    members = tuple(id_of(actor["id"]) for actor in actors_in(thread))
    return Scene(thread_id, is_group, str(thread.get("name") or ""), members)


def message_nodes_in(thread: Wire) -> list[Wire]:
    """The nodes of an answer's thread, the newest first, which is not the order of the wire."""
    nodes = items(mapping(thread.get("messages")).get("nodes"))
    return [node for node in nodes if isinstance(node, Mapping)][::-1]


def past_events(node: Wire, scene: Scene) -> tuple[HistoryMessage | ThreadEvent | Unparsed, ...]:
    """What a node tells: one value, or one for each person gone. Never raises: see `Unparsed`."""
    found: list[HistoryMessage | ThreadEvent | Unparsed] = []
    for event in events_from_node(node, scene.thread_id, is_group=scene.is_group):
        if isinstance(event, Message):
            found.append(_past_message(event, node, scene))
        elif isinstance(event, ThreadEvent):
            found.append(replace(event, participant_ids=scene.member_ids))
        else:
            found.append(event)
    return tuple(found)


def raw_message(node: Wire, scene: Scene) -> RawEvent | None:
    """A message as the listener would have had it, so that it has the same key; None for a line that is none, and for
    one that was taken back. Its payload has the node as it came, and of the chat what `parse` needs."""
    if node.get("__typename") != "UserMessage" or _is_unsent(node):
        return None
    message_id = str(node.get("message_id") or "")
    text = mapping(node.get("message")).get("text")
    return RawEvent(
        kind="message",
        key=f"message:{message_id}" if message_id else None,
        thread_id=scene.thread_id,
        sender_id=str(mapping(node.get("message_sender")).get("id") or "") or None,
        offline_threading_id=offline_id_of_message(message_id),
        payload={
            "class": "HistoryMessage",
            "threadKey": {"threadFbId" if scene.is_group else "otherUserFbId": scene.thread_id},
            "participants": list(scene.member_ids),
            "node": node,
        },
        timestamp_ms=time_of(node),
        text=text if isinstance(text, str) else "",
    )


def time_of(node: Wire) -> int | None:
    """When a node's thing happened, in ms; None when it does not say."""
    try:
        return int_of(node.get("timestamp_precise"))
    except ValueError:
        return None


def _is_unsent(node: Wire) -> bool:
    """What stands in the place of a message that was taken back (dossier 2, section 8.2)."""
    story = mapping(mapping(node.get("extensible_attachment")).get("story_attachment"))
    return "globally_deleted_message_placeholder" in items(story.get("style_list"))


def with_names(message: HistoryMessage, scene: Scene, people: Mapping[str, tuple[str, str]]) -> HistoryMessage:
    """The message with names from `people`, which has full and first name by id."""
    sender = people.get(message.sender_id, (_NOBODY, ""))[0]
    firsts = tuple(people[user][1] if user in people else None for user in message.participant_ids)
    return replace(
        message,
        sender_name=sender,
        participant_names=firsts if scene.member_ids else (sender.split()[0],),
        thread_name=scene.title or sender,
    )


def _past_message(message: Message, node: Wire, scene: Scene) -> HistoryMessage:
    same = {field.name: getattr(message, field.name) for field in fields(Message)}
    members = scene.member_ids or message.participant_ids
    return HistoryMessage(
        **{**same, "participant_ids": members},
        is_unread=bool(node.get("unread")),
        reactions=_reactions(node),
        snippet=str(node.get("snippet") or ""),
        is_sponsored=bool(node.get("is_sponsored")),
    )


def _reactions(node: Wire) -> dict[str, str]:
    """Who reacted with what; one that cannot be read is left out."""
    found = {}
    for entry in items(node.get("message_reactions")):
        try:
            found[id_of(entry["user"]["id"])] = str(entry["reaction"])
        except STRANGE:
            continue
    return found
