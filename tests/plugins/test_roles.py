"""!roles"""

from __future__ import annotations

import pytest


@pytest.fixture
def group(bot):
    """A group with the bot's owner Eve; Ann came first, so she is the group's admin, Ben and Cem are nobody."""
    bot.owner("Eve")
    return bot.group("Friends", "Ann", "Ben", "Cem", "Eve")


def test_it_lists_who_may_do_more(group):
    """From much to little."""
    group.eve.says("!roles set Cem mod").replies("Cem is mod here now.")
    group.ben.says("!roles").replies("Eve: owner\nAnn: admin\nCem: mod")


def test_an_admin_makes_moderators(group):
    """And takes the role back."""
    group.ann.says("!roles set Ben mod").replies("Ben is mod here now.")
    group.ann.says("!roles reset Ben").replies("Ben has no role of mine here any more.")
    group.ben.says("!roles").replies("Eve: owner\nAnn: admin")


def test_only_an_owner_makes_admins(group):
    """Nor may an admin depose one whom an owner has made."""
    told = "Only an owner of this bot may give or take the role admin."
    group.ann.says("!roles set Ben admin").replies(told)
    group.eve.says("!roles set Ben admin").replies("Ben is admin here now.")
    group.ann.says("!roles set Ben mod").replies(told)
    group.ann.says("!roles reset Ben").replies(told)
    group.eve.says("!roles reset Ben").replies("Ben has no role of mine here any more.")


def test_a_role_holds_in_its_chat_only(bot, group):
    """Elsewhere somebody is who they were."""
    group.eve.says("!roles set Ben mod").replies()
    bot.chat("Ben").ben.says("!roles").replies("Nobody has a role here.")


def test_what_was_not_given_cannot_be_taken(group):
    """An admin of the group is one without the bot."""
    group.eve.says("!roles reset Ann").replies("Ann was given no role here.")


@pytest.mark.parametrize("line", ["!roles set Ben admin", "!roles reset Ann"])
def test_members_and_moderators_may_not(group, line):
    """Give or take anything."""
    group.eve.says("!roles set Cem mod").replies()
    group.cem.says(line).replies("Only admins of this group may do that.")
