"""Schedules in words, in the languages of the host's catalogue: `at 09:00 on Monday`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from botkit.crontab import DAYS, LAST, MONTHS, Crontab
from botkit.schedule import At, Cron, When
from botkit.texts import ENGLISH, listed, say

# More times of day than these are told by their hours and minutes.
_MOST_TIMES = 6
_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST: "last"}


def words(when: When, zone: ZoneInfo, language: str = ENGLISH) -> str:
    """A schedule in words; a moment as clocks show it in `zone`."""
    if isinstance(when, Cron):
        return " ".join(_of_crontab(when.crontab, language))
    if isinstance(when, At):
        return say(language, "schedule.once", time=f"{when.moment(zone).astimezone(zone):%Y-%m-%d %H:%M}")
    return say(language, "schedule.every", length=_length(round(when.interval.total_seconds())))


def _of_crontab(crontab: Crontab, language: str) -> Iterator[str]:
    yield _times(crontab, language)
    fields = [list(_days(crontab, language)), list(_weekdays(crontab, language))]
    days = [listed(ways, language, "list.either") for ways in fields if ways]
    if days:
        yield listed(days, language, "list.either" if crontab.is_either else "schedule.both")
    elif len(crontab.months) < len(MONTHS) or len(crontab.hours) < 24:
        yield say(language, "schedule.daily")
    if len(crontab.months) < len(MONTHS):
        months = [say(language, f"schedule.month.{MONTHS[number - 1]}") for number in crontab.months]
        yield say(language, "schedule.months", months=listed(months, language))


def _times(crontab: Crontab, language: str) -> str:
    hours, minutes = crontab.hours, crontab.minutes
    if len(hours) * len(minutes) <= _MOST_TIMES and len(hours) < 24:
        times = [f"{hour:02}:{minute:02}" for hour in hours for minute in minutes]
        return say(language, "schedule.times", times=listed(times, language))
    step = _step(minutes, 60)
    if len(hours) == 24 and step is not None:
        return say(language, "schedule.minutes", count=step)
    past = listed([f":{minute:02}" for minute in minutes], language)
    if len(hours) == 24:
        return say(language, "schedule.hourly", minutes=past)
    return say(language, "schedule.of_hours", minutes=past, hours=listed([str(hour) for hour in hours], language))


def _step(numbers: Sequence[int], of: int) -> int | None:
    """Of numbers from 0 on with the same distance all the way round, that distance."""
    step = of // len(numbers)
    return step if tuple(numbers) == tuple(range(0, of, step)) and of % step == 0 and len(numbers) > 1 else None


def _days(crontab: Crontab, language: str) -> Iterator[str]:
    """Each way in which a day of the month may fit; nothing where every day does."""
    if crontab.days:
        days = listed([str(day) for day in crontab.days], language)
        yield say(language, "schedule.days", count=len(crontab.days), days=days)
    if crontab.has_last_day:
        yield say(language, "schedule.last_day")


def _weekdays(crontab: Crontab, language: str) -> Iterator[str]:
    """The same for days of the week."""
    if crontab.weekdays:
        names = [say(language, f"schedule.day.{DAYS[number]}") for number in crontab.weekdays]
        yield say(language, "schedule.weekdays", days=listed(names, language))
    for day, number in crontab.nth:
        yield say(language, f"schedule.nth.{_ORDINALS[number]}", day=say(language, f"schedule.day.{DAYS[day]}"))


def _length(seconds: int) -> str:
    counts, left = [], seconds
    for name, unit in _UNITS:
        counts.append((left // unit, name))
        left %= unit
    return " ".join(f"{count} {name}" for count, name in counts if count)
