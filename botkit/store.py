"""One SQLite file for everything that must survive: journal, outbox, ledgers and the plugins' values.

There is one writing connection. Whoever wants to write hands over a function; the first to come commits for all who
come meanwhile (a group commit without a thread of its own, so nobody waits for a thread to wake up). Reads go through
connections of their own and never wait for a writer (WAL). No transaction is open while a plugin runs.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Literal, TypeVar

from botkit.messenger.errors import StoreError

T = TypeVar("T")
Sync = Literal["off", "normal", "full"]
"""How far a commit waits for the disk."""

# So many units share one commit at most; more would only delay the first of them.
_GROUP = 200
# How long to wait for another process that holds the file, such as a backup.
_BUSY_S = 5.0

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
    """
    CREATE TABLE journal_2 (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT UNIQUE,
        thread_id TEXT,
        topic TEXT NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        received_ms INTEGER NOT NULL,
        -- By the server's clock; NULL where it does not say.
        happened_ms INTEGER,
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'held', 'done', 'dead', 'late')),
        -- How often the process has ended while this row was in hand.
        starts INTEGER NOT NULL DEFAULT 0,
        note TEXT
    );
    INSERT INTO journal_2 (id, key, thread_id, topic, kind, payload, received_ms, state)
        SELECT id, key, thread_id, '/t_ms', kind, payload, received_ms, state FROM journal;
    DROP TABLE journal;
    ALTER TABLE journal_2 RENAME TO journal;
    CREATE INDEX journal_undone ON journal (state) WHERE state IN ('open', 'held', 'dead', 'late');
    -- A row is a message, or with kind 'reaction' an emoji (or nothing) on the message that extras name.
    ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'message';
    ALTER TABLE outbox ADD COLUMN extras TEXT;
    ALTER TABLE outbox ADD COLUMN row_id INTEGER;
    CREATE INDEX outbox_ended ON outbox (ended_ms) WHERE ended_ms IS NOT NULL;
    -- What was done at once and must not be done twice. call: the journal row and handler, or the key of a call from
    -- outside; number: the how manieth effect of that call.
    CREATE TABLE effects (
        call TEXT NOT NULL,
        number INTEGER NOT NULL,
        digest TEXT NOT NULL,
        function TEXT NOT NULL,
        kind TEXT NOT NULL,
        thread_id TEXT,
        offline_threading_id TEXT,
        begun_ms INTEGER NOT NULL,
        ended_ms INTEGER,
        result TEXT,
        PRIMARY KEY (call, number, digest)
    ) WITHOUT ROWID;
    CREATE INDEX effects_age ON effects (begun_ms);
    CREATE INDEX effects_open ON effects (offline_threading_id) WHERE ended_ms IS NULL;
    -- While a lost queue is made good: from when on messages may be missing.
    CREATE TABLE missed (id INTEGER PRIMARY KEY CHECK (id = 1), since_ms INTEGER NOT NULL);
    -- Why the last bot on this file has ended by itself; nothing when it was stopped, was killed, or runs.
    CREATE TABLE ending (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        ended_ms INTEGER NOT NULL
    );
    -- Plugins that have failed lately.
    CREATE TABLE breakers (
        plugin TEXT PRIMARY KEY,
        failures INTEGER NOT NULL,
        pause_s REAL NOT NULL,
        paused_until_ms INTEGER,
        missed INTEGER NOT NULL,
        reason TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    -- Conversations that wait for an answer: one per person and chat. digest: of the command's code.
    CREATE TABLE conversations (
        thread_id TEXT NOT NULL,
        person_id TEXT NOT NULL,
        plugin TEXT NOT NULL,
        command TEXT NOT NULL,
        digest TEXT NOT NULL,
        arguments TEXT NOT NULL,
        until_ms INTEGER NOT NULL,
        turns INTEGER NOT NULL,
        PRIMARY KEY (thread_id, person_id)
    ) WITHOUT ROWID;
    -- What has happened in them. event: the start or the answer. reads: what the code was told then.
    CREATE TABLE turns (
        thread_id TEXT NOT NULL,
        person_id TEXT NOT NULL,
        number INTEGER NOT NULL,
        event TEXT NOT NULL,
        answer TEXT NOT NULL,
        reads TEXT NOT NULL,
        question TEXT NOT NULL,
        PRIMARY KEY (thread_id, person_id, number)
    );
    -- What is scheduled, and up to when that is settled. thread_id: '' for no chat. function: NULL for a job with a
    -- marker, whose row is one chat's. since_ms: when the job was made, or its schedule changed.
    CREATE TABLE jobs (
        plugin TEXT NOT NULL,
        name TEXT NOT NULL,
        thread_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        missed TEXT NOT NULL,
        within_s REAL NOT NULL,
        since_ms INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        function TEXT,
        arguments TEXT,
        person_id TEXT,
        PRIMARY KEY (plugin, name, thread_id)
    ) WITHOUT ROWID;
    """,
)
"""Each entry brings the file from the version before it to the next; the number is kept in `user_version`."""

NEWEST_SCHEMA = len(_SCHEMA)
"""The version of the files that this botkit writes."""


class Database:
    """The file and its writer. Open it once per process; every method may be called from any thread."""

    def __init__(
        self, path: Path, *, sync: Sync = "normal", on_failure: Callable[[StoreError], None] = lambda _error: None
    ) -> None:
        """Open or make the file (mode 0600); raises StoreError when it cannot be used.

        A commit survives a killed process; with `sync` full also a power cut, and takes some eight times as long. With
        off nobody waits for the disk, and a power cut may cost the file: for tests.
        `on_failure` is told of each commit that the file did not take, by the thread that tried; it must return at
        once and not use the database.
        """
        self._path = path
        self._sync: Sync = sync
        self._local = threading.local()
        # Each is held by its thread alone, so that it goes with it.
        self._readers: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            connection = _connect(path, sync)
            try:
                _migrate(connection, path)
            except BaseException:
                connection.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{path}: cannot be opened as the bot's store: {error}") from error
        self._writer = _Writer(connection, path, on_failure)

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Have `work` done in the next commit, by this thread or by one that is committing already; the future is
        resolved once it is durable. Units are done in the order in which they were handed over.

        What `work` raises undoes its own changes only and comes back through the future, as StoreError when the file
        is the trouble.
        """
        return self._writer.submit(work)

    def later(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Have `work` done along with the next commit that somebody else asks for, at the latest by `flush`."""
        return self._writer.later(work)

    def flush(self) -> None:
        """Commit what `later` has left waiting."""
        self._writer.flush()

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """`submit`, and wait for the commit."""
        return self._writer.write(work)

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
            for reader in list(self._readers):
                # A connection that is closed while another thread uses it takes the process down.
                with reader.lock:
                    reader.connection.close()

    def _new_reader(self) -> _Reader:
        with self._lock:
            if self._closed:
                raise StoreError(f"{self._path}: the store is closed")
            reader = _Reader(_connect(self._path, self._sync))
            self._readers.add(reader)
            return reader


class _Reader:
    """One thread's connection for reading; the lock is for the moment of closing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.lock = threading.Lock()

    def __del__(self) -> None:
        self.connection.close()


def _connect(path: Path, sync: Sync) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # Rarer than by default: each checkpoint makes one commit wait for the disk.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute(f"PRAGMA synchronous = {sync.upper()}")
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


_Work = Callable[[sqlite3.Connection], Any]
_Outcome = tuple[Future[Any], Any, Exception | None]


class _Writer:
    """The writing connection, and who may use it: whoever holds the turn commits for all who wait."""

    def __init__(self, connection: sqlite3.Connection, path: Path, on_failure: Callable[[StoreError], None]) -> None:
        self._connection = connection
        self._path = path
        self._on_failure = on_failure
        self._waiting: deque[tuple[_Work, Future[Any]]] = deque()
        self._turn = threading.Lock()
        self._unawaited = False
        self._closed = False

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        future: Future[T] = Future()
        self._waiting.append((work, future))
        with self._turn:
            while not future.done():
                self._commit_some()
        self._commit_unawaited()
        return future.result()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        future: Future[T] = Future()
        self._waiting.append((work, future))
        # Only now: who clears it takes what waits afterwards.
        self._unawaited = True
        self._commit_unawaited()
        return future

    def later(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        future: Future[T] = Future()
        self._waiting.append((work, future))
        return future

    def flush(self) -> None:
        self._unawaited = True
        self._commit_unawaited()

    def stop(self) -> None:
        with self._turn:
            while self._waiting:
                self._commit_some()
            if not self._closed:
                self._closed = True
                self._connection.close()
        self._commit_unawaited()

    def _commit_unawaited(self) -> None:
        """Commit what was handed over while another thread had the turn and nobody waits for."""
        while self._unawaited and self._turn.acquire(blocking=False):
            try:
                self._unawaited = False
                while self._waiting:
                    self._commit_some()
            finally:
                self._turn.release()

    def _commit_some(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(_GROUP, len(self._waiting)))]
        for future, result, error in self._commit(group):
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

    def _commit(self, group: list[tuple[_Work, Future[Any]]]) -> list[_Outcome]:
        if self._closed:
            return [(future, None, StoreError(f"{self._path}: the store is closed")) for _, future in group]
        run = self._connection.execute
        try:
            run("BEGIN IMMEDIATE")
            if len(group) == 1:
                return [self._alone(*group[0])]
            outcomes = [(future, *self._one(work)) for work, future in group]
            run("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                run("ROLLBACK")
            failure = StoreError(f"{self._path}: cannot be written: {error}")
            failure.__cause__ = error
            self._on_failure(failure)
            return [(future, None, failure) for _, future in group]
        return outcomes

    def _alone(self, work: _Work, future: Future[Any]) -> _Outcome:
        """A unit that has the commit to itself."""
        run = self._connection.execute
        try:
            result = work(self._connection)
        except Exception as error:
            if _is_files_fault(error):
                raise
            run("ROLLBACK")
            return future, None, error
        run("COMMIT")
        return future, result, None

    def _one(self, work: _Work) -> tuple[Any, Exception | None]:
        run = self._connection.execute
        run("SAVEPOINT one")
        try:
            result = work(self._connection)
        except Exception as error:
            if _is_files_fault(error):
                raise
            run("ROLLBACK TO one")
            run("RELEASE one")
            return None, error
        run("RELEASE one")
        return result, None


def _is_files_fault(error: Exception) -> bool:
    """Whether the disk is full, or the file is locked or damaged: none of that is the fault of one unit."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
