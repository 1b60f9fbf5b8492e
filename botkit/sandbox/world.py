"""The world as values: people, threads, messages, and who may see which. Pure; nothing here waits, stores or sends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from botkit.sandbox import ids
from botkit.sandbox.attachments import Attachment, summary


@dataclass(frozen=True)
class Person:
    """One account. `birthday` is `MM-DD` or None; `gender` is `female`, `male` or `unknown`.

    `checkpoint`: the account is locked, so login and pages lead to the checkpoint. `consent`: its pages lead to a
    consent screen. `two_factor`: the code that a login has to give, "" for none. `review_login`: a login has to be
    confirmed as one's own. `page`: a page, not a person; the accounts marked `bot` may act as it.
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
    page: bool = False
    consent: bool = False
    review_login: bool = False
    two_factor: str = field(default="", repr=False)


@dataclass(frozen=True)
class JoinRequest:
    """Somebody who waits until an admin lets them in; `inviter` wanted to add them."""

    person: str
    inviter: str
    timestamp_ms: int


@dataclass(frozen=True)
class Thread:
    """A chat, and what of it is the same for all. `key` is the group's id, or the two ids in order, joined by a colon.

    `emoji` None is the thumb; `theme` is a theme's id, None the default; `image` is the picture's id; `nicknames` goes
    from person to nickname; `waiting` fills while `approval` is on; `pins` are message ids, the newest last; `left`
    goes from former member to the time of leaving in milliseconds.
    """

    key: str
    members: tuple[str, ...]
    group: bool = True
    name: str | None = None
    encrypted: bool = False
    emoji: str | None = None
    theme: str | None = None
    image: str | None = None
    nicknames: Mapping[str, str] = field(default_factory=dict)
    admins: tuple[str, ...] = ()
    approval: bool = False
    waiting: tuple[JoinRequest, ...] = ()
    pins: tuple[str, ...] = ()
    left: Mapping[str, int] = field(default_factory=dict)

    def is_admin(self, person: str) -> bool:
        """Whether a member may do what admins may; in a group without any admin everybody may."""
        return person in self.admins or not self.admins

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
class Mention:
    """A person named in a text; `offset` and `length` count UTF-16 units (dossier 2, section 5.1)."""

    person: str
    offset: int
    length: int


@dataclass(frozen=True)
class Place:
    """A location, in degrees."""

    latitude: float
    longitude: float
    is_current: bool = False


@dataclass(frozen=True)
class Content:
    """What somebody writes into a thread. `reply_to` is a message's id, `emoji_size` small, medium or large."""

    text: str = field(default="", repr=False)
    reply_to: str | None = None
    mentions: tuple[Mention, ...] = ()
    place: Place | None = None
    emoji_size: str | None = None
    forwarded: bool = False
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class LogEntry:
    """What a grey line is about.

    `kind` is `added`, `left` (both with `people`), `name`, `image` (both with `data`), or a type of
    AdminTextMessage, whose untypedData `data` then is (dossier 2, section 7).
    """

    kind: str
    people: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """One entry of a thread's history; `thread` is a thread's key. With `log` it is a grey line, whose words `text` is.

    A message that was taken back for everybody is `unsent` and has no content left; `edits` counts changes of its text.
    """

    id: str
    thread: str
    sender: str
    content: Content
    timestamp_ms: int
    otid: str
    log: LogEntry | None = None
    unsent: bool = False
    edits: int = 0

    @property
    def text(self) -> str:
        """The words of the message or of the grey line."""
        return self.content.text

    @property
    def kind(self) -> str:
        """`text`, or `log` for a grey line."""
        return "log" if self.log else "text"


@dataclass(frozen=True)
class Option:
    """One answer of a poll, and who chose it."""

    id: str
    text: str
    voters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Poll:
    """A question put to a group; `thread` is the group's key."""

    id: str
    thread: str
    question: str
    options: tuple[Option, ...]


def direct_key(one: str, other: str) -> str:
    """The key of the one-to-one thread of two people."""
    return ":".join(sorted((one, other), key=int))


def new_message(
    thread: Thread, sender: str, content: Content, timestamp_ms: int, otid: str, *, log: LogEntry | None = None
) -> Message:
    """A message with its id minted; with `log` it is a grey line."""
    mid = ids.message_id(group=thread.group, chat=thread.number, timestamp_ms=timestamp_ms, otid=int(otid))
    return Message(mid, thread.key, sender, content, timestamp_ms, otid, log)


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

    def readable(self, viewer: str, thread_id: str) -> Thread | None:
        """Like `thread`, but also a group that the viewer has left: what was said until then can still be read."""
        group = self.threads.get(thread_id)
        return group if group is not None and viewer in group.left else self.thread(viewer, thread_id)

    def may_act_as(self, account: str, page: str) -> bool:
        """Whether `account` may write and listen as the page."""
        return page in self.people and self.people[page].page and self.people[account].bot

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

    def snippet(self, message: Message) -> str:
        """What a list of chats says of a message: its text, or in words what it is."""
        who = self.people[message.sender].first_name
        if message.unsent:
            return f"{who} unsent a message."
        if message.text:
            return message.text
        return f"{who} sent a location." if message.content.place else f"{who} {summary(message.content.attachments)}"

    def person_called(self, word: str) -> Person | None:
        """The person with this id, or this name in any case."""
        by_name = (person for person in self.people.values() if person.name.casefold() == word.casefold())
        return self.people.get(word) or next(by_name, None)

    def thread_called(self, viewer: str, word: str) -> Thread | None:
        """The viewer's thread with this id or name; a one-to-one thread by the other person's."""
        groups = (g for g in self.groups_of(viewer) if self.name_of(g, viewer).casefold() == word.casefold())
        person = self.person_called(word)
        return self.thread(viewer, word) or next(groups, None) or (self.direct(viewer, person.id) if person else None)
