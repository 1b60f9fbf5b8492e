"""What the last bot on a data folder left behind, for tools that look while no bot runs."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from botkit.messenger.errors import StoreError
from botkit.runner.journal_table import retry_row, rows_in
from botkit.status import RowInfo, Status
from botkit.store import Database

_FILE = "bot.db"
_Read = Callable[..., list[tuple[Any, ...]]]


def newest(data: Path, network: str) -> Path | None:
    """The database of the bot that ran last on `network` ("sandbox" or "facebook"); None when none has."""

    def written(path: Path) -> float:
        # What was committed last may stand in the file beside it.
        beside = path.with_name(f"{_FILE}-wal")
        return max(one.stat().st_mtime for one in (path, beside) if one.exists())

    return max(data.glob(f"{network}-*/{_FILE}"), key=written, default=None)


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
