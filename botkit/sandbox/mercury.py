"""Threads and messages as the legacy calls tell of them (dossier 3, section 6.3)."""

from __future__ import annotations

from typing import Any

from botkit.sandbox import delta_parts
from botkit.sandbox.engine import Engine
from botkit.sandbox.nodes import mute_until_s
from botkit.sandbox.themes import THEMES
from botkit.sandbox.world import LogEntry, Message, Thread

Json = dict[str, Any]

_DIRECT_THREAD, _GROUP_THREAD = 1, 2


def thread_object(engine: Engine, viewer: str, thread: Thread) -> Json:
    """One thread in which something stands."""
    (last,) = engine.history(viewer, thread, 1)
    box = engine.storage.mailboxes.get(viewer, thread.key)
    return {
        **_place(thread, viewer),
        **_last(engine, thread, last),
        "thread_id": f"t_{thread.id_for(viewer)}",
        "participants": [f"fbid:{member}" for member in thread.members],
        "former_participants": [f"fbid:{person}" for person in thread.left],
        "name": thread.name or "",
        "custom_nickname": dict(thread.nicknames),
        "custom_like_icon": thread.emoji,
        "custom_color": _color(thread),
        "unread_count": engine.unread_count(viewer, thread),
        "message_count": engine.message_count(viewer, thread),
        "image_src": image_url(engine, thread),
        "last_read_timestamp": str(engine.storage.watermark(viewer, thread.key)),
        "mute_until": mute_until_s(box.mute_until_ms, engine.clock.time_ms()),
        "is_subscribed": viewer in thread.members,
        "root_message_threading_id": None,
        "folder": box.folder.lower(),
        "is_archived": box.archived,
        "recipients_loadable": True,
        "has_email_participant": False,
        "read_only": thread.encrypted,
        "can_reply": not thread.encrypted,
        "cannot_reply_reason": None,
        "composer_enabled": not thread.encrypted,
        "blocked_participants": [],
        "admin_ids": list(thread.admins),
    }


def image_url(engine: Engine, thread: Thread) -> str | None:
    """The address of a thread's picture."""
    file = engine.storage.files.find(thread.image) if thread.image else None
    return file.url if file else None


def _color(thread: Thread) -> str | None:
    """The theme's colour, written as it was in 2016: without the opacity in front."""
    color = THEMES[thread.theme].color if thread.theme else ""
    return f"#{color[-6:].lower()}" if color else None


def message_object(engine: Engine, viewer: str, thread: Thread, message: Message) -> Json:
    """One entry of a history."""
    mine = thread.id_for(viewer)
    return {
        "author": f"fbid:{message.sender}",
        "message_id": message.id,
        "thread_fbid": mine if thread.group else None,
        "other_user_fbid": None if thread.group else mine,
        "timestamp": message.timestamp_ms,
        "timestamp_absolute": "Today",
        "timestamp_relative": "",
        "timestamp_datetime": "today",
        "tags": ["inbox"],
        "is_unread": message.sender != viewer and message.timestamp_ms > engine.storage.watermark(viewer, thread.key),
        "group_thread_info": _group_info(engine, thread),
        **(_log_message(message.text, message.log) if message.log else _written_message(thread, message, viewer)),
    }


def _written_message(thread: Thread, message: Message, viewer: str) -> Json:
    place = message.content.place
    return {
        "action_type": "ma-type:user-generated-message",
        "body": message.text,
        "coordinates": {"latitude": place.latitude, "longitude": place.longitude} if place else None,
        "attachments": delta_parts.wrappers(thread, message.content, viewer),
    }


def _log_message(line: str, entry: LogEntry) -> Json:
    people = [f"fbid:{person}" for person in entry.people]
    kinds: dict[str, tuple[str, Json]] = {
        "added": ("log:subscribe", {"added_participants": people}),
        "left": ("log:unsubscribe", {"removed_participants": people}),
        "name": ("log:thread-name", dict(entry.data)),
        "image": ("log:thread-image", dict(entry.data)),
    }
    name, data = kinds.get(entry.kind, ("log:generic-admin-text", {"message_type": entry.kind, **entry.data}))
    return {
        "action_type": "ma-type:log-message",
        "log_message_type": name,
        "log_message_data": data,
        "log_message_body": line,
    }


def _group_info(engine: Engine, thread: Thread) -> Json | None:
    if not thread.group:
        return None
    names = [engine.world.people[member].first_name for member in thread.members]
    return {"name": thread.name or "", "participant_ids": list(thread.members), "participant_names": names}


def _place(thread: Thread, viewer: str) -> Json:
    mine = thread.id_for(viewer)
    return {
        "thread_fbid": mine if thread.group else None,
        "other_user_fbid": None if thread.group else mine,
        "is_canonical_user": not thread.group,
        "is_canonical": not thread.group,
        "canonical_fbid": None if thread.group else mine,
        "thread_type": _GROUP_THREAD if thread.group else _DIRECT_THREAD,
    }


def _last(engine: Engine, thread: Thread, last: Message) -> Json:
    at_ms = str(last.timestamp_ms)
    return {
        "snippet": "" if thread.encrypted else engine.world.snippet(last),
        "snippet_has_attachment": bool(last.content.attachments),
        "snippet_attachments": [],
        "snippet_sender": f"fbid:{last.sender}",
        "last_message_id": last.id,
        "timestamp": at_ms,
        "server_timestamp": at_ms,
        "last_message_timestamp": at_ms,
    }
