"""!why"""

from __future__ import annotations


def test_it_tells_which_plugin_took_the_message(bot):
    """Also of a message that nobody was meant by."""
    group = bot.group("Friends", "Ann", "Ben")
    group.ann.says("good morning").silent()
    group.ann.says("!why").replies("It was for none of my plugins.")
    group.ann.says("!why").replies("I ran the command why of the plugin why.")


def test_it_is_about_the_asker_alone(bot):
    """Whatever others have written meanwhile."""
    group = bot.group("Friends", "Ann", "Ben")
    group.ann.says("!why").replies("I remember no message of yours before this one.")
    group.ben.says("!why").replies("I remember no message of yours before this one.")
