"""Templates: sentences with places for values, as in `Welcome to {thread.name}, {names}!`.

A place is a name and, after bars, what becomes of its value: `{now|%d %B}`, `{sender.name|first|or:friend}`. `{{` and
`}}` are braces. There is nothing else: no name reaches into an object, and what stands in a value is never read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any

from botkit.crontab import DAYS, MONTHS
from botkit.outgoing import LONGEST_MESSAGE
from botkit.texts import ENGLISH, listed, say
from botkit.values import nearest

LONGEST = 2000
"""So many characters a template may have."""

Value = str | int | float | date | Sequence[str] | None
"""What may be put in. A list is said as `Ann, Ben and Cem`; None is said as nothing; a datetime is a date too."""

CHAT_NAMES = ("now", "thread.name", "thread.id", "sender.name", "sender.id")
"""The names that `ctx.render` gives a value by itself."""

# More names than these would bury what is said about them.
_MOST_LISTED = 30

_MARK = re.compile(r"\{\{|\}\}|\{|\}")
_NAME = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*", re.IGNORECASE)
_CODE = re.compile(r"%(-?)(.?)", re.DOTALL)
_NUMBERS = tuple("dmYyGHIMVj")
_OR = "or:"
_DATE = "%"

_Step = Callable[[Value, str], Value]
"""(value, language) → what becomes of it."""


@dataclass(frozen=True)
class _Place:
    """Where a value is put in. `at` is the character of its brace, counted from 1."""

    name: str
    at: int
    steps: tuple[_Step, ...]


class Template:
    """A text with places for values. Raises ValueError, with the character at fault, for one that cannot be read.

    As the type of a setting it is checked when the bot file is read: `text: Template = Template("Welcome, {names}!")`;
    `Annotated[Template, Names("names")]` checks its names as well.
    """

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ValueError(f"a template may have {LONGEST} characters; this has {len(text)}")
        self._text = text
        self._pieces = tuple(_pieces(text))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it asks for, each once, in their order."""
        return tuple(dict.fromkeys(place.name for place in self._places()))

    def problems(self, known: Iterable[str]) -> list[str]:
        """A line for each place with a name that is not among the `known`, with the nearest right one."""
        known = tuple(known)
        return [
            f"character {place.at}: there is no name {place.name!r}{nearest(place.name, known)}"
            for place in self._places()
            if place.name not in known
        ]

    def render(self, values: Mapping[str, Value], language: str = ENGLISH) -> str:
        """The text with `values` (by name, dots included) put in; dates and lists are said in a language. A value that
        is missing or None is said as nothing. Never longer than a message may be, and never raises."""
        said = (_said(self._value(one, values, language), language) for one in self._pieces)
        text = "".join(said)
        return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Template({self._text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Template) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def _places(self) -> Iterator[_Place]:
        return (piece for piece in self._pieces if isinstance(piece, _Place))

    @staticmethod
    def _value(piece: str | _Place, values: Mapping[str, Value], language: str) -> Value:
        if isinstance(piece, str):
            return piece
        value = values.get(piece.name)
        for step in piece.steps:
            value = step(value, language)
        return value

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema

        text = core_schema.str_schema(max_length=LONGEST)
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.no_info_before_validator_function(_as_text, text),
            serialization=core_schema.to_string_ser_schema(),
        )


class Names:
    """Beside the type of a setting: the names that its template may use, in addition to those that `ctx.render` knows
    by itself. `text: Annotated[Template, Names("names", "count")]`"""

    def __init__(self, *names: str) -> None:
        self.names = (*names, *CHAT_NAMES)

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, template: Template) -> Template:
        if problems := template.problems(self.names):
            raise ValueError("; ".join(problems))
        return template


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, Template) else value


def _pieces(text: str) -> Iterator[str | _Place]:
    """What stands between the places as it is, and the places. Raises ValueError."""
    at = 0
    while mark := _MARK.search(text, at):
        yield text[at : mark.start()]
        at = mark.end()
        if mark.group() in ("{{", "}}"):
            yield mark.group()[0]
            continue
        where = f"character {mark.start() + 1}"
        end = text.find("}", at)
        if mark.group() == "}":
            raise ValueError(f"{where}: this }} closes nothing; a brace is written }}}}")
        if end < 0:
            raise ValueError(f"{where}: this {{ is not closed; a brace is written {{{{")
        try:
            yield _place(text[at:end], mark.start() + 1)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        at = end + 1
    yield text[at:]


def _place(inside: str, at: int) -> _Place:
    name, *steps = (part.strip() for part in inside.split("|"))
    if not _NAME.fullmatch(name):
        told = f"{name!r} is not a name" if name else "a name is missing"
        raise ValueError(f"{told}; write one such as {{now}} or {{thread.name}}; a brace is written {{{{")
    return _Place(name, at, tuple(map(_step, steps)))


def _step(text: str) -> _Step:
    if text.startswith(_OR):
        return partial(_or, text.removeprefix(_OR))
    if text.startswith(_DATE):
        return partial(_date, _checked_format(text))
    if text not in FILTERS:
        known = (*FILTERS, _OR + "TEXT", "%d %B")
        raise ValueError(f"there is no filter {text!r}{nearest(text, known)}")
    return FILTERS[text]


def _checked_format(text: str) -> str:
    for dash, code in _CODE.findall(text):
        if code not in _NUMBERS and (dash or code not in _WORDS):
            known = ", ".join(f"%{one}" for one in DATE_CODES)
            raise ValueError(f"there is no %{dash}{code} in a date; there are {known}")
    return text


def _said(value: Value, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, str | int | float | date):
        return str(value)
    return listed([str(one) for one in value], language, most=_MOST_LISTED)


def _or(text: str, value: Value, _language: str) -> Value:
    return value if value or value == 0 else text


def _date(form: str, value: Value, language: str) -> Value:
    """A date as `form` says; what is none stays as it is."""
    if not isinstance(value, date):
        return value
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return _CODE.sub(lambda found: _part(moment, found.group(1), found.group(2), language), form)


def _day_and_month(value: Value, language: str) -> Value:
    if not isinstance(value, date):
        return value
    month = say(language, f"schedule.month.{_month(value)}")
    return say(language, "schedule.date", day=value.day, month=month)


def _part(moment: datetime, dash: str, code: str, language: str) -> str:
    if code in _WORDS:
        return _WORDS[code](moment, language)
    number = moment.strftime(f"%{code}")
    return (number.lstrip("0") or "0") if dash else number


def _day(moment: datetime) -> str:
    return DAYS[moment.isoweekday() % 7]


def _month(moment: date) -> str:
    return MONTHS[moment.month - 1]


def _each(change: Callable[[str], str]) -> _Step:
    """The change of a text, or of each text of a list."""

    def step(value: Value, language: str) -> Value:
        if value is None or isinstance(value, str | int | float | date):
            return None if value is None else change(_said(value, language))
        return [change(str(one)) for one in value]

    return step


def _count(value: Value, _language: str) -> Value:
    """Of how many a list is; a text is one, nothing is none."""
    if value is None or value == "":
        return 0
    return 1 if isinstance(value, str | int | float | date) else len(value)


FILTERS: Mapping[str, _Step] = {
    "first": _each(lambda text: (text.split() or [""])[0]),
    "upper": _each(str.upper),
    "lower": _each(str.lower),
    "capital": _each(lambda text: text[:1].upper() + text[1:]),
    "count": _count,
    "date": _day_and_month,
}

_WORDS: Mapping[str, Callable[[datetime, str], str]] = {
    "A": lambda moment, language: say(language, f"schedule.day.{_day(moment)}"),
    "a": lambda moment, language: say(language, f"schedule.short_day.{_day(moment)}"),
    "B": lambda moment, language: say(language, f"schedule.month.{_month(moment)}"),
    "b": lambda moment, language: say(language, f"schedule.short_month.{_month(moment)}"),
    "p": lambda moment, _language: "AM" if moment.hour < 12 else "PM",
    "%": lambda _moment, _language: "%",
}
"""The codes of a date that are no numbers."""

DATE_CODES = (*_WORDS, *_NUMBERS)
"""What may stand behind the `%` of a date; before those that are numbers also a dash."""
