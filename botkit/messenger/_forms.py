"""From arguments to form fields, without the fields that every form has. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from botkit.messenger._content import Content
from botkit.messenger._files import Uploaded

# All that may stand in a form as it is, and the others byte by byte.
_UNSAFE = re.compile(r"[^A-Za-z0-9_.~-]")
_ESCAPES = {chr(byte): f"%{byte:02X}" for byte in range(256)}
# dossier 1, section 18.
_REACTION_MUTATION = "1491398900900362"


@dataclass(frozen=True)
class Stamp:
    """What makes one send itself: the same for every repeat of it."""

    offline_threading_id: int
    time_ms: int
    time_of_day: str
    threading_id: str
    signature_id: str


def encoded(fields: Mapping[str, str]) -> bytes:
    """Fields as the body of a form or as a query. What urllib makes of them, in a third of its time."""
    return "&".join([f"{_quoted_name(name)}={_quoted(value)}" for name, value in fields.items()]).encode()


def message_form(content: Content, address: Mapping[str, str], author_id: str, stamp: Stamp) -> dict[str, str]:
    """A message to an address, without its files and its shared page (dossier 1, sections 10.2 and 10.5)."""
    has_attachment = bool(content.files or content.sticker_id or content.url)
    otid = str(stamp.offline_threading_id)
    return {
        "client": "mercury",
        "action_type": "ma-type:user-generated-message",
        "author": f"fbid:{author_id}",
        "timestamp": str(stamp.time_ms),
        "timestamp_absolute": "Today",
        "timestamp_relative": stamp.time_of_day,
        "timestamp_time_passed": "0",
        "is_unread": "false",
        "is_cleared": "false",
        "is_forward": "false",
        "is_filtered_content": "false",
        "is_filtered_content_bh": "false",
        "is_filtered_content_account": "false",
        "is_filtered_content_quasar": "false",
        "is_filtered_content_invalid_app": "false",
        "is_spoof_warning": "false",
        "source": "source:chat:web",
        "source_tags[0]": "source:chat",
        "body": content.body,
        "html_body": "false",
        "ui_push_phase": "V3",
        "status": "0",
        "offline_threading_id": otid,
        "message_id": otid,
        "threading_id": stamp.threading_id,
        "ephemeral_ttl_mode:": "0",
        "manual_retry_cnt": "0",
        "has_attachment": _truth(has_attachment),
        "signatureID": stamp.signature_id,
        **address,
        **dict(_content_fields(content)),
    }


def upload_fields(uploads: Iterable[Uploaded]) -> dict[str, str]:
    """The files of a message, by kind."""
    numbers: dict[str, int] = {}
    found = {}
    for upload in uploads:
        number = numbers.get(upload.kind, 0)
        numbers[upload.kind] = number + 1
        found[f"{upload.kind}_ids[{number}]"] = upload.id
    return found


def share_fields(params: Mapping[str, Any]) -> dict[str, str]:
    """The shared page of a message, as the look-up of its address gave it (dossier 1, section 12)."""
    share = {"share_type": 100, "share_params": params}
    return dict(_bracketed("shareable_attachment", share))


def page_fields(page_id: str, own_id: str) -> dict[str, str]:
    """What a message of a page has besides (dossier 1, section 10.4)."""
    return {
        "creator_info[creatorID]": own_id,
        "creator_info[creatorType]": "direct_admin",
        "creator_info[labelType]": "sent_message",
        "creator_info[pageID]": page_id,
        "creator_info[profileURI]": f"https://www.facebook.com/profile.php?id={own_id}",
        "request_user_id": page_id,
    }


def to_user(user_id: str, author_id: str) -> dict[str, str]:
    """The address of one person (dossier 1, section 10.3)."""
    return {"other_user_fbid": user_id, **_members([user_id, author_id])}


def to_group(thread_id: str) -> dict[str, str]:
    """The address of a group that exists."""
    return {"thread_fbid": thread_id}


def to_new_group(user_ids: Sequence[str], author_id: str, offline_threading_id: int) -> dict[str, str]:
    """The address of a group that this very message makes."""
    return {**_members([*user_ids, author_id]), "client_thread_id": f"root:{offline_threading_id}"}


def read_form(thread_id: str, read: bool, time_ms: int, page_id: str | None = None) -> dict[str, str]:
    """Mark a chat as read or unread, for a page if one is given (dossier 1, section 15)."""
    page = {"source": "PagesManagerMessagesInterface", "request_user_id": page_id} if page_id else {}
    return {
        f"ids[{thread_id}]": _truth(read),
        "watermarkTimestamp": str(time_ms),
        "shouldSendReadReceipt": "true",
        "commerce_last_message_type": "",
        **page,
    }


def delivered_form(heard: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Tell that messages have come, each with the id of its chat (dossier 1, section 15)."""
    form: dict[str, str] = {}
    counts: dict[str, int] = {}
    for number, (thread_id, message_id) in enumerate(heard):
        place = counts[thread_id] = counts.get(thread_id, -1) + 1
        form[f"message_ids[{number}]"] = form[f"thread_ids[{thread_id}][{place}]"] = message_id
    return form


def delete_form(message_ids: Iterable[str]) -> dict[str, str]:
    """Delete the account's own copies of messages (dossier 1, section 16)."""
    return {"client": "mercury", **{f"message_ids[{n}]": message_id for n, message_id in enumerate(message_ids)}}


def reaction_form(message_id: str, reaction: str, own_id: str) -> dict[str, str]:
    """React to a message; "" takes the reaction away (dossier 1, section 18)."""
    data = {
        "client_mutation_id": 0,
        "actor_id": own_id,
        "action": "ADD_REACTION" if reaction else "REMOVE_REACTION",
        "message_id": message_id,
        "reaction": reaction,
    }
    variables = json.dumps({"data": data}, ensure_ascii=False, separators=(",", ":"))
    return {"doc_id": _REACTION_MUTATION, "dpr": "1", "variables": variables}


def share_form(url: str) -> dict[str, str]:
    """Ask what a page that is to be shared shows (dossier 1, section 12)."""
    return {"image_height": "960", "image_width": "960", "uri": url}


def forward_form(attachment_id: str, recipients: Mapping[int, str]) -> dict[str, str]:
    """Send an attachment on; `recipients` are chats under fresh offline threading ids (dossier 3, section 5.6)."""
    return {"attachment_id": attachment_id, **{f"recipient_map[{otid}]": chat for otid, chat in recipients.items()}}


def typing_form(thread_id: str, *, is_group: bool, is_typing: bool) -> dict[str, str]:
    """Show or hide that the account is typing (dossier 1, section 14)."""
    return {
        "typ": "1" if is_typing else "0",
        "to": "" if is_group else thread_id,
        "source": "mercury-chat",
        "thread": thread_id,
    }


def user_info_form(user_ids: Iterable[str]) -> dict[str, str]:
    """Ask about people (dossier 3, section 3.6)."""
    return {f"ids[{index}]": user_id for index, user_id in enumerate(user_ids)}


def _members(ids: Sequence[str]) -> dict[str, str]:
    return {f"specific_to_list[{index}]": f"fbid:{member}" for index, member in enumerate(ids)}


def _content_fields(content: Content) -> Iterator[tuple[str, str]]:
    if content.sticker_id:
        yield "sticker_id", content.sticker_id
    if content.emoji_size:
        yield "tags[0]", f"hot_emoji_size:{content.emoji_size}"
    if content.reply_to:
        yield "replied_to_message_id", content.reply_to
    if content.location:
        yield "location_attachment[coordinates][latitude]", str(content.location.latitude)
        yield "location_attachment[coordinates][longitude]", str(content.location.longitude)
        yield "location_attachment[is_current_location]", _truth(content.location.is_current)
    for number, mention in enumerate(content.mentions):
        fields = {"offset": mention.offset, "length": mention.length, "id": mention.user_id, "type": "p"}
        yield from _bracketed(f"profile_xmd[{number}]", fields)


def _bracketed(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """A nested value as fields with bracketed names; what is None is left out (dossier 1, section 5.3)."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _bracketed(f"{name}[{key}]", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _bracketed(f"{name}[{number}]", inner)
    elif value is not None:
        yield name, _truth(value) if isinstance(value, bool) else str(value)


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _quoted(text: str) -> str:
    if not text.isascii():
        return _UNSAFE.sub(_escape, text.encode().decode("latin-1"))
    return text if text.isalnum() else _UNSAFE.sub(_escape, text)


# Of names there are few, and none is private.
_quoted_name = lru_cache(512)(_quoted)


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]
