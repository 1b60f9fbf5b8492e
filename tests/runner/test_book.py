"""What the bot keeps about chats and people, remembered until it changes."""

from __future__ import annotations

import pytest

from botkit.host import HOST, ChatSettings
from botkit.runner.book import Book
from botkit.storage import apply, open_store

GROUP, ANN = "7000000000000001", "100000000000002"
DEFAULTS = ChatSettings("!", "en", "UTC")


class Reads:
    """A database that counts what is asked of it."""

    def __init__(self, database):
        self._database = database
        self.count = 0

    def read(self, *sql):
        self.count += 1
        return self._database.read(*sql)


@pytest.fixture
def reads(database):
    return Reads(database)


@pytest.fixture
def book(reads):
    return Book(reads, DEFAULTS)


@pytest.fixture
def put(database):
    """Commits a value; the changes, of which the book is to be told."""

    def one(scope, key, value, plugin=HOST):
        store = open_store(database.read, plugin, None, None)
        store.scope(scope)[key] = value
        changes = store.changes()
        database.write(lambda c: apply(c, changes))
        return [changes]

    return one


def test_without_anything_kept_the_bot_file_holds(book):
    """Nobody is ignored, nothing is off, nobody has a role."""
    assert book.chat(GROUP) == book.defaults == DEFAULTS
    assert not book.is_muted(GROUP)
    assert not book.is_ignored(ANN)
    assert book.is_enabled("echo", GROUP)
    assert book.given_role(GROUP, ANN) is None


def test_a_scope_is_read_once(book, reads):
    """Then it is remembered, also that there is nothing in it."""
    for _ in range(5):
        book.chat(GROUP)
        book.is_muted(GROUP)
        book.is_enabled("echo", GROUP)
    assert reads.count == 1


def test_a_commit_is_seen_at_once(book, put):
    """In the scope that it has changed."""
    assert not book.is_ignored(ANN)
    book.committed(put(f"user:{ANN}", "ignored", True))
    assert book.is_ignored(ANN)
    book.committed(put(f"member:{GROUP}:{ANN}", "role", "mod"))
    assert book.given_role(GROUP, ANN) == "mod"


def test_what_plugins_store_is_nothing_to_it(book, put, reads):
    """Nothing is read again for it."""
    book.chat(GROUP)
    book.committed(put(f"thread:{GROUP}", "muted", True, plugin="echo"))
    assert not book.is_muted(GROUP)
    assert reads.count == 1


def test_what_was_read_before_a_change_is_not_remembered_after_it(book, put, reads, monkeypatch):
    """A commit may come between the reading and the remembering."""
    real = reads.read

    def slow(*sql):
        rows = real(*sql)
        monkeypatch.setattr(reads, "read", real)
        book.committed(put(f"thread:{GROUP}", "muted", True))
        return rows

    monkeypatch.setattr(reads, "read", slow)
    book.is_muted(GROUP)
    assert book.is_muted(GROUP)


def test_it_tells_who_holds_a_key(book, put):
    """Over all scopes."""
    put("user:1", "ignored", True)
    put("user:2", "ignored", True)
    put("user:3", "ignored", True, plugin="echo")
    assert book.holding("ignored") == {"user:1": True, "user:2": True}
