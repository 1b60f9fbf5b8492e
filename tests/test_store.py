"""The one file and its writer."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from botkit.messenger.errors import StoreError
from botkit.store import _GROUP, _SCHEMA, Database


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


def test_a_commit_that_the_file_does_not_take_is_told(tmp_path):
    """By the thread that tried, beside the error for who wrote; what a unit itself raises is not told."""
    told = []
    database = Database(tmp_path / "bot.db", on_failure=told.append)
    with pytest.raises(ZeroDivisionError):
        database.write(lambda c: 1 / 0)
    assert told == []
    with pytest.raises(StoreError, match="cannot be written") as raised:
        database.write(lambda c: c.execute("INSERT INTO a_table_that_is_gone VALUES (1)"))
    assert told == [raised.value]
    database.close()


class Held:
    """The store's turn, held by a unit on another thread until it is let go: what is handed over meanwhile is one
    group."""

    def __init__(self, database):
        self._let_go = threading.Event()
        begun = threading.Event()

        def hold(connection):
            begun.set()
            assert self._let_go.wait(5)

        self._thread = threading.Thread(target=lambda: database.write(hold))
        self._thread.start()
        assert begun.wait(5)

    def let_go(self):
        self._let_go.set()
        self._thread.join(5)
        assert not self._thread.is_alive()


@pytest.fixture
def statements(database):
    """What the writing connection is told, as it comes."""
    told = []
    database.write(lambda c: c.set_trace_callback(told.append))
    told.clear()
    return told


def full_at(pages):
    """As if the disk had no more room than that."""
    return lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchone()


def too_much(connection):
    put("half")(connection)
    connection.execute("INSERT INTO counters VALUES (?, 1)", ("x" * 1_000_000,))


def test_what_comes_meanwhile_is_one_commit(database, statements):
    """In the order in which it was handed over; one that fails undoes only itself."""

    def fails(connection):
        put("half")(connection)
        raise ValueError("no")

    held, order = Held(database), []
    futures = [database.submit(put("a")), database.submit(fails), database.submit(put("b"))]
    for name in "cd":
        futures.append(database.submit(lambda c, name=name: order.append(name)))
    held.let_go()
    assert [future.done() for future in futures] == [True] * 5
    assert statements.count("COMMIT") == 2
    assert isinstance(futures[1].exception(), ValueError)
    assert names(database) == {"a", "b"}
    assert order == ["c", "d"]


def test_a_full_disk_is_told_to_all_of_a_group(database):
    """Nothing of it is half written, and when there is room again the next write works."""
    database.write(full_at(1))
    held = Held(database)
    futures = [database.submit(put("a")), database.submit(too_much), database.submit(put("b"))]
    held.let_go()
    for future in futures:
        assert isinstance(future.exception(), StoreError)
        assert "cannot be written: database or disk is full" in str(future.exception())
    assert names(database) == set()
    database.write(full_at(1_000_000))
    assert database.write(put("c")) == 1
    assert names(database) == {"c"}


def test_a_locked_file_is_told_to_all_of_a_group(database, tmp_path):
    """Another program holds it for too long; the next write works."""
    database.write(lambda c: c.execute("PRAGMA busy_timeout = 1").fetchone())
    other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None, timeout=5, check_same_thread=False)

    def let_the_other_in(done):
        # On the committing thread, between two groups.
        other.execute("BEGIN IMMEDIATE")

    held = Held(database)
    database.submit(put("a")).add_done_callback(let_the_other_in)
    group = [database.submit(put(str(number))) for number in range(250)]
    held.let_go()
    other.execute("ROLLBACK")
    other.close()
    failed = [future for future in group if future.exception() is not None]
    assert len(failed) == 250 - (_GROUP - 1)
    assert {type(future.exception()) for future in failed} == {StoreError}
    assert names(database) == {"a", *(str(number) for number in range(_GROUP - 1))}
    database.write(put("c"))
    assert "c" in names(database)


def test_what_is_submitted_is_done_though_nobody_waits(database):
    """In order, from many threads at once."""
    order, left = [], threading.Semaphore(0)

    def submit(thread):
        for number in range(100):
            work = database.submit(lambda c, number=number: order.append((thread, number)))
            work.add_done_callback(lambda done: left.release())

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(800):
        assert left.acquire(timeout=5)
    for thread in threads:
        thread.join()
    for thread in range(8):
        assert [number for name, number in order if name == thread] == list(range(100))


def test_a_unit_may_be_handed_over_when_another_has_been_committed(database):
    """By whoever is told of it, on the committing thread."""
    later = []
    first = database.submit(put("a"))
    first.add_done_callback(lambda done: later.append(database.submit(put("b"))))
    held = Held(database)
    second = database.submit(put("c"))
    second.add_done_callback(lambda done: later.append(database.submit(put("d"))))
    held.let_go()
    assert [future.result(5) for future in later] == [1, 1]
    assert names(database) == {"a", "b", "c", "d"}


def test_close_commits_what_was_submitted(tmp_path):
    """It was promised."""
    database = Database(tmp_path / "bot.db")
    held = Held(database)
    future = database.submit(put("a"))
    closing = threading.Thread(target=database.close)
    closing.start()
    held.let_go()
    closing.join(5)
    database.close()
    assert future.result(0) == 1
    with closing_store(tmp_path / "bot.db") as again:
        assert names(again) == {"a"}


@contextlib.contextmanager
def closing_store(path, **options):
    database = Database(path, **options)
    yield database
    database.close()


@pytest.mark.parametrize(("sync", "level"), [("off", 0), ("normal", 1), ("full", 2)])
def test_how_durable_a_commit_is(tmp_path, sync, level):
    """NORMAL survives a killed process, FULL a power cut; OFF waits for nothing."""
    with closing_store(tmp_path / "bot.db", sync=sync) as database:
        assert database.write(lambda c: c.execute("PRAGMA synchronous").fetchone()) == (level,)


def test_a_file_of_the_first_version_keeps_its_rows(tmp_path):
    """Journal, marks, outbox and values are all there after the upgrade."""
    old = sqlite3.connect(tmp_path / "bot.db")
    old.executescript(_SCHEMA[0])
    old.execute("PRAGMA user_version = 1")
    old.executemany(
        "INSERT INTO journal (key, thread_id, kind, payload, received_ms, state)"
        " VALUES (?, 't', 'message', '{}', 5, ?)",
        [("message:1", "done"), ("message:2", "open")],
    )
    old.execute("INSERT INTO calls VALUES (2, 'p:on_message')")
    old.execute(
        "INSERT INTO outbox (thread_id, plugin, body, offline_threading_id, created_ms) VALUES ('t','p','hi','9',5)"
    )
    old.execute("INSERT INTO store VALUES ('p', '', 'n', '1', 1)")
    old.execute("INSERT INTO position VALUES (1, '100', 'token', 7)")
    old.commit()
    old.close()
    with closing_store(tmp_path / "bot.db") as database:
        assert database.read("PRAGMA user_version") == [(len(_SCHEMA),)]
        assert database.read("SELECT id, key, thread_id, topic, kind, state, starts FROM journal") == [
            (1, "message:1", "t", "/t_ms", "message", "done", 0),
            (2, "message:2", "t", "/t_ms", "message", "open", 0),
        ]
        assert database.read("SELECT * FROM calls") == [(2, "p:on_message")]
        assert database.read("SELECT body, state, kind, extras FROM outbox") == [("hi", "open", "message", None)]
        assert database.read("SELECT value FROM store") == [("1",)]
        assert database.read("SELECT cursor FROM position") == [(7,)]
        # Numbers go on where they were, so that a handle never means two rows.
        database.write(
            lambda c: c.execute("INSERT INTO journal (topic, kind, payload, received_ms) VALUES ('', '', '', 0)")
        )
        assert database.read("SELECT max(id) FROM journal") == [(3,)]


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path):
    """It is one transaction; the reason is told, and nothing of it stays."""
    old = sqlite3.connect(tmp_path / "bot.db")
    old.executescript(_SCHEMA[0] + "CREATE TABLE missed (mine INTEGER);")
    old.execute("PRAGMA user_version = 1")
    old.close()
    with pytest.raises(StoreError, match="cannot be opened as the bot's store"):
        Database(tmp_path / "bot.db")
    again = sqlite3.connect(tmp_path / "bot.db")
    assert again.execute("PRAGMA user_version").fetchone() == (1,)
    assert "topic" not in [row[1] for row in again.execute("PRAGMA table_info(journal)")]
    again.close()


def test_what_can_wait_goes_along_with_the_next_commit(database, statements):
    """It makes none of its own, and keeps its place in the order."""
    later = database.later(put("later"))
    assert (later.done(), statements) == (False, [])
    database.write(put("now"))
    assert later.result(0) == 1
    assert statements.count("COMMIT") == 1
    assert names(database) == {"later", "now"}


@pytest.mark.parametrize("end", ["flush", "close"])
def test_what_can_wait_is_committed_at_the_latest_when_it_is_asked_for(tmp_path, end):
    """Or when the file is closed."""
    database = Database(tmp_path / "bot.db")
    later = database.later(put("later"))
    getattr(database, end)()
    assert later.result(0) == 1
    database.close()


def test_a_group_that_the_file_does_not_take_is_told_once(tmp_path):
    """However many wait for it."""
    told = []
    database = Database(tmp_path / "bot.db", on_failure=told.append)
    database.write(full_at(1))
    held = Held(database)
    futures = [database.submit(put("a")), database.submit(too_much)]
    held.let_go()
    assert {type(future.exception()) for future in futures} == {StoreError}
    assert [type(error) for error in told] == [StoreError]
    database.close()


def test_a_unit_alone_in_its_commit_is_undone_whole_as_well(database):
    """Without a savepoint."""

    def fails(connection):
        put("half")(connection)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.write(fails)
    assert names(database) == set()
    database.write(full_at(1))
    with pytest.raises(StoreError, match="full"):
        database.write(too_much)
    assert names(database) == set()


def test_a_thread_that_ends_leaves_no_connection_behind(tmp_path):
    """However many threads have read."""
    database = Database(tmp_path / "bot.db")
    for _ in range(20):
        thread = threading.Thread(target=database.read, args=("SELECT 1",))
        thread.start()
        thread.join()
    assert len(database._readers) == 0
    database.close()
