"""The one file and its writer."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from botkit.messenger.errors import StoreError
from botkit.store import Database


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "bot.db")
    yield opened
    opened.close()


def put(value):
    return lambda c: c.execute("INSERT INTO counters VALUES (?, 1)", (value,)).rowcount


def names(database):
    return {row[0] for row in database.read("SELECT name FROM counters")} - {"version"}


def test_what_is_written_is_read_by_everybody(database):
    """`write` returns after the commit, so any thread sees it."""
    assert database.write(put("a")) == 1
    seen = []
    thread = threading.Thread(target=lambda: seen.append(names(database)))
    thread.start()
    thread.join()
    assert seen == [{"a"}]


def test_a_unit_that_fails_undoes_only_itself(database):
    """Others in the same group are committed; the error comes back to the one who caused it."""

    def fails(connection):
        put("half")(connection)
        raise ValueError("no")

    futures = [database.submit(put("a")), database.submit(fails), database.submit(put("b"))]
    assert futures[0].result() == futures[2].result() == 1
    with pytest.raises(ValueError, match="no"):
        futures[1].result()
    assert names(database) == {"a", "b"}


def test_many_threads_may_write(database):
    """Nothing is lost and nobody fails busy."""
    threads = [
        threading.Thread(target=lambda t=t: [database.write(put(f"{t}-{n}")) for n in range(50)]) for t in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(database)) == 400


def test_the_file_is_private_and_is_found_again(tmp_path):
    """Mode 0600; a second opening sees what the first wrote."""
    first = Database(tmp_path / "bot.db")
    first.write(put("kept"))
    first.close()
    assert stat.S_IMODE((tmp_path / "bot.db").stat().st_mode) == 0o600
    again = Database(tmp_path / "bot.db")
    assert names(again) == {"kept"}
    again.close()


def test_a_closed_store_says_so(tmp_path):
    """A late write is an error, not a silence."""
    database = Database(tmp_path / "bot.db")
    database.close()
    with pytest.raises(StoreError, match="closed"):
        database.write(put("late"))
    with pytest.raises(StoreError, match="closed"):
        names(database)


def test_closing_while_others_read_ends_their_reads_only(tmp_path):
    """They get an error of our tree; the process lives."""
    database = Database(tmp_path / "bot.db")
    ends, started = [], threading.Barrier(5)

    def read():
        started.wait()
        try:
            while True:
                names(database)
        except StoreError as error:
            ends.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait()
    database.close()
    for thread in threads:
        thread.join()
    assert len(ends) == 4


def test_a_file_of_a_newer_botkit_is_left_alone(tmp_path):
    """It is refused with what would help."""
    connection = sqlite3.connect(tmp_path / "bot.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer botkit"):
        Database(tmp_path / "bot.db")


def test_a_file_that_is_no_database_is_refused(tmp_path):
    """And not overwritten."""
    path = Path(tmp_path / "bot.db")
    path.write_text("my diary " * 200)
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(path)
    assert path.read_text().startswith("my diary")


def test_a_lock_held_by_another_program_is_told(tmp_path):
    """The write fails with a reason, and a later one succeeds."""
    database = Database(tmp_path / "bot.db")
    database.write(lambda c: c.execute("PRAGMA busy_timeout = 1").fetchone())
    other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="cannot be written"):
        database.write(put("a"))
    other.execute("ROLLBACK")
    other.close()
    database.write(put("b"))
    assert names(database) == {"b"}
    database.close()
