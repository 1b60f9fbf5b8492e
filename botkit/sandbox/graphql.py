"""Queries of `/api/graphqlbatch/` and their answers (dossier 3, sections 2.4, 3.1 to 3.3, 6.1 and 6.2)."""

from __future__ import annotations

import json
from typing import Any

from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, QUERY_ERROR, Refusal
from botkit.sandbox.world import Message, Person, Thread

_LISTS = {"3426149104143726", "3336396659757871", "1349387578499440"}
_THREADS = {"3449967031715030", "2147762685294928", "1498317363570230", "1860982147341344"}
_ONE_MESSAGE = {"2848441488556444", "1768656253222505"}
# The queries of 2018 give the participants without `edges` (dossier 3, section 3.1).
_WITH_NODES = {"1349387578499440", "1498317363570230", "2147762685294928"}
_MOST = 1000

Json = dict[str, Any]


def answer_batch(engine: Engine, viewer: str, queries: str) -> list[Json]:
    """The answers to the JSON text `queries`, and the tally.

    Raises:
        Refusal: `queries` is not a JSON object.
    """
    try:
        asked = json.loads(queries)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise Refusal(BAD_PARAMETERS, "The field queries is a JSON object.")
    answers: list[Json] = []
    errors = 0
    for key, query in asked.items():
        try:
            answers.append({key: {"data": _answer(engine, viewer, query if isinstance(query, dict) else {})}})
        except Refusal as refusal:
            errors += 1
            answers.append({key: {"data": None, "errors": [_error(refusal)]}})
    tally = {"successful_results": len(asked) - errors, "error_results": errors, "skipped_results": 0}
    return [*answers, tally]


def _answer(engine: Engine, viewer: str, query: Json) -> Json:
    doc_id = str(query.get("doc_id", ""))
    params = query.get("query_params")
    params = params if isinstance(params, dict) else {}
    if doc_id in _LISTS:
        return _thread_list(engine, viewer, doc_id, params)
    if doc_id in _THREADS:
        return _one_thread(engine, viewer, doc_id, params)
    if doc_id in _ONE_MESSAGE:
        return _one_message(engine, viewer, params)
    raise Refusal(QUERY_ERROR, f"No query has the doc_id {doc_id[:40]!r}.")


def _thread_list(engine: Engine, viewer: str, doc_id: str, params: Json) -> Json:
    threads: Json = {}
    if params.get("includeSeqID"):
        threads["sync_sequence_id"] = str(engine.storage.last_sequence(viewer))
    limit = _number(params, "limit", 0)
    before = _time(params)
    tags = params.get("tags") or []
    # Nothing can be archived or pending yet, so every folder but the inbox is empty.
    inbox = {"", "INBOX"} & set([tags] if isinstance(tags, str) else tags) or not tags
    found = []
    for thread in engine.threads_of(viewer) if inbox and limit else []:
        last = engine.storage.history(thread.key, 1)
        if last and (before is None or last[0].timestamp_ms <= before):
            found.append((last[0].timestamp_ms, thread))
    found.sort(key=lambda pair: pair[0], reverse=True)
    threads["nodes"] = [_thread_node(engine, viewer, thread, doc_id) for _, thread in found[:limit]]
    return {"viewer": {"message_threads": threads}}


def _one_thread(engine: Engine, viewer: str, doc_id: str, params: Json) -> Json:
    thread = engine.world.thread(viewer, str(params.get("id", "")))
    if thread is None or not engine.storage.history(thread.key, 1):
        return {"message_thread": None}
    node = _thread_node(engine, viewer, thread, doc_id)
    if params.get("load_messages"):
        limit = _number(params, "message_limit", 20)
        messages = [] if thread.encrypted else engine.storage.history(thread.key, limit, _time(params))
        node["messages"] = {"nodes": [_message_node(engine, viewer, thread, message) for message in messages]}
    if params.get("load_read_receipts"):
        node["read_receipts"] = {"nodes": _read_receipts(engine, viewer, thread)}
    return {"message_thread": node}


def _one_message(engine: Engine, viewer: str, params: Json) -> Json:
    asked = params.get("thread_and_message_id")
    asked = asked if isinstance(asked, dict) else {}
    thread = engine.world.thread(viewer, str(asked.get("thread_id", "")))
    message = engine.storage.message(str(asked.get("message_id", "")))
    if thread is None or message is None or message.thread != thread.key or thread.encrypted:
        raise Refusal(BAD_PARAMETERS, "There is no such message in this thread.")
    return {"message": _message_node(engine, viewer, thread, message)}


def _thread_node(engine: Engine, viewer: str, thread: Thread, doc_id: str) -> Json:
    world, storage = engine.world, engine.storage
    last = storage.history(thread.key, 1)
    actors = [_actor(engine, viewer, world.people[member]) for member in thread.members]
    people = [{"messaging_actor": actor} for actor in actors]
    newest = last[0] if last else None
    watermark = storage.watermark(viewer, thread.key)
    return {
        "thread_key": _key(thread, viewer),
        "name": thread.name,
        "last_message": {"nodes": [_snippet(newest, thread)] if newest else []},
        "unread_count": storage.unread_count(viewer, thread.key),
        "messages_count": storage.message_count(thread.key),
        "image": None,
        "updated_time_precise": str(newest.timestamp_ms if newest else 0),
        "mute_until": None,
        "is_viewer_subscribed": True,
        "folder": "E2EE_CUTOVER" if thread.encrypted else "INBOX",
        "has_viewer_archived": False,
        "cannot_reply_reason": None,
        "customization_info": {"emoji": None, "outgoing_bubble_color": None, "participant_customizations": []},
        "thread_theme": None,
        "thread_admins": [],
        "approval_mode": 0,
        "group_approval_queue": {"nodes": []},
        "joinable_mode": {"mode": "0", "link": ""},
        "event_reminders": {"nodes": []},
        "last_read_receipt": {"nodes": [{"timestamp_precise": str(watermark)}] if watermark else []},
        "thread_type": "GROUP" if thread.group else "ONE_TO_ONE",
        "reactions_mute_mode": "REACTIONS_NOT_MUTED",
        "mentions_mute_mode": "MENTIONS_NOT_MUTED",
        "participant_add_mode_as_string": "ADD" if thread.group else None,
        "description": None,
        "is_canonical_neo_user": False,
        "all_participants": {"nodes": people} if doc_id in _WITH_NODES else {"edges": [{"node": p} for p in people]},
    }


def _snippet(message: Message, thread: Thread) -> Json:
    return {
        "snippet": "" if thread.encrypted else message.text,
        "message_sender": {"messaging_actor": {"id": message.sender}},
        "timestamp_precise": str(message.timestamp_ms),
        "commerce_message_type": None,
        "extensible_attachment": None,
        "sticker": None,
        "blob_attachments": [],
    }


def _message_node(engine: Engine, viewer: str, thread: Thread, message: Message) -> Json:
    watermark = engine.storage.watermark(viewer, thread.key)
    node: Json = {
        "__typename": "UserMessage" if message.kind == "text" else "ParticipantsAddedMessage",
        "message_id": message.id,
        "offline_threading_id": message.otid,
        "message_sender": {"id": message.sender},
        "timestamp_precise": str(message.timestamp_ms),
        "snippet": message.text,
        "unread": message.sender != viewer and message.timestamp_ms > watermark,
        "tags_list": ["inbox", "source:messenger:web"],
        "message_unsendability_status": "can_unsend" if message.kind == "text" else "deny_log_message",
    }
    if message.kind == "log":
        return {**node, "participants_added": [{"id": person} for person in message.added]}
    return {
        **node,
        "message": {"text": message.text, "ranges": []},
        "message_reactions": [],
        "blob_attachments": [],
        "extensible_attachment": None,
        "sticker": None,
        "replied_to_message": None,
        "platform_xmd_encoded": None,
        "is_sponsored": False,
    }


def _actor(engine: Engine, viewer: str, person: Person) -> Json:
    return {
        "__typename": "User",
        "id": person.id,
        "name": person.name,
        "short_name": person.first_name,
        "username": person.vanity,
        "gender": person.gender.upper(),
        "url": profile_url(person),
        "big_image_src": {"uri": picture_url(person)},
        "is_viewer_friend": engine.world.are_friends(viewer, person.id),
        "is_messenger_user": True,
        "is_message_blocked_by_viewer": False,
    }


def profile_url(person: Person) -> str:
    """The address of a person's page."""
    return f"https://www.facebook.com/{person.vanity or person.id}"


def picture_url(person: Person) -> str:
    """The address of a person's picture."""
    return f"https://www.facebook.com/sandbox/picture/{person.id}"


def _read_receipts(engine: Engine, viewer: str, thread: Thread) -> list[Json]:
    marks = [(member, engine.storage.watermark(member, thread.key)) for member in thread.others(viewer)]
    return [{"actor": {"id": member}, "watermark": str(mark), "action": str(mark)} for member, mark in marks if mark]


def _key(thread: Thread, viewer: str) -> Json:
    mine = thread.id_for(viewer)
    return {"thread_fbid": mine if thread.group else None, "other_user_id": None if thread.group else mine}


def _number(params: Json, name: str, default: int) -> int:
    value = params.get(name)
    if value is None:
        return default
    if not str(value).isdecimal() or isinstance(value, bool):
        raise Refusal(BAD_PARAMETERS, f"{name} is a whole number.")
    return min(int(value), _MOST)


def _time(params: Json) -> int | None:
    """`before`, in milliseconds: a number or its text (dossier 3, section 6.8)."""
    value = params.get("before")
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not str(value).isdecimal():
        raise Refusal(BAD_PARAMETERS, "before is a time in milliseconds.")
    return int(str(value))


def _error(refusal: Refusal) -> Json:
    return {
        "message": refusal.description,
        "severity": "CRITICAL",
        "code": refusal.code,
        "api_error_code": None,
        "summary": refusal.summary,
        "description": refusal.description,
        "is_silent": False,
        "is_transient": False,
        "requires_reauth": False,
        "allow_user_retry": False,
        "fbtrace_id": "AAAA",
        "path": [],
    }
