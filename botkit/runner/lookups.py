"""Who is in a chat, as commands and contexts ask it. What is found is remembered for a while; nothing is raised."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from botkit.clock import Clock
from botkit.commands import Member
from botkit.logs import get_logger
from botkit.messenger import Api, Event, Message, MessengerError, Thread, ThreadEvent
from botkit.runner.book import Book

log = get_logger(__name__)

_KEPT_S = 300.0
_MOST = 1000
_THREADS = 100
_PATIENCE_S = 2.0


class Lookups:
    """Looks up chats and people; any thread. A look-up takes two seconds at most."""

    def __init__(self, api: Api, clock: Clock, book: Book, owners: frozenset[str]) -> None:
        self._api = api
        self._clock = clock
        self._book = book
        self._owners = owners
        self._lock = threading.Lock()
        self._threads: dict[str, tuple[float, Thread]] = {}
        self._list: tuple[float, tuple[Thread, ...]] | None = None
        self._changes = 0

    def note(self, event: Event) -> None:
        """Something has changed in a chat: what is remembered of it holds no more."""
        if isinstance(event, ThreadEvent):
            self.forget(event.thread_id)

    def forget(self, thread_id: str) -> None:
        """A chat has been changed. Any thread."""
        with self._lock:
            self._threads.pop(thread_id, None)
            self._list = None
            self._changes += 1

    def thread(self, thread_id: str) -> Thread | None:
        """A chat, or None when it cannot be found out."""
        now_s = self._clock.monotonic()
        with self._lock:
            known, changes = self._threads.get(thread_id), self._changes
        if known is not None and now_s - known[0] < _KEPT_S:
            return known[1]
        found = self._api.look_up_thread(thread_id, timeout_s=_PATIENCE_S)
        with self._lock:
            # An answer may be older than a change that was heard of while it came.
            if found is not None and changes == self._changes:
                if len(self._threads) >= _MOST:
                    self._threads.clear()
                self._threads[thread_id] = (now_s, found)
        return found

    def threads(self) -> tuple[Thread, ...]:
        """The hundred chats in which something happened last; none when they cannot be found out."""
        now_s = self._clock.monotonic()
        with self._lock:
            known, changes = self._list, self._changes
        if known is not None and now_s - known[0] < _KEPT_S:
            return known[1]
        try:
            found = tuple(self._api.get_thread_list(0, _THREADS))
        except MessengerError as error:
            log.info("the list of chats was not found: %s", error)
            return ()
        with self._lock:
            if changes == self._changes:
                self._list = (now_s, found)
        return found

    def members(self, thread_id: str) -> tuple[Member, ...]:
        """The people of a chat, the bot too; those whose name is not found have None for it."""
        thread = self.thread(thread_id)
        if thread is None:
            return ()
        names = self._api.look_up_names(thread.participant_ids, timeout_s=_PATIENCE_S)
        return tuple(Member(one, names.get(one), thread.nicknames.get(one)) for one in thread.participant_ids)

    def member(self, thread_id: str, user_id: str) -> Member:
        """Somebody in a chat."""
        thread = self.thread(thread_id)
        name = self._api.look_up_names([user_id], timeout_s=_PATIENCE_S).get(user_id)
        return Member(user_id, name, thread.nicknames.get(user_id) if thread else None)

    def role_of(self, thread_id: str, user_id: str | None) -> str:
        """What somebody may do in a chat: owner of the bot, admin of the group, mod, or member."""
        if user_id is None:
            return "member"
        if user_id in self._owners:
            return "owner"
        given = self._book.given_role(thread_id, user_id)
        if given == "admin":
            return given
        thread = self.thread(thread_id)
        if thread is not None and user_id in thread.admin_ids:
            return "admin"
        return given or "member"


@dataclass(frozen=True)
class ChatLookup:
    """What the arguments of a command in one chat are looked up in."""

    lookups: Lookups
    clock: Clock
    timezone: str
    thread_id: str | None
    event: Event | None

    def now(self) -> datetime:
        """The time, in the chat's zone."""
        return datetime.fromtimestamp(self.clock.time_ms() / 1000, UTC).astimezone(ZoneInfo(self.timezone))

    def members(self) -> Sequence[Member]:
        """The people of the chat."""
        return self.lookups.members(self.thread_id) if self.thread_id is not None else ()

    def threads(self) -> Sequence[Thread]:
        """The bot's chats."""
        return self.lookups.threads()

    def mentions(self) -> Mapping[str, str]:
        """Who is mentioned in the message: {user id: the text that was written for it}."""
        return self.event.mentions if isinstance(self.event, Message) else {}
