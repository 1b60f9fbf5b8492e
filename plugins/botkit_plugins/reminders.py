"""Reminds a person or the whole group at a time that they name, once or again and again."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, Literal

from botkit import (
    BadArgument,
    ChatContext,
    CommandError,
    Field,
    JobRun,
    Message,
    Rest,
    ScheduledJob,
    Settings,
    command,
)

_LONGEST = 1_000
_MOST_LISTED = 50
_LONGEST_LISTED = 60
_RANKS = ("member", "mod", "admin", "owner")
_WITHIN = "7 days"
_LATE_MS = 5 * 60_000
_SOONEST = timedelta(seconds=1)
_SHORTEST = timedelta(minutes=10)

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMED = {name: f"* * {day[:3]}" for day in _WEEK for name in (day, day[:3])}
_DAYS = {"day": "* * *", "weekday": "* * mon-fri", **_NAMED}
_LENGTH = re.compile(r"(?P<length>\d+ ?[a-z]+(?:\d+[a-z]+)*)(?:\s+(?P<what>.+)|$)", re.IGNORECASE | re.DOTALL)
_DAY = re.compile(
    rf"(?:(?P<day>{'|'.join(_DAYS)})|month on the (?P<date>1?[1-9]|2[0-8]|10)(?:st|nd|rd|th)?)"
    r"(?: (?:at )?(?P<hour>\d\d?)(?::(?P<minute>\d\d)|(?= ?[ap]m))(?: ?(?P<half>[ap])m)?)?"
    r"(?:\s+(?P<what>.+)|$)",
    re.IGNORECASE | re.DOTALL,
)
_MIDNIGHT = re.compile(r"\b(?:0?0:00|12(?::00)? ?am)\b", re.IGNORECASE)


class RemindersSettings(Settings):
    morning: time = time(9)
    """When to remind on a day that is named without a time."""
    most: int = Field(default=50, ge=1, le=200)
    """How many reminders a person may have waiting in a chat."""
    us_role: Literal["member", "mod", "admin"] = "member"
    """Who may have everybody in a group reminded: all, moderators and above, or admins of the group and above."""
    us_most: int = Field(default=100, ge=1, le=500)
    """How many reminders for everybody may wait in a chat."""


@command("remind me", aliases=["remind me at", "remind me on"])
def me(ctx: ChatContext, when: datetime, what: Rest = "") -> str:
    """Be reminded at a time: !remind me tomorrow 9:00 call Ann"""
    return _keep(ctx, ctx.schedule.at, _meant(ctx, when, what), "me", what)


@command("remind me in")
def me_in(ctx: ChatContext, length: timedelta, what: Rest = "") -> str:
    """Be reminded after a while: !remind me in 2h tea"""
    return _keep(ctx, ctx.schedule.after, length, "me", what)


@command("remind me every")
def me_every(ctx: ChatContext, what: Rest) -> str:
    """Be reminded again and again: !remind me every 2h stretch
    Also !remind me every day 09:00 vitamins, every weekday, every monday, every month on the 1st."""
    return _keep_every(ctx, "me", what)


@command("remind us", aliases=["remind us at", "remind us on"])
def us(ctx: ChatContext, when: datetime, what: Rest = "") -> str:
    """Have everybody here reminded at a time: !remind us fri 18:00 board games"""
    return _keep(ctx, ctx.schedule.at, _meant(ctx, when, what), "us", what)


@command("remind us in")
def us_in(ctx: ChatContext, length: timedelta, what: Rest = "") -> str:
    """Have everybody here reminded after a while: !remind us in 30m the pizza"""
    return _keep(ctx, ctx.schedule.after, length, "us", what)


@command("remind us every")
def us_every(ctx: ChatContext, what: Rest) -> str:
    """Have everybody here reminded again and again: !remind us every monday 09:00 bins
    Also !remind us every 2h stand up, every day 09:00, every weekday, every month on the 1st."""
    return _keep_every(ctx, "us", what)


@command("remind list", examples=[("!remind list", "You have no reminders here.")])
def list_(ctx: ChatContext) -> str:
    """Your reminders here, and those for everybody: !remind list"""
    found = [job for job in ctx.schedule.list() if _is_own(ctx, job) or job.arguments[1] == "us"]
    found.sort(key=lambda job: not _is_own(ctx, job))
    lines = [f"{job.id}: {job.when} – {_short(job.arguments[2])}" for job in found[:_MOST_LISTED]]
    if len(found) > _MOST_LISTED:
        lines.append(ctx.t("more", count=len(found) - _MOST_LISTED))
    return "\n".join(lines) or ctx.t("nothing")


@command("remind cancel")
def cancel(ctx: ChatContext, number: int) -> str:
    """Call a reminder off: !remind cancel 3"""
    job = _job(ctx, str(number))
    if job is None:
        raise CommandError(ctx.t("none", number=number))
    if not _is_own(ctx, job) and ctx.role not in ("admin", "owner"):
        raise CommandError(ctx.t("not_yours"))
    ctx.schedule.cancel(job.id)
    return ctx.t("cancelled", text=_short(job.arguments[2]))


def tell(ctx: ChatContext, user_id: str, whom: str, what: str) -> None:
    """The job: say it. Nobody is reminded who has left the group, nor is everybody again and again in their name."""
    late = f" ({ctx.t('late')})" if _is_late(ctx) else ""
    thread = ctx.thread
    has_left = thread is not None and thread.is_group and user_id not in thread.participant_ids
    if has_left and _forget(ctx, user_id, whom):
        return
    if whom == "us":
        ctx.reply(f"⏰ {what}{late}")
        return
    tag = f"@{ctx.name_of(ctx.sender)}"
    ctx.reply({"body": f"⏰ {tag}: {what}{late}", "mentions": [{"tag": tag, "id": user_id}]})


def _keep(ctx: ChatContext, schedule: Callable[..., str], when: Any, whom: str, what: str) -> str:
    _check(ctx, whom, what)
    try:
        number = schedule(when, tell, ctx.sender_id, whom, what.strip(), within=_WITHIN)
    except BadArgument:
        number = ""
    job = _job(ctx, number)
    if job is None or job.next_at - ctx.clock.now() < _SOONEST:
        raise CommandError(ctx.t("no_such_time"))
    if schedule == ctx.schedule.every and job.next_at - ctx.clock.now() < _SHORTEST:
        raise CommandError(ctx.t("too_often"))
    return ctx.t(f"kept.{whom}", when=job.when, number=number)


def _keep_every(ctx: ChatContext, whom: str, text: str) -> str:
    if found := _LENGTH.match(text):
        return _keep(ctx, ctx.schedule.every, found["length"].lower(), whom, found["what"] or "")
    if found := _DAY.match(text):
        return _keep(ctx, ctx.schedule.cron, _crontab(ctx, found), whom, found["what"] or "")
    raise CommandError(ctx.t("every", prefix=ctx.prefix, whom=whom))


def _crontab(ctx: ChatContext, found: re.Match[str]) -> str:
    at = ctx.settings.morning
    hour, minute = (int(found["hour"]), int(found["minute"] or 0)) if found["hour"] else (at.hour, at.minute)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    days = _DAYS[found["day"].lower()] if found["day"] else f"{found['date']} * *"
    return f"{minute} {hour} {days}"


def _check(ctx: ChatContext, whom: str, what: str) -> None:
    """Raises CommandError when this cannot be kept."""
    if not what.strip():
        raise CommandError(ctx.t("what"))
    if len(what) > _LONGEST:
        raise CommandError(ctx.t("long", most=_LONGEST))
    jobs, settings = ctx.schedule.list(), ctx.settings
    if sum(_is_own(ctx, job) for job in jobs) >= settings.most:
        raise CommandError(ctx.t("full", most=settings.most))
    if whom == "us" and ctx.role not in _RANKS[_RANKS.index(settings.us_role) :]:
        raise CommandError(ctx.t(f"role.{settings.us_role}"))
    if whom == "us" and sum(job.arguments[1] == "us" for job in jobs) >= settings.us_most:
        raise CommandError(ctx.t("us_full", most=settings.us_most))


def _meant(ctx: ChatContext, when: datetime, what: str) -> datetime:
    """A day without a time is read as its midnight; who wants that writes it."""
    written = ctx.event.body.removesuffix(what) if isinstance(ctx.event, Message) else ""
    if when.time() != time() or _MIDNIGHT.search(written):
        return when
    return datetime.combine(when, ctx.settings.morning, when.tzinfo)


def _job(ctx: ChatContext, number: str) -> ScheduledJob | None:
    return next((job for job in ctx.schedule.list() if job.id == number), None)


def _is_own(ctx: ChatContext, job: ScheduledJob) -> bool:
    return bool(job.arguments[0] == ctx.sender_id)


def _is_late(ctx: ChatContext) -> bool:
    now_ms = ctx.clock.time_ms()
    return bool(now_ms - getattr(ctx.event, "due_ms", now_ms) > _LATE_MS)


def _forget(ctx: ChatContext, user_id: str, whom: str) -> bool:
    """Whether there is something to forget: all that was for that person alone, or what would be said again."""
    number = ctx.event.job.partition(":")[2] if isinstance(ctx.event, JobRun) else ""
    found = [job.id for job in ctx.schedule.list() if job.arguments[:2] == (user_id, "me") or job.id == number]
    for one in found:
        ctx.schedule.cancel(one)
    return whom == "me" or number in found


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LISTED else f"{line[: _LONGEST_LISTED - 1]}…"
