"""Queries of `/api/graphqlbatch/` and their answers (dossier 3, sections 2.4 and 3.1 to 3.3)."""

from __future__ import annotations

from typing import Any

from botkit.sandbox import nodes as nodes_of
from botkit.sandbox import text_queries
from botkit.sandbox.administration import Administration
from botkit.sandbox.checks import changed_thread
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, BAD_VALUE, QUERY_ERROR, Refusal
from botkit.sandbox.wire import read_json
from botkit.sandbox.world import Thread

_LISTS = {"3426149104143726", "3336396659757871", "1349387578499440"}
_THREADS = {"3449967031715030", "2147762685294928", "1498317363570230", "1860982147341344"}
_ONE_MESSAGE = {"2848441488556444", "1768656253222505"}
# The queries of 2018 give the participants without `edges` (dossier 3, section 3.1).
_WITH_NODES = {"1349387578499440", "1498317363570230", "2147762685294928"}
_SET_THEME = "1727493033983591"
_UNREAD = "unread"
_MOST = 1000
_FEW = 10

Json = dict[str, Any]


def answer_batch(engine: Engine, viewer: str, queries: str) -> list[Json]:
    """The answers to the JSON text `queries`, and the tally.

    Raises:
        Refusal: `queries` is not a JSON object.
    """
    try:
        asked = read_json(queries)
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
            answers.append({key: {"data": None, "errors": [error_of(refusal)]}})
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
    if doc_id == _SET_THEME:
        return _set_theme(engine, viewer, params)
    if isinstance(text := query.get("q"), str):
        return text_queries.answer(engine, viewer, text, params, _number(params, "limit", _FEW))
    raise Refusal(QUERY_ERROR, f"No query has the doc_id {doc_id[:40]!r}.")


def _thread_list(engine: Engine, viewer: str, doc_id: str, params: Json) -> Json:
    threads: Json = {}
    if params.get("includeSeqID"):
        threads["sync_sequence_id"] = str(engine.storage.last_sequence(viewer))
    limit = _number(params, "limit", 0)
    asked = params.get("tags")
    tags = asked if isinstance(asked, list) else [asked]
    found = thread_page(engine, viewer, tags, _time(params), limit)
    nodes = [nodes_of.thread_node(engine, viewer, thread, edges=doc_id not in _WITH_NODES) for thread in found]
    if params.get("includeDeliveryReceipts"):
        for node, thread in zip(nodes, found, strict=True):
            node["delivery_receipts"] = nodes_of.delivery_receipts(engine, viewer, thread)
    return {"viewer": {"message_threads": {**threads, "nodes": nodes}}}


def thread_page(engine: Engine, viewer: str, tags: list[Any], before_ms: int | None, limit: int) -> list[Thread]:
    """The viewer's threads with something in them, newest first, of one folder (dossier 3, section 3.1).

    `tags` are a folder, the inbox when it is left out or empty, and perhaps `unread`; `before_ms` is inclusive.
    """
    folder = next((tag for tag in tags if tag and tag != _UNREAD), "INBOX")
    found = []
    for thread in engine.readable_threads_of(viewer) if limit else []:
        last = engine.history(viewer, thread, 1)
        if not last or (before_ms is not None and last[0].timestamp_ms > before_ms):
            continue
        if _is_in(engine, viewer, thread, str(folder)):
            found.append((last[0].timestamp_ms, thread))
    if _UNREAD in tags:
        found = [pair for pair in found if engine.unread_count(viewer, pair[1])]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [thread for _, thread in found[:limit]]


def _is_in(engine: Engine, viewer: str, thread: Thread, folder: str) -> bool:
    """Archived threads are in the archive only; an encrypted one is in the inbox and in a folder of its own."""
    box = engine.storage.mailboxes.get(viewer, thread.key)
    if folder in ("ARCHIVED", "ARCHIVE"):
        return box.archived
    if folder == "E2EE_CUTOVER":
        return thread.encrypted
    return not box.archived and box.folder == folder


def _one_thread(engine: Engine, viewer: str, doc_id: str, params: Json) -> Json:
    thread = engine.world.readable(viewer, str(params.get("id", "")))
    if thread is None or not engine.history(viewer, thread, 1):
        return {"message_thread": None}
    node = nodes_of.thread_node(engine, viewer, thread, edges=doc_id not in _WITH_NODES)
    if params.get("load_messages"):
        limit = _number(params, "message_limit", 20)
        messages = [] if thread.encrypted else engine.history(viewer, thread, limit, _time(params))
        nodes = [nodes_of.message_node(engine, viewer, thread, message) for message in messages]
        node["messages"] = {"nodes": nodes}
    if params.get("load_read_receipts"):
        node["read_receipts"] = nodes_of.read_receipts(engine, viewer, thread)
        node["delivery_receipts"] = nodes_of.delivery_receipts(engine, viewer, thread)
    return {"message_thread": node}


def _one_message(engine: Engine, viewer: str, params: Json) -> Json:
    asked = params.get("thread_and_message_id")
    asked = asked if isinstance(asked, dict) else {}
    thread, message = engine.shown_message(viewer, str(asked.get("message_id", "")))
    if thread.id_for(viewer) != str(asked.get("thread_id", "")):
        raise Refusal(BAD_PARAMETERS, "There is no such message in this thread.")
    return {"message": nodes_of.message_node(engine, viewer, thread, message)}


def _set_theme(engine: Engine, viewer: str, params: Json) -> Json:
    """The one change among the queries (dossier 3, section 4.5)."""
    data = params.get("data")
    data = data if isinstance(data, dict) else {}
    thread = changed_thread(engine.world, viewer, str(data.get("thread_id", "")))
    Administration(engine).set_theme(viewer, thread, str(data.get("theme_id", "")))
    return {"messenger_thread_theme_update": {"thread": {"id": thread.id_for(viewer)}}}


def _number(params: Json, name: str, default: int) -> int:
    value = params.get(name)
    if value is None:
        return default
    if not str(value).isdecimal() or isinstance(value, bool):
        raise Refusal(BAD_VALUE, f"{name} is a whole number.")
    return min(int(value), _MOST)


def _time(params: Json) -> int | None:
    """`before`, in milliseconds: a number or its text (dossier 3, section 6.8)."""
    value = params.get("before")
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not str(value).isdecimal():
        raise Refusal(BAD_VALUE, "before is a time in milliseconds.")
    return int(str(value))


def error_of(refusal: Refusal) -> Json:
    """A refusal as it stands among the `errors` of an answer (dossier 3, section 2.4)."""
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
