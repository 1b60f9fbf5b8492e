"""The bot cannot keep what it hears, or time goes wrong: a clear error, nothing lost, and it goes on by itself."""

from __future__ import annotations

import contextlib
import logging
import sqlite3

import pytest

from botkit import hookimpl
from botkit.messenger.errors import StoreError
from botkit.testing import Stage

# Enough for every wait between two tries to have come to its end several times.
LONG_ENOUGH_S = 600.0
MEANWHILE = 60


class Counting:
    """Answers with how many messages it has counted."""

    @hookimpl
    def on_message(self, ctx, message):
        ctx.store["count"] = ctx.store.get("count", 0) + 1
        return f"{ctx.store['count']} {message.body}"


def numbered(*words):
    """What `Counting` answers to these words."""
    return [f"{number} {word}" for number, word in enumerate(words, start=1)]


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as stage:
        yield stage


@pytest.fixture
def bot(stage, tmp_path):
    return stage.start_bot(things={"counting": Counting()}, folder=tmp_path / "bot")


@contextlib.contextmanager
def full_disk(bot, _folder):
    """The file may not grow any more, and nothing in it is free."""
    write = bot._database.write
    write(lambda c: c.execute("CREATE TABLE filling (text TEXT)"))
    write(lambda c: c.execute(f"PRAGMA max_page_count = {c.execute('PRAGMA page_count').fetchone()[0]}"))
    with contextlib.suppress(StoreError):
        while True:
            write(lambda c: c.execute("INSERT INTO filling VALUES (?)", ("x" * 50,)))
    yield
    write(lambda c: c.execute("PRAGMA max_page_count = 1000000000"))


@contextlib.contextmanager
def locked_database(bot, folder):
    """Another process, such as a backup, holds the file."""
    # In production it is waited for; the wait is in real time and not of interest here.
    bot._database.write(lambda c: c.execute("PRAGMA busy_timeout = 10"))
    with contextlib.closing(sqlite3.connect(folder / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("trouble", "reason"), [(full_disk, "full"), (locked_database, "locked")], ids=["full-disk", "locked"]
)
def test_what_cannot_be_kept_is_asked_for_again(stage, bot, tmp_path, caplog, trouble, reason):
    """What people write meanwhile is answered afterwards, once and in order, without a restart."""
    ann = stage.person("Ann")
    ann.says("Friends", "before")
    stage.settle()
    with trouble(bot, tmp_path / "bot"):
        for _ in range(MEANWHILE):
            ann.says("Friends", "meanwhile")
            stage.advance(1.0)
        assert len(ann.heard()) < MEANWHILE
    stage.advance(LONG_ENOUGH_S)
    ann.says("Friends", "after")
    answers = [text for name, text in ann.history("Friends") if name == "Bot"]
    assert answers == numbered("before", *["meanwhile"] * MEANWHILE, "after")
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert any(reason in line for line in told), told


def test_a_clock_that_jumps_back_changes_nothing(stage, bot):
    """By an hour, with messages in between: each is answered once, in order, and the bot stays on its connection."""
    ann, ben = stage.person("Ann"), stage.person("Ben")
    ann.says("Friends", "before")
    stage.settle()
    stage.clock.jump(-3600.0)
    ann.says("Friends", "meanwhile")
    stage.settle()
    ben.says("Stand-up", "meanwhile")
    stage.advance(60.0)
    stage.clock.jump(-86_400.0)
    ann.says("Friends", "after")
    assert bot.status().state == "live"
    assert [text for name, text in ann.history("Friends") if name == "Bot"] == ["1 before", "2 meanwhile", "4 after"]
    assert ben.history("Stand-up")[-1] == ("Bot", "3 meanwhile")
