"""A copy of what a bot keeps, taken while it runs, and its way back while the bot stands still.

A copy becomes visible under its name when it is whole and checked. Whoever is killed in the midst of either leaves the
old file or the new one.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from botkit.messenger.errors import StoreError
from botkit.store import NEWEST_SCHEMA, Database

_TABLES = frozenset({"journal", "outbox", "store", "position", "counters", "calls"})
_RESTORED = "restored from a backup"
# What was open when the copy was made may be done by now, and what came since is not in it. Nothing is said twice, so
# the bot begins anew with what comes in, and the owner decides about the rest (`botkit events`).
_BEGIN_ANEW = f"""
    DELETE FROM position;
    DELETE FROM missed;
    DELETE FROM counters WHERE name = 'begun_ms';
    UPDATE journal SET state = 'dead', note = '{_RESTORED}' WHERE state IN ('open', 'held');
    UPDATE outbox SET state = 'refused', error = '{_RESTORED}', ended_ms = created_ms WHERE state = 'open';
"""  # noqa: S608


def backup(path: Path, target: Path, *, force: bool = False) -> None:
    """Copy a bot's database to the file `target` (mode 0600), checked; the bot may be running. Raises StoreError, also
    when `target` is there already and not to be replaced (`force`)."""
    if target.exists() and not force:
        raise StoreError(f"{target}: is there already; name another file, or replace it with --force")
    with _beside(target) as copy, _sql_errors(target):
        with _reading(path) as source, contextlib.closing(sqlite3.connect(copy)) as made:
            source.backup(made)
            # One file, without others beside it.
            made.execute("PRAGMA journal_mode = DELETE")
        _check(copy, target)
        _put(copy, target, force=force)


def restore(source: Path, path: Path) -> None:
    """Put a backup in the place of a bot's database. The caller holds the data. Raises StoreError, and the old one
    stays, when `source` is no whole database of a bot, or one of a newer botkit."""
    _check(source, source)
    with _beside(path) as copy, _sql_errors(path):
        with _reading(source) as found, contextlib.closing(sqlite3.connect(copy)) as made:
            found.backup(made)
        # An older one is brought to this schema before it counts.
        Database(copy).close()
        with contextlib.closing(sqlite3.connect(copy)) as made:
            made.executescript(f"BEGIN IMMEDIATE;{_BEGIN_ANEW}COMMIT;")
            made.execute("PRAGMA journal_mode = DELETE")
        _fold(path)
        # The rows that its notes name are those of the old database.
        (path.parent / "in-hand").unlink(missing_ok=True)
        for left_over in set(path.parent.glob(f".{path.name}.*.new")) - {copy}:
            left_over.unlink()
        _put(copy, path, force=True)


def account_of(source: Path) -> str | None:
    """The account whose bot a backup is of; None when it was never connected. Raises StoreError."""
    _check(source, source)
    with _reading(source) as connection:
        row = connection.execute("SELECT entity_id FROM position").fetchone()
    return None if row is None else str(row[0])


def _reading(path: Path) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True))


def _check(path: Path, named: Path) -> None:
    """Raises StoreError, which calls the file `named`, when it is no whole database of a bot that this botkit knows."""
    if not path.is_file():
        raise StoreError(f"{named}: there is no such file")
    try:
        with _reading(path) as connection:
            ((whole,),) = connection.execute("PRAGMA integrity_check(1)").fetchall()
            ((version,),) = connection.execute("PRAGMA user_version").fetchall()
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{named}: is no backup of a bot: {error}") from error
    if whole != "ok":
        raise StoreError(f"{named}: is damaged: {whole}")
    if not tables >= _TABLES:
        raise StoreError(f"{named}: is no backup of a bot; make one with: botkit backup FILE")
    if version > NEWEST_SCHEMA:
        raise StoreError(f"{named}: was written by a newer botkit (schema {version}); upgrade botkit")


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty file beside `target` that is gone afterwards, whatever has happened."""
    copy = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        try:
            os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        except OSError as error:
            raise StoreError(f"{target}: cannot be written: {error.strerror}") from error
        yield copy
    finally:
        for name in ("", "-wal", "-shm", "-journal"):
            copy.with_name(copy.name + name).unlink(missing_ok=True)


def _fold(path: Path) -> None:
    """Bring what stands beside the old database into it: it would be taken for a part of the new one."""
    if path.exists():
        with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(sqlite3.connect(path)) as old:
            old.execute("PRAGMA journal_mode = DELETE").fetchall()
    # Of a damaged one nothing can be saved.
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)


def _put(copy: Path, target: Path, *, force: bool) -> None:
    _sync(copy)
    if force:
        copy.replace(target)
    else:
        # Unlike a renaming it does not replace what has come there meanwhile.
        os.link(copy, target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _sql_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise StoreError(f"{path}: is there already; name another file, or replace it with --force") from error
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path}: cannot be written: {error}") from error
