"""What the last bot on a data folder left behind, for tools that look while no bot runs."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botkit.host import HOST, PAUSED_KEY
from botkit.messenger.errors import StoreError
from botkit.runner import job_rows
from botkit.runner.job_rows import JobRow
from botkit.runner.journal_table import retry_row, rows_in
from botkit.status import RowInfo, Status
from botkit.store import Database

FILE = "bot.db"
_Read = Callable[..., list[tuple[Any, ...]]]


def newest(data: Path, network: str, account: str | None = None) -> Path | None:
    """The database of the bot that ran last on `network` ("sandbox" or "facebook"), as `account` if that is given; None
    when none has."""

    def written(path: Path) -> float:
        # What was committed last may stand in the file beside it.
        beside = path.with_name(f"{FILE}-wal")
        return max(one.stat().st_mtime for one in (path, beside) if one.exists())

    return max(data.glob(f"{network}*-{account or '*'}/{FILE}"), key=written, default=None)


def rows(path: Path, states: Sequence[str]) -> list[RowInfo]:
    """The rows of its journal in these states, oldest first; raises StoreError when it cannot be read."""
    with _reading(path) as read:
        return rows_in(read, states)


def status(path: Path | None, network: str, reason: str) -> Status:
    """A stopped bot's status; without a database there was no bot yet."""
    if path is None:
        return Status("stopped", reason or "never started", None, None, None, "nobody", network)
    key, _, own_id = path.parent.name.rpartition("-")
    with _reading(path) as read:
        counts = dict(read("SELECT state, count(*) FROM journal WHERE state != 'done' GROUP BY state"))
        ((waiting,),) = read("SELECT count(*) FROM outbox WHERE state = 'open'")
        ((heard_ms,),) = read("SELECT max(received_ms) FROM journal")
        ending = read("SELECT state, reason, ended_ms FROM ending") or [("stopped", reason, None)]
    return Status(
        state=ending[0][0],
        reason=ending[0][1],
        since_ms=ending[0][2],
        started_ms=None,
        last_event_ms=heard_ms,
        own_id=own_id,
        network=key,
        open_rows=counts.get("open", 0) + counts.get("held", 0),
        dead_rows=counts.get("dead", 0),
        late_rows=counts.get("late", 0),
        outbox_waiting=waiting,
    )


@dataclass(frozen=True)
class KeptJobs:
    """What is kept of jobs: their rows; {thread id: time zone} of chats that have one of their own; and those that
    rest, as (scope, plugin:name)."""

    rows: tuple[JobRow, ...] = ()
    zones: Mapping[str, str] = field(default_factory=dict)
    resting: frozenset[tuple[str, str]] = frozenset()

    def rests(self, row: JobRow) -> bool:
        """Whether a job is paused in its chat."""
        scope = f"thread:{row.thread_id}" if row.thread_id else ""
        return (scope, f"{row.plugin}:{row.name}") in self.resting


def jobs(path: Path) -> KeptJobs:
    """The jobs of the bot; raises StoreError when they cannot be read."""
    with _reading(path) as read:
        rows = job_rows.read_all(read)
        kept = read(
            "SELECT scope, key, value FROM store WHERE plugin = ? AND (key = 'timezone' OR key LIKE ?)",
            (HOST, f"{PAUSED_KEY}%"),
        )
    zones = {scope.removeprefix("thread:"): json.loads(value) for scope, key, value in kept if key == "timezone"}
    resting = {(scope, key.removeprefix(PAUSED_KEY)) for scope, key, _ in kept if key.startswith(PAUSED_KEY)}
    return KeptJobs(tuple(rows), zones, frozenset(resting))


def retry(path: Path, row_id: int) -> bool:
    """Have the next start handle a row that is dead or late; False when it is neither. The caller holds the data."""
    database = Database(path)
    try:
        return bool(retry_row(database, row_id))
    finally:
        database.close()


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[_Read]:
    """Reads a database without writing anything, not even a newer schema."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield lambda sql, parameters=(): connection.execute(sql, parameters).fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be read: {error}; after an upgrade the bot must run once") from error
