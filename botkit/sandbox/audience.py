"""Who listens, and what they hear: the events, and the sockets of each account. Event-loop thread only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from botkit.clock import Clock
from botkit.sandbox.world import Message, Thread


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
class MessageChanged:
    """Something about an entry that was there changed: its text, its reactions, or it was unsent."""

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


Event = DeltaLogged | MessageAdded | MessageChanged | ThreadChanged | Typing | WatermarkMoved | PresenceChanged


class Listener(Protocol):
    """A socket on which one account listens."""

    account: str

    def hear(self, event: Event) -> None:
        """Take one event; must not raise and must not block."""


class Audience:
    """The listeners of every account; who has one is online."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listeners: dict[str, list[Listener]] = {}
        self._last_active_s: dict[str, int] = {}
        self._waiting: list[tuple[str, Event]] | None = None

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
            self._last_active_s[listener.account] = self._clock.time_ms() // 1000
            self._tell_presence(listener.account, online=False)

    def is_online(self, person: str) -> bool:
        """Whether anything listens for this person."""
        return person in self._listeners

    def last_active_s(self, person: str) -> int | None:
        """When the person left, in seconds since 1970; None when online or not seen since the server started."""
        return None if self.is_online(person) else self._last_active_s.get(person)

    def _tell_presence(self, person: str, *, online: bool) -> None:
        for other in list(self._listeners):
            if other != person:
                self.tell(other, PresenceChanged(person, online))

    @contextmanager
    def later(self) -> Iterator[None]:
        """What is told in the block reaches the listeners at its end, and nobody when it raises."""
        waiting: list[tuple[str, Event]] = []
        self._waiting = waiting
        try:
            yield
        finally:
            self._waiting = None
        for account, event in waiting:
            self.tell(account, event)

    def tell(self, account: str, event: Event) -> None:
        """Tell an account's listeners."""
        if self._waiting is not None:
            self._waiting.append((account, event))
            return
        for listener in list(self._listeners.get(account, ())):
            listener.hear(event)
