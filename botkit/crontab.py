"""Crontab expressions with the meaning of cron(5), reckoned with triggers of APScheduler.

A trigger knows only what calendars and clocks show; it is always asked in UTC, where every time comes once. What a zone
makes of it is reckoned in `schedule`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

LAST = -1
"""In the place of a number: the last weekday of that name in the month."""

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th", LAST: "last"}
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class _Field:
    """One of the five: its name, its range, and names for the numbers from the lowest on."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_DAY = _Field("day of the month", 1, 31)
_MONTH = _Field("month", 1, 12, MONTHS)
_WEEKDAY = _Field("day of the week", 0, 7, DAYS)


@dataclass(frozen=True)
class Crontab:
    """An expression that was read. Weekdays count from Sunday, 0; months from January, 1.

    days, weekdays: None where the field is `*`. nth: (weekday, how manieth in the month, or `LAST`). has_last_day: the
    last day of the month is among the days. is_either: both day fields are given, and one of them is enough.
    is_open: the hour is `*` or a step, so it means all hours that clocks show rather than times of day.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...] | None
    months: tuple[int, ...]
    weekdays: tuple[int, ...] | None
    nth: tuple[tuple[int, int], ...] = ()
    has_last_day: bool = False
    is_either: bool = False
    is_open: bool = False

    def next_after(self, shown: datetime, *, inclusive: bool = False) -> datetime | None:
        """The first time after `shown` (or equal to it) that fits, both as what clocks show, written as if in UTC;
        None when there is none any more."""
        trigger = _trigger(self)
        found: datetime | None = trigger.get_next_fire_time(None, shown if inclusive else shown + _MOMENT)
        return found


@functools.lru_cache(maxsize=1000)
def parse(text: str) -> Crontab:
    """Read an expression of five fields, or a nickname such as `@daily`; raises ValueError with what is wrong."""
    # A weekday may be written as two words, `last fri`.
    joined = re.sub(r"\blast\s+(?=[a-z0-9])", "l", text.strip().lower())
    fields = _NICKNAMES.get(joined, joined).split()
    if len(fields) != 5:
        raise ValueError(
            f"wanted are five fields, not {len(fields)}: minute, hour, day of the month, month, day of the week"
        )
    minute, hour, day, month, weekday = fields
    days, has_last_day = _days(day)
    weekdays, nth = _weekdays(weekday)
    are_both_given = days is not None and weekdays is not None
    is_either = are_both_given and not day.startswith("*") and not weekday.startswith("*")
    if are_both_given and nth and not is_either:
        raise ValueError(f"{day!r} and {weekday!r} do not go together; list the days instead of a step")
    months = _numbers(month, _MONTH)
    if days is not None and not is_either and not has_last_day:
        _check_days(days, months)
    return Crontab(
        minutes=_numbers(minute, _MINUTE),
        hours=_numbers(hour, _HOUR),
        days=days,
        months=months,
        weekdays=weekdays,
        nth=nth,
        has_last_day=has_last_day,
        is_either=is_either,
        is_open=hour.startswith("*"),
    )


def _days(text: str) -> tuple[tuple[int, ...] | None, bool]:
    """The days of the month, and whether the last one, `L`, is among them."""
    if text == "*":
        return None, False
    parts = [part for part in text.split(",") if part != "l"]
    numbers = _numbers(",".join(parts), _DAY) if parts else ()
    return numbers, len(parts) < len(text.split(","))


def _weekdays(text: str) -> tuple[tuple[int, ...] | None, tuple[tuple[int, int], ...]]:
    """The plain weekdays, and those that are the how manieth of the month: `5#2`, `L5`, `Lfri`."""
    if text == "*":
        return None, ()
    plain, nth = [], []
    for part in text.split(","):
        day, mark, number = part.partition("#")
        if mark:
            if number not in ("1", "2", "3", "4", "5"):
                raise ValueError(f"{part!r} is no day of the week; behind # stands a number from 1 to 5")
            nth.append((_number(day, _WEEKDAY) % 7, int(number)))
        elif part in ("l", "last"):
            raise ValueError(f"{part!r} is no day of the week; write which, as in 'last fri'")
        elif part.startswith("l"):
            nth.append((_number(part[1:], _WEEKDAY) % 7, LAST))
        else:
            plain.append(part)
    numbers = _numbers(",".join(plain), _WEEKDAY) if plain else ()
    return tuple(sorted({number % 7 for number in numbers})), tuple(dict.fromkeys(nth))


def _numbers(text: str, field: _Field) -> tuple[int, ...]:
    return tuple(sorted({number for part in text.split(",") for number in _range(part, field)}))


def _range(part: str, field: _Field) -> range:
    """`*`, `5`, `1-5`, each with `/step` behind it."""
    numbers, slash, step_text = part.partition("/")
    if slash and (not step_text.isdecimal() or int(step_text) == 0):
        raise ValueError(f"{part!r} is no {field.name}; behind / stands a whole number from 1 on")
    step = int(step_text) if slash else 1
    if numbers == "*":
        return range(field.low, min(field.high, 6) + 1 if field is _WEEKDAY else field.high + 1, step)
    low_text, dash, high_text = numbers.partition("-")
    low = _number(low_text, field)
    if not dash:
        if slash:
            raise ValueError(f"{part!r} is no {field.name}; a step goes with * or a range, as in */{step_text}")
        return range(low, low + 1)
    high = _number(high_text, field)
    if field is _WEEKDAY and low > high == 0:
        high = 7
    if low > high:
        raise ValueError(f"{part!r} is no {field.name}; a range goes from the smaller to the larger")
    return range(low, high + 1, step)


def _number(text: str, field: _Field) -> int:
    if text in field.names:
        return field.low + field.names.index(text)
    if text.isdecimal() and len(text) < 3 and field.low <= int(text) <= field.high:
        return int(text)
    names = f", or {field.names[0]} to {field.names[-1]}" if field.names else ""
    raise ValueError(f"{text!r} is no {field.name}; wanted is {field.low} to {field.high}{names}")


def _check_days(days: Sequence[int], months: Sequence[int]) -> None:
    if not any(day <= _LONGEST_MONTHS[month - 1] for day in days for month in months):
        which = ", ".join(MONTHS[month - 1] for month in months)
        raise ValueError(f"never comes: {which} has no day {min(days)}")


@functools.lru_cache(maxsize=1000)
def _trigger(crontab: Crontab) -> Any:
    # Loading APScheduler takes a tenth of a second, which a bot without schedules need not spend.
    from apscheduler.triggers.combining import OrTrigger
    from apscheduler.triggers.cron import CronTrigger

    fixed = {
        "minute": _listed(crontab.minutes, 60),
        "hour": _listed(crontab.hours, 24),
        "month": _listed(crontab.months, 12),
        "second": "0",
        "timezone": UTC,
    }
    triggers = [CronTrigger(**fixed, **days) for days in _alternatives(crontab)]
    return triggers[0] if len(triggers) == 1 else OrTrigger(triggers)


def _alternatives(crontab: Crontab) -> Iterator[Mapping[str, str]]:
    """What a trigger is told of the days; where there are several, one of them is enough."""
    of_month = [*map(str, crontab.days or ()), *(["last"] if crontab.has_last_day else [])]
    of_week = ",".join(DAYS[number] for number in crontab.weekdays or ())
    nth = ",".join(f"{_ORDINALS[number]} {DAYS[day]}" for day, number in crontab.nth)
    if of_month and of_week and not crontab.is_either:
        yield {"day": ",".join(of_month), "day_of_week": of_week}
        return
    if of_month:
        yield {"day": ",".join(of_month)}
    if of_week:
        yield {"day_of_week": of_week}
    if nth:
        yield {"day": nth}
    if not (of_month or of_week or nth):
        yield {}


def _listed(numbers: Sequence[int], of: int) -> str:
    # A long list takes a trigger long to look through.
    return "*" if len(numbers) == of else ",".join(map(str, numbers))
