"""mark_read"""

from __future__ import annotations


def test_a_chat_is_read_when_somebody_has_written(start_bot, ann):
    """The others are told how far the bot has read."""
    start_bot("plugins: {mark_read: }")
    sent = ann.says("Friends", "anybody there?")
    seen = ann.next("read")
    assert seen["reader"] == "100000000000001"
    assert seen["watermark_ms"] >= sent["timestamp_ms"]
