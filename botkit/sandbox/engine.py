"""What people can do, whichever door they come through: check, commit, then tell everybody who listens.

All calls come from the server's event-loop thread; nothing here blocks but SQLite's commit.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from botkit.clock import Clock
from botkit.sandbox import deltas, ids
from botkit.sandbox.errors import BAD_PARAMETERS, NOT_A_PARTICIPANT, THREAD_DISABLED, Refusal
from botkit.sandbox.storage import Storage
from botkit.sandbox.wire import compact
from botkit.sandbox.world import Message, Person, Thread, World, new_message

LONGEST_TEXT = 20_000
_MOST_OTID_DIGITS = 20


@dataclass(frozen=True)
class DeltaLogged:
    """One delta went into the listener's log; `body` is its JSON text."""

    number: int
    body: str


@dataclass(frozen=True)
class MessageAdded:
    """A thread of the listener has a new entry."""

    thread: Thread
    message: Message


@dataclass(frozen=True)
class ThreadChanged:
    """A thread of the listener appeared, or its unread count, snippet or members changed."""

    thread: Thread


@dataclass(frozen=True)
class Typing:
    """Somebody else started or stopped typing."""

    thread: Thread
    sender: str
    typing: bool


@dataclass(frozen=True)
class WatermarkMoved:
    """A member of a thread, perhaps the listener, has read up to here."""

    thread: Thread
    reader: str
    watermark_ms: int


@dataclass(frozen=True)
class PresenceChanged:
    """Somebody else came online or left."""

    person: str
    online: bool


Event = DeltaLogged | MessageAdded | ThreadChanged | Typing | WatermarkMoved | PresenceChanged


class Listener(Protocol):
    """A socket on which one account listens."""

    account: str

    def hear(self, event: Event) -> None:
        """Take one event; must not raise and must not block."""


class Engine:
    """The one place where the world changes."""

    def __init__(self, world: World, storage: Storage, clock: Clock, chance: random.Random) -> None:
        self.world = world
        self.storage = storage
        self.clock = clock
        self.chance = chance
        self._listeners: dict[str, list[Listener]] = {}
        self._last_active_s: dict[str, int] = {}
        self._newest_ms: dict[str, int] = {}

    def send(
        self, sender: str, thread: Thread, text: str, otid: str | None = None, client_id: str | None = None
    ) -> Message:
        """Write into a thread, or return the message that the same send made before.

        `otid` is a client's offline threading id (None: the server makes one), `client_id` the page's own mark for
        repeats. A thread between encrypted ends never reaches anybody's log.
        """
        key = f"page:{client_id}" if client_id else otid
        if key and (earlier := self.storage.sent(sender, key)):
            return earlier
        _check_text(text)
        message = self._new_message(thread, sender, text, otid)
        with self.storage.transaction():
            self.storage.add_message(message)
            if key:
                self.storage.add_send(sender, key, message.id)
            logged = self._log_message(thread, message)
        self._tell_message(thread, message, logged)
        return message

    def start_group(self, creator: str, others: Iterable[str], otid: str | None, text: str | None = None) -> Message:
        """Make a group of `creator` and `others`, with `text` as the first message when given.

        Returns the message that carries `otid`: the first message, or else the line that says who made the group.
        """
        if otid and (earlier := self.storage.sent(creator, otid)):
            return earlier
        added = self._checked_others(creator, others)
        if text is not None:
            _check_text(text)
        thread = Thread(self.world.new_group_id(), (creator, *added))
        line = f"{self.world.people[creator].first_name} created the group."
        log_otid = ids.offline_threading_id(self._next_ms(thread), self.chance) if text is not None else otid
        messages = [self._new_message(thread, creator, line, log_otid, added=added)]
        if text is not None:
            messages.append(self._new_message(thread, creator, text, otid))
        with self.storage.transaction():
            self.storage.add_thread(thread)
            for message in messages:
                self.storage.add_message(message)
            if otid:
                self.storage.add_send(creator, otid, messages[-1].id)
            logged = [self._log_message(thread, message) for message in messages]
        self.world.threads[thread.key] = thread
        for message, bodies in zip(messages, logged, strict=True):
            self._tell_message(thread, message, bodies)
        return messages[-1]

    def set_typing(self, sender: str, thread: Thread, typing: bool) -> None:
        """Tell the other members; not kept anywhere."""
        for member in thread.others(sender):
            self._tell(member, Typing(thread, sender, typing))

    def mark_read(self, reader: str, thread: Thread, up_to_ms: int | None = None) -> None:
        """Move the reader's watermark to `up_to_ms` (None: now), at most to the newest message; never back."""
        newest = self._newest(thread)
        watermark = newest if up_to_ms is None else min(up_to_ms, newest)
        if watermark <= self.storage.watermark(reader, thread.key):
            return
        now = self.clock.time_ms()

        def delta(member: str, number: int) -> deltas.Delta:
            if member == reader:
                return deltas.for_mark_read(thread, reader, watermark, now, number)
            return deltas.for_read_receipt(thread, reader, member, watermark, now, number)

        with self.storage.transaction():
            self.storage.set_watermark(reader, thread.key, watermark)
            logged = {} if thread.encrypted else self._log(thread.members, delta)
        self._tell_logged(logged)
        for member in thread.members:
            self._tell(member, WatermarkMoved(thread, reader, watermark))
        self._tell(reader, ThreadChanged(thread))

    def mark_unread(self, reader: str, thread: Thread) -> None:
        """Move the reader's watermark back to just before the newest message of somebody else."""
        newest = self.storage.newest_of_others(reader, thread.key)
        if newest is None or self.storage.watermark(reader, thread.key) < newest:
            return
        now = self.clock.time_ms()
        with self.storage.transaction():
            self.storage.set_watermark(reader, thread.key, newest - 1)
            logged = self._log([reader], lambda _, number: deltas.for_mark_unread(thread, reader, now, number))
        self._tell_logged(logged)
        self._tell(reader, ThreadChanged(thread))

    def threads_of(self, person: str) -> list[Thread]:
        """Groups, a chat with every other person, and with oneself once something stands in it."""
        direct = [self.world.direct(person, other) for other in self.world.people if other != person]
        own = self.world.direct(person, person)
        return [*self.world.groups_of(person), *direct, *([own] if self._newest(own) else [])]

    def has_birthday(self, person: Person) -> bool:
        """Whether it is the person's birthday; a day is a UTC day."""
        return person.birthday == self.clock.now().strftime("%m-%d")

    def attach(self, listener: Listener) -> None:
        """Begin to tell `listener`; its person is online now."""
        listeners = self._listeners.setdefault(listener.account, [])
        listeners.append(listener)
        if len(listeners) == 1:
            self._tell_presence(listener.account, online=True)

    def detach(self, listener: Listener) -> None:
        """Stop telling `listener`; with the last one its person is offline. Does nothing the second time."""
        listeners = self._listeners.get(listener.account, [])
        if listener not in listeners:
            return
        listeners.remove(listener)
        if not listeners:
            del self._listeners[listener.account]
            self._last_active_s[listener.account] = self.clock.time_ms() // 1000
            self._tell_presence(listener.account, online=False)

    def is_online(self, person: str) -> bool:
        """Whether anything listens for this person."""
        return person in self._listeners

    def last_active_s(self, person: str) -> int | None:
        """When the person left, in seconds since 1970; None when online or not seen since the server started."""
        return None if self.is_online(person) else self._last_active_s.get(person)

    def _checked_others(self, creator: str, others: Iterable[str]) -> tuple[str, ...]:
        added = tuple(dict.fromkeys(other for other in others if other != creator))
        if not added:
            raise Refusal(BAD_PARAMETERS, "A group needs at least one other person.")
        for other in added:
            if other not in self.world.people:
                raise Refusal(NOT_A_PARTICIPANT, f"There is no person {other[:20]} to start a group with.")
        return added

    def _new_message(
        self, thread: Thread, sender: str, text: str, otid: str | None, added: tuple[str, ...] = ()
    ) -> Message:
        at_ms = self._next_ms(thread)
        self._newest_ms[thread.key] = at_ms
        otid = otid or ids.offline_threading_id(at_ms, self.chance)
        return new_message(thread, sender, text, at_ms, otid, added=added)

    def _next_ms(self, thread: Thread) -> int:
        """The time of the thread's next message: later than every other, so that times order and page it."""
        return max(self.clock.time_ms(), self._newest(thread) + 1)

    def _newest(self, thread: Thread) -> int:
        """The time of the thread's newest message, 0 for none."""
        if thread.key not in self._newest_ms:
            last = self.storage.history(thread.key, 1)
            self._newest_ms[thread.key] = last[0].timestamp_ms if last else 0
        return self._newest_ms[thread.key]

    def _log_message(self, thread: Thread, message: Message) -> dict[str, DeltaLogged]:
        if thread.encrypted:
            return {}
        return self._log(
            thread.members, lambda member, number: deltas.for_message(self.world, thread, message, member, number)
        )

    def _log(self, members: Iterable[str], delta: Callable[[str, int], deltas.Delta]) -> dict[str, DeltaLogged]:
        logged = {}
        for member in members:
            number = self.storage.last_sequence(member) + 1
            body = compact(delta(member, number))
            logged[member] = DeltaLogged(self.storage.add_delta(member, body), body)
        return logged

    def _tell_message(self, thread: Thread, message: Message, logged: dict[str, DeltaLogged]) -> None:
        self._tell_logged(logged)
        for member in thread.members:
            self._tell(member, MessageAdded(thread, message))
            self._tell(member, ThreadChanged(thread))

    def _tell_logged(self, logged: dict[str, DeltaLogged]) -> None:
        for member, event in logged.items():
            self._tell(member, event)

    def _tell_presence(self, person: str, *, online: bool) -> None:
        for other in list(self._listeners):
            if other != person:
                self._tell(other, PresenceChanged(person, online))

    def _tell(self, account: str, event: Event) -> None:
        for listener in list(self._listeners.get(account, ())):
            listener.hear(event)


def checked_thread(world: World, viewer: str, thread_id: str) -> Thread:
    """The viewer's thread of this id, for a client that speaks the protocol.

    Raises:
        Refusal: there is none, the viewer is not in it, or it is encrypted (dossier 1, section 20).
    """
    thread = world.thread(viewer, thread_id)
    if thread is None:
        raise Refusal(NOT_A_PARTICIPANT, "You are not part of this conversation.")
    if thread.encrypted:
        raise Refusal(THREAD_DISABLED, "Couldn't send: this chat is end-to-end encrypted.")
    return thread


def checked_otid(text: str) -> str:
    """The same text if it is an offline threading id: a whole number of at most 20 digits; else a `Refusal`."""
    if not (text.isascii() and text.isdecimal()) or len(text) > _MOST_OTID_DIGITS:
        raise Refusal(BAD_PARAMETERS, "The offline threading id is not a number.")
    return text


def _check_text(text: str) -> None:
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Refusal(BAD_PARAMETERS, f"A message has 1 to {LONGEST_TEXT} characters.")
