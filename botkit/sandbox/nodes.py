"""Threads, messages and people as nodes of query answers (dossier 3, sections 6.1 and 6.2)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from botkit.sandbox import attachment_forms, delta_parts, places
from botkit.sandbox.engine import Engine
from botkit.sandbox.mailboxes import FOREVER, Mailbox
from botkit.sandbox.profiles import picture_url, profile_url
from botkit.sandbox.themes import THEMES
from botkit.sandbox.world import LogEntry, Message, Person, Thread

Json = dict[str, Any]

# The admin texts that have a shape of their own; the others are only named.
_ADMIN_TEXTS = {
    "change_thread_theme": ("ThemeColorExtensibleMessageAdminText", {"theme_color": "theme_color"}),
    "change_thread_quick_reaction": (
        "ThreadIconExtensibleMessageAdminText",
        {"thread_icon": "thread_quick_reaction_emoji"},
    ),
    "change_thread_nickname": (
        "ThreadNicknameExtensibleMessageAdminText",
        {"nickname": "nickname", "participant_id": "participant_id"},
    ),
}


def thread_node(engine: Engine, viewer: str, thread: Thread, *, edges: bool) -> Json:
    """One thread; `edges` says how the participants stand in it, which depends on the query's age."""
    last = engine.history(viewer, thread, 1)
    box = engine.storage.mailboxes.get(viewer, thread.key)
    watermark = engine.storage.watermark(viewer, thread.key)
    people = [{"messaging_actor": _actor(engine, viewer, engine.world.people[member])} for member in thread.members]
    return {
        "thread_key": _key(thread, viewer),
        "name": thread.name,
        "last_message": {"nodes": [_last_message(engine, message, thread) for message in last]},
        "unread_count": engine.unread_count(viewer, thread),
        "messages_count": engine.message_count(viewer, thread),
        "image": _image(engine, thread.image),
        "updated_time_precise": str(last[0].timestamp_ms if last else 0),
        **_settings(engine, viewer, thread, box),
        **_look(thread),
        **_group(thread),
        "last_read_receipt": {"nodes": [{"timestamp_precise": str(watermark)}] if watermark else []},
        "all_participants": {"edges": [{"node": node} for node in people]} if edges else {"nodes": people},
        **_constants(thread),
    }


def read_receipts(engine: Engine, viewer: str, thread: Thread) -> Json:
    """How far the other members have read."""
    return _receipts((member, engine.storage.watermark(member, thread.key)) for member in thread.others(viewer))


def delivery_receipts(engine: Engine, viewer: str, thread: Thread) -> Json:
    """How far messages have reached the devices of the other members."""
    boxes = engine.storage.mailboxes
    return _receipts((member, boxes.delivered_ms(member, thread.key)) for member in thread.others(viewer))


def message_node(engine: Engine, viewer: str, thread: Thread, message: Message) -> Json:
    """One entry of a history."""
    watermark = engine.storage.watermark(viewer, thread.key)
    node: Json = {
        "message_id": message.id,
        "offline_threading_id": message.otid,
        "message_sender": {"id": message.sender},
        "timestamp_precise": str(message.timestamp_ms),
        "snippet": engine.world.snippet(message),
        "unread": message.sender != viewer and message.timestamp_ms > watermark,
        "tags_list": ["inbox", *delta_parts.tags(message.content)],
        "message_unsendability_status": _unsendability(message, viewer),
        # fbchat looks for it in every message of a history, also in a line about a change.
        "message_reactions": [],
    }
    if message.log:
        return {**node, **_log_fields(engine, message.log, viewer)}
    return {**node, **_written_fields(engine, viewer, thread, message)}


def mute_until_s(until_ms: int, now_ms: int) -> int:
    """Until when something is muted, in seconds since 1970: -1 for ever, 0 not at all (any more)."""
    if until_ms == FOREVER:
        return FOREVER
    return until_ms // 1000 if until_ms > now_ms else 0


def _settings(engine: Engine, viewer: str, thread: Thread, box: Mailbox) -> Json:
    """What of a thread is the viewer's own."""
    return {
        "mute_until": mute_until_s(box.mute_until_ms, engine.clock.time_ms()) or None,
        "is_viewer_subscribed": viewer in thread.members,
        "folder": "E2EE_CUTOVER" if thread.encrypted else box.folder,
        "has_viewer_archived": box.archived,
        "is_pinned": box.pinned,
        "cannot_reply_reason": "BLOCKED" if engine.is_blocked(thread) else None,
        "reactions_mute_mode": "REACTIONS_MUTED" if box.reactions_muted else "REACTIONS_NOT_MUTED",
        "mentions_mute_mode": "MENTIONS_MUTED" if box.mentions_muted else "MENTIONS_NOT_MUTED",
    }


def _look(thread: Thread) -> Json:
    theme = THEMES[thread.theme] if thread.theme else None
    nicknames = [{"participant_id": person, "nickname": name} for person, name in thread.nicknames.items()]
    return {
        "customization_info": {
            "emoji": thread.emoji,
            "outgoing_bubble_color": theme.color if theme else None,
            "participant_customizations": nicknames,
        },
        "thread_theme": {"id": theme.id, "accessibility_label": theme.name} if theme else None,
    }


def _group(thread: Thread) -> Json:
    """What only groups have."""
    waiting = [
        {
            "inviter": {"id": request.inviter},
            "requester": {"id": request.person},
            "request_timestamp": str(request.timestamp_ms),
            "request_source": "ADD",
        }
        for request in thread.waiting
    ]
    return {
        "thread_type": "GROUP" if thread.group else "ONE_TO_ONE",
        "thread_admins": [{"id": admin} for admin in thread.admins],
        "approval_mode": int(thread.approval),
        "group_approval_queue": {"nodes": waiting},
        "joinable_mode": {"mode": "0", "link": ""},
        "participant_add_mode_as_string": "ADD" if thread.group else None,
        "pinned_messages": {"nodes": [{"message_id": pin} for pin in thread.pins]},
    }


def _constants(thread: Thread) -> Json:
    """What the sandbox has nothing better for (dossier 3, section 6.1)."""
    story = base64.b64encode(f"message_thread:{thread.number}".encode()).decode()
    return {
        "event_reminders": {"nodes": []},
        "description": None,
        "montage_thread": {"id": story},
        "rtc_call_data": {"call_state": "NO_ONGOING_CALL", "server_info_data": "", "initiator": None},
        "is_pin_protected": False,
        "customization_enabled": True,
        "thread_queue_enabled": False,
        "is_canonical_neo_user": False,
        "is_page_follow_up": False,
        "ephemeral_ttl_mode": 0,
        "privacy_mode": 0,
        "associated_object": None,
        "related_page_thread": None,
        "page_comm_item": None,
        "participants_event_status": [],
    }


def _last_message(engine: Engine, message: Message, thread: Thread) -> Json:
    return {
        "snippet": "" if thread.encrypted else engine.world.snippet(message),
        "message_sender": {"messaging_actor": {"id": message.sender}},
        "timestamp_precise": str(message.timestamp_ms),
        "commerce_message_type": None,
        **attachment_forms.node_fields(message.content),
    }


def _written_fields(engine: Engine, viewer: str, thread: Thread, message: Message) -> Json:
    """What only a `UserMessage` has."""
    content = message.content
    ranges = [
        {"offset": mention.offset, "length": mention.length, "entity": {"__typename": "User", "id": mention.person}}
        for mention in content.mentions
    ]
    attached = attachment_forms.node_fields(content)
    if message.unsent:
        attached["extensible_attachment"] = places.tombstone()
    return {
        "__typename": "UserMessage",
        "message": {"text": message.text, "ranges": ranges},
        "message_reactions": [
            {"reaction": emoji, "user": {"id": person}}
            for person, emoji in engine.storage.reactions(message.id).items()
        ],
        **attached,
        "replied_to_message": _answered(engine, viewer, thread, message),
        "platform_xmd_encoded": None,
        "is_sponsored": False,
    }


def _answered(engine: Engine, viewer: str, thread: Thread, message: Message) -> Json | None:
    answered = engine.storage.message(message.content.reply_to) if message.content.reply_to else None
    return {"message": message_node(engine, viewer, thread, answered)} if answered else None


def _log_fields(engine: Engine, entry: LogEntry, viewer: str) -> Json:
    people = [{"id": person} for person in entry.people]
    if entry.kind == "added":
        return {"__typename": "ParticipantsAddedMessage", "participants_added": people}
    if entry.kind == "left":
        return {"__typename": "ParticipantLeftMessage", "participants_removed": people}
    if entry.kind == "name":
        return {"__typename": "ThreadNameMessage", "thread_name": entry.data["name"]}
    if entry.kind == "image":
        return {"__typename": "ThreadImageMessage", "image_with_metadata": _image_details(engine, entry.data["image"])}
    return {
        "__typename": "GenericAdminTextMessage",
        "extensible_message_admin_text_type": entry.kind.upper(),
        "extensible_message_admin_text": _admin_text(entry, viewer),
    }


def _admin_text(entry: LogEntry, viewer: str) -> Json | None:
    if entry.kind == "group_poll":
        return _poll_text(entry, viewer)
    if entry.kind not in _ADMIN_TEXTS:
        return None
    name, keys = _ADMIN_TEXTS[entry.kind]
    return {"__typename": name, **{key: entry.data[source] for key, source in keys.items()}}


def _poll_text(entry: LogEntry, viewer: str) -> Json:
    question = json.loads(entry.data["question_json"])
    options = [
        {
            "id": option["id"],
            "text": option["text"],
            "viewer_has_voted": viewer in option["voters"],
            "voters": {"nodes": [{"id": voter} for voter in option["voters"]]},
        }
        for option in question["options"]
    ]
    return {
        "__typename": "GroupPollExtensibleMessageAdminText",
        "event_type": entry.data["event_type"],
        "total_count": question["total_count"],
        "question": {"id": question["id"], "text": question["text"], "options": {"nodes": options}},
    }


def _unsendability(message: Message, viewer: str) -> str:
    if message.log:
        return "deny_log_message"
    if message.unsent:
        return "deny_tombstone_message"
    return "can_unsend" if message.sender == viewer else "deny_if_sender_is_not_viewer"


def _image(engine: Engine, image_id: str | None) -> Json | None:
    image = engine.storage.files.find(image_id) if image_id else None
    return {"uri": image.url} if image else None


def _image_details(engine: Engine, image_id: str) -> Json | None:
    image = engine.storage.files.find(image_id)
    if image is None:
        return None
    return {
        "legacy_attachment_id": image.id,
        "original_dimensions": {"x": image.width, "y": image.height},
        "preview": {"uri": image.url},
    }


def _actor(engine: Engine, viewer: str, person: Person) -> Json:
    actor: Json = {
        "__typename": "Page" if person.page else "User",
        "id": person.id,
        "name": person.name,
        "short_name": person.first_name,
        "username": person.vanity,
        "gender": "NEUTER" if person.page else person.gender.upper(),
        "url": profile_url(person),
        "big_image_src": {"uri": picture_url(person)},
        "is_viewer_friend": engine.world.are_friends(viewer, person.id),
        "is_messenger_user": True,
        "is_verified": False,
        "is_message_blocked_by_viewer": engine.storage.mailboxes.is_blocked(viewer, person.id),
        "is_viewer_coworker": False,
        "is_employee": None,
    }
    if person.page:
        actor |= {"accepts_messenger_user_feedback": False, "is_messenger_platform_bot": False}
    return actor


def _receipts(marks: Iterable[tuple[str, int]]) -> Json:
    nodes = [{"actor": {"id": who}, "watermark": str(mark), "action": str(mark)} for who, mark in marks if mark]
    return {"nodes": nodes}


def _key(thread: Thread, viewer: str) -> Json:
    mine = thread.id_for(viewer)
    return {"thread_fbid": mine if thread.group else None, "other_user_id": None if thread.group else mine}
