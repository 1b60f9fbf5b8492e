"""The scheduler: one thread that waits on the clock for the job that is due first, and has its run journalled.

What is scheduled stands in the table of jobs (`job_rows`). A run is a row of the journal, and the job is settled up to
then in the same commit; so a run is there once, whatever happens, and walks through the lane of its chat like anything
else.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from botkit.clock import Clock, start_thread
from botkit.host import PAUSED_KEY
from botkit.jobs import Job
from botkit.logs import get_logger
from botkit.messenger.errors import PluginError, StoreError
from botkit.runner import job_rows
from botkit.runner.book import Book
from botkit.runner.job_chats import JobChats
from botkit.runner.job_rows import JobRow
from botkit.runner.loader import HookTable, Plugin
from botkit.schedule import Run, moment, to_ms
from botkit.settings import Settings
from botkit.store import Database

log = get_logger(__name__)

_LONGEST_WAIT_S = 3600.0
"""Nothing is waited for longer: the machine's clock may be set, or the machine sleep."""

_LOOK_AGAIN_S = 300.0
"""So long until chats that were not found are looked for again; each time twice as long, up to `_LONGEST_WAIT_S`."""

_WRONG_CLOCK_MS = 24 * 3600 * 1000
"""A job that was settled so far in the future was settled by a wrong clock."""

_ZONE = "zone"
"""Under this key stands the bot's time zone, to know after a restart that it is another."""

_RETRY_S = 5.0
_STOP_S = 2.0


@dataclass(frozen=True)
class _Slot:
    """A job in a chat, and when it runs next."""

    row: JobRow
    zone: ZoneInfo
    next: Run | None

    @classmethod
    def of(cls, row: JobRow, zone: ZoneInfo) -> _Slot:
        return cls(row, zone, row.when.next_run(moment(row.last_ms), moment(row.since_ms), zone))

    def is_due(self, now: datetime) -> bool:
        return self.next is not None and self.next.at <= now


class Scheduler:
    """Started and stopped with the bot; plans and fires on its own thread."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        table: Callable[[], HookTable],
        book: Book,
        chats: JobChats,
        settings_of: Callable[[Plugin], Settings],
        on_rows: Callable[[list[tuple[int, str]]], None],
    ) -> None:
        """`table` gives the present hook table, `settings_of` a plugin's settings in force; `on_rows` gets the
        rows of runs: [(row id, lane)]."""
        self._database = database
        self._clock = clock
        self._table = table
        self._book = book
        self._chats = chats
        self._settings_of = settings_of
        self._on_rows = on_rows
        self._slots: dict[tuple[str, str, str], _Slot] = {}
        self._changed = threading.Event()
        self._is_stale = True
        self._look_again_s = _LOOK_AGAIN_S
        self._zone_before: str | None = None
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; what was missed while the bot was not there comes first."""
        kept = self._book.scope("").get(_ZONE)
        self._zone_before = kept if kept != self._book.defaults.timezone else None
        self._thread = start_thread(self._clock, self._run, "botkit-scheduler")

    def stop(self) -> None:
        """End the thread; from now on nothing is fired."""
        self._stopping = True
        self._changed.set()
        if self._thread is not None:
            self._thread.join(_STOP_S)

    def look(self) -> None:
        """Jobs, plugins, chats or the clock may be others than before. Any thread."""
        self._is_stale = True
        self._changed.set()

    def count(self) -> int:
        """How many jobs are still to run, each chat of one counted."""
        return sum(slot.next is not None for slot in self._slots.values())

    def next_ms(self) -> int | None:
        """When the next run is due; None when none is."""
        ahead = [slot.next.at for slot in self._slots.values() if slot.next is not None]
        return to_ms(min(ahead)) if ahead else None

    def _run(self) -> None:
        while not self._stopping:
            self._changed.clear()
            try:
                wait_s = self._turn()
            except StoreError as error:
                log.error("schedules wait, next try in %.0f s: %s", _RETRY_S, error)
                wait_s = _RETRY_S
            except Exception:
                # Whatever it is, the other jobs go on.
                log.exception("schedules wait, next try in %.0f s: something unexpected", _LOOK_AGAIN_S)
                self._is_stale, wait_s = True, _LOOK_AGAIN_S
            self._clock.wait(self._changed, wait_s)

    def _turn(self) -> float | None:
        """Do what is to be done now; how long nothing is, None for ever."""
        if self._is_stale or self._chats.are_missing:
            longer_s = min(2 * self._look_again_s, _LONGEST_WAIT_S)
            self._look_again_s = _LOOK_AGAIN_S if self._is_stale else longer_s
            self._is_stale = False
            try:
                self._plan(self._now())
            except BaseException:
                self._is_stale = True
                raise
        now = self._now()
        due = [slot for slot in self._slots.values() if slot.is_due(now)]
        if due and not self._stopping:
            self._fire(due, now)
        return self._wait_s()

    def _wait_s(self) -> float | None:
        waits = [self._look_again_s] if self._chats.are_missing else []
        next_ms = self.next_ms()
        if next_ms is not None:
            waits += [max(0.0, (next_ms - self._clock.time_ms()) / 1000), _LONGEST_WAIT_S]
        return min(waits, default=None)

    def _plan(self, now: datetime) -> None:
        """Look what there is, and keep since when."""
        self._chats.begin()
        kept = {row.key: row for row in job_rows.read_all(self._database.read)}
        old = {key: _in_this_time(row, to_ms(now)) for key, row in kept.items()}
        rows = {row.key: row for row in self._declared(old, to_ms(now))}
        plugins = {plugin.name for plugin in self._table().plugins}
        for row in old.values():
            if row.function is not None and row.plugin in plugins and self._is_on(row):
                rows.setdefault(row.key, row)
        slots = {key: self._slot(row, now) for key, row in rows.items()}
        new = [slot.row for key, slot in slots.items() if kept.get(key) != slot.row]
        gone = [row.key for row in old.values() if row.function is None and row.key not in rows and self._is_gone(row)]
        if new or gone:
            self._database.write(lambda connection: _rewrite(connection, new, gone))
        self._slots = slots
        if not self._is_stale:
            self._keep_zone()

    def _declared(self, old: dict[tuple[str, str, str], JobRow], now_ms: int) -> Iterator[JobRow]:
        table = self._table()
        for job in map(self._in_force, table.jobs):
            chats = self._chats.of(job, table.plugin(job.plugin)) if job.is_each else ("",)
            for thread_id in chats:
                known = old.get((job.plugin, job.name, thread_id))
                if known is None or known.function is not None or known.when != job.when:
                    yield job_rows.declared(job, thread_id, now_ms)
                else:
                    yield replace(known, catching=job.catching)

    def _in_force(self, job: Job) -> Job:
        """With the schedule that the present settings make, or that of the bot file where they make none."""
        try:
            return job.with_settings(self._settings_of(self._table().plugin(job.plugin)))
        except PluginError as error:
            log.warning("schedule   %s", error, extra={"plugin": job.plugin})
            return job

    def _is_gone(self, row: JobRow) -> bool:
        """Whether a job with a marker is no more; a chat that was not found may be so for the moment only."""
        return not self._chats.is_missing_for(f"{row.plugin}:{row.name}")

    def _is_on(self, row: JobRow) -> bool:
        if not row.thread_id:
            return True
        return self._book.is_enabled(row.plugin, row.thread_id) and not self._chats.is_left(row.thread_id)

    def _slot(self, row: JobRow, now: datetime) -> _Slot:
        zone = ZoneInfo((self._book.chat(row.thread_id) if row.thread_id else self._book.defaults).timezone)
        known = self._slots.get(row.key) or self._slot_before(row)
        if known is not None and known.zone != zone:
            if known.is_due(now):
                # First what came before the change, by the clocks of then.
                self.look()
                return known
            # What was to come earlier in the new zone was not missed.
            row = replace(row, last_ms=to_ms(now))
        return known if known is not None and known.row == row and known.zone == zone else _Slot.of(row, zone)

    def _slot_before(self, row: JobRow) -> _Slot | None:
        """The job as it was when the bot was last there, if the bot's time zone was another then and the chat has none
        of its own."""
        has_own = row.thread_id and self._book.scope(f"thread:{row.thread_id}").get("timezone")
        return None if self._zone_before is None or has_own else _Slot.of(row, ZoneInfo(self._zone_before))

    def _keep_zone(self) -> None:
        """All jobs go by the bot's present time zone."""
        present = self._book.defaults.timezone
        if self._book.scope("").get(_ZONE) != present:
            self._book.keep(_ZONE, present)
        self._zone_before = None

    def _fire(self, due: Sequence[_Slot], now: datetime) -> None:
        now_ms = to_ms(now)
        after = [_Slot.of(replace(slot.row, last_ms=now_ms), slot.zone) for slot in due]
        wanted = [self._wanted(slot, now) for slot in due]

        def write(connection: sqlite3.Connection) -> list[tuple[int, str]]:
            found = []
            for slot, then, due_runs in zip(due, after, wanted, strict=True):
                if job_rows.settle(connection, slot.row, now_ms, is_over=then.next is None):
                    added = (job_rows.add_run(connection, slot.row, r.key, to_ms(r.at), now_ms) for r in due_runs)
                    found += [row for row in added if row is not None]
            return found

        rows = self._database.write(write)
        self._slots = {**self._slots, **{slot.row.key: slot for slot in after}}
        self._on_rows(rows)

    def _wanted(self, slot: _Slot, now: datetime) -> tuple[Run, ...]:
        """The runs to be made now: none of a job that is paused, or that was due too long ago."""
        row = slot.row
        if self._is_paused(row):
            log.info("schedule   %s:%s is paused and is not run", row.plugin, row.name)
            return ()
        found = row.catching.due(row.when, moment(row.last_ms), now, moment(row.since_ms), slot.zone)
        if not found:
            log.info("schedule   %s:%s has missed its time and is not run", row.plugin, row.name)
        return found

    def _is_paused(self, row: JobRow) -> bool:
        scope = f"thread:{row.thread_id}" if row.thread_id else ""
        return bool(self._book.scope(scope).get(f"{PAUSED_KEY}{row.plugin}:{row.name}"))

    def _now(self) -> datetime:
        return moment(self._clock.time_ms())


def _in_this_time(row: JobRow, now_ms: int) -> JobRow:
    """A clock that was set far ahead and back again does not silence a job until then."""
    if row.last_ms <= now_ms + _WRONG_CLOCK_MS:
        return row
    return replace(row, last_ms=now_ms, since_ms=min(row.since_ms, now_ms))


def _rewrite(connection: sqlite3.Connection, new: list[JobRow], gone: list[tuple[str, str, str]]) -> None:
    job_rows.put(connection, new)
    job_rows.remove(connection, gone)
