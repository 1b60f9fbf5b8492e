"""From arguments to Lightspeed tasks, for messages and for what an account shows of itself. Pure.

Facts: dossier 1, sections 13.3, 13.4, 14, 15, 17 and 18; dossier 3, sections 4.10, 5.6 and 5.12.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from botkit.messenger._content import EMOJI_SIZES, Content
from botkit.messenger._files import Uploaded
from botkit.messenger._tasks import Task

_INBOX = 65537
_TEXT, _STICKER, _MEDIA, _FORWARD, _NEW_GROUP = 1, 2, 3, 5, 8


def send_task(thread_id: str, otid: int, content: Content, uploads: Sequence[Uploaded]) -> Task:
    """Send a message (label 46).

    A page to share goes as text, of which the server makes a preview (dossier 1, section 12).
    """
    kind = _STICKER if content.sticker_id else _MEDIA if uploads else _TEXT
    payload = _send_payload(thread_id, otid, kind, content.with_url_as_text().body or None)
    payload["text_has_links"] = int(content.url is not None)
    return Task(46, thread_id, payload | dict(_content_fields(content, uploads)))


def forward_task(thread_id: str, otid: int, message_id: str) -> Task:
    """Send a message on, with all that it holds (label 46)."""
    forwarded = {"forwarded_msg_id": message_id, "strip_forwarded_msg_caption": 0}
    return Task(46, thread_id, _send_payload(thread_id, otid, _FORWARD, None) | forwarded)


def create_group_task(user_ids: Sequence[str], temporary_id: int, otid: int) -> Task:
    """Make a group with these people and the account itself (label 130)."""
    send = {"thread_id": temporary_id, "otid": str(otid), "source": 0, "send_type": _NEW_GROUP}
    return Task(130, str(temporary_id), {"participants": [int(user) for user in user_ids], "send_payload": send})


def reaction_task(thread_id: str, message_id: str, reaction: str, own_id: str, time_ms: int) -> Task:
    """React to a message; "" takes the reaction away (label 29)."""
    payload = {
        "thread_key": int(thread_id),
        "timestamp_ms": time_ms,
        "message_id": message_id,
        "actor_id": int(own_id),
        "reaction": reaction,
        "reaction_style": None,
        "sync_group": 1,
        "send_attribution": _INBOX,
    }
    return Task(29, json.dumps(["reaction", message_id], separators=(",", ":")), payload)


def unsend_task(message_id: str) -> Task:
    """Take a message back from everyone (label 33)."""
    return Task(33, "unsend_message", {"message_id": message_id})


def edit_task(message_id: str, text: str) -> Task:
    """Give a message another text (label 742)."""
    return Task(742, "edit_message", {"message_id": message_id, "text": text})


def delete_task(thread_id: str, message_id: str) -> Task:
    """Delete the account's own copy of a message (label 155)."""
    return Task(155, "155", {"thread_key": int(thread_id), "message_id": message_id})


def read_task(thread_id: str, time_ms: int) -> Task:
    """Mark a chat as read up to a time (label 21)."""
    payload = {"thread_id": int(thread_id), "last_read_watermark_ts": time_ms, "sync_group": 1}
    return Task(21, thread_id, payload)


def unread_task(thread_id: str, time_ms: int) -> Task:
    """Mark a chat as unread (label 49)."""
    payload = {"thread_key": int(thread_id), "last_read_watermark_timestamp_ms": time_ms, "sync_group": 1}
    return Task(49, thread_id, payload)


def typing_task(thread_id: str, *, is_group: bool, is_typing: bool) -> Task:
    """Show or hide that the account is typing (label 3, without an answer or a queue)."""
    payload = {
        "thread_key": int(thread_id),
        "is_group_thread": int(is_group),
        "is_typing": int(is_typing),
        "attribution": 0,
        "sync_group": 1,
        "thread_type": 2 if is_group else 1,
    }
    return Task(3, "", payload)


def _send_payload(thread_id: str, otid: int, send_type: int, text: str | None) -> dict[str, Any]:
    return {
        "thread_id": int(thread_id),
        "otid": str(otid),
        "source": _INBOX,
        "send_type": send_type,
        "sync_group": 1,
        "text": text,
        "initiating_source": 1,
        "skip_url_preview_gen": 0,
        "text_has_links": 0,
        "multitab_env": 0,
    }


def _content_fields(content: Content, uploads: Sequence[Uploaded]) -> Iterator[tuple[str, Any]]:
    if uploads:
        yield "attachment_fbids", [int(upload.id) for upload in uploads]
    if content.sticker_id:
        yield "sticker_id", int(content.sticker_id)
    if content.emoji_size:
        yield "hot_emoji_size", EMOJI_SIZES.index(content.emoji_size) + 1
    if content.reply_to:
        yield "reply_metadata", {"reply_source_id": content.reply_to, "reply_source_type": 1, "reply_type": 0}
    if content.location:
        place = {"latitude": content.location.latitude, "longitude": content.location.longitude}
        current = content.location.is_current
        yield "location_data", {"coordinates": place, "is_current_location": current, "is_live_location": False}
    if content.mentions:
        yield (
            "mention_data",
            {
                "mention_ids": ",".join(mention.user_id for mention in content.mentions),
                "mention_offsets": ",".join(str(mention.offset) for mention in content.mentions),
                "mention_lengths": ",".join(str(mention.length) for mention in content.mentions),
                "mention_types": ",".join("p" for _ in content.mentions),
            },
        )
