"""Copies of a bot's database, and their way back."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
import threading

import pytest

from botkit.messenger.errors import StoreError
from botkit.runner import backup as backups
from botkit.runner.backup import account_of, backup, restore
from botkit.store import NEWEST_SCHEMA, Database


@pytest.fixture
def put(database):
    """Writes a value of a plugin."""
    return lambda key, value="1": database.write(
        lambda c: c.execute("INSERT OR REPLACE INTO store VALUES ('p', '', ?, ?, 1)", (key, value))
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bot.db"


def keys(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM store ORDER BY key")]


def left_beside(path):
    return sorted(one.name for one in path.parent.iterdir())


def test_a_copy_is_one_private_file_of_one_moment(database, put, path, tmp_path):
    """Of an open database, with what stands in its WAL."""
    put("a")
    target = tmp_path / "backups" / "copy.db"
    target.parent.mkdir()
    backup(path, target)
    put("b")
    assert keys(target) == ["a"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert left_beside(target) == ["copy.db"]


def test_a_copy_can_be_made_while_the_bot_writes(database, put, path, tmp_path):
    """What was written in pairs is in it in pairs; nobody waits for the copy."""
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            number += 1
            rows = [(f"{side}{number}", "x" * 500) for side in "ab"]
            database.write(lambda c, rows=rows: c.executemany("INSERT INTO store VALUES ('p', '', ?, ?, 1)", rows))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            backup(path, tmp_path / f"{number}.db")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        found = keys(tmp_path / f"{number}.db")
        assert [key[1:] for key in found if key[0] == "a"] == [key[1:] for key in found if key[0] == "b"]


def test_a_file_that_is_there_is_replaced_only_if_asked(database, put, path, tmp_path):
    """And stays whole until the new one is."""
    target = tmp_path / "copy.db"
    target.write_text("mine")
    with pytest.raises(StoreError, match=r"copy\.db: is there already; name another file, or replace it with --force"):
        backup(path, target)
    assert target.read_text() == "mine"
    put("a")
    backup(path, target, force=True)
    assert keys(target) == ["a"]


def test_what_came_there_meanwhile_is_not_replaced(database, path, tmp_path, monkeypatch):
    """A second backup of the same name may run at the same time."""
    target = tmp_path / "copy.db"
    check = backups._check

    def check_late(copy, named):
        check(copy, named)
        target.write_text("mine")

    monkeypatch.setattr(backups, "_check", check_late)
    with pytest.raises(StoreError, match="is there already"):
        backup(path, target)
    assert target.read_text() == "mine"
    assert left_beside(target) == ["bot.db", "bot.db-shm", "bot.db-wal", "copy.db"]


def test_a_folder_that_is_not_there_is_told(database, path, tmp_path):
    """One line, with the file."""
    with pytest.raises(StoreError, match=r"nowhere/copy\.db: cannot be written: No such file or directory"):
        backup(path, tmp_path / "nowhere" / "copy.db")


@pytest.fixture
def copied(database, put, path, tmp_path):
    """A backup with the key `old`; the bot's own database went on to `new`, and is closed."""
    put("old")
    for statement in (
        "INSERT INTO position VALUES (1, '100', 'token', 5)",
        "INSERT INTO missed VALUES (1, 5)",
        "INSERT INTO counters VALUES ('begun_ms', 5)",
        "INSERT INTO journal (thread_id, topic, kind, payload, received_ms, state)"
        " VALUES ('70', '/t_ms', 'message', '{}', 5, 'open'), ('70', '/t_ms', 'message', '{}', 5, 'done')",
        "INSERT INTO outbox (thread_id, plugin, body, created_ms, state)"
        " VALUES ('70', 'p', 'hi', 5, 'open'), ('70', 'p', 'ho', 5, 'sent')",
    ):
        database.write(lambda c, statement=statement: c.execute(statement))
    backup(path, tmp_path / "copy.db")
    database.write(lambda c: c.execute("DELETE FROM store"))
    put("new")
    database.close()
    return tmp_path / "copy.db"


def test_a_restored_bot_has_the_values_of_the_backup(copied, path):
    """In a private file; nothing is left of the other."""
    (path.parent / "in-hand").write_bytes(b"notes")
    (path.parent / ".bot.db.4711.new").write_bytes(b"of a restore that was killed")
    restore(copied, path)
    assert keys(path) == ["old"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert left_beside(path) == ["bot.db", "copy.db"]
    assert keys(copied) == ["old"]


def test_a_restored_bot_says_nothing_twice(copied, path):
    """What was open may be done by now: rows are set aside, messages not sent, and it begins with what comes in."""
    assert account_of(copied) == "100"
    restore(copied, path)
    assert account_of(path) is None
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT state, note FROM journal").fetchall() == [
            ("dead", "restored from a backup"),
            ("done", None),
        ]
        assert connection.execute("SELECT state, error FROM outbox").fetchall() == [
            ("refused", "restored from a backup"),
            ("sent", None),
        ]
        assert connection.execute("SELECT * FROM counters WHERE name = 'begun_ms'").fetchall() == []
        assert connection.execute("SELECT * FROM missed").fetchall() == []


def test_what_stands_beside_the_old_database_is_no_part_of_the_new(copied, path):
    """A bot that was killed leaves its last commits in a file beside it."""
    killed = sqlite3.connect(path)
    killed.execute("PRAGMA journal_mode = WAL")
    killed.execute("INSERT INTO store VALUES ('p', '', 'last', '1', 1)")
    killed.commit()
    wal = path.with_name("bot.db-wal")
    kept = wal.read_bytes()
    killed.close()
    wal.write_bytes(kept)
    restore(copied, path)
    assert keys(path) == ["old"]


def test_a_damaged_old_database_does_not_hinder(copied, path):
    """It is why one restores."""
    path.write_bytes(b"not a database, but longer than a header of one" * 100)
    path.with_name("bot.db-wal").write_bytes(b"x" * 5000)
    restore(copied, path)
    assert keys(path) == ["old"]


def test_what_is_no_backup_is_refused_and_the_old_stays(copied, path, tmp_path):
    """No file, no database, another program's, damaged, of a newer botkit."""
    other, newer, damaged = tmp_path / "other.db", tmp_path / "newer.db", tmp_path / "damaged.db"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    newer.write_bytes(copied.read_bytes())
    with contextlib.closing(sqlite3.connect(newer)) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST_SCHEMA + 1}")
    damaged.write_bytes(copied.read_bytes()[:-6000])
    (tmp_path / "text.db").write_text("hello, this is a text " * 50)
    for name, told in [
        ("none.db", "there is no such file"),
        ("text.db", "is no backup of a bot: file is not a database"),
        ("other.db", "is no backup of a bot; make one with: botkit backup FILE"),
        ("newer.db", "was written by a newer botkit"),
        ("damaged.db", "is damaged|is no backup of a bot: database disk image is malformed"),
    ]:
        with pytest.raises(StoreError, match=told):
            restore(tmp_path / name, path)
    assert keys(path) == ["new"]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("moment", ["_check", "_fold", "_sync", "_put"])
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_leaves_the_old_or_the_new(copied, path, monkeypatch, moment, after):
    """At any step of it."""
    step = getattr(backups, moment)

    def die(*arguments, **options):
        if after:
            step(*arguments, **options)
        raise Killed

    monkeypatch.setattr(backups, moment, die)
    with pytest.raises(Killed):
        restore(copied, path)
    assert keys(path) == (["old"] if (moment, after) == ("_put", True) else ["new"])
    opened = Database(path)
    opened.close()


def test_an_older_backup_is_brought_to_the_schema_of_today(copied, path, tmp_path):
    """Before it takes the other's place."""
    old = tmp_path / "old.db"
    from botkit.store import _SCHEMA

    with contextlib.closing(sqlite3.connect(old)) as connection:
        connection.executescript(f"BEGIN;{_SCHEMA[0]};PRAGMA user_version = 1;COMMIT;")
        connection.execute("INSERT INTO store VALUES ('p', '', 'ancient', '1', 1)")
        connection.commit()
    restore(old, path)
    assert keys(path) == ["ancient"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (NEWEST_SCHEMA,)
