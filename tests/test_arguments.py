"""Reading the arguments of commands: types, words, and how many of them a value takes."""

from __future__ import annotations

import enum
import functools
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.argument_types import Rest
from botkit.arguments import Word, parameters, read, words
from botkit.messenger import Thread
from botkit.messenger.errors import CommandError
from botkit.people import Member
from tests.fake_lookup import ANN, BEN, LAYLA, QUIET, FakeLookup

TRIP = Thread("7000000000000001", True, "Trip 🏖", ())


class Colour(enum.Enum):
    RED = "red"
    SKY_BLUE = "sky blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


def values(function, text, **lookup):
    """What the function would be given for this text."""
    found, faults = parameters(function)
    assert not faults
    return read(found, text, FakeLookup(**{"threads": [TRIP], **lookup}))


def refusal(function, text):
    """What the person is told about this text."""
    with pytest.raises(CommandError) as caught:
        values(function, text)
    return str(caught.value)


def of(hint):
    """A function with one argument of a type."""

    def function(ctx, it): ...

    function.__annotations__["it"] = hint
    return function


@pytest.mark.parametrize(
    ("hint", "text", "expected"),
    [
        (str, "👋🏽", "👋🏽"),
        (int, "-20", -20),
        (int, "+7", 7),
        (float, "1.5", 1.5),
        (float, "-2", -2.0),
        (bool, "ON", True),
        (bool, "no", False),
        (Literal["fast", "very slow"], "Very Slow", "very slow"),
        (Literal[1, 2], "2", 2),
        (Colour, "RED", Colour.RED),
        (Colour, "sky blue", Colour.SKY_BLUE),
        (Colour, "Sky_Blue", Colour.SKY_BLUE),
        (Level, "high", Level.HIGH),
        (Level, "1", Level.LOW),
        (datetime, "fri 18:00", datetime(2026, 11, 27, 18, 0)),
        (date, "3 May", date(2027, 5, 3)),
        (timedelta, "2h 30m", timedelta(hours=2.5)),
        (timedelta, "2 weeks", timedelta(weeks=2)),
        (Member, "100000000000003", BEN),
        (Member, "10000000000000006", QUIET),
        (Member, "@Ann Lee", ANN),
        (Member, '"Ann Lee"', ANN),
        (Member, "ليلى حسن", LAYLA),
        (Member, "🦊 vos", LAYLA),
        (Thread, "7000000000000001", TRIP),
        (Thread, "trip 🏖", TRIP),
        (list[int], "1 2 3", [1, 2, 3]),
        (list, "a 'b' \"c d\"", ["a", "'b'", "c d"]),
        (list[Member], "Ann Lee ليلى Captain", [ANN, LAYLA, ANN]),
        (int | None, "5", 5),
        (Optional[int], "5", 5),  # noqa: UP045
        (Rest, '  say  "hi"\n there ', 'say  "hi"\n there'),
        (Rest | None, "a b", "a b"),
        (Annotated[int, "how many"], "5", 5),
    ],
)
def test_each_type_is_read(hint, text, expected):
    """What people type becomes what the function asks for."""

    def function(ctx, it=None): ...

    function.__annotations__["it"] = hint
    (found,) = values(function, f" {text} ")
    assert (found.replace(tzinfo=None) if isinstance(found, datetime) else found) == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("hint", "text", "said"),
    [
        (int, "six", "it must be a whole number, not 'six'."),
        (int, "1_000", "it must be a whole number, not '1_000'."),
        (int, "9" * 5000, "it must be a whole number, not '" + "9" * 40 + "…'."),
        (float, "nan", "it must be a number, not 'nan'."),
        (float, "1e999", "it must be a number, not '1e999'."),
        (bool, "maybe", "it must be on or off, not 'maybe'."),
        (Literal["a", "b", "c"], "d", "it must be a, b or c, not 'd'."),
        (Literal["a"], "d", "it must be a, not 'd'."),
        (Colour, "green", "it must be red or sky blue, not 'green'."),
        (Level, "3", "it must be low or high, not '3'."),
        (datetime, "soon", "it must be a time such as tomorrow 18:30, not 'soon'."),
        (date, "soon", "it must be a day such as 3 May, not 'soon'."),
        (date, "30 Feb", "There is no 30 Feb."),
        (timedelta, "90", "it must be a length of time such as 2h30m, not '90'."),
        (Member, "Zed", "it must be somebody in this chat, not 'Zed'."),
        (Member, "Ben", "Ben could be Ben Okafor or Ben Ek."),
        (Thread, "Work", "it must be the name or id of a chat, not 'Work'."),
        (list[int], "1 two", "it must be a whole number, not 'two'."),
        (list[int], " ", "it is missing."),
        (str, "", "it is missing."),
        (str, "a b", "'b' is too much."),
        (str, f'a "{"b " * 50}"', "'" + "b " * 20 + "…' is too much."),
    ],
)
def test_what_is_wrong_is_told(hint, text, said):
    """Which argument, what was wanted, and what was found, cut where it is long."""
    assert refusal(of(hint), text) == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a  "b c" d', [Word("a", 0), Word("b c", 3, True), Word("d", 9)]),
        ("“Ann Lee” „x y“", [Word("Ann Lee", 0, True), Word("x y", 10, True)]),
        ("«Ann Lee»", [Word("Ann Lee", 0, True)]),
        ('""', [Word("", 0, True)]),
        ('say "hi there', [Word("say", 0), Word('"hi', 4), Word("there", 8)]),
        ('"a"b 5" tv', [Word('"a"b', 0), Word('5"', 5), Word("tv", 8)]),
        ("it's \n fine", [Word("it's", 0), Word("fine", 7)]),
        (" ", []),
    ],
)
def test_words_are_told_apart(text, expected):
    """Quotes, straight or curly, make several words one; a quote that is not closed is part of its word."""
    assert list(words(text)) == expected


def remind(ctx, who: Member, when: datetime, text: Rest): ...


def birthday(ctx, who: Member, day: date): ...


def hug(ctx, who: Member, how: str): ...


def pay(ctx, who: Member, amount: float = 1, currency: Literal["eur", "usd"] = "eur"): ...


@pytest.mark.parametrize(
    ("function", "text", "expected"),
    [
        (birthday, "Ann Lee 3 May", (ANN, date(2027, 5, 3))),
        (birthday, "@Ann Lee May 3 2030", (ANN, date(2030, 5, 3))),
        (remind, "ليلى حسن 3 May 18:00 buy 3 eggs", (LAYLA, "2027-05-03 18:00", "buy 3 eggs")),
        (remind, "Ann 18:30 Lee comes", (ANN, "2026-11-23 18:30", "Lee comes")),
        (hug, "Ann Lee", (ANN, "Lee")),
        (hug, "Ann Lee warmly", (ANN, "warmly")),
        (hug, '"Ann" "Lee"', (ANN, "Lee")),
        (pay, "Ann Lee", (ANN, 1, "eur")),
        (pay, "Ann Lee 5 USD", (ANN, 5.0, "usd")),
    ],
)
def test_a_value_takes_as_many_words_as_make_sense(function, text, expected):
    """The longest first, but one is left for each required argument behind it."""
    found = tuple(f"{v:%Y-%m-%d %H:%M}" if isinstance(v, datetime) else v for v in values(function, text))
    assert found == expected


def test_what_is_quoted_stands_for_itself():
    """So one can tell where a value ends."""
    assert values(pay, '"Captain" 2') == (ANN, 2.0, "eur")
    assert refusal(pay, '"Ann" Lee') == "amount must be a number, not 'Lee'."


def test_the_missing_one_is_named():
    """The first gets what there is."""
    assert refusal(hug, " Ann") == "how is missing."
    assert refusal(hug, "") == "who is missing."


@pytest.mark.parametrize(
    ("hint", "required", "optional"),
    [
        (int, "<most dice>", "[most dice]"),
        (bool, "<on|off>", "[on|off]"),
        (Literal["a", "b"], "<a|b>", "[a|b]"),
        (Literal[1, 2, 3, 4, 5, 6, 7], "<most dice>", "[most dice]"),
        (list[Member], "<most dice…>", "[most dice…]"),
        (Rest, "<most dice…>", "[most dice…]"),
    ],
)
def test_usage_is_kind(hint, required, optional):
    """Choices are shown where they are few; brackets tell whether one may leave it out."""

    def needs(ctx, most_dice_): ...
    def may(ctx, most_dice_=None): ...

    needs.__annotations__ = may.__annotations__ = {"most_dice_": hint}
    assert parameters(needs)[0][0].usage == required
    assert parameters(may)[0][0].usage == optional


def test_an_argument_can_be_described():
    """By its author's words and its type, in the language of the chat, and with what would be typed for its default."""

    def roll(
        ctx,
        sides: Annotated[int, "how many sides it has"] = 6,
        loud: bool = False,
        pause: timedelta = timedelta(minutes=90),
        colour: Colour | None = Colour.SKY_BLUE,
        who: Member | None = None,
        name: str = "",
    ): ...

    found, _ = parameters(roll)
    assert [one.describe("en") for one in found[:2]] == ["how many sides it has; a whole number", "on or off"]
    assert found[0].describe("nl") == "how many sides it has; een heel getal"
    assert found[3].describe("nl") == "red of sky blue"
    assert [one.typed_default for one in found] == ["6", "off", "1h30m", "sky blue", "", ""]
    assert [one.is_any_text for one in found] == [False] * 5 + [True]


def test_a_function_may_be_wrapped():
    """Its annotations are read where it was written."""

    @functools.wraps(birthday)
    def wrapper(*args):
        return birthday(*args)

    assert values(wrapper, "Ann 3 May") == (ANN, date(2027, 5, 3))


def _star(ctx, *names): ...
def _rest_first(ctx, text: Rest, n: int): ...
def _list_first(ctx, names: list[str], n: int): ...
def _odd(ctx, when: complex): ...
def _instance(ctx, when: [int]): ...
def _two_types(ctx, it: int | str): ...
def _list_of_rest(ctx, it: list[Rest]): ...
def _needed_none(ctx, it: int | None): ...
def _unknown(ctx, it: Nonsense): ...  # noqa: F821
def _no_context(): ...


TYPES = "use str, int, float, bool, Literal, an Enum, datetime, date, timedelta, Member, Thread, list or Rest"


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (_star, "names must be a plain parameter; for the rest of the line use Rest"),
        (_rest_first, "text takes the rest of the line, so it must come last"),
        (_list_first, "names takes all the words that remain, so it must come last"),
        (_odd, f"when has a type that cannot be typed in a chat; {TYPES}"),
        (_instance, f"when has a type that cannot be typed in a chat; {TYPES}"),
        (_two_types, f"it has a type that cannot be typed in a chat; {TYPES}"),
        (_list_of_rest, f"it has a type that cannot be typed in a chat; {TYPES}"),
        (_needed_none, "it may be None, so give it a default, as in it=None"),
        (_unknown, "the annotation of it cannot be resolved: name 'Nonsense' is not defined"),
        (_no_context, "the first parameter must take the context, as in def _no_context(ctx)"),
    ],
)
def test_what_cannot_be_typed_is_a_fault(function, fault):
    """Told when the plugin is loaded, with what would be right."""
    assert parameters(function)[1] == [fault]


def test_all_faults_of_a_function_are_told():
    """Not one after the other."""

    def bad(ctx, text: Rest, when: complex, it: int | None): ...

    assert len(parameters(bad)[1]) == 2

    def worse(ctx, text: Rest, count: int, when: complex): ...

    assert [fault.split()[0] for fault in parameters(worse)[1]] == ["when", "text"]


def everything(
    ctx,
    who: Member,
    day: date,
    when: datetime,
    length: timedelta,
    n: int,
    x: float,
    loud: bool,
    colour: Colour,
    chat: Thread | None = None,
    rest: Rest = "",
): ...


_PIECES = st.sampled_from(
    ['"', "“", "”", "@", "Ann", "Lee", "Ben", "3", "May", "30", "Feb", "18:30", "2h", "am", "\u200f", "🦊", "²", "٣"]
)
_TEXTS = st.lists(_PIECES | st.text(max_size=8), max_size=14).map(" ".join) | st.text()


@given(_TEXTS, st.sampled_from([everything, birthday, remind, pay, hug, *map(of, (int, float, list[Member], Level))]))
def test_no_text_raises_anything_but_a_command_error(function_text, function):
    """People type what they like."""
    try:
        values(function, function_text)
    except CommandError as error:
        assert 0 < len(str(error)) < 1000
