"""!ignore, !unignore, !ignored, !mute, !unmute"""

from __future__ import annotations

import pytest


@pytest.fixture
def group(bot):
    """A group with the bot's owner Ann; Ben is nobody."""
    bot.owner("Ann")
    return bot.group("Friends", "Ann", "Ben")


@pytest.mark.botkit(plugins=["gatekeeper", "ping"])
def test_who_is_ignored_is_not_heard(bot, group):
    """In any chat, until an owner says otherwise."""
    group.ann.says("!ignore Ben").replies("I will not hear Ben any more.")
    group.ben.says("!ping").silent()
    bot.chat("Ben").ben.says("!ping").silent()
    group.ann.says("!unignore Ben").replies("I hear Ben again.")
    group.ben.says("!ping").replies()


def test_it_tells_who_is_ignored(bot, group):
    """By the name in this chat, or by the id of whoever is not here."""
    group.ann.says("!ignored").replies("I hear everybody.")
    group.ann.says("!ignore Ben").replies()
    group.ann.says("!ignored").replies("I do not hear: Ben.")
    bot.chat("Ann").ann.says("!ignored").replies(f"I do not hear: {group.ben.id}.")


def test_an_owner_cannot_be_ignored(group):
    """Or nobody could undo it."""
    group.ann.says("!ignore Ann").replies("An owner of this bot cannot be ignored.")


@pytest.mark.botkit(plugins=["gatekeeper", "ping"])
def test_a_muted_chat_hears_nothing(bot, group):
    """But owners' commands pass, and other chats go on."""
    group.ann.says("!mute").replies("I am silent in this chat now. !unmute wakes me.")
    group.ben.says("!ping").silent()
    bot.chat("Ben").ben.says("!ping").replies()
    group.ann.says("!ping").replies()
    group.ann.says("!unmute").replies("I am back.")
    group.ben.says("!ping").replies()


@pytest.mark.parametrize("line", ["!ignore Ann", "!unignore Ann", "!ignored", "!mute", "!unmute"])
def test_only_owners_keep_the_gate(group, line):
    """Whatever else somebody may be."""
    group.ben.says(line).replies("Only an owner of this bot may do that.")
