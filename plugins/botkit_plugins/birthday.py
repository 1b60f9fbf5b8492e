"""Wishes people a happy birthday, in each chat where it is switched on for schedules."""

import calendar
import re
from collections.abc import MutableMapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from botkit import (
    ChatContext,
    CommandError,
    JobRun,
    Member,
    MessengerError,
    Names,
    Rest,
    Settings,
    Template,
    command,
    cron,
)

_MOST_LISTED = 15
_MOST_GREETINGS = 2
_OLDEST = date(1900, 1, 1)
_AGAIN = "again"
_NEVER = ""
_LEAP_YEAR = 2000
_DAY = Template("{day|%-d %B}")
_MONTH = Template("{day|%B}")
_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"),
    re.compile(r"(?P<one>\d\d?)[-/.](?P<other>\d\d?)(?:[-/.](?P<year>\d{4}))?"),
    re.compile(
        r"(?:ngày )?(?P<day>\d\d?)(?:st|nd|rd|th|\.)? (?:of |de )?(?P<name>tháng \d\d?|(?!tháng\b)[^\W\d_]{3,})"
        r"(?:,? (?:de |năm )?(?P<year>\d{4}))?"
    ),
    re.compile(r"(?P<name>[^\W\d_]{3,}) (?P<day>\d\d?)(?:st|nd|rd|th)?(?:,? (?P<year>\d{4}))?"),
)


class BirthdaySettings(Settings):
    at: time = time(9)
    """When to greet, as clocks of the chat show it."""
    text: Annotated[Template, Names("names")] | None = None
    """What to say, such as "Happy birthday, {names}!"; unless given a sentence in the language of the chat."""
    leap_day: Literal["28 February", "1 March"] = "28 February"
    """When to greet who was born on 29 February, in a year without that day."""
    from_profiles: bool = True
    """Whether people are greeted too who have not told their day here, but whose profile tells it to the bot."""
    show_age: bool = False
    """Whether to say how old somebody is who has told the year."""


@cron(lambda settings: f"{settings.at.minute} {settings.at.hour} * * *", each="thread", within="24h")
def greet(ctx: ChatContext) -> str | None:
    # A run that was missed yesterday must not greet today's people in the night.
    is_asked = isinstance(ctx.event, JobRun) and ctx.event.is_asked
    return _greeting(ctx) if is_asked or _is_time(ctx) else None


@command("birthday", aliases=["birthday list"])
def birthday(ctx: ChatContext) -> str:
    """Whose birthdays come next? !birthday"""
    people = [(one, ctx.store.for_member(one.id).get("day")) for one in ctx.lookup.members()]
    told = sorted((_next(ctx, day), ctx.name_of(one)) for one, day in people if day)
    if not told:
        return ctx.t("none_yet", prefix=ctx.prefix)
    lines = [f"{ctx.render(_DAY, day=day)}: {name}" for day, name in told[:_MOST_LISTED]]
    if len(told) > _MOST_LISTED:
        lines.append(ctx.t("more", count=len(told) - _MOST_LISTED))
    return "\n".join(lines)


@command("birthday add")
def add(ctx: ChatContext, day: Rest) -> str:
    """Tell your birthday: !birthday add 14 March
    Also 14-03, or with the year 1990-03-14. An admin tells somebody else's: !birthday add Ben 14 March"""
    other = ctx.commands.find("birthday for")
    if _read(ctx, day) is None and other is not None and ctx.role in ("admin", "owner"):
        return add_for(ctx, *ctx.commands.invocation(other, day, ctx.prefix, ctx.lookup).arguments)
    assert ctx.sender is not None, "somebody typed it"
    return _keep(ctx, ctx.sender, day)


@command("birthday for", role="admin")
def add_for(ctx: ChatContext, person: Member, day: Rest) -> str:
    """Tell somebody else's birthday: !birthday for Ben 14 March"""
    return _keep(ctx, person, day)


@command("birthday remove")
def remove(ctx: ChatContext, person: Member | None = None) -> str:
    """Have your birthday forgotten, and be greeted no more: !birthday remove
    An admin has somebody else's forgotten: !birthday remove Ben"""
    if person is not None and person.id != ctx.sender_id and ctx.role not in ("admin", "owner"):
        raise CommandError(ctx.t("not_yours"))
    kept = ctx.store.for_member(person.id) if person is not None else ctx.store.member
    # Not deleted: who wants no greeting is not greeted by their profile either.
    kept["day"] = _NEVER
    return ctx.t("removed")


def _keep(ctx: ChatContext, person: Member, text: str) -> str:
    day = _read(ctx, text)
    if day is None:
        raise CommandError(ctx.t("unreadable"))
    ctx.store.for_member(person.id)["day"] = day
    answer = [ctx.t("kept", name=ctx.name_of(person), day=ctx.render(_DAY, day=_celebrated(ctx, day, _LEAP_YEAR)))]
    if day.endswith("02-29"):
        answer.append(ctx.t("leap", day=ctx.render(_DAY, day=_celebrated(ctx, day, _LEAP_YEAR + 1))))
    if not any(job.id == "birthday:greet" for job in ctx.host.jobs()):
        answer.append(ctx.t("not_on", prefix=ctx.prefix))
    elif _is_time(ctx) and (greeting := _greeting(ctx)):
        return "\n".join([" ".join(answer), greeting])
    return " ".join(answer)


def _greeting(ctx: ChatContext) -> str | None:
    """For all whose day it is and who have not been greeted, each of whom counts as greeted from now on."""
    today = ctx.lookup.now().date()
    people = ctx.lookup.members()
    if not people:
        ctx.schedule.after("1h", greet, name=_AGAIN)
        return None
    by_profile = _by_profile(ctx, today, people) if ctx.settings.from_profiles else []
    names = []
    for one in people:
        kept = ctx.store.for_member(one.id)
        day = kept.get("day")
        is_today = one.id in by_profile if day is None else day != _NEVER and _celebrated(ctx, day, today.year) == today
        if is_today and _counts(kept, (day or f"{today:%m-%d}")[-5:], today.year):
            names.append(ctx.name_of(one) + _age(ctx, day, today))
    text = ctx.settings.text or Template(ctx.t("greeting", names="{names}"))
    return (ctx.render(text, names=names).strip() or None) if names else None


def _counts(kept: MutableMapping[str, Any], day: str, year: int) -> bool:
    """Whether to greet somebody, who then counts as greeted: once for a day, and a second time in a year only when the
    day has been corrected."""
    greeted = kept.get("greeted", {})
    days = greeted.get("days", []) if greeted.get("year") == year else []
    if day in days or len(days) >= _MOST_GREETINGS:
        return False
    kept["greeted"] = {"year": year, "days": [*days, day]}
    return True


def _by_profile(ctx: ChatContext, today: date, people: Sequence[Member]) -> list[str]:
    """The ids of those whose profile says that it is their birthday.

    The network tells that of the day that it is in UTC; what it has told is kept until that day has come here as well.
    """
    told, utc_day = ctx.store.thread.get("told", {}), ctx.clock.now().date()
    if utc_day.isoformat() not in told:
        try:
            found = [one.user_id for one in ctx.api.get_user_info([p.id for p in people]).values() if one.is_birthday]
        except MessengerError as error:
            ctx.log.info("birthdays of profiles are asked for again in an hour: %s", error)
            ctx.schedule.after("1h", greet, name=_AGAIN)
        else:
            told = ctx.store.thread["told"] = dict(sorted({**told, utc_day.isoformat(): found}.items())[-2:])
    if utc_day < today:
        ctx.schedule.at(datetime.combine(today, time(), UTC), greet, name=_AGAIN)
    return list(told.get(today.isoformat(), []))


def _is_time(ctx: ChatContext) -> bool:
    now, at = ctx.lookup.now(), ctx.settings.at
    return (now.hour, now.minute) >= (at.hour, at.minute)


def _read(ctx: ChatContext, text: str) -> str | None:
    """`14 March`, `14-03`, `1990-03-14` → `03-14` or `1990-03-14`; None for what is no day."""
    forms = (form.fullmatch(" ".join(text.casefold().split())) for form in _FORMS)
    found = next((form.groupdict() for form in forms if form), None)
    if found is None:
        return None
    if "one" in found:
        month, day = _in_order(ctx, int(found["one"]), int(found["other"]))
    else:
        month, day = int(found.get("month") or _month(ctx, found["name"])), int(found["day"])
    if not month:
        return None
    try:
        born = date(int(found["year"] or _LEAP_YEAR), month, day)
    except ValueError:
        raise CommandError(ctx.t("no_such_day")) from None
    if found["year"] and not _OLDEST <= born <= ctx.lookup.now().date():
        raise CommandError(ctx.t("no_such_day"))
    return born.isoformat() if found["year"] else f"{born:%m-%d}"


def _in_order(ctx: ChatContext, one: int, other: int) -> tuple[int, int]:
    """(month, day) of two numbers, where only one order makes sense; some write the day first, some the month."""
    if one != other and one <= 12 and other <= 12 and one and other:
        days = [ctx.render(_DAY, day=date(_LEAP_YEAR, month, day)) for month, day in ((other, one), (one, other))]
        raise CommandError(ctx.t("ambiguous", one=days[0], other=days[1]))
    return (one, other) if other > 12 else (other, one)


def _month(ctx: ChatContext, name: str) -> int:
    """The number of a month in the language of the chat or in English, or of its first letters; 0 for none."""
    for number in range(1, 13):
        first = date(_LEAP_YEAR, number, 1)
        for known in (ctx.render(_MONTH, day=first).casefold(), _MONTH.render({"day": first}).casefold()):
            if name == known or (name.isalpha() and known.startswith(name)):
                return number
    return 0


def _celebrated(ctx: ChatContext, day: str, year: int) -> date:
    """When a birthday is in a year."""
    month, number = map(int, day[-5:].split("-"))
    if (month, number) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28) if ctx.settings.leap_day == "28 February" else date(year, 3, 1)
    return date(year, month, number)


def _next(ctx: ChatContext, day: str) -> date:
    today = ctx.lookup.now().date()
    return next(at for year in (0, 1) if (at := _celebrated(ctx, day, today.year + year)) >= today)


def _age(ctx: ChatContext, day: str | None, today: date) -> str:
    has_year = day is not None and len(day) > len("03-14")
    return f" ({today.year - int(str(day)[:4])})" if has_year and ctx.settings.show_age else ""
