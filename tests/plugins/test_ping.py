"""!ping"""

from __future__ import annotations

import re


def test_it_answers_with_the_time_that_the_message_took(start_bot, ann):
    """In milliseconds."""
    start_bot("plugins: {ping: }")
    ann.says("Friends", "!ping")
    assert re.fullmatch(r"pong \(\d+ ms\)", ann.hears()[1])
