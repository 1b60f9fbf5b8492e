"""`ctx.schedule`: jobs that a call makes, for the chat that it is about. They are kept with the call, and its own
changes are seen at once."""

from __future__ import annotations

import inspect
from builtins import list as list_
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from botkit.clock import Clock
from botkit.jobs import CancelledJob, JobChange, Length, MadeJob, catching_of, is_name, schedule_of, seconds_of
from botkit.messenger.errors import BadArgument
from botkit.schedule import WITHIN_S, Missed, When
from botkit.schedule import moment as moment_at
from botkit.schedule_words import words
from botkit.storage import to_json

_SHORTEST = timedelta(milliseconds=1)


class JobDesk(Protocol):
    """What the runner knows of jobs."""

    def zone(self, thread_id: str | None) -> str:
        """The time zone of a chat, or the bot's."""
        ...

    def language(self, thread_id: str | None) -> str:
        """The tag of the language that is spoken in a chat, or of the bot's."""
        ...

    def next_number(self) -> int:
        """What a job without a name is called."""
        ...

    def declared(self, plugin: str) -> Collection[str]:
        """The names of the jobs of a plugin that have markers."""
        ...

    def made(self, plugin: str, thread_id: str | None) -> Collection[MadeJob]:
        """The jobs that a plugin has made in a chat, as of the last commit."""
        ...


@dataclass(frozen=True)
class ScheduledJob:
    """A job that was made. when: its schedule in words, in the language of its chat. next_at: when it runs next, in the
    zone of its chat."""

    id: str
    function: str
    arguments: tuple[Any, ...] = field(repr=False)
    when: str
    next_at: datetime


class Scheduling:
    """The schedule of one call. Each function that makes a job gives its id: its `name`, or else a number.

    The function is one at the top level of the plugin's module; it gets a `ctx` of this chat and the arguments, which
    are JSON values. A job whose name is there already in this chat takes its place. `missed` and `within` are as for
    `@cron`. Raise BadArgument and StoreError.
    """

    def __init__(
        self, plugin: str, module: str, desk: JobDesk, clock: Clock, thread_id: str | None, sender_id: str | None
    ) -> None:
        self._plugin = plugin
        self._module = module
        self._desk = desk
        self._clock = clock
        self._thread_id = thread_id
        self._sender_id = sender_id
        self._changes: list_[MadeJob | CancelledJob] = []

    def at(
        self,
        moment: datetime | str,
        function: Callable[..., Any],
        *arguments: Any,
        name: str | None = None,
        missed: Missed = "run_once",
        within: Length = WITHIN_S,
    ) -> str:
        """Call the function once: at an aware datetime, or when clocks of this chat show `2026-12-24 18:00`."""
        job = self._job("at", moment, function, arguments, name, missed, within)
        if job.when.next_run(self._clock.now(), moment_at(job.since_ms), self._zone()) is None:
            raise BadArgument(f"schedule.at: {moment} has gone by")
        return self._make(job)

    def after(
        self,
        delay: Length,
        function: Callable[..., Any],
        *arguments: Any,
        name: str | None = None,
        missed: Missed = "run_once",
        within: Length = WITHIN_S,
    ) -> str:
        """Call the function once, so long from now; `2h30m`, or seconds."""
        return self._make(self._job("after", delay, function, arguments, name, missed, within))

    def every(
        self,
        interval: Length,
        function: Callable[..., Any],
        *arguments: Any,
        name: str | None = None,
        missed: Missed = "run_once",
        within: Length = WITHIN_S,
    ) -> str:
        """Call the function again and again, the first time so long from now."""
        return self._make(self._job("every", interval, function, arguments, name, missed, within))

    def cron(
        self,
        expression: str,
        function: Callable[..., Any],
        *arguments: Any,
        name: str | None = None,
        missed: Missed = "run_once",
        within: Length = WITHIN_S,
    ) -> str:
        """Call the function when clocks of this chat show what a crontab expression says."""
        return self._make(self._job("cron", expression, function, arguments, name, missed, within))

    def cancel(self, job_id: str) -> bool:
        """Have a job of this chat no more; False when there is none."""
        if job_id not in self._present():
            return False
        self._changes.append(CancelledJob(self._plugin, job_id, self._thread_id))
        return True

    def list(self) -> tuple[ScheduledJob, ...]:
        """The jobs that this plugin has made in this chat and that are still to run, by the time of the next run."""
        now, zone, language = self._clock.now(), self._zone(), self._desk.language(self._thread_id)
        found = [(_next_at(job, now, zone), job) for job in self._present().values()]
        ahead = sorted(((at, job) for at, job in found if at is not None), key=lambda one: one[0])
        return tuple(
            ScheduledJob(job.name, job.function, job.arguments, words(job.when, zone, language), at.astimezone(zone))
            for at, job in ahead
        )

    def end(self) -> tuple[JobChange, ...]:
        """For the host: what is to be committed."""
        return tuple(self._changes)

    def _present(self) -> dict[str, MadeJob]:
        jobs = {job.name: job for job in self._desk.made(self._plugin, self._thread_id)}
        for change in self._changes:
            if isinstance(change, MadeJob):
                jobs[change.name] = change
            else:
                jobs.pop(change.name, None)
        return jobs

    def _job(
        self,
        kind: str,
        given: Any,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        name: str | None,
        missed: Missed,
        within: Length,
    ) -> MadeJob:
        where = f"schedule.{kind}"
        function_name = self._function(where, function, arguments)
        if name is not None and not is_name(name):
            raise BadArgument(f"{where}: name must be a text without a colon, and no number, not {name!r}")
        if name in self._desk.declared(self._plugin):
            raise BadArgument(f"{where}: {name} is a job with a marker; give another name")
        try:
            when, catching = self._when(kind, given), catching_of(missed, within)
        except (ValueError, OverflowError) as error:
            raise BadArgument(f"{where}: {error}") from error
        return MadeJob(
            plugin=self._plugin,
            name=name if name is not None else str(self._desk.next_number()),
            thread_id=self._thread_id,
            sender_id=self._sender_id,
            function=function_name,
            arguments=arguments,
            when=when,
            catching=catching,
            since_ms=self._clock.time_ms(),
        )

    def _when(self, kind: str, given: Any) -> When:
        if kind != "after":
            return schedule_of(kind, given)
        # What is due at the moment in which it is made would be settled already.
        return schedule_of("at", self._clock.now() + max(timedelta(seconds=seconds_of(given)), _SHORTEST))

    def _function(self, where: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> str:
        """The name of the function, checked together with the arguments."""
        name = getattr(function, "__qualname__", "")
        if getattr(function, "__module__", None) != self._module or not name.isidentifier():
            raise BadArgument(f"{where}: {name or function!r} must be a function at the top level of the plugin")
        try:
            inspect.signature(function).bind(None, *arguments)
        except TypeError as error:
            raise BadArgument(f"{where}: {name} cannot be called with a ctx and these arguments: {error}") from error
        to_json(list_(arguments), f"{where}({name})")
        return name

    def _make(self, job: MadeJob) -> str:
        self._changes.append(job)
        return job.name

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._desk.zone(self._thread_id))


def _next_at(job: MadeJob, now: datetime, zone: ZoneInfo) -> datetime | None:
    run = job.when.next_run(now, moment_at(job.since_ms), zone)
    return run.at if run is not None else None
