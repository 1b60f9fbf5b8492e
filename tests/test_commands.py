"""From text to a command and its arguments."""

from __future__ import annotations

import pytest

from botkit.commands import CommandTable, Invocation, Rest, arguments, build, command, words
from botkit.messenger.errors import CommandError, PluginError


@command("roll", aliases=["dice"])
def roll(ctx, sides: int = 6, times: int = 1):
    """Roll dice: !roll 20 2

    At most ten."""


@command()
def echo(ctx, text: Rest):
    """Say it again."""


@command("mix")
def mix(ctx, ratio: float, loud: bool, name): ...


def table(*functions):
    return CommandTable.of(build(function, "games") for function in functions)


def test_a_command_knows_its_names_help_and_usage():
    """Name, aliases, summary and usage line come from the decorator, the docstring and the signature."""
    found = build(roll, "games")
    assert (found.name, found.aliases, found.plugin) == ("roll", ("dice",), "games")
    assert found.summary == "Roll dice: !roll 20 2"
    assert found.usage("!") == "!roll [sides] [times]"
    assert build(echo, "games").usage("/") == "/echo <text…>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", (6, 1)), (" 20", (20, 1)), (" 20  2 ", (20, 2)), (' "20"', (20, 1))],
)
def test_arguments_are_read_by_the_types_of_the_signature(text, expected):
    """Whole numbers are read, defaults fill what is missing."""
    assert arguments(build(roll, "games"), text, "!") == expected


def test_each_type_is_read():
    """float, bool and text, the latter also without an annotation."""
    assert arguments(build(mix, "games"), ' 1.5 yes "Ann B"', "!") == (1.5, True, "Ann B")


def test_rest_keeps_the_line_as_it_was_written():
    """Spaces and quotes inside the rest of the line stay."""
    assert arguments(build(echo, "games"), '  say  "hi"\n there ', "!") == ('say  "hi"\n there',)


@pytest.mark.parametrize(
    ("function", "text", "said"),
    [
        (roll, " six", "sides must be a whole number, not 'six'. Usage: !roll [sides] [times]"),
        (roll, " 1 2 3", "'3' is too much. Usage: !roll [sides] [times]"),
        (echo, " ", "text is missing. Usage: !echo <text…>"),
        (mix, " 1 maybe x", "loud must be yes or no, not 'maybe'. Usage: !mix <ratio> <loud> <name>"),
    ],
)
def test_a_wrong_argument_is_told_with_the_usage(function, text, said):
    """The answer says which argument, what was wanted, what was found, and how to call the command."""
    with pytest.raises(CommandError) as caught:
        arguments(build(function, "games"), text, "!")
    assert str(caught.value) == said


def test_words_know_their_place():
    """Quoted words are whole; the place is where the word begins in the text."""
    assert list(words('a  "b c" d')) == [("a", 0), ("b c", 3), ("d", 9)]


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
    ],
)
def test_a_message_is_split_into_word_and_rest(text, expected):
    """Only a message that begins with the prefix and a word is a command."""
    assert table(roll).split(text, "!") == expected


def test_commands_are_found_by_name_and_alias_in_any_letter_case():
    """`!ROLL` and `!Dice` are the same command."""
    commands = table(roll, echo)
    assert commands.find("ROLL").name == "roll"
    assert commands.find("Dice").name == "roll"
    assert commands.find("rol") is None
    assert commands.nearest("rol") == "roll"
    assert commands.nearest("xyzzy") is None


def test_an_invocation_holds_the_command_and_its_values():
    """What the router returns for the host to run."""
    commands = table(roll)
    found = commands.find("roll")
    assert commands.invocation(found, " 8", "!") == Invocation(found, (8, 1))


def test_two_commands_of_one_name_are_refused_with_both_plugins():
    """The message names the plugins and the word."""
    other = command("dice")(lambda ctx: None)
    with pytest.raises(PluginError, match="plugins games and casino both have a command 'dice'"):
        CommandTable.of([build(roll, "games"), build(other, "casino")])


async def _async(ctx): ...


def _no_context(): ...


def _star(ctx, *names): ...


def _rest_first(ctx, text: Rest, n: int): ...


def _odd_type(ctx, when: complex): ...


def _unknown_type(ctx, when: Nonsense): ...  # noqa: F821


@pytest.mark.parametrize(
    ("function", "part"),
    [
        (_async, "write def instead of async def"),
        (_no_context, "the first parameter must take the context"),
        (_star, "for the rest of the line use Rest"),
        (_rest_first, "must come last"),
        (_odd_type, "when has a type that cannot be typed in a chat; use str, int, float, bool or Rest"),
        (_unknown_type, "an annotation cannot be resolved"),
    ],
)
def test_a_function_that_cannot_be_a_command_is_refused(function, part):
    """At load, with plugin, command and what would be right."""
    with pytest.raises(PluginError) as caught:
        build(command("x")(function), "games")
    assert str(caught.value).startswith("plugin games, command 'x': ")
    assert part in str(caught.value)


def test_a_name_that_cannot_be_typed_is_refused():
    """A name with a space would never be found."""
    with pytest.raises(PluginError, match="'two words' cannot be typed after a prefix"):
        build(command("two words")(lambda ctx: None), "games")


def test_the_decorator_without_brackets_is_refused():
    """`@command` alone would take the function for a name."""
    with pytest.raises(PluginError, match=r"write @command\(\)"):
        command(roll)
