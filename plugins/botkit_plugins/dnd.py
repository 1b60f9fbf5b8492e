"""Lets people say that they do not want to be disturbed: whoever mentions them is told until when, and why."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from botkit import ChatContext, CommandError, Duration, Field, Message, Rest, Settings, command, hookimpl

_LONGEST_WHY = 200
_MOST_TOLD = 10
_MOST_NAMED = 10
_MOST_KEPT = 100
_REST = "rest"


class DndSettings(Settings):
    again: Duration = 3600
    """For so long whoever was told of somebody is not told of them again."""
    longest_days: int = Field(default=30, ge=1, le=366)
    """For how many days one can ask not to be disturbed."""


@command("dnd")
def dnd(ctx: ChatContext, length: timedelta | None = None, why: Rest = "") -> str:
    """Do not be disturbed here for a while: !dnd 2h exam
    !dnd tells until when, !dnd until 18:00 names the end, and !dnd off ends it at once."""
    if length is not None:
        return _begin(ctx, ctx.clock.time_ms() + round(1000 * length.total_seconds()), why)
    rest = ctx.store.member.get(_REST)
    if rest is None or rest["until_ms"] <= ctx.clock.time_ms():
        return ctx.t("not_resting")
    return ctx.t("resting", until=_shown(ctx, rest["until_ms"]))


@command("dnd until")
def until(ctx: ChatContext, end: datetime, why: Rest = "") -> str:
    """Do not be disturbed here until a time: !dnd until 18:00 exam"""
    return _begin(ctx, round(1000 * end.timestamp()), why)


@command("dnd off", examples=[("!dnd off", "You can be disturbed here.")])
def off(ctx: ChatContext) -> str:
    """Be there for everybody again: !dnd off"""
    rest = ctx.store.member.pop(_REST, {"asked": {}})
    return " ".join([ctx.t("not_resting"), *_missed(ctx, rest)])


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> str | None:
    if message.body.startswith(ctx.prefix) or message.sender_id == ctx.api.get_current_user_id():
        return None
    return "\n".join([*_welcome(ctx, message), *_disturbed(ctx, message)]) or None


def _begin(ctx: ChatContext, until_ms: int, why: str) -> str:
    days = ctx.settings.longest_days
    if not 0 < until_ms - ctx.clock.time_ms() <= days * 86_400_000:
        raise CommandError(ctx.t("length", count=days))
    if len(why) > _LONGEST_WHY:
        raise CommandError(ctx.t("long", most=_LONGEST_WHY))
    before = ctx.store.member.get(_REST, {"until_ms": until_ms, "asked": {}})
    is_over = before["until_ms"] <= ctx.clock.time_ms()
    asked = {} if is_over else before["asked"]
    ctx.store.member[_REST] = {"until_ms": until_ms, "why": " ".join(why.split()), "asked": asked}
    return " ".join([ctx.t("begun", until=_shown(ctx, until_ms)), *(_missed(ctx, before) if is_over else ())])


def _welcome(ctx: ChatContext, message: Message) -> Iterator[str]:
    """Who writes again when their time is over is told once who has mentioned them."""
    rest = ctx.store.member.get(_REST)
    if rest is not None and rest["until_ms"] <= message.timestamp_ms:
        del ctx.store.member[_REST]
        yield from _missed(ctx, rest)


def _disturbed(ctx: ChatContext, message: Message) -> list[str]:
    """A line for each who is disturbed by the message and of whom its author was not told lately."""
    answered = [message.reply_to.sender_id] if message.reply_to is not None else []
    lines: list[str] = []
    for user_id in dict.fromkeys([*message.mentions, *answered]):
        rest = ctx.store.for_member(user_id).get(_REST)
        if user_id == message.sender_id or rest is None or rest["until_ms"] <= message.timestamp_ms:
            continue
        told_ms = rest["asked"].pop(message.sender_id, 0)
        is_due = message.timestamp_ms - told_ms >= 1000 * ctx.settings.again
        # Long after it was written an answer would only puzzle; it counts for the list.
        if is_due and not message.is_late and len(lines) < _MOST_TOLD:
            lines.append(_told(ctx, user_id, rest))
            told_ms = message.timestamp_ms
        others = list(rest["asked"].items())[1 - _MOST_KEPT :]
        rest["asked"] = {**dict(others), message.sender_id: told_ms}
    return lines


def _told(ctx: ChatContext, user_id: str, rest: dict[str, Any]) -> str:
    name, shown = _names(ctx, [user_id])[0], _shown(ctx, rest["until_ms"])
    return ctx.t("told_why" if rest["why"] else "told", name=name, until=shown, why=rest["why"])


def _missed(ctx: ChatContext, rest: dict[str, Any]) -> Iterator[str]:
    """Who has mentioned them, the last ones by name."""
    asked = list(rest["asked"])
    names = ", ".join(_names(ctx, asked[-_MOST_NAMED:]))
    if len(asked) > _MOST_NAMED:
        yield ctx.t("missed_more", names=names, count=len(asked) - _MOST_NAMED)
    elif asked:
        yield ctx.t("missed", names=names)


def _names(ctx: ChatContext, user_ids: list[str]) -> list[str]:
    known = {one.id: ctx.name_of(one) for one in ctx.lookup.members()}
    return [known.get(user_id) or ctx.name_of(None) for user_id in user_ids]


def _shown(ctx: ChatContext, time_ms: int) -> str:
    now = ctx.lookup.now()
    moment = datetime.fromtimestamp(time_ms / 1000, now.tzinfo)
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M}"
