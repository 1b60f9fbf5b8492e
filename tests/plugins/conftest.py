"""Two groups with some people in both, for what every plugin of the box has to stand."""

from __future__ import annotations

import pytest

ZOE = "Zoë 🌷"
SHIRA = "שירה לוי"


@pytest.fixture
def friends(bot):
    """Ann, who came first and is the group's admin, Ben, the bot's owner Eve, one with an emoji in her name, and one
    whose name is written from right to left."""
    bot.owner("Eve")
    return bot.group("Friends", "Ann", "Ben", "Eve", ZOE, SHIRA)


@pytest.fixture
def family(bot, friends):
    """Another group of some of them; Ben is its admin."""
    return bot.group("Family", "Ben", "Ann", "Eve", ZOE)
