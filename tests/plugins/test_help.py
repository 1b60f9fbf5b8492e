"""!help"""

from __future__ import annotations


def test_it_lists_the_commands(start_bot, ann):
    """One line each, with usage and summary."""
    start_bot("prefix: /\nplugins: {help: , echo: , ping: }")
    ann.says("Friends", "/help")
    assert ann.hears()[1].splitlines() == [
        "I know these commands:",
        "/echo <text…> – Say it again: !echo hello",
        "/help [name] – What can I type? !help echo",
        "/ping – Is the bot there? !ping",
    ]


def test_it_tells_about_one_command(start_bot, ann):
    """With or without the prefix, by name or alias."""
    start_bot("plugins: {help: }")
    ann.says("Friends", "!help commands")
    assert ann.hears()[1] == "!help [name]\nWhat can I type? !help echo\nAlso: !commands"


def test_an_unknown_command_is_told_with_the_nearest(start_bot, ann):
    """As the answer to who asked."""
    start_bot("plugins: {help: , echo: }")
    ann.says("Friends", "!help !ecko")
    assert ann.hears()[1] == "There is no !ecko. Did you mean !echo?"
    ann.says("Friends", "!help xyzzy")
    assert ann.hears()[1] == "There is no !xyzzy."
