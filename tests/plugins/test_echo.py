"""!echo"""

from __future__ import annotations


def test_it_says_again_what_was_said(start_bot, ann):
    """The rest of the line, as it was written."""
    start_bot("plugins: {echo: }")
    ann.says("Friends", "!echo  hello  there ")
    assert ann.hears() == ("Bot", "hello  there")


def test_without_a_text_it_tells_how_to_use_it(start_bot, ann):
    """The usage line."""
    start_bot("plugins: {echo: }")
    ann.says("Friends", "!echo")
    assert ann.hears() == ("Bot", "text is missing. Usage: !echo <text…>")
