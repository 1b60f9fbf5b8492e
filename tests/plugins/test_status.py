"""!status, !uptime"""

from __future__ import annotations

import re

import pytest

from botkit import ChatContext, command


@command("fail")
def fail(ctx: ChatContext) -> None:
    raise ZeroDivisionError


@pytest.fixture
def group(bot):
    """A group with the bot's owner Ann; Ben is nobody."""
    bot.owner("Ann")
    return bot.group("Friends", "Ann", "Ben")


def test_an_owner_sees_how_the_bot_is(bot, group):
    """Connection, age, and what waits."""
    group.ann.says("!uptime").replies("I have been running for 0 seconds.")
    bot.clock.advance(hours=3, minutes=12)
    lines = [
        "Connection: live, for 3 hours 12 minutes.",
        "Running for 3 hours 12 minutes.",
        "Events waiting: 0, messages to send: 0, background work: 0.",
    ]
    group.ann.says("!status").replies("\n".join(lines))


def test_lengths_of_time_have_their_two_largest_units(bot, group):
    """With one and several of each."""
    group.ann.says("!uptime").replies()
    bot.clock.advance(days=1, hours=1, minutes=59)
    group.ann.says("!uptime").replies("I have been running for 1 day 1 hour.")
    bot.clock.advance(days=2)
    group.ann.says("!uptime").replies("I have been running for 3 days 1 hour.")


def test_a_plugin_in_trouble_is_named(bot, group):
    """First that it fails, then that it rests."""
    bot.load(fail, name="clumsy")
    bot.expects_error()
    group.ben.says("!fail")
    group.ann.says("!status").replies(re.compile(r"\nclumsy has failed 1 time\.$"))
    for _ in range(4):
        group.ben.says("!fail")
    told = re.compile(r"\nclumsy has failed too often and rests for 1 minute 0 seconds more\.$")
    group.ann.says("!status").replies(told)


@pytest.mark.botkit(limits={"message": {"hourly": 2}})
def test_a_limit_that_is_reached_is_told(bot, group):
    """With how long it will take."""
    group.ann.says("!uptime").replies()
    group.ann.says("!uptime").replies()
    group.ann.says("!status").silent()
    bot.clock.advance(hours=1)
    group.expect(re.compile(r"\nThe limit of 2 \(message, hourly\) is reached, for "))


@pytest.mark.parametrize("line", ["!status", "!uptime"])
def test_nobody_else_does(group, line):
    """It is the owners' affair."""
    group.ben.says(line).replies("Only an owner of this bot may do that.")
