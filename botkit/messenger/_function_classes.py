"""The classes of the API's functions: what may be done with a call of each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FUNCTION_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "add_user_to_group": "once",
        "change_admin_status": "set",
        "change_archived_status": "set",
        "change_group_image": "set",
        "change_thread_color": "set",
        "change_thread_emoji": "set",
        "change_thread_user_nickname": "set",
        "complete": "read",
        "create_group": "once",
        "create_poll": "once",
        "delete_message": "set",
        "delete_thread": "set",
        "download": "read",
        "edit_message": "set",
        "forward_attachment": "once",
        "forward_message": "once",
        "get_app_state": "session",
        "get_current_user_id": "read",
        "get_friends_list": "read",
        "get_online_users": "read",
        "get_thread_history": "read",
        "get_thread_info": "read",
        "get_thread_list": "read",
        "get_user_id": "read",
        "get_user_info": "read",
        "handle_message_request": "set",
        "listen": "session",
        "listener": "session",
        "login": "session",
        "logout": "session",
        "look_up_names": "session",
        "look_up_thread": "session",
        "mark_as_delivered": "set",
        "mark_as_read": "set",
        "mark_as_read_all": "set",
        "missed_messages": "session",
        "mute_thread": "set",
        "on_session_change": "session",
        "remove_user_from_group": "set",
        "resolve_photo_url": "read",
        "search_for_thread": "read",
        "send_message": "send",
        "send_typing_indicator": "set",
        "set_message_reaction": "set",
        "set_options": "session",
        "set_title": "set",
        "threads_since": "session",
        "unsend_message": "set",
    }
)
"""read and send may be done as often as one likes (a send with the same offline threading id), set again without harm,
once never again without looking, session only by the host. A send to several people makes a group, and counts as once.
"""
