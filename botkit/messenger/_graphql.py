"""GraphQL queries, and what their answers and the profile look-up say. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botkit.messenger._answers import error_from_graphql
from botkit.messenger._nodes import attachments_of
from botkit.messenger._wire import Wire, mapping
from botkit.messenger.errors import BadAnswer
from botkit.messenger.models import SentMessage, Thread, User

# dossier 2, section 2.2; dossier 3, sections 3.1 and 3.2.
_SEQUENCE_QUERY = "3336396659757871"
_THREAD_QUERY = "3449967031715030"
THREAD_LIST_QUERIES = ("3426149104143726", "3336396659757871")
"""The query of a list of chats, and the older one to fall back on."""
FOLDERS = {"inbox": "INBOX", "archived": "ARCHIVED", "pending": "PENDING", "other": "OTHER"}
"""Lists of chats, and the tag of each."""


def sequence_query() -> dict[str, Any]:
    """Ask for the number of the newest delta."""
    params = {"limit": 1, "before": None, "tags": ["INBOX"], "includeDeliveryReceipts": False, "includeSeqID": True}
    return {"o0": {"doc_id": _SEQUENCE_QUERY, "query_params": params}}


def thread_query(thread_id: str) -> dict[str, Any]:
    """Ask about one chat."""
    return threads_query([thread_id])


def threads_query(thread_ids: Sequence[str]) -> dict[str, Any]:
    """Ask about several chats at once; the answers come under o0, o1 and so on."""
    params = {"message_limit": 0, "load_messages": False, "load_read_receipts": False, "before": None}
    return {
        f"o{number}": {"doc_id": _THREAD_QUERY, "query_params": {"id": thread_id, **params}}
        for number, thread_id in enumerate(thread_ids)
    }


def thread_list_query(doc_id: str, limit: int, before_ms: int | None, folder: str = "inbox") -> dict[str, Any]:
    """Ask about the newest chats of a folder, those changed at or before `before_ms` if given."""
    params = {
        "limit": limit,
        "before": before_ms,
        "tags": [FOLDERS[folder]],
        "includeDeliveryReceipts": True,
        "includeSeqID": False,
    }
    return {"o0": {"doc_id": doc_id, "query_params": params}}


def thread_nodes_in(data: Wire, what: str) -> list[Wire]:
    """The chats in the answer to `thread_list_query`, newest first."""
    threads = (data.get("viewer") or {}).get("message_threads")
    if not isinstance(threads, Mapping):
        raise BadAnswer(f"{what}: the answer holds no list of threads")
    return [node for node in threads.get("nodes") or () if isinstance(node, Mapping)]


def data_in(objects: Sequence[Wire], what: str) -> Wire:
    """The data of the one query of a batch. Raises Refused, NotLoggedIn or BadAnswer."""
    result = next((value["o0"] for value in objects if isinstance(value.get("o0"), Mapping)), None)
    if result is None:
        raise BadAnswer(f"{what}: the batch holds no result")
    errors = result.get("errors") or ([result["error"]] if result.get("error") else [])
    if errors:
        raise error_from_graphql(errors[0] if isinstance(errors[0], Mapping) else {}, what)
    return result.get("data") or result.get("response") or {}


def thread_nodes_of(objects: Sequence[Wire]) -> dict[int, Wire]:
    """The chats in the answer to `threads_query`, by the number of the id asked; one that failed is left out."""
    found = {}
    for value in objects:
        for name, result in value.items():
            node = mapping(mapping(mapping(result).get("data")).get("message_thread"))
            if node and name[:1] == "o" and name[1:].isdigit():
                found[int(name[1:])] = node
    return found


def sequence_id_in(data: Wire) -> int | None:
    """The number in the answer to `sequence_query`; None when there is none, which means a dead session."""
    threads = (data.get("viewer") or {}).get("message_threads") or {}
    found = threads.get("sync_sequence_id")
    return int(found) if found else None


def thread_from(node: Wire) -> Thread:
    """A chat from its GraphQL node (dossier 3, sections 3.1 c and 6.1)."""
    key = node.get("thread_key") or {}
    thread_id = str(key.get("thread_fbid") or key.get("other_user_id") or "")
    is_group = bool(key.get("thread_fbid"))
    actors = tuple(actors_in(node))
    other = next((actor for actor in actors if str(actor.get("id")) == str(key.get("other_user_id"))), {})
    last = _first(node.get("last_message"))
    custom = node.get("customization_info") or {}
    return Thread(
        thread_id=thread_id,
        is_group=is_group,
        name=str((node.get("name") if is_group else other.get("name")) or ""),
        participant_ids=tuple(str(actor["id"]) for actor in actors),
        snippet=str(last.get("snippet") or ""),
        snippet_attachments=attachments_of(last),
        snippet_sender_id=str(((last.get("message_sender") or {}).get("messaging_actor") or {}).get("id") or ""),
        unread_count=int(node.get("unread_count") or 0),
        message_count=int(node.get("messages_count") or 0),
        image_src=(node.get("image") or {}).get("uri"),
        timestamp_ms=_optional_int(node.get("updated_time_precise")),
        mute_until=_optional_int(node.get("mute_until")),
        other_is_person=not is_group and other.get("__typename") == "User",
        is_subscribed=bool(node.get("is_viewer_subscribed", True)),
        folder=str(node.get("folder") or "inbox").lower(),
        is_archived=bool(node.get("has_viewer_archived")),
        cannot_reply_reason=node.get("cannot_reply_reason"),
        blocked_participant_ids=tuple(str(a["id"]) for a in actors if a.get("is_message_blocked_by_viewer")),
        last_message_id=last.get("message_id"),
        nicknames=_nicknames(custom),
        emoji=custom.get("emoji"),
        color=color_from(custom.get("outgoing_bubble_color")),
        admin_ids=tuple(str(admin["id"]) for admin in node.get("thread_admins") or ()),
        last_message_timestamp_ms=_optional_int(last.get("timestamp_precise")),
        last_read_timestamp_ms=_optional_int(_first(node.get("last_read_receipt")).get("timestamp_precise")),
        approval_mode=_optional_int(node.get("approval_mode")),
        approval_queue=tuple((node.get("group_approval_queue") or {}).get("nodes") or ()),
        invite_link=(node.get("joinable_mode") or {}).get("link") or None,
        thread_theme=node.get("thread_theme"),
        reactions_mute_mode=_lower(node.get("reactions_mute_mode")),
        mentions_mute_mode=_lower(node.get("mentions_mute_mode")),
    )


def color_from(wire: Any) -> str | None:
    """A colour as `change_thread_color` takes it; the wire may put two digits of opacity before it."""
    return f"#{str(wire)[-6:].lower()}" if wire else None


def empty_thread(user: User, own_id: str) -> Thread:
    """A chat with a person that has not begun."""
    is_person = user.type in ("user", "friend")
    return Thread(user.user_id, False, user.name, (own_id, user.user_id), other_is_person=is_person)


def actors_in(node: Wire) -> Iterator[Wire]:
    """The people of a node, in both shapes that the wire knows."""
    everyone = node.get("all_participants") or {}
    holders = [edge.get("node") or {} for edge in everyone.get("edges") or ()] or everyone.get("nodes") or ()
    for holder in holders:
        actor = holder.get("messaging_actor") or {}
        if actor.get("id"):
            yield actor


def users_in(payload: Any, what: str) -> dict[str, User]:
    """The people in an answer of the profile look-up, by id. Raises BadAnswer when it has no list of them."""
    profiles = payload.get("profiles") if isinstance(payload, Mapping) else None
    if profiles == [] or (isinstance(payload, list) and not payload):
        return {}
    if not isinstance(profiles, Mapping):
        raise BadAnswer(f"{what}: the answer holds no profiles")
    # Ids that are nobody's may come with id 0 (dossier 3, section 3.6).
    return {str(key): user_from(str(key), wire) for key, wire in profiles.items() if str(wire.get("id", key)) != "0"}


def profile_url(user_id: str) -> str:
    """The address of a person's profile, for when the server gives none."""
    return f"https://www.facebook.com/profile.php?id={user_id}"


def user_from(user_id: str, wire: Wire) -> User:
    """A person from a profile (dossier 3, section 3.6 c)."""
    name = str(wire.get("name") or "Facebook User")
    return User(
        user_id=user_id,
        name=name,
        first_name=str(wire.get("firstName") or name.split()[0]),
        vanity=str(wire.get("vanity") or ""),
        thumb_src=wire.get("thumbSrc"),
        profile_url=str(wire.get("uri") or profile_url(user_id)),
        gender=int(wire.get("gender") or 0),
        type=str(wire.get("type") or "user"),
        is_friend=bool(wire.get("is_friend")),
        is_birthday=bool(wire.get("is_birthday")),
        search_tokens=tuple(str(token) for token in wire.get("searchTokens") or ()),
        alternate_name=str(wire.get("alternateName") or ""),
    )


def sent_message_in(payload: Any, target: str | None) -> SentMessage:
    """What a send has become (dossier 1, section 10.6). Raises BadAnswer when the answer does not say."""
    actions = (payload.get("actions") if isinstance(payload, Mapping) else None) or ()
    done = [action for action in actions if action.get("message_id")]
    if not done:
        raise BadAnswer("send: the answer names no message; it may not have been sent")
    last = done[-1]
    thread_id = last.get("thread_fbid") or target
    if not thread_id:
        raise BadAnswer("send: the answer names no chat for the message")
    return SentMessage(str(thread_id), str(last["message_id"]), int(last["timestamp"]))


def _first(holder: Any) -> Wire:
    nodes = (holder or {}).get("nodes") or ()
    return nodes[0] if nodes else {}


def _nicknames(custom: Wire) -> dict[str, str]:
    entries = custom.get("participant_customizations") or ()
    return {str(entry["participant_id"]): entry["nickname"] for entry in entries if entry.get("nickname")}


def _optional_int(value: Any) -> int | None:
    return None if value is None else int(value)


def _lower(value: Any) -> str | None:
    return None if value is None else str(value).lower()
