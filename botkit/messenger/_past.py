"""Paging back through a chat (dossier 3, section 3.3)."""

from __future__ import annotations

from collections.abc import Mapping

from botkit.logs import get_logger
from botkit.messenger._answers import reading
from botkit.messenger._checks import whole
from botkit.messenger._client import Client
from botkit.messenger._graphql import data_in
from botkit.messenger._history import (
    HISTORY_QUERIES,
    Scene,
    history_query,
    message_nodes_in,
    past_events,
    scene_in,
    with_names,
)
from botkit.messenger._ids import id_text
from botkit.messenger._wire import Wire, int_of
from botkit.messenger.errors import BadAnswer, BadArgument, Refused
from botkit.messenger.events import ThreadEvent, Unparsed
from botkit.messenger.models import HistoryMessage

_log = get_logger(__name__)
# So many messages a request are safe.
_PAGE = 100
_NAMES_S = 30.0

Past = HistoryMessage | ThreadEvent | Unparsed


def get_thread_history(client: Client, thread_id: object, start: object, end: object, timestamp: object) -> list[Past]:
    """See `Api.get_thread_history`."""
    thread = id_text(thread_id, "thread_id")
    first, last = whole(start, "start"), whole(end, "end")
    before_ms = None if timestamp is None else whole(timestamp, "timestamp")
    if last <= first:
        raise BadArgument(f"end must be greater than start: {last} is not greater than {first}")
    nodes, scene = _newest(client, thread, last, before_ms)
    wanted = nodes[first:last][::-1]
    past = [event for node in wanted for event in past_events(node, scene)]
    return _named(client, past, scene)


def _newest(client: Client, thread_id: str, count: int, before_ms: int | None) -> tuple[list[Wire], Scene]:
    """So many nodes, the newest first; fewer when the chat has no more."""
    what = f"history of thread {thread_id}"
    found: dict[str, Wire] = {}
    scene = Scene(thread_id, is_group=False, title="", member_ids=())
    while len(found) < count:
        # A page begins with the last message of the page before it.
        limit = min(_PAGE, count - len(found) + bool(found))
        answer = _page(client, thread_id, limit, before_ms, what)
        if answer is None:
            _raise_for_nobody(client, thread_id)
            break
        with reading(what):
            scene = scene_in(answer, thread_id)
            client.directory.note_people(answer)
            page = message_nodes_in(answer)
            fresh = {str(node.get("message_id")): node for node in page if str(node.get("message_id")) not in found}
            found |= fresh
            if len(page) < limit or not fresh:
                break
            before_ms = int_of(page[-1]["timestamp_precise"])
    return list(found.values()), scene


def _page(client: Client, thread_id: str, limit: int, before_ms: int | None, what: str) -> Wire | None:
    newest, older = (history_query(doc_id, thread_id, limit, before_ms) for doc_id in HISTORY_QUERIES)
    try:
        return _thread(client, newest, what)
    except (Refused, BadAnswer) as error:
        _log.info("history: the older query is used: %s", error)
    return _thread(client, older, what)


def _thread(client: Client, query: Wire, what: str) -> Wire | None:
    """The thread of an answer; None when the server knows none, or none with messages."""
    answer = client.web.batch(query, what)
    with reading(what):
        thread = data_in(answer, what)["message_thread"]
    return thread if isinstance(thread, Mapping) else None


def _raise_for_nobody(client: Client, thread_id: str) -> None:
    """A person with whom nobody has talked has no past; an id that is nobody's is a mistake."""
    if client.directory.is_group(thread_id):
        raise Refused(f"thread {thread_id} is unknown", reason="invalid-parameters", code=0)


def _named(client: Client, past: list[Past], scene: Scene) -> list[Past]:
    messages = [event for event in past if isinstance(event, HistoryMessage)]
    ids = [user_id for message in messages for user_id in (message.sender_id, *message.participant_ids)]
    people = client.directory.names(ids, _NAMES_S)
    return [with_names(event, scene, people) if isinstance(event, HistoryMessage) else event for event in past]
