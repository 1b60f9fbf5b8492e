"""Looking for people and chats by name: the task and the older forms, and what their answers say. Pure.

Facts: dossier 3, sections 3.4, 3.5, 6.3 and 6.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botkit.messenger._graphql import color_from, profile_url
from botkit.messenger._tasks import Call, Task
from botkit.messenger._wire import Wire, id_of, items, mapping
from botkit.messenger.models import FoundUser, Thread

_TYPES = [1, 3, 4, 2, 6, 7, 8, 9, 13]
_CONTACT, _STRANGER, _GROUP, _PAGE = 1, 2, 3, 4
_THREADS = frozenset({_CONTACT, _STRANGER, _GROUP, _PAGE})
_PEOPLE = frozenset({_CONTACT, _STRANGER})
# Plain and encrypted chats of two.
_ONE_TO_ONE = frozenset({1, 15})


@dataclass(frozen=True)
class Hit:
    """A person, page or group that the task found."""

    result_id: str
    kind: int
    thread_type: int
    index: int
    name: str
    picture: str | None
    context: str | None
    is_verified: bool
    can_message: bool

    @property
    def is_group(self) -> bool:
        return self.kind == _GROUP


def search_task(name: str, now_ms: int) -> Task:
    """Look for people, pages and groups (label 30)."""
    payload = {
        "query": name,
        "supported_types": _TYPES,
        "session_id": None,
        "surface_type": 5,
        "selected_participants": None,
        "group_id": None,
        "community_id": None,
        "query_id": None,
    }
    return Task(30, f'["search_primary",{now_ms}]', payload)


def hits_in(calls: Sequence[Call]) -> list[Hit]:
    """The people, pages and groups among the results, in the server's order. Raises one of `STRANGE`."""
    found = [_hit(call.arguments) for call in calls if call.name == "insertSearchResult"]
    return [hit for hit in sorted(found, key=lambda hit: hit.index) if hit.kind in _THREADS and hit.result_id != "0"]


def thread_of(hit: Hit) -> Thread:
    """What a result alone tells about its chat."""
    return Thread(
        thread_id=hit.result_id,
        is_group=hit.is_group,
        name=hit.name,
        participant_ids=(),
        image_src=hit.picture,
        other_is_person=hit.kind in _PEOPLE,
    )


def people_of(hits: Sequence[Hit]) -> list[FoundUser]:
    """The people among the results whom one can write to."""
    return [
        FoundUser(
            user_id=hit.result_id,
            name=hit.name,
            photo_url=hit.picture,
            index_rank=hit.index,
            is_verified=hit.is_verified,
            profile_url=profile_url(hit.result_id),
            category=hit.context,
            score=None,
        )
        for hit in hits
        if hit.kind in _PEOPLE and hit.thread_type in _ONE_TO_ONE and hit.can_message
    ]


def threads_form(name: str) -> dict[str, str]:
    """Look for chats, the older way."""
    return {"client": "web_messenger", "query": name, "offset": "0", "limit": "21", "index": "fbid"}


def threads_in(payload: Any) -> list[Thread]:
    """The chats in the answer to `threads_form`. Raises one of `STRANGE`."""
    found = items(mapping(mapping(payload).get("mercury_payload")).get("threads"))
    return [_thread_from_mercury(thread) for thread in found]


def people_fields(name: str, own_id: str, request_id: str) -> dict[str, str]:
    """Look for people, the older way."""
    return {
        "value": name.lower(),
        "viewer": own_id,
        "rsp": "search",
        "context": "search",
        "path": "/home.php",
        "request_id": request_id,
    }


def people_in(payload: Any) -> list[FoundUser]:
    """The people in the answer to `people_fields`, best first. Raises one of `STRANGE`."""
    return [
        FoundUser(
            user_id=id_of(entry["uid"]),
            name=str(entry.get("text") or ""),
            photo_url=entry.get("photo"),
            index_rank=int(entry.get("index_rank") or 0),
            is_verified=bool(entry.get("is_verified")),
            profile_url=str(entry.get("path") or profile_url(id_of(entry["uid"]))),
            category=entry.get("category"),
            score=None if entry.get("score") is None else float(entry["score"]),
        )
        for entry in items(mapping(payload).get("entries"))
        if entry.get("type") == "user"
    ]


def _hit(arguments: Sequence[Any]) -> Hit:
    """A result may be shorter than its table; what is missing is zero (dossier 3, section 6.4)."""
    columns = [*arguments, *[None] * (24 - len(arguments))]
    kind = int(columns[3] or 0)
    other = str(columns[23] or "0")
    return Hit(
        result_id=other if kind != _GROUP and other != "0" else str(columns[1] or "0"),
        kind=kind,
        thread_type=int(columns[4] or 0),
        index=int(columns[2] or 0),
        name=str(columns[5] or ""),
        picture=columns[6] or None,
        context=columns[8] or None,
        is_verified=bool(columns[12]),
        can_message=bool(columns[18]),
    )


def _thread_from_mercury(wire: Wire) -> Thread:
    """A chat as the older forms have it (dossier 3, section 6.3)."""
    group = wire.get("thread_fbid")
    return Thread(
        thread_id=id_of(group or wire["other_user_fbid"]),
        is_group=bool(group),
        name=str(wire.get("name") or ""),
        participant_ids=tuple(_plain_ids(wire.get("participants"))),
        snippet=str(wire.get("snippet") or ""),
        snippet_sender_id=next(_plain_ids([wire.get("snippet_sender")]), ""),
        unread_count=int(wire.get("unread_count") or 0),
        message_count=int(wire.get("message_count") or 0),
        image_src=wire.get("image_src"),
        timestamp_ms=_optional_int(wire.get("timestamp")),
        mute_until=_optional_int(wire.get("mute_until")) or None,
        other_is_person=bool(wire.get("is_canonical_user")),
        is_subscribed=bool(wire.get("is_subscribed", True)),
        folder=str(wire.get("folder") or "inbox").lower(),
        is_archived=bool(wire.get("is_archived")),
        cannot_reply_reason=wire.get("cannot_reply_reason"),
        blocked_participant_ids=tuple(_plain_ids(wire.get("blocked_participants"))),
        last_message_id=wire.get("last_message_id"),
        nicknames={str(user): str(name) for user, name in mapping(wire.get("custom_nickname")).items()},
        emoji=wire.get("custom_like_icon"),
        color=color_from(wire.get("custom_color")),
        admin_ids=tuple(_plain_ids(wire.get("admin_ids"))),
        last_message_timestamp_ms=_optional_int(wire.get("last_message_timestamp")),
        last_read_timestamp_ms=_optional_int(wire.get("last_read_timestamp")),
    )


def _plain_ids(values: Any) -> Iterator[str]:
    """Ids without the `fbid:` that the older forms put before them."""
    for value in values if isinstance(values, list | tuple) else ():
        if value:
            yield str(value).removeprefix("fbid:")


def _optional_int(value: Any) -> int | None:
    return None if value is None else int(value)
