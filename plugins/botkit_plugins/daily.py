"""Posts what admins want to have said every day, or on some days of the week, at the time that they give."""

import re
from collections.abc import Iterator
from typing import Any

from botkit import BadArgument, ChatContext, CommandError, Names, Rest, ScheduledJob, Template, command

_MOST_POSTS = 20
_MOST_TEXTS = 30
_LONGEST = 1_000
_LONGEST_LISTED = 80
# A good morning at noon is worse than none.
_WITHIN = "1h"
_REMOVED = "removed"
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Nobody is the one who posts it.
_NAMES = tuple(name for name in Names().names if not name.startswith("sender."))
_POST = re.compile(
    r"(?:(?P<days>[a-z]{3,9}(?:\s*[-,]\s*[a-z]{3,9})*)\s+)?(?P<hour>\d\d?):(?P<minute>\d\d)\s+(?P<text>.+)",
    re.IGNORECASE | re.DOTALL,
)


@command(
    "daily",
    role="admin",
    examples=[("!daily 09:00 Good morning!", "I will post it at 09:00 every day (…). It is number 1.")],
)
def daily(ctx: ChatContext, post: Rest = "") -> str:
    """Have something posted every day: !daily 09:00 Good morning! It is {now|%A %-d %B}.
    On some days of the week only: !daily mon-fri 09:00 Stand-up!"""
    if not post:
        return list_(ctx)
    found = _POST.fullmatch(post)
    if found is None:
        raise CommandError(ctx.t("unreadable", prefix=ctx.prefix))
    _check(ctx, found["text"])
    days = ",".join(_days((found["days"] or "").lower())) or "*"
    return _begin(ctx, f"{int(found['minute'])} {int(found['hour'])} * * {days}", [found["text"]])


@command("daily add", role="admin")
def add(ctx: ChatContext, number: int, text: Rest) -> str:
    """Give a post one more text; each is said in its turn: !daily add 1 Good morning, sunshine!"""
    post = _post(ctx, number)
    _check(ctx, text)
    if len(post["texts"]) >= _MOST_TEXTS:
        raise CommandError(ctx.t("full_post", most=_MOST_TEXTS))
    post["texts"].append(text)
    return ctx.t("added", count=len(post["texts"]))


@command("daily list", role="admin", examples=[("!daily list", "Nothing is posted here.")])
def list_(ctx: ChatContext, number: int | None = None) -> str:
    """What is posted here? !daily list, or with all the texts of one: !daily list 1"""
    if number is not None:
        return "\n".join(f"{place}. {_short(text)}" for place, text in enumerate(_post(ctx, number)["texts"], 1))
    jobs = sorted(ctx.schedule.list(), key=lambda job: job.arguments[0])
    return "\n".join(_line(ctx, job) for job in jobs) or ctx.t("nothing")


@command("daily remove", role="admin")
def remove(ctx: ChatContext, number: int, text: int | None = None) -> str:
    """Post something no more: !daily remove 1, or only its second text: !daily remove 1 2"""
    post = _post(ctx, number)
    if text is not None and not 1 <= text <= len(post["texts"]):
        raise CommandError(ctx.t("no_text", number=number, text=text))
    ctx.store.thread[_REMOVED] = {**post, "number": number}
    if text is not None and len(post["texts"]) > 1:
        removed = post["texts"].pop(text - 1)
        ctx.store.thread[_REMOVED]["texts"] = [removed]
        post["next"] = (post["next"] - (text <= post["next"])) % len(post["texts"])
        return ctx.t("removed", text=_short(removed), prefix=ctx.prefix)
    line = _line(ctx, _job(ctx, number))
    ctx.schedule.cancel(_key(number))
    del ctx.store.thread[_key(number)]
    return ctx.t("removed", text=line, prefix=ctx.prefix)


@command("daily undo", role="admin", examples=[("!daily undo", "Nothing was removed here.")])
def undo(ctx: ChatContext) -> str:
    """Post again what was removed last: !daily undo"""
    removed = ctx.store.thread.pop(_REMOVED, None)
    if removed is None:
        raise CommandError(ctx.t("nothing_removed"))
    post = ctx.store.thread.get(_key(removed["number"]))
    if post is None or post["cron"] != removed["cron"]:
        return _begin(ctx, removed["cron"], removed["texts"])
    if len(post["texts"]) >= _MOST_TEXTS:
        raise CommandError(ctx.t("full_post", most=_MOST_TEXTS))
    post["texts"] += removed["texts"]
    return ctx.t("added", count=len(post["texts"]))


@command("daily test", role="admin")
def test(ctx: ChatContext, number: int) -> str:
    """See now how the next post will look: !daily test 1"""
    return _said(ctx, _post(ctx, number)) or ctx.t("empty")


def _begin(ctx: ChatContext, expression: str, texts: list[str]) -> str:
    taken = {job.arguments[0] for job in ctx.schedule.list()}
    number = next((one for one in range(1, _MOST_POSTS + 1) if one not in taken), None)
    if number is None:
        raise CommandError(ctx.t("full", most=_MOST_POSTS))
    try:
        ctx.schedule.cron(expression, say, number, name=_key(number), within=_WITHIN)
    except BadArgument:
        raise CommandError(ctx.t("unreadable", prefix=ctx.prefix)) from None
    ctx.store.thread[_key(number)] = {"cron": expression, "texts": texts, "next": 0}
    return ctx.t("kept", when=_job(ctx, number).when, timezone=ctx.host.chat().timezone, number=number)


def _days(text: str) -> Iterator[str]:
    """`fri-mon` and `sat, sun` as crontab takes them; what is no day stays as it is, and is refused there."""
    for part in re.split(r"\s*,\s*", text) if text else ():
        first, _, last = (day.strip()[:3] for day in part.partition("-"))
        if last and first in _WEEK and last in _WEEK:
            begin, length = _WEEK.index(first), (_WEEK.index(last) - _WEEK.index(first)) % len(_WEEK) + 1
            yield from (*_WEEK, *_WEEK)[begin : begin + length]
        else:
            yield f"{first}-{last}" if last else first


def say(ctx: ChatContext, number: int) -> str | None:
    """The job: post the text whose turn it is."""
    post = ctx.store.thread.get(_key(number))
    if post is None:
        return None
    said = _said(ctx, post)
    post["next"] = (post["next"] + 1) % len(post["texts"])
    return said or None


def _said(ctx: ChatContext, post: dict[str, Any]) -> str:
    return ctx.render(Template(post["texts"][post["next"]])).strip()


def _post(ctx: ChatContext, number: int) -> dict[str, Any]:
    """{cron, texts, next: the place of the one whose turn it is} of a post; changing it in place is kept."""
    found: dict[str, Any] | None = ctx.store.thread.get(_key(number))
    if found is None:
        raise CommandError(ctx.t("none", number=number))
    return found


def _job(ctx: ChatContext, number: int) -> ScheduledJob:
    return next(job for job in ctx.schedule.list() if job.id == _key(number))


def _check(ctx: ChatContext, text: str) -> None:
    """Raises CommandError for a text that cannot be posted."""
    if len(text) > _LONGEST:
        raise CommandError(ctx.t("long", most=_LONGEST))
    try:
        problems = Template(text).problems(_NAMES)
    except ValueError as error:
        problems = [str(error)]
    if problems:
        raise CommandError(ctx.t("wrong", problem="; ".join(problems)))


def _line(ctx: ChatContext, job: ScheduledJob) -> str:
    texts = ctx.store.thread[job.id]["texts"]
    more = f" ({ctx.t('texts', count=len(texts))})" if len(texts) > 1 else ""
    return f"{job.arguments[0]}: {job.when} – {_short(texts[0])}{more}"


def _key(number: int) -> str:
    return f"post.{number}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LISTED else f"{line[: _LONGEST_LISTED - 1]}…"
