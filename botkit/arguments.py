"""Reads the arguments of a command: from a function's signature to its parameters, from a text to their values. Pure.

One rule says how much a value takes: an argument takes as many words as make sense for its type, the longest first, but
leaves one for each required argument behind it. Quotes make several words one, which then stands for itself.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botkit.argument_types import ANY_TEXT, NAMES, Annotation, read_annotation
from botkit.messenger.errors import CommandError
from botkit.people import Directory, Lookup
from botkit.texts import Phrase
from botkit.values import duration

_WORD = re.compile(r'\s*+(?:["“”„«]([^"“”„«»]*)["“”»](?=\s|$)|(\S+))')
_MOST_CHOICES = 6
_LONGEST_SHOWN = 40


@dataclass(frozen=True)
class Word:
    """A word of a text, or several that were quoted: `start` is where it begins in the text."""

    text: str
    start: int
    is_quoted: bool = False


@dataclass(frozen=True)
class Parameter:
    """One argument of a command. `default` counts only where it is not required."""

    name: str
    annotation: Annotation
    required: bool
    default: Any = None

    @property
    def label(self) -> str:
        """What to call it in a sentence."""
        return self.name.strip("_").replace("_", " ")

    @property
    def is_any_text(self) -> bool:
        """Whether nothing more can be said about it."""
        return not self.annotation.meaning and self.annotation.type is ANY_TEXT

    @property
    def typed_default(self) -> str:
        """What one would type for the default; "" where that is nothing."""
        for typed, value in self.annotation.type.choices.items():
            if value is self.default:
                return typed
        if isinstance(self.default, timedelta):
            return duration(self.default.total_seconds())
        return str(self.default) if isinstance(self.default, str | int | float) else ""

    def describe(self, language: str) -> str:
        """What the author says of it, and what it may be: `how many sides it has; a whole number`."""
        wanted = self.annotation.type.wanted
        kind = wanted.spoken(language) if isinstance(wanted, Phrase) else wanted
        return "; ".join(filter(None, [self.annotation.meaning, kind]))

    @property
    def usage(self) -> str:
        """How it looks in a usage line: `<sides>`, `[times]`, `<on|off>`, `<text…>`."""
        choices = self.annotation.type.choices
        shown = "|".join(choices) if 0 < len(choices) <= _MOST_CHOICES else self.label
        more = "" if self.annotation.amount == "one" else "…"
        return f"<{shown}{more}>" if self.required else f"[{shown}{more}]"


def parameters(function: Callable[..., Any]) -> tuple[tuple[Parameter, ...], list[str]]:
    """The arguments of a command's function, without the context, and what is wrong with them."""
    given = list(inspect.signature(function).parameters.values())
    if not given or given[0].kind not in (given[0].POSITIONAL_ONLY, given[0].POSITIONAL_OR_KEYWORD):
        name = getattr(function, "__name__", "command")
        return (), [f"the first parameter must take the context, as in def {name}(ctx)"]
    found: list[Parameter] = []
    faults: list[str] = []
    # The context's annotation may name a type that exists for type checkers only, so it is not resolved.
    for one in given[1:]:
        try:
            found.append(_parameter(one, getattr(inspect.unwrap(function), "__globals__", {})))
        except ValueError as error:
            faults.append(str(error))
    amounts = {"rest": "the rest of the line", "list": "all the words that remain"}
    faults += [
        f"{one.name} takes {amounts[one.annotation.amount]}, so it must come last"
        for one in found[:-1]
        if one.annotation.amount != "one"
    ]
    return tuple(found), faults


def _parameter(given: inspect.Parameter, scope: dict[str, Any]) -> Parameter:
    if given.kind not in (given.POSITIONAL_ONLY, given.POSITIONAL_OR_KEYWORD):
        raise ValueError(f"{given.name} must be a plain parameter; for the rest of the line use Rest")
    try:
        hint = str if given.annotation is given.empty else _resolved(given.annotation, scope)
    except Exception as error:
        raise ValueError(f"the annotation of {given.name} cannot be resolved: {error}") from error
    try:
        annotation = read_annotation(hint)
    except (ValueError, TypeError):
        raise ValueError(f"{given.name} has a type that cannot be typed in a chat; use {NAMES}") from None
    required = given.default is given.empty
    if required and annotation.may_be_none:
        raise ValueError(f"{given.name} may be None, so give it a default, as in {given.name}=None")
    return Parameter(given.name, annotation, required, None if required else given.default)


def _resolved(annotation: Any, scope: dict[str, Any]) -> Any:
    holder = type("holder", (), {"__annotations__": {"it": annotation}})
    return typing.get_type_hints(holder, scope, include_extras=True)["it"]


def words(text: str) -> Iterator[Word]:
    """The words of `text`, quoted ones whole. A quote that is not closed is part of its word."""
    place = 0
    while found := _WORD.match(text, place):
        group = found.lastindex or 0
        yield Word(found[group], found.start(group) - (group == 1), group == 1)
        place = found.end()


def read(wanted: Sequence[Parameter], text: str, lookup: Lookup) -> tuple[Any, ...]:
    """The values for the parameters, read from `text`; raises CommandError with what is wrong."""
    found = list(words(text))
    directory = Directory(lookup)
    values: list[Any] = []
    place = 0
    for number, one in enumerate(wanted):
        if place >= len(found):
            values.append(_left_out(one))
        elif one.annotation.amount == "rest":
            values.append(text[found[place].start :].strip())
            place = len(found)
        elif one.annotation.amount == "list":
            values.append(_list(one, found[place:], directory))
            place = len(found)
        else:
            reserved = sum(later.required for later in wanted[number + 1 :])
            value, taken = _value(one, found[place : max(place + 1, len(found) - reserved)], directory)
            values.append(value)
            place += taken
    if place < len(found):
        raise CommandError(Phrase.of("argument.too_much", text=shown(found[place].text)))
    return tuple(values)


def _left_out(parameter: Parameter) -> Any:
    if parameter.required:
        raise CommandError(Phrase.of("argument.missing", name=parameter.label))
    return parameter.default


def _list(parameter: Parameter, found: Sequence[Word], directory: Directory) -> list[Any]:
    values = []
    place = 0
    while place < len(found):
        value, taken = _value(parameter, found[place : place + parameter.annotation.type.most_words], directory)
        values.append(value)
        place += taken
    return values


def _value(parameter: Parameter, found: Sequence[Word], directory: Directory) -> tuple[Any, int]:
    """The value of the first of these words, or of as many as make one; and how many."""
    kind = parameter.annotation.type
    for number in range(min(kind.most_words, len(found)), 0, -1):
        taken = found[:number]
        if number > 1 and any(word.is_quoted for word in taken):
            continue
        try:
            return kind.read(" ".join(word.text for word in taken), directory), number
        except ValueError:
            continue
    said = {"name": parameter.label, "wanted": kind.wanted, "text": shown(found[0].text)}
    raise CommandError(Phrase.of("argument.wrong", **said))


def shown(text: str) -> str:
    """What somebody has typed, to be quoted in an answer: in one line, and cut where it is long."""
    line = " ".join(text.split())
    return f"'{line[:_LONGEST_SHOWN]}…'" if len(line) > _LONGEST_SHOWN else f"'{line}'"
