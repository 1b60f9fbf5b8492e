"""From arguments to form fields, without the fields that every form has. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stamp:
    """What makes one send itself: the same for every repeat of it."""

    offline_threading_id: int
    time_ms: int
    time_of_day: str
    threading_id: str
    signature_id: str


def message_form(body: str, address: Mapping[str, str], own_id: str, stamp: Stamp) -> dict[str, str]:
    """A text to an address (dossier 1, section 10.2)."""
    otid = str(stamp.offline_threading_id)
    return {
        "client": "mercury",
        "action_type": "ma-type:user-generated-message",
        "author": f"fbid:{own_id}",
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
        "body": body,
        "html_body": "false",
        "ui_push_phase": "V3",
        "status": "0",
        "offline_threading_id": otid,
        "message_id": otid,
        "threading_id": stamp.threading_id,
        "ephemeral_ttl_mode:": "0",
        "manual_retry_cnt": "0",
        "has_attachment": "false",
        "signatureID": stamp.signature_id,
        **address,
    }


def to_user(user_id: str, own_id: str) -> dict[str, str]:
    """The address of one person (dossier 1, section 10.3)."""
    return {"other_user_fbid": user_id, **_members([user_id, own_id])}


def to_group(thread_id: str) -> dict[str, str]:
    """The address of a group that exists."""
    return {"thread_fbid": thread_id}


def to_new_group(user_ids: Sequence[str], own_id: str, offline_threading_id: int) -> dict[str, str]:
    """The address of a group that this very message makes."""
    return {**_members([*user_ids, own_id]), "client_thread_id": f"root:{offline_threading_id}"}


def read_form(thread_id: str, read: bool, time_ms: int) -> dict[str, str]:
    """Mark a chat as read or unread (dossier 1, section 15)."""
    return {
        f"ids[{thread_id}]": "true" if read else "false",
        "watermarkTimestamp": str(time_ms),
        "shouldSendReadReceipt": "true",
        "commerce_last_message_type": "",
    }


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
