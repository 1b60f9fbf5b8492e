"""What a stopped bot keeps about one person: collected to be handed over, or erased.

What a plugin keeps about people in global values and in those of a chat cannot be known; the places in which the
person's id appears are told instead.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botkit.messenger import parse
from botkit.messenger.errors import BadArgument, StoreError
from botkit.runner.at_rest import FILE
from botkit.runner.contexts import chat_of
from botkit.store import Database

_PERSON_KEYS = ("user_id", "person_id", "sender_id")
# Nothing of people: where the listener stands, numbers, and how the bot and its plugins are doing.
_IMPERSONAL = frozenset({"position", "counters", "missed", "ending", "breakers"})
# In the place of an id in what others have done.
_NOBODY = "0"

_CONDITIONS: Mapping[str, str] = {
    "journal": "id IN (SELECT row_id FROM theirs)",
    "calls": "row_id IN (SELECT row_id FROM theirs)",
    "outbox": "row_id IN (SELECT row_id FROM theirs) OR thread_id = :id OR mentions(body) OR mentions(extras)",
    # What a call did is kept under `ROW:HANDLER`.
    "effects": "thread_id = :id OR mentions(result)"
    " OR CAST(substr(call, 1, instr(call, ':') - 1) AS INTEGER) IN (SELECT row_id FROM theirs)",
    "store": "scope IN ('user:' || :id, 'thread:' || :id) OR scope LIKE 'member:' || :id || ':%'"
    " OR scope LIKE 'member:%:' || :id",
}


@dataclass(frozen=True)
class Erased:
    """What was erased: {table: rows}; how many rows of others had the person's id taken out; and where the id still
    appears, in words."""

    rows: Mapping[str, int]
    masked: int
    left: tuple[str, ...] = field(default=())


def databases(data: Path) -> list[Path]:
    """The databases of all bots that have used a data folder."""
    return sorted(data.rglob(FILE))


def export(path: Path, user_id: str) -> dict[str, Any]:
    """{table: rows} of what is theirs, and under `mentioned` where else the id appears. The bot may be running. Raises
    StoreError when the file cannot be read, BadArgument for the bot's own account."""
    _check_person(path, user_id)
    with _opened(f"{path.absolute().as_uri()}?mode=ro", path, user_id) as connection:
        found: dict[str, Any] = {table: _rows(connection, table, user_id) for table in _tables(connection)}
        return {**{table: rows for table, rows in found.items() if rows}, "mentioned": _mentions(connection, user_id)}


def erase(path: Path, user_id: str) -> Erased:
    """Leave nothing that is theirs, in no page of the file either. The caller holds the data; the file is of this
    schema afterwards. Raises as `export` does."""
    _check_person(path, user_id)
    Database(path).close()
    with _opened(f"{path.absolute().as_uri()}?mode=rw", path, user_id) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")
        rows = {table: _delete(connection, table, user_id) for table in _tables(connection)}
        masked = _mask(connection, user_id)
        left = tuple(_mentions(connection, user_id))
        connection.execute("COMMIT")
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            connection.execute(statement).fetchall()
    return Erased({table: count for table, count in rows.items() if count}, masked, left)


def _check_person(path: Path, user_id: str) -> None:
    if user_id == _account(path):
        raise BadArgument(f"{user_id} is the bot's own account; delete {path.parent} to erase the bot")


def _account(path: Path) -> str:
    """Whose bot it is: the data of one is in NETWORK-ACCOUNT, that of its shadow in a folder inside."""
    names = (path.parent.name, path.parent.parent.name)
    return next((name.rpartition("-")[2] for name in names if "-" in name), "")


@contextlib.contextmanager
def _opened(uri: str, path: Path, user_id: str) -> Iterator[sqlite3.Connection]:
    word = _word(user_id)
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
            connection.create_function("mentions", 1, lambda text: bool(text and word.search(str(text))))
            # Neither this nor the copy that VACUUM makes is to leave anything behind.
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("CREATE TEMP TABLE theirs (row_id INTEGER PRIMARY KEY)")
            _find_rows(connection, user_id, _account(path))
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be read or changed: {error}") from error


def _find_rows(connection: sqlite3.Connection, user_id: str, own_id: str) -> None:
    """Note the rows of the journal that are theirs: what they did, and the echoes of the answers."""
    word = _word(user_id)
    for row_id, thread_id, key, payload in connection.execute("SELECT id, thread_id, key, payload FROM journal"):
        if thread_id == user_id or word.search(key or "") or _person_of(payload, own_id) == user_id:
            connection.execute("INSERT INTO theirs VALUES (?)", (row_id,))
    connection.execute(
        "INSERT OR IGNORE INTO theirs SELECT journal.id FROM journal JOIN outbox"
        " ON journal.key = 'message:' || outbox.message_id"
        " OR instr(journal.payload, outbox.offline_threading_id)"
        " WHERE outbox.row_id IN (SELECT row_id FROM theirs)"
    )


def _word(user_id: str) -> re.Pattern[str]:
    """The id, not as a part of a longer one."""
    return re.compile(rf"(?<!\d){re.escape(user_id)}(?!\d)")


def _person_of(payload: str, own_id: str) -> str | None:
    """Who caused a row of the journal; None when that is not kept any more, as a day after it was handled."""
    if not payload:
        return None
    found = json.loads(payload)
    named = next((found[key] for key in _PERSON_KEYS if key in found), None)
    return str(named) if named is not None else chat_of(parse(found, own_id))[1]


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = [
        name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    return [name for name in names if name not in _IMPERSONAL and not name.startswith("sqlite_")]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _condition(connection: sqlite3.Connection, table: str) -> str:
    if table in _CONDITIONS:
        return _CONDITIONS[table]
    columns = _columns(connection, table)
    found = [f"{column} = :id" for column in (*_PERSON_KEYS, "thread_id") if column in columns]
    if "row_id" in columns:
        found.append("row_id IN (SELECT row_id FROM theirs)")
    return " OR ".join(found) or "0"


def _rows(connection: sqlite3.Connection, table: str, user_id: str) -> list[dict[str, Any]]:
    columns = _columns(connection, table)
    rows = connection.execute(
        f"SELECT * FROM {table} WHERE {_condition(connection, table)}",  # noqa: S608
        {"id": user_id},
    )
    return [{name: _readable(value) for name, value in zip(columns, row, strict=True)} for row in rows]


def _readable(value: Any) -> Any:
    """JSON texts as what they stand for."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return value


def _delete(connection: sqlite3.Connection, table: str, user_id: str) -> int:
    return connection.execute(
        f"DELETE FROM {table} WHERE {_condition(connection, table)}",  # noqa: S608
        {"id": user_id},
    ).rowcount


def _mask(connection: sqlite3.Connection, user_id: str) -> int:
    """Take the id out of what others did: the members of a group stand in each of its messages."""
    word = _word(user_id)
    rows = connection.execute("SELECT id, payload FROM journal WHERE mentions(payload)").fetchall()
    masked = [(word.sub(_NOBODY, payload), row_id) for row_id, payload in rows]
    connection.executemany("UPDATE journal SET payload = ? WHERE id = ?", masked)
    return len(rows)


def _mentions(connection: sqlite3.Connection, user_id: str) -> list[str]:
    """Where the id appears in what is not theirs."""
    found = [
        f"{table}: {' '.join(key)}" for table in _tables(connection) for key in _mentioning(connection, table, user_id)
    ]
    return sorted(found)


def _mentioning(connection: sqlite3.Connection, table: str, user_id: str) -> Sequence[tuple[str, ...]]:
    if table == "journal":
        return []
    columns = _columns(connection, table)
    shown = ("plugin", "scope", "key") if table == "store" else tuple(columns[:1])
    mentioned = " OR ".join(f"mentions({column})" for column in columns)
    rows = connection.execute(
        f"SELECT {', '.join(shown)} FROM {table} WHERE ({mentioned}) AND NOT ({_condition(connection, table)})",  # noqa: S608
        {"id": user_id},
    )
    return [tuple(str(one) for one in row) for row in rows]
