"""A connection over which nothing comes any more is found out, though nobody says that it is broken."""

from __future__ import annotations

import pytest

from botkit.testing import Stage


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as stage:
        yield stage


def test_a_stalled_socket_is_found_within_30_s(stage):
    """What was written meanwhile is answered once."""
    stage.start_bot("plugins: {echo: }")
    stage.fault("stall")
    ann = stage.person("Ann")
    ann.says("Friends", "!echo are you there?")
    assert ann.heard() == []
    stage.advance(30.0)
    assert ann.heard() == [("Bot", "are you there?")]


def test_a_silent_queue_is_found_by_a_probe(stage):
    """Its socket answers pings all the while: only the question at the cursor, after ten minutes, finds it."""
    bot = stage.start_bot("plugins: {echo: }")
    stage.fault("silent_queue")
    ann = stage.person("Ann")
    ann.says("Friends", "!echo are you there?")
    stage.advance(590.0)
    assert (bot.status().state, ann.heard()) == ("live", [])
    stage.advance(25.0)
    assert ann.heard() == [("Bot", "are you there?")]


def test_a_quiet_night_is_no_silence(stage):
    """When nobody writes for eight hours the connection is the same one in the morning."""
    bot = stage.start_bot("plugins: {echo: }")
    stage.settle()
    since_ms = bot.status().since_ms
    stage.advance(8 * 3600.0)
    assert (bot.status().state, bot.status().since_ms) == ("live", since_ms)


def test_an_answer_that_does_not_come_holds_nothing_up(stage):
    """Whatever the bot waits for: here for the word that a receipt has arrived, while more messages come."""
    stage.start_bot("plugins: {echo: }")
    stage.fault("hold_answer", path="/ajax/mercury/delivery_receipts.php")
    ann = stage.person("Ann")
    for number in range(3):
        ann.says("Friends", f"!echo {number}")
        stage.advance(10.0)
    assert ann.heard() == [("Bot", str(number)) for number in range(3)]
