"""What can start an automation: events by their names, and of each the fields that conditions and templates ask for.

A field is a plain value under a plain name, made from an event's own (docs/automations.md has the table).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botkit.messenger import Event

Field = Callable[[Any], Any]
"""event → the value of one of its fields: a text, a number, a truth value, a list of texts, or None."""

HOOKS: Mapping[str, str] = {
    "message": "on_message",
    "message_reaction": "on_reaction",
    "message_unsend": "on_unsend",
    "typ": "on_typing",
    "read": "on_read",
    "read_receipt": "on_read_receipt",
    "presence": "on_presence",
}
"""Event → the hook that tells of it."""

LOG_HOOK = "on_event"
"""The hook of all other events."""


def _own(name: str) -> Field:
    return lambda event: getattr(event, name)


def _data(name: str) -> Field:
    return lambda event: event.log_message_data.get(name)


def _id(name: str) -> Field:
    def person(event: Any) -> str | None:
        found = event.log_message_data.get(name)
        return None if found is None else str(found)

    return person


def _added(key: str) -> Field:
    def people(event: Any) -> list[str]:
        found = (one.get(key) for one in event.log_message_data.get("addedParticipants") or ())
        return [str(one) for one in found if one]

    return people


_LOG: Mapping[str, Field] = {"author": _own("author_id"), "text": _own("log_message_body")}
_PERSON = "{}_name"

FIELDS: Mapping[str, Mapping[str, Field]] = {
    "message": {
        "author": _own("sender_id"),
        "body": _own("body"),
        "message_id": _own("message_id"),
        "reply_to": _own("reply_to_id"),
        "attachments": lambda event: [str(one.type) for one in event.attachments],
        "mentions": lambda event: list(event.mentions),
        "is_group": _own("is_group"),
    },
    "message_reaction": {
        "author": _own("user_id"),
        "reaction": _own("reaction"),
        "message_id": _own("message_id"),
        "writer": _own("sender_id"),
    },
    "message_unsend": {"author": _own("sender_id"), "message_id": _own("message_id")},
    "typ": {"author": _own("sender_id"), "is_typing": _own("is_typing")},
    "read": {},
    "read_receipt": {"author": _own("reader_id")},
    "presence": {"author": _own("user_id"), "status": lambda event: event.statuses.get("status")},
    "log:subscribe": {**_LOG, "added": _added("userFbId"), "added_names": _added("fullName")},
    "log:unsubscribe": {**_LOG, "removed": _id("leftParticipantFbId")},
    "log:thread-name": {**_LOG, "title": _data("name")},
    "log:thread-color": {**_LOG, "color": _data("theme_color")},
    "log:thread-icon": {**_LOG, "emoji": _data("thread_icon")},
    "log:thread-image": _LOG,
    "log:user-nickname": {**_LOG, "person": _id("participant_id"), "nickname": _data("nickname")},
    "log:thread-admins": {**_LOG, "person": _id("TARGET_ID"), "change": _data("ADMIN_EVENT")},
    "log:thread-approval-mode": {**_LOG, "mode": _data("APPROVAL_MODE")},
    "log:approval-queue": {**_LOG, "person": _id("recipientFbId"), "change": _data("action")},
    "log:thread-poll": {**_LOG, "change": _data("event_type")},
    "log:thread-call": {**_LOG, "change": _data("event")},
    "log:pin-message": {**_LOG, "message_id": _data("pinned_message_id")},
    "log:unpin-message": {**_LOG, "message_id": _data("pinned_message_id")},
    "joinable_group_link_mode_change": _LOG,
    "joinable_group_link_reset": _LOG,
    "magic_words": {**_LOG, "word": _data("magic_word")},
    "limit_sharing": _LOG,
    "lightweight_event_create": {**_LOG, "title": _data("event_title"), "time": _data("event_time")},
    "instant_game_update": _LOG,
}
"""Event → its fields."""

WITHOUT_CHAT = frozenset({"presence"})
"""Events that happen in no chat."""

PEOPLE = ("author", "writer", "removed", "person")
"""Fields that hold the id of one person; a template may ask for the name as well, as in `{event.author_name}`."""


def fields_of(on: str) -> tuple[str, ...]:
    """The names of an event's fields."""
    return tuple(FIELDS[on])


def template_names(on: str) -> tuple[str, ...]:
    """What templates of an automation on this event may ask for, beside what all may."""
    fields = FIELDS[on]
    names = [_PERSON.format(one) for one in PEOPLE if one in fields]
    return tuple(f"event.{one}" for one in (*fields, *names))


def name_of(event: Event) -> str:
    """What an event is called under `on:`."""
    return str(getattr(event, "log_message_type", None) or event.type)


def author(event: Event, on: str) -> str | None:
    """The id of who has caused an event; None where nobody has."""
    found = FIELDS[on].get("author")
    return None if found is None else str(found(event))


def value(event: Event, on: str, field: str) -> Any:
    """The value of a field of an event."""
    return FIELDS[on][field](event)


def template_values(
    event: Event, on: str, asked: Iterable[str], person_name: Callable[[str], str | None]
) -> dict[str, Any]:
    """{`event.body`: value} of those names of `template_names` that are asked for, as JSON values; `person_name` gives
    the name of a person."""
    wanted = set(asked)
    found = {f"event.{field}": make for field, make in FIELDS[on].items()}
    people = {f"event.{_PERSON.format(one)}": found[f"event.{one}"] for one in PEOPLE if one in FIELDS[on]}
    values = {name: make(event) for name, make in found.items() if name in wanted}
    ids = {name: make(event) for name, make in people.items() if name in wanted}
    return {**values, **{name: person_name(str(user_id)) for name, user_id in ids.items() if user_id}}
