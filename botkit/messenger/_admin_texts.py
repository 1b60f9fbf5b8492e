"""The kinds of admin text: under which name each is told, and with which data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# dossier 2, section 7.
_LOG_TYPES = {
    "change_thread_theme": "log:thread-color",
    "change_thread_icon": "log:thread-icon",
    "change_thread_quick_reaction": "log:thread-icon",
    "change_thread_nickname": "log:user-nickname",
    "change_thread_admins": "log:thread-admins",
    "change_thread_approval_mode": "log:thread-approval-mode",
    "group_poll": "log:thread-poll",
    "messenger_call_log": "log:thread-call",
    "rtc_call_log": "log:thread-call",
    "participant_joined_group_call": "log:thread-call",
    "pin_messages_v2": "log:pin-message",
    "unpin_messages_v2": "log:unpin-message",
}


def log_type(kind: str) -> str:
    """The `logMessageType` of an admin text; a kind that has none keeps its own name, so that nothing is hidden."""
    return _LOG_TYPES.get(kind, kind)


def log_data(untyped: Mapping[str, Any]) -> dict[str, Any]:
    """The `logMessageData`: the wire's own keys, and `thread_icon` for either form of the emoji change."""
    data = dict(untyped)
    if "thread_quick_reaction_emoji" in data:
        data["thread_icon"] = data["thread_quick_reaction_emoji"]
    return data
