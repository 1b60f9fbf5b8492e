"""In which chats the jobs for each chat run: those under `threads:` at the plugin's line, and where it was switched on;
or those of the job itself."""

from __future__ import annotations

from collections.abc import Iterable

from botkit.host import HOST, SETTINGS_KEY
from botkit.jobs import Job
from botkit.logs import get_logger
from botkit.runner.book import Book
from botkit.runner.chat_names import ChatNames
from botkit.runner.loader import Plugin
from botkit.storage import Changes

log = get_logger(__name__)

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

    def __init__(self, book: Book, names: ChatNames) -> None:
        self._book = book
        self._names = names
        self._missing: dict[str, set[str]] = {}
        self._told: set[tuple[str, str]] = set()

    @property
    def are_missing(self) -> bool:
        """Whether chats that the bot file names were not found when they were asked for last."""
        return any(self._missing.values())

    def is_missing_for(self, job_id: str) -> bool:
        """Whether one of these is of this job."""
        return bool(self._missing.get(job_id))

    def begin(self) -> None:
        """The chats of all jobs are about to be asked for."""
        self._names.keep_heard()
        self._missing.clear()

    def is_left(self, thread_id: str) -> bool:
        """Whether the bot is known to be out of a group."""
        return self._names.is_left(thread_id)

    def of(self, job: Job, plugin: Plugin) -> tuple[str, ...]:
        """The ids of the chats of a job of a plugin."""
        found = {name: self._names.id_of(name) for name in (plugin.threads if job.chats is None else job.chats.names)}
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
        """Where there is none the network may not have told them."""
        found = self._names.groups()
        if not found:
            self._missing[job.id].add(_ANY)
        return found

    def _tell(self, job: str, name: str) -> None:
        if (job, name) not in self._told:
            self._told.add((job, name))
            log.warning("job %s: threads: there is not one chat %r yet; its id would tell which", job, name)
