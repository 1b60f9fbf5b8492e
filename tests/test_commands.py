"""Commands, and finding them by what people type."""

from __future__ import annotations

import pytest

from botkit.commands import CommandTable, Cooldown, Invocation, Rest, allows, build, command
from botkit.messenger.errors import CommandError, PluginError
from tests.fake_lookup import FakeLookup


@command("roll", aliases=["dice"], cooldown=3, examples=[("!roll 1", "1"), ("!DICE 1 2", "1 1")])
def roll(ctx, sides: int = 6, times: int = 1):
    """Roll dice: !roll 20 2

    At most ten."""


@command()
def echo(ctx, text: Rest):
    """Say it again."""


@command("birthday add", aliases=["bday add"], role="mod")
def birthday_add(ctx, who, day): ...


@command("birthday list")
def birthday_list(ctx): ...


@command("birthday list all", confirm=True)
def birthday_list_all(ctx): ...


@command("feedback", cooldown=Cooldown(9000, per="member"))
def feedback(ctx):
    yield "How many stars?"


def table(*functions, plugin="games"):
    return CommandTable.of(build(function, plugin) for function in functions)


BIRTHDAYS = (birthday_add, birthday_list, birthday_list_all)


def test_a_command_knows_its_names_help_and_usage():
    """Name, aliases, summary and usage line come from the decorator, the docstring and the signature."""
    found = build(roll, "games")
    assert (found.name, found.aliases, found.plugin) == ("roll", ("dice",), "games")
    assert found.summary == "Roll dice: !roll 20 2"
    assert found.usage("!") == "!roll [sides] [times]"
    assert build(echo, "games").usage("/") == "/echo <text…>"
    assert build(birthday_add, "birthday").usage("!") == "!birthday add <who> <day>"


def test_a_command_knows_what_the_decorator_says():
    """Role, cooldown, confirmation, examples, and whether it is a conversation."""
    found = build(roll, "games")
    assert (found.role, found.confirm, found.is_conversation) == ("member", False, False)
    assert found.cooldown == Cooldown(3.0, "user")
    assert found.examples == (("!roll 1", "1"), ("!DICE 1 2", "1 1"))
    assert build(birthday_add, "birthday").role == "mod"
    assert build(birthday_list_all, "birthday").confirm
    assert build(echo, "games").cooldown is None
    talk = build(feedback, "games")
    assert (talk.is_conversation, talk.cooldown, talk.cooldown.length) == (True, Cooldown(9000.0, "member"), "2h30m")


@pytest.mark.parametrize(
    ("role", "needed", "answer"),
    [("member", "member", True), ("member", "mod", False), ("admin", "mod", True), ("admin", "owner", False)],
)
def test_who_has_a_role_may_do_what_lower_ones_may(role, needed, answer):
    """From member over mod and admin to owner."""
    assert allows(role, needed) is answer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!roll 6", ("roll", " 6")),
        ("!roll", ("roll", "")),
        ("!größe\nx", ("größe", "\nx")),
        ("roll 6", None),
        ("! roll", None),
        ("!!!", None),
        ("!roll!", None),
        ("say !roll", None),
        ("!roll add", ("roll", " add")),
        ("!Birthday  ADD Ann", ("Birthday ADD", " Ann")),
        ("!birthday list", ("birthday list", "")),
        ("!birthday list all", ("birthday list all", "")),
        ("!birthday list of", ("birthday list", " of")),
        ("!birthday", ("birthday", "")),
        ("!birthday ad Ann", ("birthday", " ad Ann")),
        ("!birthday add! Ann", ("birthday", " add! Ann")),
        ("!bday add", ("bday add", "")),
    ],
)
def test_a_message_is_split_into_name_and_rest(text, expected):
    """Only a message that begins with the prefix and a word is a command; a name is as long as there is one."""
    assert table(roll, *BIRTHDAYS).split(text, "!") == expected


def test_a_command_with_subcommands_has_arguments_too():
    """The longest name that is a command is taken, though others go on further."""
    names = ["a", "a b c"]
    commands = table(*(command(name)(lambda ctx: None) for name in names))
    assert commands.split("!a b x", "!") == ("a", " b x")
    assert commands.split("!a b c x", "!") == ("a b c", " x")


def test_commands_are_found_by_name_and_alias_in_any_letter_case():
    """`!ROLL` and `!Dice` are the same command."""
    commands = table(roll, echo, *BIRTHDAYS)
    assert commands.find("ROLL").name == "roll"
    assert commands.find("Dice").name == "roll"
    assert commands.find("BDAY Add").name == "birthday add"
    assert commands.find("rol") is None
    assert commands.find("birthday") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rol", "roll"),
        ("rol dice", "roll"),
        ("xyzzy", None),
        ("", None),
        ("birthdy", "birthday"),
        ("birthdy ad Ann", "birthday add"),
        ("birthday ad Ann", "birthday add"),
        ("birthday xyzzy", "birthday"),
        ("birthday list al", "birthday list all"),
        ("r" + "o" * 100_000 + "ll", None),
    ],
)
def test_the_nearest_name_is_found(text, expected):
    """Word by word, as far as there is something near."""
    assert table(roll, *BIRTHDAYS).nearest(text) == expected


def test_subcommands_are_found_by_how_they_begin():
    """By the beginning of a name or an alias; a command is not its own subcommand."""
    commands = table(roll, *BIRTHDAYS)
    assert [one.name for one in commands.subcommands("Birthday")] == [
        "birthday add",
        "birthday list",
        "birthday list all",
    ]
    assert [one.name for one in commands.subcommands("birthday list")] == ["birthday list all"]
    assert [one.name for one in commands.subcommands("bday")] == ["birthday add"]
    assert commands.subcommands("roll") == commands.subcommands("birth") == ()


def test_what_one_may_use_is_a_table_too():
    """By role, and by the plugins that are on."""
    commands = CommandTable.of([build(roll, "games"), *(build(one, "birthday") for one in BIRTHDAYS)])
    names = {one.name for one in commands.usable("member", ["games", "birthday"]).commands}
    assert names == {"roll", "birthday list", "birthday list all"}
    assert {one.name for one in commands.usable("admin", ["birthday"]).commands} == {
        "birthday add",
        "birthday list",
        "birthday list all",
    }
    assert commands.usable("member", ["games"]).nearest("birthday") is None


def test_an_invocation_holds_the_command_its_values_and_their_text():
    """What the router returns for the host to run."""
    commands = table(roll)
    found = commands.find("roll")
    assert commands.invocation(found, " 8", "!", FakeLookup()) == Invocation(found, (8, 1), " 8")


def test_a_wrong_argument_is_told_with_the_usage():
    """With the prefix of the chat, in the language of the chat."""
    commands = table(roll)
    with pytest.raises(CommandError) as caught:
        commands.invocation(commands.find("dice"), " six", "/", FakeLookup())
    assert str(caught.value) == "sides must be a whole number, not 'six'. Usage: /roll [sides] [times]"
    phrase = caught.value.args[0]
    assert phrase.spoken("nl") == "sides moet een heel getal zijn, niet 'six'. Zo gaat het: /roll [sides] [times]"


def test_two_commands_of_one_name_are_refused_with_both_plugins():
    """The message names the plugins and the word."""
    other = command("dice")(lambda ctx: None)
    with pytest.raises(PluginError, match="plugins games and casino both have a command 'dice'"):
        CommandTable.of([build(roll, "games"), build(other, "casino")])


async def _async(ctx): ...


async def _async_generator(ctx):
    yield "How?"


def _odd_type(ctx, when: complex): ...


def _fine(ctx): ...


@pytest.mark.parametrize(
    ("function", "options", "fault"),
    [
        (_async, {}, "plugins are sync Python; write def instead of async def"),
        (_async_generator, {}, "plugins are sync Python; write def instead of async def"),
        (_odd_type, {}, "when has a type that cannot be typed in a chat; use str, int,"),
        (_fine, {"role": "boss"}, "there is no role 'boss'; there are member, mod, admin, owner"),
        (_fine, {"aliases": "dice"}, "aliases must be a list of names, not 'dice'"),
        (
            _fine,
            {"aliases": ["x  y"]},
            "'x  y' cannot be typed after a prefix; use letters, digits, '-', and one space",
        ),
        (_fine, {"aliases": [3]}, "3 cannot be typed after a prefix"),
        (_fine, {"cooldown": "soon"}, "cooldown: 'soon' is not a length of time; write one like 90s, 10m or 2h30m"),
        (_fine, {"cooldown": 0}, "cooldown: 0 is not a length of time"),
        (_fine, {"cooldown": True}, "cooldown: True is not a length of time"),
        (
            _fine,
            {"cooldown": Cooldown(3, "group")},
            "cooldown: 'group' is not what it can be per; there are user, chat,",
        ),
        (_fine, {"confirm": "yes"}, "confirm must be True or False, not 'yes'"),
        (_fine, {"examples": ["!x 1"]}, "examples must be a list of pairs of texts, as in [('!roll 1', '1')]"),
        (_fine, {"examples": [("x 1", "1")]}, "example 'x 1' must begin with !x"),
        (_fine, {"examples": [("!xy 1", "1")]}, "example '!xy 1' must begin with !x"),
    ],
)
def test_a_function_that_cannot_be_a_command_is_refused(function, options, fault):
    """At load, with plugin, command and what would be right."""
    with pytest.raises(PluginError) as caught:
        build(command("x", **options)(function), "games")
    assert str(caught.value).startswith(f"plugin games, command 'x': {fault}")


def test_all_faults_of_a_command_are_told_at_once():
    """In one line."""
    with pytest.raises(PluginError) as caught:
        build(command("x", role="boss", confirm=1)(_odd_type), "games")
    assert str(caught.value).count("; ") == 4
    assert all(part in str(caught.value) for part in ("no role 'boss'", "confirm must be", "when has a type"))


def test_a_name_that_cannot_be_typed_is_refused():
    """Nor that of a function without one."""
    for name in ("two  words", " x", "x!", "-x"):
        with pytest.raises(PluginError, match="cannot be typed after a prefix"):
            build(command(name)(lambda ctx: None), "games")
    with pytest.raises(PluginError, match="'<lambda>' cannot be typed"):
        build(command()(lambda ctx: None), "games")


def test_the_decorator_without_brackets_is_refused():
    """`@command` alone would take the function for a name."""
    with pytest.raises(PluginError, match=r"write @command\(\)"):
        command(roll)
