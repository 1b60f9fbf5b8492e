"""Counts who writes how much in a chat, and tells who has been silent."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from botkit import ChatContext, CommandError, Field, Member, Message, Settings, Template, ThreadEvent, command, hookimpl

_DAYS = {"week": 7, "month": 30}
# A month, and what a chat that moves to another time zone may add to it.
_KEPT = timedelta(days=35)
_MOST_SILENT = 30
_DAY = Template("{day|%-d %B %Y}")


class CountsSettings(Settings):
    top: int = Field(default=10, ge=3, le=50)
    """How many people `!counts` lists."""


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> None:
    today = _local_day(ctx, message.timestamp_ms)
    count = ctx.store.member.setdefault("count", {"all": 0, "last": today, "days": {}})
    if today not in count["days"]:
        ctx.store.thread.setdefault("since", today)
        oldest = (date.fromisoformat(today) - _KEPT).isoformat()
        count["days"] = {day: number for day, number in count["days"].items() if day > oldest}
    count["days"][today] = count["days"].get(today, 0) + 1
    count["all"] += 1
    count["last"] = max(today, count["last"])


@hookimpl
def on_event(ctx: ChatContext, event: ThreadEvent) -> None:
    if event.log_message_type == "log:subscribe":
        for person in event.log_message_data["addedParticipants"]:
            ctx.store.for_member(person["userFbId"])["joined"] = _local_day(ctx, event.timestamp_ms)


@command("counts")
def counts(ctx: ChatContext, period: Literal["week", "month", "all"] = "week") -> str:
    """Who writes how much here? !counts month
    The last 7 days, the last 30 (month), or all that was ever counted (all)."""
    kept = {one: ctx.store.for_member(one.id) for one in _people(ctx)}
    written = sorted(((_number(ctx, kept[one], period), ctx.name_of(one)) for one in kept), key=_most_first)
    lines = [f"{place}. {name}: {number}" for place, (number, name) in enumerate(written, 1) if number]
    total = ctx.t("total", count=sum(number for number, _ in written), since=_day(ctx, _since(ctx)))
    return "\n".join([ctx.t(f"title.{period}"), *lines[: ctx.settings.top], total])


@command("counts me")
def me(ctx: ChatContext) -> str:
    """How much have you written here? !counts me"""
    numbers = {period: _number(ctx, ctx.store.member, period) for period in ("week", "month", "all")}
    return ctx.t("me", **numbers, since=_day(ctx, _since(ctx)))


@command("silent")
def silent(ctx: ChatContext, length: timedelta = timedelta(days=30)) -> str:
    """Who has written nothing here for so long? !silent 30d"""
    length = max(length, timedelta(days=1))
    today, since = ctx.lookup.now().date(), _since(ctx)
    if today - since < length:
        raise CommandError(ctx.t("too_early", since=_day(ctx, since)))
    heard = sorted((_last(ctx, one, since), ctx.name_of(one)) for one in _people(ctx))
    found = [(day, name) for day, name in heard if today - day >= length]
    if not found:
        return ctx.t("nobody")
    lines = [ctx.t("silent", name=name, day=_day(ctx, day)) for day, name in found[:_MOST_SILENT]]
    if len(found) > _MOST_SILENT:
        lines.append(ctx.t("more", count=len(found) - _MOST_SILENT))
    return "\n".join([ctx.t("nothing_since"), *lines])


def _people(ctx: ChatContext) -> list[Member]:
    """Who is in the chat now, without the bot."""
    people = [one for one in ctx.lookup.members() if one.id != ctx.api.get_current_user_id()]
    if not people:
        raise CommandError(ctx.t("unknown"))
    return people


def _number(ctx: ChatContext, kept: Mapping[str, Any], period: str) -> int:
    count = kept.get("count") or {"all": 0, "days": {}}
    if period == "all":
        return int(count["all"])
    first = (ctx.lookup.now().date() - timedelta(days=_DAYS[period] - 1)).isoformat()
    return sum(number for day, number in count["days"].items() if day >= first)


def _last(ctx: ChatContext, person: Member, since: date) -> date:
    """The day on which somebody was heard of last: has written, has joined, or could be heard for the first time."""
    kept = ctx.store.for_member(person.id)
    known = [kept["count"]["last"]] if "count" in kept else []
    return max([since, *map(date.fromisoformat, [*known, kept.get("joined", since.isoformat())])])


def _since(ctx: ChatContext) -> date:
    """The first day on which something was counted here."""
    return date.fromisoformat(ctx.store.thread["since"]) if "since" in ctx.store.thread else ctx.lookup.now().date()


def _local_day(ctx: ChatContext, time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, ctx.lookup.now().tzinfo).date().isoformat()


def _day(ctx: ChatContext, day: date) -> str:
    return ctx.render(_DAY, day=day)


def _most_first(written: tuple[int, str]) -> tuple[int, str]:
    return -written[0], written[1]
