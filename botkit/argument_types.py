"""What an argument of a command may be: from the annotation of a parameter to a reader of what people type. Pure."""

from __future__ import annotations

import enum
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, Union

from botkit.messenger import Thread
from botkit.people import Directory, Member, either
from botkit.texts import Phrase
from botkit.times import MOST_WORDS, read_date, read_datetime, read_duration

_INTEGER = re.compile(r"[+-]?\d+")
_TRUE = frozenset({"yes", "true", "on", "1"})
_FALSE = frozenset({"no", "false", "off", "0"})
_LONGEST_NAME = 10


class _RestMark:
    """Tells `Rest` from another `Annotated[str, ...]`."""


Rest = Annotated[str, _RestMark]
"""Annotation of a last parameter that takes the rest of the line, with its spaces and quotes."""

NAMES = "str, int, float, bool, Literal, an Enum, datetime, date, timedelta, Member, Thread, list or Rest"
"""What an annotation may be, for the sentence that refuses another."""


@dataclass(frozen=True)
class ArgumentType:
    """What one value may be.

    wanted: what to call it in a sentence, such as "a whole number". read: gives the value of a text; raises ValueError
    when the text is something else, CommandError with the reason when it is that but cannot be taken. most_words: how
    many words a value may have. choices: {what can be typed: its value}, where that is a list.
    """

    wanted: Phrase | str
    read: Callable[[str, Directory], Any]
    most_words: int = 1
    choices: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Annotation:
    """What the annotation of a parameter says. amount: whether it takes one value, a list of all the values that
    remain, or the rest of the line as it is. meaning: what the author says of it, a text in `Annotated`."""

    type: ArgumentType
    amount: Literal["one", "list", "rest"] = "one"
    may_be_none: bool = False
    meaning: str = ""


def read_annotation(hint: Any) -> Annotation:
    """What a resolved annotation says; raises ValueError when nothing that people type is of that type."""
    if typing.get_origin(hint) is Annotated:
        return _annotated(hint)
    if typing.get_origin(hint) in (Union, types.UnionType):
        others = [one for one in typing.get_args(hint) if one is not type(None)]
        if len(others) != 1:
            raise ValueError("a choice of types")
        inner = read_annotation(others[0])
        return Annotation(inner.type, inner.amount, True, inner.meaning)
    if typing.get_origin(hint) is list or hint is list:
        inner = read_annotation((*typing.get_args(hint), str)[0])
        if inner.amount != "one" or inner.may_be_none:
            raise ValueError("a list of something that is no single value")
        return Annotation(inner.type, "list", False, inner.meaning)
    return Annotation(_type_of(hint))


def _annotated(hint: Any) -> Annotation:
    inner = read_annotation(hint.__origin__)
    meaning = next((one for one in hint.__metadata__ if isinstance(one, str)), inner.meaning)
    amount = "rest" if _RestMark in hint.__metadata__ and inner.type is ANY_TEXT else inner.amount
    return Annotation(inner.type, amount, inner.may_be_none, meaning)


def _type_of(hint: Any) -> ArgumentType:
    if typing.get_origin(hint) is Literal:
        return _choice({str(value): value for value in typing.get_args(hint)})
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _enum(hint)
    if hint not in _PLAIN:
        raise ValueError("another type")
    return _PLAIN[hint]


def _enum(kind: type[enum.Enum]) -> ArgumentType:
    """Shown by their values where these are texts, else by their names; taken by both."""
    texts = all(isinstance(one.value, str) for one in kind)
    shown = {str(one.value) if texts else name.lower(): one for name, one in kind.__members__.items()}
    return _choice(shown, {**{str(one.value): one for one in kind}, **kind.__members__})


def _choice(shown: dict[str, Any], more: dict[str, Any] | None = None) -> ArgumentType:
    by_text = {" ".join(text.casefold().split()): value for text, value in {**(more or {}), **shown}.items()}

    def read(text: str, _: Directory) -> Any:
        try:
            return by_text[text.casefold()]
        except KeyError:
            raise ValueError("none of these") from None

    most_words = max((len(text.split()) for text in by_text), default=1)
    return ArgumentType(either(tuple(shown)), read, most_words, shown)


def _to_int(text: str, _: Directory) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError("not a whole number")
    return int(text)


def _to_float(text: str, _: Directory) -> float:
    value = float(text)
    if not math.isfinite(value) or "_" in text:
        raise ValueError("not a number")
    return value


def _to_bool(text: str, _: Directory) -> bool:
    lowered = text.lower()
    if lowered not in _TRUE | _FALSE:
        raise ValueError("neither on nor off")
    return lowered in _TRUE


def _to_member(text: str, directory: Directory) -> Member:
    return directory.member(text)


def _to_thread(text: str, directory: Directory) -> Thread:
    return directory.thread(text)


ANY_TEXT = ArgumentType(Phrase.of("argument.type.text"), lambda text, _: text)

_PLAIN: dict[Any, ArgumentType] = {
    str: ANY_TEXT,
    int: ArgumentType(Phrase.of("argument.type.whole_number"), _to_int),
    float: ArgumentType(Phrase.of("argument.type.number"), _to_float),
    bool: ArgumentType(Phrase.of("argument.type.switch"), _to_bool, choices={"on": True, "off": False}),
    datetime: ArgumentType(Phrase.of("argument.type.time"), lambda t, d: read_datetime(t, d.now), MOST_WORDS),
    date: ArgumentType(Phrase.of("argument.type.day"), lambda text, d: read_date(text, d.now), MOST_WORDS),
    timedelta: ArgumentType(Phrase.of("argument.type.duration"), lambda text, _: read_duration(text), MOST_WORDS),
    Member: ArgumentType(Phrase.of("argument.type.member"), _to_member, _LONGEST_NAME),
    Thread: ArgumentType(Phrase.of("argument.type.chat"), _to_thread, _LONGEST_NAME),
}
