"""!help"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated, Literal

import pytest

from botkit import ChatContext, Cooldown, Rest, command

pytestmark = pytest.mark.botkit(plugins=["help"])


@command("birthday add", aliases=["bday"], examples=[("!birthday add Ann 3 May", "Noted.")])
def birthday_add(ctx: ChatContext, who: str, day: Rest) -> str:
    """Keep a birthday: !birthday add Ann 3 May

    It is told in the morning."""
    return "Noted."


@command("birthday clear", role="admin", confirm=True)
def birthday_clear(ctx: ChatContext) -> None:
    """Forget all birthdays."""


@command("paint", cooldown=Cooldown(90, "chat"))
def paint(
    ctx: ChatContext, colour: Literal["red", "green"], coats: Annotated[int, "how often"] = 2, note: str = ""
) -> None:
    """Paint the house."""


@command("secret", role="owner")
def secret(ctx: ChatContext) -> None: ...


@pytest.fixture
def group(bot):
    """Ann is the group's admin, Ben is nobody, Eve owns the bot."""
    commands = {"add": birthday_add, "clear": birthday_clear, "secret": secret}
    bot.load(SimpleNamespace(__doc__="Keeps birthdays.\n\nAnd more.", **commands), name="birthday")
    bot.load(paint, name="paint")
    bot.owner("Eve")
    return bot.group("Friends", "Ann", "Ben", "Eve")


def test_it_lists_the_commands_by_plugin(group):
    """Each with usage and summary; only those that one may use."""
    group.ben.says("!help").replies(
        "I know these commands:\n"
        "birthday:\n"
        "!birthday add <who> <day…> – Keep a birthday: !birthday add Ann 3 May\n"
        "!paint <red|green> [coats] [note] – Paint the house.\n"
        "!help [name…] – What can I type? !help echo"
    )


def test_who_may_do_more_is_told_more(group):
    """Admins of the commands of admins, owners of all."""
    group.ann.says("!help").replies(lambda text: "!birthday clear" in text and "!secret" not in text)
    group.eve.says("!help").replies(lambda text: "!birthday clear" in text and "\n!secret\n" in text)


def test_it_tells_about_one_command(group):
    """Usage, help, arguments, other names, examples; with or without the prefix, by name or alias."""
    told = (
        "!birthday add <who> <day…>\n"
        "Keep a birthday: !birthday add Ann 3 May\n\nIt is told in the morning.\n"
        "Also: !bday\n"
        "Example: !birthday add Ann 3 May → Noted."
    )
    for asked in ("!help birthday add", "!help !Birthday  ADD", "!commands bday"):
        group.ben.says(asked).replies(told)


def test_it_tells_what_the_arguments_are(group):
    """What the author says of them, what they may be, and what they are when left out."""
    group.ben.says("!help paint").replies(
        "!paint <red|green> [coats] [note]\n"
        "Paint the house.\n"
        "colour: red or green\n"
        "coats: how often; a whole number, or else 2\n"
        "It can be used once in 1m30s in a chat."
    )


def test_it_tells_what_stands_in_the_way(group):
    """Whom a command is for, and that it asks."""
    group.ann.says("!help birthday clear").replies(
        "!birthday clear\nForget all birthdays.\nOnly for admins of the group.\nI ask first whether you are sure."
    )


def test_it_tells_about_subcommands_and_plugins_of_a_name(group):
    """What the plugin is for, what begins with the name, and what else the plugin has."""
    group.ben.says("!help birthday").replies(
        "Keeps birthdays.\n!birthday add <who> <day…> – Keep a birthday: !birthday add Ann 3 May"
    )
    group.eve.says("!help BIRTHDAY").replies(
        "Keeps birthdays.\n"
        "!birthday add <who> <day…> – Keep a birthday: !birthday add Ann 3 May\n"
        "!birthday clear – Forget all birthdays.\n"
        "!secret"
    )


def test_an_unknown_name_is_told_with_the_nearest(group):
    """Of what one may use."""
    group.ben.says("!help !pain").replies("There is no !pain. Did you mean !paint?")
    group.ben.says("!help xyzzy").replies("There is no !xyzzy.")
    group.ben.says("!help " + "x" * 19_990).replies(f"There is no !{'x' * 50}.")
    group.ben.says("!help secret").replies("Only for owners of this bot.")
    group.ben.says("!help birthday clear").replies("Only for admins of the group.")


@pytest.mark.botkit(prefix="/")
def test_examples_are_shown_with_the_prefix_of_the_chat(group):
    """In summaries as well."""
    group.ben.says("/help birthday add").replies(
        lambda text: "Keep a birthday: /birthday add Ann 3 May" in text and "Example: /birthday add Ann" in text
    )


def _many(name, count):
    functions = {f"{name}{n}": command(f"{name}{n}")(lambda ctx: None) for n in range(count)}
    return SimpleNamespace(__doc__="Many things.", **functions)


def test_many_commands_have_a_line_for_each_plugin(bot, group):
    """So that it fits on a screen."""
    bot.load(_many("x", 20), name="many")
    lines = group.ben.says("!help").answers[0].splitlines()
    assert lines[1] == "birthday: !birthday add"
    assert lines[3].startswith("many: !x0, !x1, !x10")
    assert lines[-1] == "!help and a name tells more about a command or a plugin."
    group.ben.says("!help many").replies(lambda text: text.startswith("Many things.\n!x0\n!x1\n"))


def test_many_plugins_have_one_line(bot, group):
    """With their names."""
    for number in range(20):
        bot.load(_many(f"p{number}x", 1), name=f"p{number}")
    lines = group.ben.says("!help").answers[0].splitlines()
    assert lines[0].startswith("I have these plugins: birthday, paint, p0, p1")
    assert len(lines) == 2
