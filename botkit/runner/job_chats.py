"""In which chats the jobs for each chat run: those under `threads:` at the plugin's line, and where it was switched on;
or those of the job itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from botkit.host import HOST, SETTINGS_KEY
from botkit.jobs import Job
from botkit.logs import get_logger
from botkit.messenger import Thread
from botkit.runner.book import Book
from botkit.runner.loader import Plugin
from botkit.storage import Changes

log = get_logger(__name__)

_NAMED = "chat."
"""Before a name by which the bot file calls a chat: under this key stands the chat's id since it was found."""

_LEFT = "left."
"""Before the id of a group that the bot is not in any more."""

_ANY = ""
"""Stands among the names that were not found where no group was found at all."""


def concerns_jobs(changes: Iterable[Changes]) -> bool:
    """Whether these let a chat have another time zone, a plugin be switched on or off there, or have other settings."""
    mine = (one for one in changes if one and one.plugin == HOST)
    return any(
        key == "timezone" or key.startswith(("plugin:", SETTINGS_KEY))
        for one in mine
        for _, key in (*one.writes, *one.deletions)
    )


class JobChats:
    """Used by the thread of the scheduler."""

    def __init__(self, book: Book, threads: Callable[[], Iterable[Thread]]) -> None:
        """`threads` gives the bot's chats, to find those that are written by their names."""
        self._book = book
        self._threads = threads
        self._ids: dict[str, str] = {}
        self._missing: dict[str, set[str]] = {}
        self._told: set[tuple[str, str]] = set()
        self._joined: set[str] = set()
        self._heard: dict[str, bool] = {}

    @property
    def are_missing(self) -> bool:
        """Whether chats that the bot file names were not found when they were asked for last."""
        return any(self._missing.values())

    def is_missing_for(self, plugin: str) -> bool:
        """Whether one of these is of a job of this plugin."""
        return any(missing for job, missing in self._missing.items() if job.partition(":")[0] == plugin)

    def joined(self, thread_id: str) -> None:
        """The bot has come into a group, which may stand in no list before something is written there. Any thread."""
        self._joined.add(thread_id)
        self._heard[thread_id] = True

    def left(self, thread_id: str) -> None:
        """The bot is out of a group, where nothing can be done any more. Any thread."""
        self._joined.discard(thread_id)
        self._heard[thread_id] = False

    def is_left(self, thread_id: str) -> bool:
        """Whether the bot is known to be out of a group. Any thread."""
        is_in = self._heard.get(thread_id)
        return not is_in if is_in is not None else bool(self._book.scope("").get(_LEFT + thread_id))

    def keep_heard(self) -> None:
        """Keep for the next start what was heard of groups."""
        for thread_id, is_in in list(self._heard.items()):
            if is_in == bool(self._book.scope("").get(_LEFT + thread_id)):
                self._book.keep(_LEFT + thread_id, not is_in)

    def of(self, job: Job, plugin: Plugin) -> tuple[str, ...]:
        """The ids of the chats of a job of a plugin."""
        found = {name: self._id_of(name) for name in (plugin.threads if job.chats is None else job.chats.names)}
        missing = self._missing[job.id] = {name for name, thread_id in found.items() if thread_id is None}
        for name in missing:
            self._tell(job.id, name)
        switched = self._book.holding(f"plugin:{plugin.name}")
        on = [scope.removeprefix("thread:") for scope, is_on in switched.items() if is_on and job.chats is None]
        off = {scope.removeprefix("thread:") for scope, is_on in switched.items() if not is_on}
        groups = self._groups(job) if job.chats is not None and job.chats.all_groups else []
        ids = [thread_id for thread_id in found.values() if thread_id is not None]
        wanted = dict.fromkeys([*ids, *on, *groups])
        return tuple(one for one in wanted if one not in off and not self.is_left(one))

    def _groups(self, job: Job) -> list[str]:
        """The groups that the bot is in; where there is none the network may not have told them."""
        threads = {one.thread_id: one for one in self._threads()}
        self._joined.difference_update(threads)
        found = [*(found for found, one in threads.items() if one.is_group and one.is_subscribed), *self._joined]
        if not found:
            self._missing[job.id].add(_ANY)
        return found

    def _id_of(self, name: str) -> str | None:
        if name.isdecimal():
            return name
        if name not in self._ids:
            kept = self._book.scope("").get(_NAMED + name)
            found = self._find(name, kept)
            if found is None:
                return None
            if found != kept:
                self._book.keep(_NAMED + name, found)
            self._ids[name] = found
        return self._ids[name]

    def _find(self, name: str, kept: str | None) -> str | None:
        """The chat that was found under a name before, which may have another by now; else the one of that name."""
        threads = list(self._threads())
        if kept is not None and all(one.is_subscribed for one in threads if one.thread_id == kept):
            return kept
        here = (one for one in threads if one.is_subscribed)
        same = {one.thread_id for one in here if (one.name or "").casefold() == name.casefold()}
        return same.pop() if len(same) == 1 else None

    def _tell(self, job: str, name: str) -> None:
        if (job, name) not in self._told:
            self._told.add((job, name))
            log.warning("job %s: threads: there is not one chat %r yet; its id would tell which", job, name)
