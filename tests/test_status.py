"""A bot's status as lines for people and as JSON."""

from __future__ import annotations

import json

import pytest

from botkit.status import BudgetStatus, PluginStatus, RowInfo, Status, duration

NOW_MS = 1_800_000_000_000
MINUTE_MS = 60_000

STATUS = Status(
    state="backing_off",
    reason="the socket was closed",
    since_ms=NOW_MS - 5_000,
    started_ms=NOW_MS - 3 * 86_400_000,
    last_event_ms=NOW_MS - 7 * MINUTE_MS,
    own_id="100000000000001",
    network="sandbox",
    open_rows=2,
    dead_rows=1,
    lanes_waiting=3,
    outbox_waiting=4,
    plugins=(
        PluginStatus("echo", calls=10, mean_ms=1.25, slowest_ms=9.6),
        PluginStatus(
            "dice", errors=5, missed=2, paused_until_ms=NOW_MS + MINUTE_MS, last_error="KeyError at dice.py:9"
        ),
        PluginStatus("help", missed=2, paused_until_ms=NOW_MS - 1),
    ),
    budgets=(
        BudgetStatus("message", "hourly", 300, 300, NOW_MS + 2 * MINUTE_MS),
        BudgetStatus("message", "daily", 301, 2000),
        BudgetStatus("read", "overall", 12),
    ),
)


def test_it_is_told_in_lines():
    """One for each thing that somebody may ask."""
    assert STATUS.describe(NOW_MS).splitlines() == [
        "connection: backing off for 5 s (the socket was closed)",
        "account: 100000000000001 on sandbox, started 3 d 0 h ago",
        "last event: 7 min 0 s ago",
        "events: 2 open, 1 dead, 0 late",
        "waiting: 3 in lanes, 4 to send, 0 in the background",
        "plugin echo: 10 calls, 0 errors; 1.2 ms on average, 10 ms at most",
        "plugin dice: 0 calls, 5 errors; PAUSED for 1 min 0 s more, 2 missed; last error: KeyError at dice.py:9",
        "plugin help: 0 calls, 0 errors; 2 missed",
        "budget message, hourly: 300 of 300 used; full for 2 min 0 s more",
        "budget message, daily: 301 of 2000 used",
        "budget read, overall: 12 used",
    ]


def test_a_bot_that_has_just_begun_has_no_times_yet():
    """Nothing is made up for them."""
    status = Status("connecting", "connecting", None, None, None, "1", "sandbox", lost_workers=2)
    assert status.describe(NOW_MS).splitlines() == [
        "connection: connecting",
        "account: 1 on sandbox",
        "last event: none yet",
        "events: 0 open, 0 dead, 0 late",
        "waiting: 0 in lanes, 0 to send, 0 in the background",
        "workers lost: 2",
    ]


def test_one_is_told_as_one():
    """Not as `1 calls`."""
    status = Status("live", "live", None, None, None, "1", "sandbox", plugins=(PluginStatus("a", calls=1, errors=1),))
    assert "plugin a: 1 call, 1 error; 0.0 ms on average, 0 ms at most" in status.describe(NOW_MS).splitlines()


def test_json_brings_it_over_whole():
    """What `botkit status` gets from the running bot."""
    assert Status.from_dict(json.loads(json.dumps(STATUS.to_dict()))) == STATUS
    row = RowInfo(7, None, "message", "dead", NOW_MS, 3, "ended the process")
    assert RowInfo(**json.loads(json.dumps(row.to_dict()))) == row


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (3600, "1 h 0 min"), (90_000, "1 d 1 h")],
)
def test_a_length_of_time_has_two_units(seconds, text):
    """The largest; a clock that was set back counts as none."""
    assert duration(seconds) == text
