"""Files of earlier versions are brought up to date, and files of later ones left alone."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path

import pytest

from botkit.sandbox.core import open_core
from botkit.sandbox.errors import SandboxError
from botkit.sandbox.schema import VERSION
from botkit.sandbox.world import Content
from botkit.testing import ManualClock

ANN, BEN = "100000000000002", "100000000000003"
GROUP = "7000000000000003"
# The tables of the first version, as they were.
FIRST = """
create table meta(key text primary key, value text not null) without rowid;
create table person(id text primary key, data text not null);
create table thread(key text primary key, data text not null);
create table friendship(one text not null, other text not null);
create table message(
    number integer primary key, id text not null unique, thread text not null, sender text not null, text text not null,
    time_ms integer not null, otid text not null, kind text not null, added text not null);
create index message_by_time on message(thread, time_ms);
create table send(
    sender text not null, key text not null, message text not null, primary key(sender, key)) without rowid;
create table delta(
    account text not null, number integer not null, body text not null, primary key(account, number)) without rowid;
create table sync_token(
    account text not null, token integer not null, primary key(account, token)) without rowid;
create table login(xs text primary key, account text not null, data text not null);
create table watermark(
    account text not null, thread text not null, time_ms integer not null, primary key(account, thread)) without rowid;
"""


def first_version(path: Path) -> None:
    """A file as the first version left it, with a group, its grey line and a message."""
    people = [
        {"id": ANN, "name": "Ann", "first_name": "Ann", "vanity": "", "gender": "female", "birthday": None},
        {"id": BEN, "name": "Ben", "first_name": "Ben", "vanity": "", "gender": "male", "birthday": None},
    ]
    thread = {"key": GROUP, "members": [ANN, BEN], "group": True, "name": None, "encrypted": False}
    db = sqlite3.connect(path)
    db.executescript(FIRST)
    db.execute("insert into meta values('world', 'an-old-world')")
    db.execute("insert into meta values('all_friends', 'true')")
    for person in people:
        more = {"email": "a", "password": "b", "bot": False, "checkpoint": False}
        db.execute("insert into person values(?, ?)", (person["id"], json.dumps({**person, **more})))
    db.execute("insert into thread values(?, ?)", (GROUP, json.dumps(thread)))
    rows = [
        (1, "mid.$g1", GROUP, ANN, "Ann created the group.", 1000, "1", "log", BEN),
        (2, "mid.$g2", GROUP, ANN, "hello", 1001, "2", "text", ""),
    ]
    db.executemany("insert into message values(?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    db.execute("insert into send values(?, '2', 'mid.$g2')", (ANN,))
    db.execute("insert into delta values(?, 1001, '{}')", (ANN,))
    db.commit()
    db.close()


def test_first_version(tmp_path: Path, clock: ManualClock) -> None:
    """World, history, repeats and positions are still there, and everything new works on them."""
    first_version(tmp_path / "sandbox.db")
    for _ in range(2):
        core = open_core(tmp_path, None, clock, random.Random(1))
        try:
            engine, thread = core.engine, core.engine.world.threads[GROUP]
            assert core.world_id == "an-old-world"
            line, message = engine.history(ANN, thread, 10)[:2]
            assert line.log is not None
            assert (line.kind, line.log.kind, line.log.people) == ("log", "added", (BEN,))
            assert (message.kind, message.text) == ("text", "hello")
            assert engine.send(ANN, thread, Content("hello"), "2") == message
            assert engine.storage.last_sequence(ANN) >= 1001
            engine.send(BEN, thread, Content("new", reply_to=message.id))
        finally:
            core.close()


def test_later_version(tmp_path: Path, clock: ManualClock) -> None:
    """What a newer botkit wrote is told and not touched."""
    first_version(tmp_path / "sandbox.db")
    db = sqlite3.connect(tmp_path / "sandbox.db")
    db.execute(f"pragma user_version = {VERSION + 1}")
    db.close()
    with pytest.raises(SandboxError, match="was written by a newer botkit"):
        open_core(tmp_path, None, clock, random.Random(1))
    db = sqlite3.connect(tmp_path / "sandbox.db")
    assert db.execute("select kind from message").fetchall() == [("log",), ("text",)]
    db.close()
