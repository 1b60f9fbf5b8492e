"""What plugins and owners may know of jobs, read from the table."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from botkit.host import ChatSettings
from botkit.jobs import JobInfo, MadeJob
from botkit.runner import job_rows
from botkit.runner.book import Book
from botkit.runner.job_rows import JobRow, Numbers, Read
from botkit.runner.loader import HookTable
from botkit.schedule import moment, runs
from botkit.schedule_words import words
from botkit.texts import ENGLISH

_SHOWN_RUNS = 3


class TableJobs:
    """The jobs of one hook table; any thread. See `botkit.scheduling.JobDesk`."""

    def __init__(self, table: HookTable, read: Read, book: Book, numbers: Numbers) -> None:
        self._table = table
        self._read = read
        self._book = book
        self._numbers = numbers

    def zone(self, thread_id: str | None) -> str:
        return self._chat(thread_id).timezone

    def language(self, thread_id: str | None) -> str:
        return self._chat(thread_id).language

    def next_number(self) -> int:
        return self._numbers.next()

    def declared(self, plugin: str) -> Collection[str]:
        return tuple(job.name for job in self._table.jobs if job.plugin == plugin)

    def made(self, plugin: str, thread_id: str | None) -> Collection[MadeJob]:
        return job_rows.read_made(self._read, plugin, thread_id)

    def known(self, thread_id: str | None, language: str, now: datetime) -> tuple[JobInfo, ...]:
        """The jobs of a chat and those that run in none, of plugins that are on there; see `listed`."""
        rows = [row for row in job_rows.read_all(self._read) if row.thread_id in ("", thread_id)]
        return listed(filter(self._is_on, rows), self.zone, now, language)

    def _is_on(self, row: JobRow) -> bool:
        is_loaded = any(plugin.name == row.plugin for plugin in self._table.plugins)
        return is_loaded and (not row.thread_id or self._book.is_enabled(row.plugin, row.thread_id))

    def _chat(self, thread_id: str | None) -> ChatSettings:
        return self._book.chat(thread_id) if thread_id else self._book.defaults


def listed(
    rows: Iterable[JobRow], zone: Callable[[str | None], str], now: datetime, language: str = ENGLISH
) -> tuple[JobInfo, ...]:
    """What is told of jobs that are still to run, by the time of the next run. `zone` gives the time zone of a chat."""
    infos = [_info(row, ZoneInfo(zone(row.thread_id or None)), now, language) for row in rows]
    return tuple(sorted((one for one in infos if one.next_at), key=lambda one: one.next_at[0].astimezone(UTC)))


def _info(row: JobRow, zone: ZoneInfo, now: datetime, language: str) -> JobInfo:
    ahead = itertools.islice(runs(row.when, now, moment(row.since_ms), zone), _SHOWN_RUNS)
    return JobInfo(
        row.plugin,
        row.name,
        row.thread_id or None,
        words(row.when, zone, language),
        tuple(run.at.astimezone(zone) for run in ahead),
    )
