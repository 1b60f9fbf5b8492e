"""What the sandbox remembers when it is opened again, and how its log is bounded."""

from __future__ import annotations

import random
import stat
from pathlib import Path
from typing import Any

import pytest

from botkit.sandbox.core import Core, open_core
from botkit.sandbox.errors import SandboxError
from botkit.sandbox.storage import FIRST_SEQUENCE, KEPT_DELTAS, Storage
from botkit.testing import ManualClock

BOT, ANN = "100000000000001", "100000000000002"
FRIENDS = "7000000000000001"


def reopen(core: Core, data: Path, clock: ManualClock) -> Core:
    core.close()
    return open_core(data, None, clock, random.Random(2))


def test_everything_comes_back(core: Core, bot: Any, ann: Any, tmp_path: Path, clock: ManualClock) -> None:
    """World, session, history, positions, tokens and repeats survive; a new token guards the page."""
    first = bot.send("hello", "7412281402983798101", thread_fbid=FRIENDS)["payload"]
    people = {"specific_to_list[0]": f"fbid:{ANN}"}
    group = bot.send("welcome", **people)["payload"]["actions"][0]["thread_fbid"]
    ann.post("/ajax/mercury/change_read_status.php", {f"ids[{FRIENDS}]": "true"})
    bot.listen()
    position = bot.position()
    again = reopen(core, tmp_path / "data", clock)
    try:
        bot.core = ann.core = again
        assert again.world_id == core.world_id
        assert again.token != core.token
        assert not again.engine.world.are_friends(BOT, "100000000000004")
        assert bot.position() == position
        assert bot.send("hello", "7412281402983798101", thread_fbid=FRIENDS)["payload"] == first
        threads = {t["id"]: t for t in ann.control("GET", "threads", {"as": "Ann"})["threads"]}
        assert (threads[group]["snippet"], threads[FRIENDS]["unread"]) == ("welcome", 0)
        socket = bot.socket("/t_ms")
        socket.publish("/messenger_sync_get_diffs", {"entity_fbid": BOT, "last_seq_id": position, "sync_token": "1"})
        bot.send("after", thread_fbid=FRIENDS)
        empty, live = socket.messages("/t_ms")
        assert empty["deltas"] == []
        assert live["firstDeltaSeqId"] == position + 1
    finally:
        again.close()


def test_administration_comes_back(core: Core, bot: Any, ann: Any, tmp_path: Path, clock: ManualClock) -> None:
    """What was done to threads and messages survives."""
    mid = bot.sent("hello", thread_fbid=FRIENDS)
    place = {"as": "Bot", "thread": FRIENDS}
    for action in (
        {"action": "title", "text": "Night shift"},
        {"action": "emoji", "text": "⭐"},
        {"action": "color", "text": "#ff7e29"},
        {"action": "nickname", "person": "Ann", "text": "Bee"},
        {"action": "admin", "person": "Ann"},
        {"action": "react", "message": mid, "text": "👍"},
        {"action": "remove", "person": "Chloe"},
    ):
        bot.control("POST", "do", {**place, **action})
    bot.post("/ajax/mercury/change_archived_status.php", {f"ids[{FRIENDS}]": "true"})
    before = bot.thread(FRIENDS), bot.history(FRIENDS), ann.thread(FRIENDS)
    again = reopen(core, tmp_path / "data", clock)
    try:
        bot.core = ann.core = again
        assert (bot.thread(FRIENDS), bot.history(FRIENDS), ann.thread(FRIENDS)) == before
        assert before[0]["has_viewer_archived"] is True
    finally:
        again.close()


def test_file_is_private(core: Core, tmp_path: Path) -> None:
    """Nobody else may read the database or what SQLite keeps beside it."""
    files = list((tmp_path / "data").glob("sandbox.db*"))
    assert len(files) >= 2
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


def test_second_opening_is_refused(core: Core, tmp_path: Path, clock: ManualClock) -> None:
    """One file has one sandbox."""
    with pytest.raises(SandboxError, match=r"sandbox\.db is in use by another sandbox"):
        open_core(tmp_path / "data", None, clock, random.Random(1))


def test_file_of_something_else(tmp_path: Path, clock: ManualClock) -> None:
    """A file that is no database is left alone."""
    path = tmp_path / "sandbox.db"
    path.write_bytes(b"my diary, not a database at all" * 100)
    with pytest.raises(SandboxError, match="not a sandbox's file"):
        open_core(tmp_path, None, clock, random.Random(1))
    assert path.read_bytes().startswith(b"my diary")


def test_wrong_world_leaves_no_file(tmp_path: Path, clock: ManualClock) -> None:
    """After a mistake in the world file the next start reads the mended one."""
    world = tmp_path / "w.yaml"
    world.write_text("people: 5", encoding="utf-8")
    with pytest.raises(SandboxError, match=r"w\.yaml:1"):
        open_core(tmp_path / "data", world, clock, random.Random(1))
    assert not (tmp_path / "data" / "sandbox.db").exists()


def test_log_keeps_the_newest(tmp_path: Path) -> None:
    """Old deltas go; the position from which the log is whole moves with them."""
    storage = Storage(tmp_path / "sandbox.db")
    try:
        with storage.transaction():
            for _ in range(KEPT_DELTAS + 300):
                storage.add_delta(BOT, "{}")
        oldest = storage.oldest_position(BOT)
        assert oldest == FIRST_SEQUENCE + 300
        assert len(storage.deltas(BOT, oldest, 10_000)) == KEPT_DELTAS
        assert len(storage.deltas(BOT, 0, 10_000)) <= KEPT_DELTAS + 100
    finally:
        storage.close()


def test_failed_transaction_leaves_no_trace(tmp_path: Path) -> None:
    """A number that was not committed is given again."""
    storage = Storage(tmp_path / "sandbox.db")
    try:
        with pytest.raises(ZeroDivisionError), storage.transaction():
            storage.add_delta(BOT, "{}")
            raise ZeroDivisionError
        assert storage.last_sequence(BOT) == FIRST_SEQUENCE
        assert storage.deltas(BOT, 0, 10) == []
    finally:
        storage.close()
