"""examples/feedback.py: two questions, and what has come in."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples"
pytestmark = pytest.mark.botkit(plugins=["feedback"], plugin_dirs=[str(FOLDER)])


@pytest.fixture
def group(bot):
    return bot.group("Friends", "Ann", "Ben")


def test_it_asks_for_stars_and_for_a_reason(bot, group):
    """Two people at the same time."""
    group.ann.says("!feedback").replies("How many stars, from 1 to 5?")
    group.ben.says("!feedback").replies("How many stars, from 1 to 5?")
    group.ann.says("6").replies("One number from 1 to 5, please.\nHow many stars, from 1 to 5?")
    group.ann.says("4").replies("What would make it five?")
    group.ben.says("5").replies("That makes my day. Thank you!")
    group.ann.says("more cake").replies("Thank you, I have noted it.")
    group.ann.says("!stars").replies("4.5 stars, from 2 answers.")
    assert bot.store("feedback").thread(group)["wishes"] == ["more cake"]


def test_the_second_question_waits_for_an_hour(bot, group):
    """One may have to think about it."""
    group.ann.says("!feedback").replies("How many stars, from 1 to 5?")
    group.ann.says("3").replies("What would make it five?")
    bot.clock.advance(minutes=50)
    group.ann.says("more cake").replies("Thank you, I have noted it.")


def test_the_examples_are_true(bot):
    """Nobody has said anything at first."""
    bot.check_examples("feedback")
