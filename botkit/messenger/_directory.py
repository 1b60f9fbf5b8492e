"""Who is who: people's names, groups' titles, and whether an id is a person's or a group's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger._answers import reading
from botkit.messenger._cache import Cache
from botkit.messenger._forms import user_info_form
from botkit.messenger._graphql import (
    FOLDERS,
    THREAD_LIST_QUERIES,
    actors_in,
    data_in,
    empty_thread,
    thread_from,
    thread_list_query,
    thread_nodes_in,
    thread_nodes_of,
    thread_query,
    threads_query,
    users_in,
)
from botkit.messenger._ids import looks_like_user
from botkit.messenger._nodes import MESSAGE_QUERIES, events_from_node, message_query
from botkit.messenger._paging import newest_first
from botkit.messenger._web import NORMAL, Patience, Web, quick
from botkit.messenger._wire import Wire
from botkit.messenger.errors import BadAnswer, Checkpoint, MessengerError, NotLoggedIn, Refused
from botkit.messenger.events import Event, Message, ThreadEvent, Unparsed
from botkit.messenger.models import Thread, User
from botkit.messenger.session import Session

_log = get_logger(__name__)
_LOOKUP_S = 60.0
_V = TypeVar("_V")

# Full name and first name.
Names = tuple[str, str]


class Directory:
    """Look-ups of one session and what is remembered of them; any thread may call it."""

    def __init__(self, web: Web, session: Session, clock: Clock) -> None:
        self._web = web
        self._session = session
        self._clock = clock
        self._people: Cache[Names] = Cache(clock)
        self._titles: Cache[str] = Cache(clock)
        self._groups: Cache[bool] = Cache(clock)

    def users(self, ids: Iterable[str], patience: Patience = NORMAL) -> dict[str, User]:
        """Ask the server about people; ids that are nobody's are left out."""
        asked = tuple(ids)
        answer = self._web.post("/chat/user_info/", user_info_form(asked), "look-up of users", patience)
        with reading("look-up of users"):
            users = users_in(answer[0].get("payload"), "look-up of users")
        for user in users.values():
            self._people.put(user.user_id, (user.name, user.first_name))
            self._groups.put(user.user_id, False)
        return users

    def thread(self, thread_id: str, patience: Patience = NORMAL) -> Thread:
        """Ask the server about a chat. Raises Refused when there is none and nobody has this id."""
        what = f"look-up of thread {thread_id}"
        answer = self._web.batch(thread_query(thread_id), what, patience)
        with reading(what):
            node = data_in(answer, what).get("message_thread")
            if isinstance(node, Mapping):
                return self._noted(node)
        return self._empty_thread(thread_id, patience)

    def thread_within(self, thread_id: str, timeout_s: float) -> Thread | None:
        """The same for at most `timeout_s` seconds; None for what is not found. Never raises."""
        try:
            return self.thread(thread_id, quick(timeout_s))
        except MessengerError as error:
            _log.info("directory: thread %s was not found: %s", thread_id, error)
            return None

    def message(self, thread_id: str, message_id: str, *, is_group: bool, patience: Patience = NORMAL) -> Event:
        """Ask the server about one message. Raises Refused or BadAnswer when there is none that can be read."""
        newest, older = MESSAGE_QUERIES
        try:
            return self._message(newest, thread_id, message_id, is_group, patience)
        except (Refused, BadAnswer) as error:
            _log.info("directory: the older query for a message is used: %s", error)
        return self._message(older, thread_id, message_id, is_group, patience)

    def _message(self, doc_id: str, thread_id: str, message_id: str, is_group: bool, patience: Patience) -> Event:
        what = f"look-up of message {message_id}"
        answer = self._web.batch(message_query(doc_id, thread_id, message_id), what, patience)
        with reading(what):
            found = events_from_node(data_in(answer, what)["message"], thread_id, is_group=is_group)
        if not found or isinstance(found[0], Unparsed):
            raise BadAnswer(f"{what}: the answer holds no message that can be read")
        return found[0]

    def threads_by_id(self, thread_ids: Sequence[str]) -> dict[str, Thread]:
        """Ask the server about several chats at once; those that it cannot tell of are left out."""
        what = f"look-up of thread {', '.join(thread_ids)}"
        found = {}
        with reading(what):
            for number, node in thread_nodes_of(self._web.batch(threads_query(thread_ids), what)).items():
                found[thread_ids[number]] = self._noted(node)
        return found

    def threads(self, start: int, end: int, folder: str = "inbox") -> list[Thread]:
        """Ask the server about the chats of a folder from number `start` up to before `end`, newest first."""
        return list(self._newest(folder, end))[start:end]

    def threads_since(self, time_ms: int) -> list[tuple[str, int]]:
        """Ask the server which chats, of all folders, have changed at a time or later: their ids and last changes."""
        found: dict[str, int] = {}
        for folder in FOLDERS:
            for thread in self._newest(folder):
                last_ms = thread.timestamp_ms or 0
                if last_ms < time_ms:
                    break
                found[thread.thread_id] = last_ms
        return list(found.items())

    def _newest(self, folder: str, count: int | None = None) -> Iterator[Thread]:
        return newest_first(
            lambda limit, before_ms: self._page(limit, before_ms, folder),
            id_of=lambda thread: thread.thread_id,
            time_of=lambda thread: thread.timestamp_ms,
            count=count,
        )

    def _page(self, limit: int, before_ms: int | None, folder: str) -> list[Thread]:
        newest, older = THREAD_LIST_QUERIES
        try:
            return self._list(newest, limit, before_ms, folder)
        except (Refused, BadAnswer) as error:
            _log.info("directory: the older query for the thread list is used: %s", error)
        return self._list(older, limit, before_ms, folder)

    def _list(self, doc_id: str, limit: int, before_ms: int | None, folder: str) -> list[Thread]:
        what = "look-up of the thread list"
        answer = self._web.batch(thread_list_query(doc_id, limit, before_ms, folder), what)
        with reading(what):
            return [self._noted(node) for node in thread_nodes_in(data_in(answer, what), what)]

    def _noted(self, node: Wire) -> Thread:
        """The chat of a node; its kind, title and people are remembered."""
        thread = thread_from(node)
        self.note_people(node)
        self._groups.put(thread.thread_id, thread.is_group)
        if thread.is_group:
            self._titles.put(thread.thread_id, thread.name)
        return thread

    def is_known_pair(self, thread_id: str) -> bool:
        """Whether a chat is remembered to be one of two. Asks nobody."""
        return self._groups.get(thread_id) is False

    def is_group(self, thread_id: str) -> bool:
        """Whether an id is a group's: remembered, else asked once, else guessed by length (dossier 1, section 9)."""
        try:
            self._groups.fill([thread_id], self._ask_kind, _LOOKUP_S)
        except (NotLoggedIn, Checkpoint):
            raise
        except MessengerError as error:
            _log.info("directory: whether %s is a group is guessed: %s", thread_id, error)
        known = self._groups.get(thread_id)
        return not looks_like_user(thread_id) if known is None else known

    def note(self, event: Event) -> None:
        """Remember what an event tells about its chat."""
        if isinstance(event, Message | ThreadEvent):
            self._groups.put(event.thread_id, event.is_group)
        if isinstance(event, ThreadEvent) and event.log_message_type == "log:thread-name":
            self._titles.put(event.thread_id, str(event.log_message_data.get("name") or ""))

    def note_people(self, node: Wire) -> None:
        """Remember the people whom a chat's node names. Raises one of `STRANGE` for a node that cannot be read."""
        for actor in actors_in(node):
            name = str(actor.get("name") or "")
            if name:
                self._people.put(str(actor["id"]), (name, str(actor.get("short_name") or name.split()[0])))

    def note_group(self, thread_id: str) -> None:
        """Remember a group just made."""
        self._groups.put(thread_id, True)

    def with_names(self, message: Message, timeout_s: float) -> Message:
        """The message with the names that are known or found in time; the others stay None."""
        deadline = self._clock.monotonic() + timeout_s
        other = () if message.is_group else (message.thread_id,)
        ids = dict.fromkeys((message.sender_id, *message.participant_ids, *other))
        if message.is_group:
            self._find_title(message.thread_id, deadline)
        self._find_people(ids, deadline)
        sender = self._people.get(message.sender_id)
        partner = self._people.get(message.thread_id)
        title = self._titles.get(message.thread_id) if message.is_group else partner and partner[0]
        firsts = (self._people.get(user_id) for user_id in message.participant_ids)
        return replace(
            message,
            sender_name=sender[0] if sender else None,
            participant_names=tuple(names[1] if names else None for names in firsts),
            thread_name=title,
        )

    def names(self, user_ids: Iterable[str], timeout_s: float) -> dict[str, Names]:
        """Full and first names of people, by id: remembered, else asked for; those not found in time are left out."""
        ids = tuple(dict.fromkeys(user_ids))
        self._find_people(ids, self._clock.monotonic() + timeout_s)
        return {user_id: names for user_id in ids if (names := self._people.get(user_id)) is not None}

    def _find_title(self, thread_id: str, deadline: float) -> None:
        """A group's title; its people's names come with it."""

        def fetch(_ids: tuple[str, ...]) -> dict[str, str]:
            return {thread_id: self.thread(thread_id, self._until(deadline)).name}

        self._try_fill(self._titles, [thread_id], fetch, deadline)

    def _find_people(self, ids: Iterable[str], deadline: float) -> None:
        def fetch(missing: tuple[str, ...]) -> dict[str, Names]:
            users = self.users(missing, self._until(deadline))
            return {user_id: (user.name, user.first_name) for user_id, user in users.items()}

        self._try_fill(self._people, ids, fetch, deadline)

    def _try_fill(
        self,
        cache: Cache[_V],
        ids: Iterable[str],
        fetch: Callable[[tuple[str, ...]], Mapping[str, _V]],
        deadline: float,
    ) -> None:
        left_s = deadline - self._clock.monotonic()
        if left_s <= 0:
            return
        try:
            cache.fill(ids, fetch, left_s)
        except MessengerError as error:
            _log.info("directory: a name was not found: %s", error)

    def _until(self, deadline: float) -> Patience:
        return quick(max(0.1, deadline - self._clock.monotonic()))

    def _ask_kind(self, ids: tuple[str, ...]) -> dict[str, bool]:
        users = self.users(ids)
        return {thread_id: thread_id not in users for thread_id in ids}

    def _empty_thread(self, thread_id: str, patience: Patience) -> Thread:
        user = self.users([thread_id], patience).get(thread_id)
        if user is None:
            raise Refused(f"thread {thread_id} is unknown", reason="invalid-parameters", code=0)
        return empty_thread(user, self._session.user_id)
