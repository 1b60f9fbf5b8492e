"""A network on which everything goes wrong now and then: nothing is lost, and nothing is said twice."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from dataclasses import replace

import pytest

from botkit.store import Database
from botkit.testing import Stage
from tests.endurance.plugins import lots
from tests.endurance.script import BOT, CHATS, lines_of, world_file
from tests.endurance.truth import ANSWER, chats_of, faults, kept_in

ALWAYS = 10**6
"""So often a trouble may strike; its probability decides how often it does."""

TROUBLES = {
    "cut": {"probability": 0.01},
    "cut_batch": {"probability": 0.01},
    "stall": {"probability": 0.003},
    "silent_queue": {"probability": 0.001},
    "refuse_upgrade": {"probability": 0.1},
    "refuse_connect": {"probability": 0.1},
    "duplicate": {"probability": 0.05},
    "twice": {"probability": 0.03},
    "reorder": {"probability": 0.05},
    "hole": {"probability": 0.02},
    "split": {"probability": 0.05},
    "not_json": {"probability": 0.02},
    "unknown_topic": {"probability": 0.02},
    "unknown_class": {"probability": 0.02},
    "wrong_types": {"probability": 0.02},
    "overflow": {"probability": 0.003},
    "not_found": {"probability": 0.003},
    "please_refresh": {"probability": 0.01},
    "rotate_dtsg": {"probability": 0.01},
    "slow": {"probability": 0.03, "seconds": 0.5},
    "drop_answer": {"probability": 0.01},
    "drop_send": {"probability": 0.03},
    "hold_send": {"probability": 0.01},
}
STATUSES = ({"status": 500}, {"status": 502}, {"status": 429}, {"status": 429, "retry_after": 7})
"""One of these at a time; they take each other's place as the run goes on."""
_REPEATED = re.compile(r"row (\d+) for chat \d+ is sent again: its first answer was lost")


@pytest.fixture
def stage(request, tmp_path, chance):
    (tmp_path / "world.yaml").write_text(world_file(), encoding="utf-8")
    stage = Stage(
        tmp_path, world_file=tmp_path / "world.yaml", seed=chance.randrange(10**6), deduplicate_s=request.param
    )
    with stage:
        # After a long silence there is much to do at once.
        stage.clock.limit_s = 60.0
        yield stage


def speak(stage, lines, chance):
    """Have the lines written, in bursts with pauses between them, while trouble strikes."""
    for kind, how in TROUBLES.items():
        stage.fault(kind, times=ALWAYS, **how)
    left = list(lines)
    while left:
        stage.fault("status", times=ALWAYS, probability=0.03, **chance.choice(STATUSES))
        burst = [left.pop(0) for _ in range(min(chance.randint(1, 20), len(left)))]
        stage.control("POST", "messages", messages=[line_of(one) for one in burst])
        stage.advance(chance.expovariate(0.2))


def line_of(line):
    return {"as": line.who, "thread": line.thread_id, "text": line.text}


def history(stage):
    """Every message, in the order in which the sandbox took them."""
    found = []
    while page := stage.control("GET", "history", since=found[-1]["number"] if found else 0)["messages"]:
        found += page
    return found


def longest_silence_s(messages):
    """How long the line that waited longest for its first answer did so."""
    asked = {one["text"]: one["timestamp_ms"] for one in messages if one["sender"] != BOT}
    answered = {}
    for one in messages:
        if one["sender"] == BOT and ANSWER in one["text"]:
            answered.setdefault(one["text"].partition(ANSWER)[0], one["timestamp_ms"])
    return max(answered[text] - asked[text] for text in asked) / 1000


@pytest.mark.parametrize("stage", [None, 60.0, 0.0], ids=["for-ever", "for-60-s", "never"], indirect=True)
def test_every_line_is_answered_once_and_in_order(stage, length, chance, caplog, tmp_path):
    """However long the server knows a repeated send again; without that a row may come twice, and the log names it."""
    lines = lines_of(length.messages, chance)
    bot = stage.start_bot(things={"lots": lots}, folder=tmp_path / "bot")
    speak(stage, lines, chance)
    struck = {one["kind"]: one["struck"] for one in stage.control("GET", "faults")["faults"] if one["struck"]}
    stage.fault("none")
    stage.advance(1800.0)
    bot.stop()
    messages = history(stage)
    repeated = Counter(int(found[1]) for one in caplog.records if (found := _REPEATED.match(one.getMessage())))
    chats, doubles = without_doubles(chats_of(messages, CHATS))
    print(f"{repeated.total()} times a row was sent again, and {doubles.total()} times it came twice")
    print(f"struck: {struck}")
    assert not list(faults(lines, chats, kept_in(tmp_path / "bot", CHATS)))
    print(f"longest silence: {longest_silence_s(messages):.0f} s")
    assert not doubles - texts_of(tmp_path / "bot", repeated)


def without_doubles(chats):
    """The chats with each answer once, and the answers that were there more often."""
    doubles = Counter()
    found = {}
    for number, chat in chats.items():
        counted = Counter(chat.answers)
        doubles += Counter({text: count - 1 for text, count in counted.items() if count > 1})
        found[number] = replace(chat, answers=list(counted))
    return found, doubles


def texts_of(folder, rows):
    """What the outbox's rows of these numbers say; `rows` counts them."""
    with contextlib.closing(Database(folder / "bot.db")) as database:
        texts = dict(database.read("SELECT id, body FROM outbox"))
    return Counter({texts[number]: times for number, times in rows.items()})
