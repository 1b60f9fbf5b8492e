"""Dates, times and lengths of time as people type them: `fri 18:00`, `3 May`, `2h30m`, `morgen 9:00`. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from botkit.messenger.errors import CommandError
from botkit.texts import Phrase

Made = TypeVar("Made")

MOST_WORDS = 8
"""How many words such a value may have: `3 de mayo de 2027 a las 18:30`."""

# In English, Dutch, Spanish and Vietnamese; all without accents, as many people type them.
_NAMES_OF_UNITS = {
    1: "s sec secs second seconds seconde seconden segundo segundos giay",
    60: "m min mins minute minutes minuut minuten minuto minutos phut",
    3600: "h hr hrs hour hours u uur uren hora horas gio",
    86_400: "d day days dag dagen dia dias ngay",
    604_800: "w wk wks week weeks weken semana semanas tuan",
}
_UNITS = {name: seconds for seconds, names in _NAMES_OF_UNITS.items() for name in names.split()}
_PIECE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)\s*")

_NEAR = {"today": 0, "vandaag": 0, "hoy": 0, "hom nay": 0}
_NEAR |= {"tomorrow": 1, "morgen": 1, "manana": 1, "mai": 1, "ngay mai": 1}
_NEAR |= {"overmorgen": 2, "pasado manana": 2, "ngay kia": 2}
_DAYS = (
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"),
    ("thu hai", "thu ba", "thu tu", "thu nam", "thu sau", "thu bay", "chu nhat"),
)
_MONTHS = (
    (
        *("january", "february", "march", "april", "may", "june"),
        *("july", "august", "september", "october", "november", "december"),
    ),
    (
        *("januari", "februari", "maart", "april", "mei", "juni"),
        *("juli", "augustus", "september", "oktober", "november", "december"),
    ),
    (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
)

_CLOCK = re.compile(r"(?:^|\s+|(?<=\d)t)(?:(?:at|om|a las?|luc)\s+)?(\d{1,2})(?::(\d{2})|(?=\s*[ap]m))\s*(am|pm)?$")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?([a-z]+),?(?:\s+(?:del?\s+)?(\d{4}))?")
_DAY_AND_MONTH = re.compile(r"(?:ngay\s+)?(\d{1,2})\s+thang\s+(\d{1,2})(?:\s+nam\s+(\d{4}))?")
_MONTH_FIRST = re.compile(r"([a-z]+)\s+(\d{1,2})(?:st|nd|rd|th)?,?(?:\s+(\d{4}))?")
# From one 29 February to the next there may be eight years, around 2100.
_YEARS = 9


def read_duration(text: str) -> timedelta:
    """`90s`, `2h30m`, `1.5 hours`, `2 weeks 1 day`; raises ValueError for anything else, and for more than Python's
    longest."""
    folded, seconds, place = _folded(text), 0.0, 0
    while place < len(folded):
        piece = _PIECE.match(folded, place)
        if piece is None or piece[2] not in _UNITS:
            raise ValueError("not a length of time")
        seconds += float(piece[1]) * _UNITS[piece[2]]
        place = piece.end()
    if place == 0:
        raise ValueError("not a length of time")
    try:
        return timedelta(seconds=seconds)
    except OverflowError as error:
        raise ValueError("too long") from error


def read_date(text: str, now: datetime) -> date:
    """A day: `2026-05-03`, `today`, `tomorrow`, `fri`, `3 May`, `May 3 2027`. What leaves the week or the year open is
    the next such day, today being one.

    Raises ValueError when the text has another form, CommandError when there is no such day.
    """
    days = _days(_folded(text), now.date(), text)
    return next((day for day in days if day >= now.date()), days[0])


def read_datetime(text: str, now: datetime) -> datetime:
    """A day as `read_date` takes it, a time (`18:30`, `6 pm`), or a day and a time; aware, in the zone of `now`.

    A day without a time begins at midnight. What leaves the day, the week or the year open is the next such moment. A
    time that clocks leave out moves on with them; of one that comes twice the first that is still to come is meant.
    Raises ValueError when the text has another form, CommandError when there is no such moment.
    """
    folded = _folded(text)
    clock = _CLOCK.search(folded)
    at = _time(clock, text) if clock else time()
    if clock and clock.start() == 0:
        days = [now.date() + timedelta(days=number) for number in range(3)]
    else:
        days = _days(folded[: clock.start()] if clock else folded, now.date(), text)
    try:
        moments = [_moment(day, at, fold, now) for day in days for fold in (0, 1)]
        # Two times of one zone would be compared by what their clocks show.
        return next((m for m in moments if m.astimezone(UTC) > now.astimezone(UTC)), moments[0])
    except OverflowError:
        raise _no_such_time(text) from None


def _folded(text: str) -> str:
    """In small letters without accents, with one space where there are more: patterns would look at each of thousands
    many times."""
    if not text.isascii():
        text = "".join(one for one in unicodedata.normalize("NFD", text) if unicodedata.category(one) != "Mn")
    return " ".join(text.lower().split())


def _moment(day: date, at: time, fold: int, now: datetime) -> datetime:
    """What clocks show in a gap does not exist; by way of UTC it becomes what they show instead."""
    return datetime.combine(day, at.replace(fold=fold), now.tzinfo).astimezone(UTC).astimezone(now.tzinfo)


def _time(clock: re.Match[str], text: str) -> time:
    hour, minute, half = int(clock[1]), int(clock[2] or 0), clock[3]
    if half is not None and not 1 <= hour <= 12:
        raise _no_such_time(text)
    if half is not None:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return _exists(lambda: time(hour, minute), text)


def _days(folded: str, today: date, text: str) -> list[date]:
    """The days that may be meant, the earliest first: one where the text leaves nothing open."""
    if folded in _NEAR:
        return [today + timedelta(days=_NEAR[folded])]
    if weekday := _named(folded, _DAYS):
        ahead = (weekday - 1 - today.weekday()) % 7
        return [today + timedelta(days=ahead), today + timedelta(days=ahead + 7)]
    if iso := _ISO.fullmatch(folded):
        return [_exists(lambda: date(int(iso[1]), int(iso[2]), int(iso[3])), text)]
    if found := _DAY_AND_MONTH.fullmatch(folded):
        number = int(found[2])
        month = _exists(lambda: date(today.year, number, 1), text).month
        return _days_of_year(int(found[1]), month, found[3], today, text)
    if found := _DAY_FIRST.fullmatch(folded):
        return _days_of_year(int(found[1]), _month(found[2]), found[3], today, text)
    if found := _MONTH_FIRST.fullmatch(folded):
        return _days_of_year(int(found[2]), _month(found[1]), found[3], today, text)
    raise ValueError("not a day")


def _days_of_year(day: int, month: int, year: str | None, today: date, text: str) -> list[date]:
    if year is not None:
        return [_exists(lambda: date(int(year), month, day), text)]
    found = []
    for number in range(today.year, today.year + _YEARS):
        try:
            found.append(date(number, month, day))
        except ValueError:
            continue
    if not found:
        raise _no_such_time(text)
    return found


def _month(name: str) -> int:
    number = _named(name, _MONTHS)
    if not number:
        raise ValueError("not a month")
    return number


def _named(word: str, languages: Sequence[Sequence[str]]) -> int:
    """The number, from one, of the name that `word` or its first three letters or more stand for; 0 for none."""
    numbered = (one for names in languages for one in enumerate(names, 1))
    return next((number for number, name in numbered if len(word) >= 3 and name.startswith(word)), 0)


def _exists(make: Callable[[], Made], text: str) -> Made:
    try:
        return make()
    except ValueError:
        raise _no_such_time(text) from None


def _no_such_time(text: str) -> CommandError:
    return CommandError(Phrase.of("argument.no_such_time", text=text.strip()))
