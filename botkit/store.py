"""One SQLite file for everything that must survive: journal, outbox, ledger of calls and the plugins' values.

A single writer thread owns the writing connection and commits in groups; whoever wants to write hands it a function
and waits. Reads go through connections of their own and never wait for a writer (WAL). No transaction is open while a
plugin runs.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from botkit.messenger.errors import StoreError

T = TypeVar("T")

# So many units share one commit at most; more would only delay the first of them.
_GROUP = 200

_SCHEMA = (
    """
    CREATE TABLE position (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        entity_id TEXT NOT NULL,
        sync_token TEXT,
        cursor INTEGER NOT NULL
    );
    -- What came in, as raw JSON. A second row with a known key is dropped.
    CREATE TABLE journal (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT UNIQUE,
        thread_id TEXT,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        received_ms INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done'))
    );
    CREATE INDEX journal_open ON journal (id) WHERE state = 'open';
    CREATE INDEX journal_age ON journal (received_ms);
    -- One mark for each call (journal row, handler) that has ended, while its row is open.
    CREATE TABLE calls (
        row_id INTEGER NOT NULL,
        handler TEXT NOT NULL,
        PRIMARY KEY (row_id, handler)
    ) WITHOUT ROWID;
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        thread_id TEXT NOT NULL,
        plugin TEXT NOT NULL,
        body TEXT NOT NULL,
        offline_threading_id TEXT UNIQUE,
        created_ms INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sent', 'refused')),
        ended_ms INTEGER,
        message_id TEXT,
        error TEXT
    );
    CREATE INDEX outbox_open ON outbox (id) WHERE state = 'open';
    -- Values of plugins. scope: '' (global), 'thread:T', 'user:U', 'member:T:U'. version grows with every change.
    CREATE TABLE store (
        plugin TEXT NOT NULL,
        scope TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (plugin, scope, key)
    ) WITHOUT ROWID;
    CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO counters VALUES ('version', 0);
    """,
)
"""Each entry brings the file from the version before it to the next; the number is kept in `user_version`."""


class Database:
    """The file and its writer. Open it once per process; every method may be called from any thread."""

    def __init__(self, path: Path) -> None:
        """Open or make the file (mode 0600); raises StoreError when it cannot be used."""
        self._path = path
        self._local = threading.local()
        self._readers: list[_Reader] = []
        self._lock = threading.Lock()
        self._closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            connection = _connect(path)
            try:
                _migrate(connection, path)
            except BaseException:
                connection.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{path}: cannot be opened as the bot's store: {error}") from error
        self._writer = _Writer(connection, path)

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Have `work` done in the next commit, on the writer's thread; the future is resolved once it is durable.

        What `work` raises undoes its own changes only and comes back through the future.
        """
        return self._writer.submit(work)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """`submit`, and wait for the commit."""
        return self.submit(work).result()

    def read(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """The rows of one SELECT as of the last commit."""
        try:
            reader: _Reader | None = getattr(self._local, "reader", None)
            if reader is None:
                reader = self._local.reader = self._new_reader()
            with reader.lock:
                return reader.connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: cannot be read: {error}") from error

    def close(self) -> None:
        """Commit what is waiting and close the file; idempotent. A later read or write raises StoreError."""
        self._writer.stop()
        with self._lock:
            self._closed = True
            for reader in self._readers:
                # A connection that is closed while another thread uses it takes the process down.
                with reader.lock:
                    reader.connection.close()

    def _new_reader(self) -> _Reader:
        with self._lock:
            if self._closed:
                raise StoreError(f"{self._path}: the store is closed")
            reader = _Reader(_connect(self._path))
            self._readers.append(reader)
            return reader


class _Reader:
    """One thread's connection for reading; the lock is for the moment of closing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.lock = threading.Lock()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # Survives a killed process; a power cut may take back the last commits (docs/architecture.md).
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(_SCHEMA):
        raise StoreError(f"{path}: was written by a newer botkit (schema {version}); upgrade botkit")
    for number, script in enumerate(_SCHEMA[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE;{script};PRAGMA user_version = {number};COMMIT;")


class _Writer:
    """The thread that writes."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self._path = path
        self._waiting: deque[tuple[Callable[[sqlite3.Connection], Any], Future[Any]]] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="botkit-store", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._changed:
            if self._stopping:
                raise StoreError(f"{self._path}: the store is closed")
            self._waiting.append((work, future))
            self._changed.notify()
        return future

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()
        self.connection.close()

    def _run(self) -> None:
        for group in self._groups():
            for future, result, error in self._commit(group):
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)

    def _groups(self) -> Iterator[list[tuple[Callable[[sqlite3.Connection], Any], Future[Any]]]]:
        while True:
            with self._changed:
                while not self._waiting and not self._stopping:
                    self._changed.wait()
                if not self._waiting:
                    return
                group = [self._waiting.popleft() for _ in range(min(_GROUP, len(self._waiting)))]
            yield group

    def _commit(
        self, group: list[tuple[Callable[[sqlite3.Connection], Any], Future[Any]]]
    ) -> list[tuple[Future[Any], Any, Exception | None]]:
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            outcomes = [(future, *self._one(work)) for work, future in group]
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
            failure = StoreError(f"{self._path}: cannot be written: {error}")
            failure.__cause__ = error
            return [(future, None, failure) for _, future in group]
        return outcomes

    def _one(self, work: Callable[[sqlite3.Connection], Any]) -> tuple[Any, Exception | None]:
        self.connection.execute("SAVEPOINT one")
        try:
            result = work(self.connection)
        except Exception as error:
            self.connection.execute("ROLLBACK TO one")
            self.connection.execute("RELEASE one")
            return None, error
        self.connection.execute("RELEASE one")
        return result, None
