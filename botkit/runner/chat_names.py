"""Which chats the bot file means by their names, and which groups the bot is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from botkit.messenger import Event, Message, Thread, ThreadEvent
from botkit.runner.book import Book

_NAMED = "chat."
"""Before a name by which the bot file calls a chat: under this key stands the chat's id since it was found."""

_LEFT = "left."
"""Before the id of a group that the bot is not in any more."""


class ChatNames:
    """The same for schedules and events. Any thread."""

    def __init__(self, book: Book, threads: Callable[[], Iterable[Thread]]) -> None:
        """`threads` gives the bot's chats, to find those that are written by their names."""
        self._book = book
        self._threads = threads
        self._ids: dict[str, str] = {}
        self._joined: set[str] = set()
        self._heard: dict[str, bool] = {}

    def note(self, event: Event, own_id: str) -> bool:
        """An event may tell that the bot has come into a group or is out of it; whether it does."""
        if isinstance(event, ThreadEvent) and _concerns(own_id, event):
            is_leaving = event.log_message_type == "log:unsubscribe"
            (self.left if is_leaving else self.joined)(event.thread_id)
            return True
        if isinstance(event, Message) and self.is_left(event.thread_id):
            # That it was added was never heard.
            self.joined(event.thread_id)
            return True
        return False

    def joined(self, thread_id: str) -> None:
        """The bot has come into a group, which may stand in no list before something is written there."""
        self._joined.add(thread_id)
        self._heard[thread_id] = True

    def left(self, thread_id: str) -> None:
        """The bot is out of a group, where nothing can be done any more."""
        self._joined.discard(thread_id)
        self._heard[thread_id] = False

    def is_left(self, thread_id: str) -> bool:
        """Whether the bot is known to be out of a group."""
        is_in = self._heard.get(thread_id)
        return not is_in if is_in is not None else bool(self._book.scope("").get(_LEFT + thread_id))

    def keep_heard(self) -> None:
        """Keep for the next start what was heard of groups."""
        for thread_id, is_in in list(self._heard.items()):
            if is_in == bool(self._book.scope("").get(_LEFT + thread_id)):
                self._book.keep(_LEFT + thread_id, not is_in)

    def groups(self) -> list[str]:
        """The groups that the bot is in; none where the network does not tell them."""
        threads = {one.thread_id: one for one in self._threads()}
        self._joined.difference_update(threads)
        return [*(found for found, one in threads.items() if one.is_group and one.is_subscribed), *tuple(self._joined)]

    def id_of(self, name: str) -> str | None:
        """The chat of an id or a name; None when no chat has the name, or several. One that was found by its name stays
        the same when it is renamed, for as long as the bot is in it."""
        if name.isdecimal():
            return name
        known = self._ids.get(name)
        if known is not None and not self.is_left(known):
            return known
        kept: str | None = self._book.scope("").get(_NAMED + name)
        found = self._find(name, kept)
        if found is None:
            return kept
        if found != kept:
            self._book.keep(_NAMED + name, found)
        self._ids[name] = found
        return found

    def _find(self, name: str, kept: str | None) -> str | None:
        """The chat that was found under a name before, which may have another by now; else the one of that name."""
        threads = [one for one in self._threads() if not self.is_left(one.thread_id)]
        is_kept = kept is not None and not self.is_left(kept)
        if is_kept and all(one.is_subscribed for one in threads if one.thread_id == kept):
            return kept
        here = (one for one in threads if one.is_subscribed)
        same = {one.thread_id for one in here if (one.name or "").casefold() == name.casefold()}
        return same.pop() if len(same) == 1 else None


def _concerns(own_id: str, event: ThreadEvent) -> bool:
    """Whether it is the bot that was added to a group or is out of it."""
    data = event.log_message_data
    people = [one.get("userFbId") for one in data.get("addedParticipants") or ()]
    return own_id in map(str, [*people, data.get("leftParticipantFbId")])
