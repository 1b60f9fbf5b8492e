"""The world as values: people, threads, messages, and who may see which. Pure; nothing here waits, stores or sends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from botkit.sandbox import ids


@dataclass(frozen=True)
class Person:
    """One account. `birthday` is `MM-DD` or None; `gender` is `female`, `male` or `unknown`.

    `checkpoint`: the account is locked, so login and pages lead to the checkpoint.
    """

    id: str
    name: str
    first_name: str
    vanity: str
    gender: str
    birthday: str | None
    email: str
    password: str = field(repr=False)
    bot: bool = False
    checkpoint: bool = False


@dataclass(frozen=True)
class Thread:
    """A chat. `key` is the group's id, or the two people's ids in order, joined by a colon."""

    key: str
    members: tuple[str, ...]
    group: bool = True
    name: str | None = None
    encrypted: bool = False

    def id_for(self, viewer: str) -> str:
        """The thread's id as `viewer` sees it: a one-to-one chat has the other person's id."""
        if self.group:
            return self.key
        return next((member for member in self.members if member != viewer), viewer)

    def others(self, person: str) -> tuple[str, ...]:
        """The members but for `person`."""
        return tuple(member for member in self.members if member != person)

    @property
    def number(self) -> int:
        """The chat's part of a message id (dossier 1, section 9)."""
        if self.group:
            return int(self.key)
        first, second = self.key.split(":")
        return int(first) ^ int(second)


@dataclass(frozen=True)
class Message:
    """One entry of a thread's history; `thread` is a thread's key.

    `kind` is `text`, or `log` for a grey line: then `text` is the line and `added` the people who were added.
    """

    id: str
    thread: str
    sender: str
    text: str = field(repr=False)
    timestamp_ms: int
    otid: str
    kind: str = "text"
    added: tuple[str, ...] = ()


def direct_key(one: str, other: str) -> str:
    """The key of the one-to-one thread of two people."""
    return ":".join(sorted((one, other), key=int))


def new_message(
    thread: Thread, sender: str, text: str, timestamp_ms: int, otid: str, *, added: tuple[str, ...] = ()
) -> Message:
    """A message with its id minted; with `added` it is the grey line of people joining."""
    mid = ids.message_id(group=thread.group, chat=thread.number, timestamp_ms=timestamp_ms, otid=int(otid))
    return Message(mid, thread.key, sender, text, timestamp_ms, otid, "log" if added else "text", added)


class World:
    """Everybody and every thread, with the look-ups that need both."""

    def __init__(
        self, people: Iterable[Person], threads: Iterable[Thread], friendships: Iterable[tuple[str, str]] | None = None
    ) -> None:
        """`friendships` are pairs of ids; None makes everybody everybody's friend."""
        self.people = {person.id: person for person in people}
        self.threads = {thread.key: thread for thread in threads}
        self.friendships = None if friendships is None else {direct_key(*pair) for pair in friendships}

    def are_friends(self, one: str, other: str) -> bool:
        """Whether two different people are friends."""
        return one != other and (self.friendships is None or direct_key(one, other) in self.friendships)

    def friends_of(self, person: str) -> list[str]:
        """The ids of a person's friends."""
        return [other for other in self.people if self.are_friends(person, other)]

    def direct(self, one: str, other: str) -> Thread:
        """The one-to-one thread of two people, which always exists."""
        key = direct_key(one, other)
        return self.threads.get(key) or Thread(key, tuple(dict.fromkeys(key.split(":"))), group=False)

    def thread(self, viewer: str, thread_id: str) -> Thread | None:
        """The thread that `viewer` calls `thread_id`; None if there is none or the viewer is not in it."""
        if thread_id in self.people:
            return self.direct(viewer, thread_id)
        group = self.threads.get(thread_id)
        return group if group is not None and group.group and viewer in group.members else None

    def by_key(self, key: str) -> Thread:
        """The thread of a message's `thread`."""
        return self.threads.get(key) or self.direct(*key.split(":"))

    def groups_of(self, person: str) -> list[Thread]:
        """The groups a person is in."""
        return [thread for thread in self.threads.values() if thread.group and person in thread.members]

    def new_group_id(self) -> str:
        """An id that no group has yet; 16 digits, as dossier 1, section 9 says of groups."""
        return str(max([7_000_000_000_000_000, *(int(t.key) for t in self.threads.values() if t.group)]) + 1)

    def name_of(self, thread: Thread, viewer: str) -> str:
        """What `viewer` reads as the thread's name; an unnamed group is called by its other members."""
        if not thread.group:
            return self.people[thread.id_for(viewer)].name
        return thread.name or ", ".join(self.people[member].first_name for member in thread.others(viewer))

    def person_called(self, word: str) -> Person | None:
        """The person with this id, or this name in any case."""
        by_name = (person for person in self.people.values() if person.name.casefold() == word.casefold())
        return self.people.get(word) or next(by_name, None)

    def thread_called(self, viewer: str, word: str) -> Thread | None:
        """The viewer's thread with this id or name; a one-to-one thread by the other person's."""
        groups = (g for g in self.groups_of(viewer) if self.name_of(g, viewer).casefold() == word.casefold())
        person = self.person_called(word)
        return self.thread(viewer, word) or next(groups, None) or (self.direct(viewer, person.id) if person else None)
