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


def test_commands_of_owners_are_nothing_to_others(start_bot, ben):
    """Neither listed nor explained nor suggested."""
    start_bot("plugins: {help: , status: }\nowners: [100000000000002]")
    ben.says("Friends", "!help")
    assert "status" not in ben.hears()[1]
    ben.says("Friends", "!help status")
    assert ben.hears()[1] == "There is no !status."
    ben.says("Friends", "!help statsu")
    assert ben.hears()[1] == "There is no !statsu."


def test_an_owner_is_told_of_them(start_bot, ann):
    """In the list, and one by one."""
    start_bot("plugins: {help: , status: }\nowners: [100000000000002]")
    ann.says("Friends", "!help")
    assert "!status – How is the bot doing? !status" in ann.hears()[1].splitlines()
    ann.says("Friends", "!help status")
    assert ann.hears()[1] == "!status\nHow is the bot doing? !status"
