"""What people can do, whichever door they come through: check, commit, then tell everybody who listens.

All calls come from the server's event-loop thread; nothing here blocks but SQLite's commit.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from botkit.clock import Clock
from botkit.sandbox import delta_faults, deltas, ids
from botkit.sandbox.audience import (
    Audience,
    DeltaLogged,
    MessageAdded,
    MessageChanged,
    ThreadChanged,
    Typing,
    WatermarkMoved,
)
from botkit.sandbox.deltas import DeltaFor
from botkit.sandbox.errors import (
    BAD_PARAMETERS,
    MESSAGES_UNAVAILABLE,
    NOT_A_PARTICIPANT,
    THREAD_DISABLED,
    Refusal,
)
from botkit.sandbox.faults import Faults
from botkit.sandbox.mailboxes import INBOX, PENDING
from botkit.sandbox.storage import NO_DELTA, Storage
from botkit.sandbox.wire import compact
from botkit.sandbox.world import Content, LogEntry, Message, Person, Thread, World, new_message

LONGEST_TEXT = 20_000
# SQLite's largest integer.
_EVER_MS = (1 << 63) - 1

Logged = list[tuple[str, DeltaLogged]]


class Engine:
    """The one place where the world changes.

    Here stand messages, reading and listening; what else people do to threads and messages is written on top of
    `record` and `note`, in administration.py, message_actions.py and mailbox_actions.py. `deduplicate_s` is how many
    seconds a send with the same offline threading id counts as the same: None for ever, 0 never.
    """

    def __init__(
        self, world: World, storage: Storage, clock: Clock, chance: random.Random, deduplicate_s: float | None = None
    ) -> None:
        self.world = world
        self.storage = storage
        self.clock = clock
        self.chance = chance
        self.deduplicate_s = deduplicate_s
        self.faults = Faults(chance)
        self.audience = Audience(clock)
        self._newest_ms: dict[str, int] = {}

    def send(
        self, sender: str, thread: Thread, content: Content, otid: str | None = None, client_id: str | None = None
    ) -> Message:
        """Write into a thread, or return the message that the same send made before.

        `otid` is a client's offline threading id (None: the server makes one), `client_id` the page's own mark for
        repeats. A thread between encrypted ends never reaches anybody's log.
        """
        page_key = f"page:{client_id}" if client_id else None
        if earlier := self.storage.sent(sender, page_key) if page_key else self.repeated(sender, otid):
            return earlier
        self._check_content(thread, content)
        if self.is_blocked(thread):
            raise Refusal(MESSAGES_UNAVAILABLE, "You can't message this person.")
        is_first = not self.newest(thread)
        message = self._new_message(thread, sender, content, otid)
        with self.storage.transaction():
            self.storage.add_message(message)
            if key := page_key or otid:
                self.storage.add_send(sender, key, message.id)
            folders = self._sort_in(thread, sender, is_first=is_first)
            logged = folders + self._log_message(thread, message)
        self._tell_message(thread, message, logged)
        return message

    def repeated(self, sender: str, otid: str | None) -> Message | None:
        """The message that an earlier send with this offline threading id made, if this one counts as its repeat."""
        if not otid or self.deduplicate_s == 0 or (earlier := self.storage.sent(sender, otid)) is None:
            return None
        age_ms = self.clock.time_ms() - earlier.timestamp_ms
        return earlier if self.deduplicate_s is None or age_ms <= self.deduplicate_s * 1000 else None

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is sent in the block is one commit, and is told after it; nothing is when the block raises."""
        with self.audience.later(), self.storage.transaction():
            yield

    def start_group(
        self,
        creator: str,
        others: Iterable[str],
        otid: str | None,
        content: Content | None = None,
        name: str | None = None,
    ) -> Message:
        """Make a group of `creator`, its admin, and `others`, with `content` as the first message when given.

        Returns the message that carries `otid`: the first message, or else the line that says who made the group.
        """
        if earlier := self.repeated(creator, otid):
            return earlier
        added = self._checked_others(creator, others)
        thread = Thread(self.world.new_group_id(), (creator, *added), name=name, admins=(creator,))
        if content is not None:
            self._check_content(thread, content)
        line = Content(f"{self.world.people[creator].first_name} created the group.")
        log_otid = ids.offline_threading_id(self._next_ms(thread), self.chance) if content is not None else otid
        messages = [self._new_message(thread, creator, line, log_otid, LogEntry("added", added))]
        if content is not None:
            messages.append(self._new_message(thread, creator, content, otid))
        with self.storage.transaction():
            self.storage.save_thread(thread)
            for message in messages:
                self.storage.add_message(message)
            if otid:
                self.storage.add_send(creator, otid, messages[-1].id)
            logged = [self._log_message(thread, message) for message in messages]
        self.world.threads[thread.key] = thread
        for message, bodies in zip(messages, logged, strict=True):
            self._tell_message(thread, message, bodies)
        return messages[-1]

    def record(
        self,
        thread: Thread,
        actor: str,
        entry: LogEntry,
        line: str,
        *,
        also: Iterable[str] = (),
        write: Callable[[Message], None] = lambda message: None,
        otid: str | None = None,
    ) -> Message:
        """Keep a thread as it is now, with a grey line that says what `actor` did, and tell the members.

        `also` are people who hear of it though they are no members any more; `write` is committed with the rest; a
        send with `otid` that is repeated gives the same line back.
        """
        message = self._new_message(thread, actor, Content(line), otid, entry)
        if entry.kind == "left":
            thread = replace(thread, left={**thread.left, entry.people[0]: message.timestamp_ms})
        with self.storage.transaction():
            self.storage.save_thread(thread)
            self.storage.add_message(message)
            if otid:
                self.storage.add_send(actor, otid, message.id)
            write(message)
            logged = self._log_message(thread, message, also)
        self.world.threads[thread.key] = thread
        self._tell_message(thread, message, logged, also)
        return message

    def note(
        self,
        thread: Thread | None,
        members: Iterable[str],
        delta: DeltaFor | None,
        write: Callable[[], None] = lambda: None,
    ) -> None:
        """Commit `write` with one delta for each of `members`, and push the deltas.

        What is about an encrypted thread gets into nobody's log; None is about no thread.
        """
        with self.storage.transaction():
            write()
            logged = self._log(members, delta) if delta and not (thread and thread.encrypted) else []
        self._tell_logged(logged)

    def tell_changed(self, thread: Thread, message: Message) -> None:
        """Tell the members' pages that a message is not what it was."""
        for member in thread.members:
            self.audience.tell(member, MessageChanged(thread, message))

    def tell_thread(self, thread: Thread, members: Iterable[str]) -> None:
        """Tell these members' pages that the thread is not what it was."""
        for member in members:
            self.audience.tell(member, ThreadChanged(thread))

    def history(self, viewer: str, thread: Thread, limit: int, before_ms: int | None = None) -> list[Message]:
        """The newest `limit` messages that `viewer` can see, at or before `before_ms` (None: now), oldest first."""
        after_ms, until_ms = self._span(viewer, thread)
        end_ms = until_ms if before_ms is None else min(before_ms, until_ms)
        return self.storage.history(thread.key, limit, end_ms, after_ms=after_ms, viewer=viewer)

    def message_count(self, viewer: str, thread: Thread) -> int:
        """How many messages `viewer` can see in a thread."""
        return self.storage.message_count(thread.key, *self._span(viewer, thread), viewer)

    def unread_count(self, viewer: str, thread: Thread) -> int:
        """How many messages of others the viewer has not read; none in a group that they have left."""
        if viewer not in thread.members:
            return 0
        after_ms = max(self.storage.watermark(viewer, thread.key), self._span(viewer, thread)[0])
        return self.storage.unread_count(viewer, thread.key, after_ms)

    def is_blocked(self, thread: Thread) -> bool:
        """Whether one of the two of a one-to-one thread blocks the other."""
        if thread.group or len(thread.members) < 2:
            return False
        one, other = thread.members
        return self.storage.mailboxes.is_blocked(one, other) or self.storage.mailboxes.is_blocked(other, one)

    def shown_message(self, viewer: str, message_id: str) -> tuple[Thread, Message]:
        """A message that `viewer` can see, and its thread.

        Raises:
            Refusal: there is none (dossier 1, section 16), or its thread is encrypted.
        """
        message = self.storage.message(message_id)
        thread = self.world.by_key(message.thread) if message else None
        if message is None or thread is None or viewer not in thread.members:
            raise Refusal(BAD_PARAMETERS, "There is no such message.")
        hidden = self.storage.mailboxes.is_hidden(viewer, message.id)
        if hidden or message.timestamp_ms <= self._span(viewer, thread)[0]:
            raise Refusal(BAD_PARAMETERS, "This message was deleted.")
        if thread.encrypted:
            raise Refusal(THREAD_DISABLED, "Couldn't do that: this chat is end-to-end encrypted.")
        return thread, message

    def set_typing(self, sender: str, thread: Thread, typing: bool) -> None:
        """Tell the other members, unless they have blocked or not accepted the chat; not kept anywhere."""
        if self.is_blocked(thread):
            return
        for member in thread.others(sender):
            if self.storage.mailboxes.get(member, thread.key).folder != INBOX:
                continue
            self.audience.tell(member, Typing(thread, sender, typing))

    def mark_read(self, reader: str, thread: Thread, up_to_ms: int | None = None) -> None:
        """Move the reader's watermark to `up_to_ms` (None: now), at most to the newest message; never back."""
        newest = self.newest(thread)
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
            logged = [] if thread.encrypted else self._log(thread.members, delta)
        self._tell_logged(logged)
        for member in thread.members:
            self.audience.tell(member, WatermarkMoved(thread, reader, watermark))
        self.audience.tell(reader, ThreadChanged(thread))

    def mark_unread(self, reader: str, thread: Thread) -> None:
        """Move the reader's watermark back to just before the newest message of somebody else."""
        newest = self.storage.newest_of_others(reader, thread.key, self._span(reader, thread)[0])
        if newest is None or self.storage.watermark(reader, thread.key) < newest:
            return
        now = self.clock.time_ms()
        with self.storage.transaction():
            self.storage.set_watermark(reader, thread.key, newest - 1)
            logged = self._log([reader], lambda _, number: deltas.for_mark_unread(thread, reader, now, number))
        self._tell_logged(logged)
        self.audience.tell(reader, ThreadChanged(thread))

    def threads_of(self, person: str) -> list[Thread]:
        """Groups, a chat with every other person, and with oneself once something stands in it."""
        direct = [self.world.direct(person, other) for other in self.world.people if other != person]
        own = self.world.direct(person, person)
        return [*self.world.groups_of(person), *direct, *([own] if self.newest(own) else [])]

    def readable_threads_of(self, person: str) -> list[Thread]:
        """The same, and the groups that the person has left."""
        return [*self.threads_of(person), *(t for t in self.world.threads.values() if person in t.left)]

    def has_birthday(self, person: Person) -> bool:
        """Whether it is the person's birthday; a day is a UTC day."""
        return person.birthday == self.clock.now().strftime("%m-%d")

    def _checked_others(self, creator: str, others: Iterable[str]) -> tuple[str, ...]:
        added = tuple(dict.fromkeys(other for other in others if other != creator))
        if not added:
            raise Refusal(BAD_PARAMETERS, "A group needs at least one other person.")
        for other in added:
            if other not in self.world.people:
                raise Refusal(NOT_A_PARTICIPANT, f"There is no person {other[:20]} to start a group with.")
        return added

    def _check_content(self, thread: Thread, content: Content) -> None:
        is_something = bool(content.text.strip() or content.place or content.attachments)
        if not is_something or len(content.text) > LONGEST_TEXT:
            raise Refusal(BAD_PARAMETERS, f"A message has 1 to {LONGEST_TEXT} characters.")
        if content.reply_to:
            answered = self.storage.message(content.reply_to)
            if answered is None or answered.thread != thread.key or answered.log:
                raise Refusal(BAD_PARAMETERS, "There is no such message in this thread to reply to.")

    def _sort_in(self, thread: Thread, sender: str, *, is_first: bool) -> Logged:
        """Put the thread into the folder in which each member finds the new message.

        A stranger's first message is a message request; who answers one accepts it; and a new message takes a thread
        out of the archive (dossier 3, sections 4.8 and 5.5).
        """
        logged: Logged = []
        for member in thread.members:
            box = self.storage.mailboxes.get(member, thread.key)
            if member == sender and box.folder != INBOX:
                folder = INBOX
            elif member != sender and is_first and self._is_stranger(thread, sender, member):
                folder = PENDING
            else:
                folder = box.folder
            if (folder, False) == (box.folder, box.archived):
                continue
            self.storage.mailboxes.put(member, thread.key, replace(box, folder=folder, archived=False))
            if folder != box.folder and not thread.encrypted:
                logged += self._log([member], partial(deltas.for_folder, thread, folder))
        return logged

    def _is_stranger(self, thread: Thread, sender: str, member: str) -> bool:
        people = self.world.people
        is_page = people[sender].page or people[member].page
        return not thread.group and not is_page and not self.world.are_friends(sender, member)

    def _span(self, viewer: str, thread: Thread) -> tuple[int, int]:
        """After which time, and up to which, `viewer` sees what was said in a thread."""
        until_ms = _EVER_MS if viewer in thread.members else thread.left.get(viewer, 0)
        return self.storage.mailboxes.get(viewer, thread.key).cleared_ms, until_ms

    def _new_message(
        self, thread: Thread, sender: str, content: Content, otid: str | None, log: LogEntry | None = None
    ) -> Message:
        at_ms = self._next_ms(thread)
        self._newest_ms[thread.key] = at_ms
        otid = otid or ids.offline_threading_id(at_ms, self.chance)
        return new_message(thread, sender, content, at_ms, otid, log=log)

    def _next_ms(self, thread: Thread) -> int:
        """The time of the thread's next message: later than every other, so that times order and page it."""
        return max(self.clock.time_ms(), self.newest(thread) + 1)

    def newest(self, thread: Thread) -> int:
        """The time of the thread's newest message, 0 for none."""
        if thread.key not in self._newest_ms:
            last = self.storage.history(thread.key, 1)
            self._newest_ms[thread.key] = last[0].timestamp_ms if last else 0
        return self._newest_ms[thread.key]

    def _log_message(self, thread: Thread, message: Message, also: Iterable[str] = ()) -> Logged:
        if thread.encrypted:
            return []
        answered = self.storage.message(message.content.reply_to) if message.content.reply_to else None

        def delta(member: str, number: int) -> deltas.Delta:
            if self.storage.mailboxes.get(member, thread.key).folder != INBOX:
                return deltas.for_request(thread, member, number)
            return deltas.for_message(self.world, thread, message, answered, member, number)

        return self._log((*thread.members, *also), delta)

    def _log(self, members: Iterable[str], delta: DeltaFor) -> Logged:
        logged = []
        for member in members:
            for make in delta_faults.written(self.faults, member, delta):
                number = self.storage.last_sequence(member) + 1
                body = compact(make(member, number)) if make else NO_DELTA
                self.storage.add_delta(member, body)
                if make:
                    logged.append((member, DeltaLogged(number, body)))
        return logged

    def _tell_message(self, thread: Thread, message: Message, logged: Logged, also: Iterable[str] = ()) -> None:
        self._tell_logged(logged)
        for member in (*thread.members, *also):
            self.audience.tell(member, MessageAdded(thread, message))
            self.audience.tell(member, ThreadChanged(thread))

    def _tell_logged(self, logged: Logged) -> None:
        for member, event in logged:
            self.audience.tell(member, event)
