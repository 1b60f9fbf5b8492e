"""How much a bot may do in what time: the kinds of doing, what a limit promises, and the defaults per network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from botkit.messenger.errors import BadArgument

Kind = Literal["message", "small", "change", "read", "local"]
"""message: what people get to read; small: reactions, typing, marks; change: of groups and people; read: questions;
local: what asks nobody, and is not limited."""

KINDS: tuple[Kind, ...] = ("message", "small", "change", "read")
"""Those that have limits."""

FUNCTION_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "add_user_to_group": "change",
        "change_admin_status": "change",
        "change_archived_status": "small",
        "change_group_image": "change",
        "change_thread_color": "change",
        "change_thread_emoji": "change",
        "change_thread_user_nickname": "change",
        "complete": "read",
        "create_group": "change",
        "create_poll": "change",
        "delete_message": "small",
        "delete_thread": "change",
        "download": "read",
        "edit_message": "message",
        "forward_attachment": "message",
        "forward_message": "message",
        "get_current_user_id": "local",
        "get_friends_list": "read",
        "get_online_users": "read",
        "get_thread_history": "read",
        "get_thread_info": "read",
        "get_thread_list": "read",
        "get_user_id": "read",
        "get_user_info": "read",
        "handle_message_request": "change",
        "mark_as_delivered": "small",
        "mark_as_read": "small",
        "mark_as_read_all": "small",
        "mute_thread": "small",
        "remove_user_from_group": "change",
        "resolve_photo_url": "read",
        "search_for_thread": "read",
        "send_message": "message",
        "send_typing_indicator": "small",
        "set_message_reaction": "small",
        "set_title": "change",
        "unsend_message": "message",
    }
)
"""What each function counts as; those of class session are the host's own and count as nothing."""


def kind_of(function: str, arguments: Mapping[str, Any]) -> Kind:
    """What a call of a function of the API counts as; `arguments` is its arguments by name. A send to several people
    makes a group: a change. Raises BadArgument for what is no such function, and for those of class session."""
    if function not in FUNCTION_KINDS:
        raise BadArgument(f"{function!r} is no function that a plugin or a call from outside may use")
    several = function == "send_message" and not isinstance(arguments.get("thread_id", ""), str | int)
    return "change" if several else FUNCTION_KINDS[function]


HOUR_S = 3600.0
DAY_S = 86400.0


@dataclass(frozen=True)
class Rate:
    """Never more than `most` within any `window_s` seconds, wherever they begin."""

    most: int
    window_s: float

    def __str__(self) -> str:
        return f"{self.most} per {self.window_s:g}s"


@dataclass(frozen=True)
class KindLimits:
    """The limits of one kind; None is counted and unlimited."""

    per_chat: Rate | None = None
    overall: Rate | None = None
    hourly: int | None = None
    daily: int | None = None


Limits = Mapping[Kind, KindLimits]
"""Each of `KINDS` has an entry."""

DEFAULTS: Mapping[str, Limits] = MappingProxyType(
    {
        "sandbox": MappingProxyType({kind: KindLimits() for kind in KINDS}),
        "facebook": MappingProxyType(
            {
                "message": KindLimits(Rate(5, 15.0), Rate(10, 15.0), hourly=300, daily=2000),
                "small": KindLimits(Rate(6, 15.0), Rate(15, 15.0)),
                "change": KindLimits(Rate(3, 60.0), Rate(5, 60.0), hourly=30, daily=150),
                "read": KindLimits(overall=Rate(20, 15.0)),
            }
        ),
    }
)
"""Network → its limits. The reasons of the numbers are in docs/limits.md."""
