"""!echo"""

from __future__ import annotations


def test_it_says_again_what_was_said(bot):
    """The rest of the line, as it was written."""
    bot.chat("Ann").ann.says("!echo  hello  there ").replies("hello  there")


def test_without_a_text_it_tells_how_to_use_it(bot):
    """The usage line."""
    bot.chat("Ann").ann.says("!echo").replies("text is missing. Usage: !echo <text…>")
