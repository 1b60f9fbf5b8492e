"""!ping"""

from __future__ import annotations

import re


def test_it_answers_with_the_time_that_the_message_took(bot):
    """In milliseconds."""
    bot.chat("Ann").ann.says("!ping").replies(re.compile(r"^pong \(\d+ ms\)$"))
