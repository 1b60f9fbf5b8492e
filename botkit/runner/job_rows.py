"""The table of jobs and the journal's rows of their runs: what is written inside commits, and how it is read back."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from botkit.jobs import CancelledJob, Job, JobChange, JobRun, MadeJob
from botkit.runner.journal_table import Row
from botkit.schedule import Catching, When, when_of

KIND = "job"
"""The kind of the journal's rows that are runs of jobs."""

Read = Callable[..., list[tuple[Any, ...]]]
"""`Database.read`."""

_COUNTER = "job"
_COLUMNS = "plugin, name, thread_id, kind, text, missed, within_s, since_ms, last_ms, function, arguments, person_id"


@dataclass(frozen=True)
class JobRow:
    """A job in a chat (thread_id '': in none), and up to when its runs are settled. `function` is None for a job with a
    marker; then the schedule is the one that it had when the row was written."""

    plugin: str
    name: str
    thread_id: str
    when: When
    catching: Catching
    since_ms: int
    last_ms: int
    function: str | None = None
    arguments: tuple[Any, ...] = ()
    person_id: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by."""
        return self.plugin, self.name, self.thread_id

    @property
    def made(self) -> MadeJob:
        """The same as plugins see it; only of a job that a call has made."""
        assert self.function is not None, "a job with a marker is not made by a call"
        return MadeJob(
            self.plugin,
            self.name,
            self.thread_id or None,
            self.person_id,
            self.function,
            self.arguments,
            self.when,
            self.catching,
            self.since_ms,
        )


def declared(job: Job, thread_id: str, now_ms: int) -> JobRow:
    """The row of a job with a marker, whose schedule begins now."""
    return JobRow(job.plugin, job.name, thread_id, job.when, job.catching, now_ms, now_ms)


def read_all(read: Read) -> list[JobRow]:
    """All rows."""
    return [_row(found) for found in read(f"SELECT {_COLUMNS} FROM jobs")]  # noqa: S608


def read_made(read: Read, plugin: str, thread_id: str | None) -> tuple[MadeJob, ...]:
    """The jobs that a plugin has made in a chat."""
    found = read(
        f"SELECT {_COLUMNS} FROM jobs WHERE plugin = ? AND thread_id = ? AND function IS NOT NULL",  # noqa: S608
        (plugin, thread_id or ""),
    )
    return tuple(_row(one).made for one in found)


def put(connection: sqlite3.Connection, rows: Iterable[JobRow]) -> None:
    """Inside a commit: write rows, in the place of those with the same key."""
    marks = ", ".join("?" * len(_COLUMNS.split(", ")))
    connection.executemany(f"INSERT OR REPLACE INTO jobs ({_COLUMNS}) VALUES ({marks})", map(_values, rows))  # noqa: S608


def remove(connection: sqlite3.Connection, keys: Iterable[tuple[str, str, str]]) -> None:
    """Inside a commit: forget rows."""
    connection.executemany("DELETE FROM jobs WHERE plugin = ? AND name = ? AND thread_id = ?", keys)


def settle(connection: sqlite3.Connection, row: JobRow, last_ms: int, *, is_over: bool) -> bool:
    """Inside a commit: the runs of a job up to a moment are dealt with; one that a call has made and that is over is
    forgotten. False when the job has been changed or cancelled meanwhile."""
    where = "WHERE plugin = ? AND name = ? AND thread_id = ? AND since_ms = ? AND last_ms = ? RETURNING 1"
    same = (*row.key, row.since_ms, row.last_ms)
    if is_over and row.function is not None:
        found = connection.execute(f"DELETE FROM jobs {where}", same)  # noqa: S608
    else:
        found = connection.execute(f"UPDATE jobs SET last_ms = ? {where}", (last_ms, *same))  # noqa: S608
    return found.fetchone() is not None


def change(
    connection: sqlite3.Connection, changes: Sequence[JobChange], origin: str, now_ms: int
) -> list[tuple[int, str]]:
    """Inside a commit: do what a call wants of jobs; the rows of the runs it has asked for, as [(row id, lane)].
    `origin` names the call."""
    rows = []
    for number, one in enumerate(changes):
        key = (one.plugin, one.name, one.thread_id or "")
        if isinstance(one, CancelledJob):
            remove(connection, [key])
        elif isinstance(one, MadeJob):
            put(connection, [_of_made(one)])
            if one.name.isdecimal():
                _count(connection, int(one.name))
        elif (row := _add_asked(connection, key, f"asked {origin} {number}", now_ms)) is not None:
            rows.append(row)
    return rows


def add_run(
    connection: sqlite3.Connection, row: JobRow, run_key: str, due_ms: int, now_ms: int, *, is_asked: bool = False
) -> tuple[int, str] | None:
    """Inside a commit: a row of the journal for one run, as (row id, lane); None when that run is there already."""
    payload = {
        "plugin": row.plugin,
        "job": row.name,
        "function": row.function,
        "arguments": list(row.arguments),
        "due_ms": due_ms,
        "person_id": row.person_id,
        "asked": is_asked,
    }
    found = connection.execute(
        "INSERT OR IGNORE INTO journal (key, thread_id, topic, kind, payload, received_ms) VALUES (?, ?, ?, ?, ?, ?)"
        " RETURNING id",
        (
            f"{KIND}:{row.plugin}:{row.name}:{row.thread_id}:{run_key}",
            row.thread_id or None,
            KIND,
            KIND,
            json.dumps(payload, ensure_ascii=False),
            now_ms,
        ),
    ).fetchone()
    return None if found is None else (found[0], row.thread_id)


def _add_asked(
    connection: sqlite3.Connection, key: tuple[str, str, str], run_key: str, now_ms: int
) -> tuple[int, str] | None:
    """A run that an owner asks for; None when the job is not there any more."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE plugin = ? AND name = ? AND thread_id = ?",  # noqa: S608
        key,
    ).fetchone()
    return None if found is None else add_run(connection, _row(found), run_key, now_ms, now_ms, is_asked=True)


def run_of(row: Row) -> JobRun:
    """The run that a row of the journal stands for."""
    found = row.payload
    return JobRun(
        job=f"{found['plugin']}:{found['job']}",
        plugin=found["plugin"],
        function=found["function"],
        arguments=tuple(found["arguments"]),
        due_ms=found["due_ms"],
        thread_id=row.thread_id,
        sender_id=found["person_id"],
        is_asked=found["asked"],
    )


class Numbers:
    """Gives names to jobs that have none, so that none comes twice in the life of a database. Any thread."""

    def __init__(self, read: Read) -> None:
        found = read("SELECT value FROM counters WHERE name = ?", (_COUNTER,))
        self._numbers = itertools.count(found[0][0] + 1 if found else 1)

    def next(self) -> int:
        """The next number."""
        return next(self._numbers)


def _count(connection: sqlite3.Connection, number: int) -> None:
    connection.execute(
        "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        (_COUNTER, number),
    )


def _of_made(job: MadeJob) -> JobRow:
    return JobRow(
        job.plugin,
        job.name,
        job.thread_id or "",
        job.when,
        job.catching,
        job.since_ms,
        job.since_ms,
        job.function,
        job.arguments,
        job.sender_id,
    )


def _row(found: Sequence[Any]) -> JobRow:
    plugin, name, thread_id, kind, text, missed, within_s, since_ms, last_ms, function, arguments, person_id = found
    return JobRow(
        plugin,
        name,
        thread_id,
        when_of(kind, text),
        Catching(missed, within_s),
        since_ms,
        last_ms,
        function,
        tuple(json.loads(arguments or "[]")),
        person_id,
    )


def _values(row: JobRow) -> tuple[Any, ...]:
    return (
        row.plugin,
        row.name,
        row.thread_id,
        row.when.kind,
        row.when.text,
        row.catching.missed,
        row.catching.within_s,
        row.since_ms,
        row.last_ms,
        row.function,
        json.dumps(list(row.arguments), ensure_ascii=False),
        row.person_id,
    )
