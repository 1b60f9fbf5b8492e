"""Going back through a chat, for people and for hosts that have missed something (dossier 3, section 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

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
    raw_message,
    scene_in,
    time_of,
    with_names,
)
from botkit.messenger._ids import id_text
from botkit.messenger._paging import newest_first
from botkit.messenger._raw_events import RawEvent
from botkit.messenger._web import NORMAL, Patience
from botkit.messenger._wire import Wire
from botkit.messenger.errors import BadAnswer, BadArgument, NetworkError, Refused
from botkit.messenger.events import ThreadEvent, Unparsed
from botkit.messenger.models import HistoryMessage

_log = get_logger(__name__)
_NAMES_S = 30.0

Past = HistoryMessage | ThreadEvent | Unparsed


def get_thread_history(client: Client, thread_id: object, start: object, end: object, timestamp: object) -> list[Past]:
    """See `Api.get_thread_history`."""
    thread = id_text(thread_id, "thread_id")
    first, last = whole(start, "start"), whole(end, "end")
    before_ms = None if timestamp is None else whole(timestamp, "timestamp")
    if last <= first:
        raise BadArgument(f"end must be greater than start: {last} is not greater than {first}")
    chat = _Chat(client, thread)
    nodes = list(chat.nodes(count=last, before_ms=before_ms))
    past = [event for node in nodes[first:last][::-1] for event in past_events(node, chat.scene)]
    return _named(client, past, chat.scene)


def missed_messages(
    client: Client, thread_id: object, after_ms: object, known: Callable[[str], bool], timeout_s: float
) -> list[RawEvent]:
    """See `Api.missed_messages`."""
    thread, since_ms = id_text(thread_id, "thread_id"), whole(after_ms, "after_ms")
    deadline_s = client.clock.monotonic() + timeout_s
    chat = _Chat(client, thread, Patience(deadline_s=deadline_s))
    found = []
    for node in chat.nodes(count=None, before_ms=None):
        time_ms = time_of(node)
        if time_ms is not None and time_ms < since_ms:
            break
        if client.clock.monotonic() >= deadline_s:
            raise NetworkError(f"{chat.what}: not all that came after {since_ms} was there within {timeout_s:g} s")
        raw = raw_message(node, chat.scene)
        if raw is not None and not (raw.key and known(raw.key)):
            found.append(raw)
    return found[::-1]


class _Chat:
    """One chat's history, read page by page; `scene` is what the last page told about the chat."""

    def __init__(self, client: Client, thread_id: str, patience: Patience = NORMAL) -> None:
        self._client = client
        self._thread_id = thread_id
        self._patience = patience
        self.what = f"history of thread {thread_id}"
        self.scene = Scene(thread_id, is_group=False, title="", member_ids=())

    def nodes(self, *, count: int | None, before_ms: int | None) -> Iterator[Wire]:
        """Its nodes, the newest first; fewer when the chat has no more."""
        with reading(self.what):
            yield from newest_first(
                self._page,
                id_of=lambda node: str(node.get("message_id")),
                time_of=time_of,
                count=count,
                before_ms=before_ms,
            )

    def _page(self, limit: int, before_ms: int | None) -> list[Wire]:
        newest, older = (history_query(doc_id, self._thread_id, limit, before_ms) for doc_id in HISTORY_QUERIES)
        try:
            thread = self._thread(newest)
        except (Refused, BadAnswer) as error:
            _log.info("history: the older query is used: %s", error)
            thread = self._thread(older)
        if thread is None:
            self._raise_for_nobody()
            return []
        self.scene = scene_in(thread, self._thread_id)
        self._client.directory.note_people(thread)
        return message_nodes_in(thread)

    def _thread(self, query: Wire) -> Wire | None:
        """The thread of an answer; None when the server knows none, or none with messages."""
        answer = self._client.web.batch(query, self.what, self._patience)
        with reading(self.what):
            thread = data_in(answer, self.what)["message_thread"]
        return thread if isinstance(thread, Mapping) else None

    def _raise_for_nobody(self) -> None:
        """A person with whom nobody has talked has no past; an id that is nobody's is a mistake."""
        if self._client.directory.is_group(self._thread_id):
            raise Refused(f"thread {self._thread_id} is unknown", reason="invalid-parameters", code=0)


def _named(client: Client, past: list[Past], scene: Scene) -> list[Past]:
    messages = [event for event in past if isinstance(event, HistoryMessage)]
    ids = [user_id for message in messages for user_id in (message.sender_id, *message.participant_ids)]
    people = client.directory.names(ids, _NAMES_S)
    return [with_names(event, scene, people) if isinstance(event, HistoryMessage) else event for event in past]
