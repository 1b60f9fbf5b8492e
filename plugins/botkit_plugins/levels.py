"""Gives people points for writing, and levels for points."""

from math import isqrt
from typing import Any, Literal

from botkit import ChatContext, CommandError, Duration, Field, Member, Message, Settings, command, hookimpl

_STEP = 5


class LevelsSettings(Settings):
    announce: Literal["reaction", "message", "nothing"] = "reaction"
    """How a new level is announced: with a reaction to the message that reached it, with a message, or not at all."""
    emoji: str = Field(default="🎉", min_length=1)
    """The reaction."""
    pause: Duration = 60
    """So long after a message that gave a point the same person's messages give none."""
    top: int = Field(default=10, ge=3, le=50)
    """How many people `!levels` lists."""


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> str | None:
    if _is_own(ctx, message.sender_id):
        return None
    kept = ctx.store.member.setdefault("level", {"points": 0, "at_ms": 0})
    if message.timestamp_ms < kept["at_ms"] + 1000 * ctx.settings.pause:
        return None
    kept["points"] += 1
    kept["at_ms"] = message.timestamp_ms
    level = _level(kept["points"])
    if kept["points"] > _points_for(level) or message.is_late:
        return None
    if ctx.settings.announce == "reaction":
        ctx.react(ctx.settings.emoji)
    return ctx.t("up", name=ctx.name_of(ctx.sender), level=level) if ctx.settings.announce == "message" else None


@command("level", examples=[("!level Ben", "Ben: level 0, points: 0. The next level begins at 10.")])
def level(ctx: ChatContext, person: Member | None = None) -> str:
    """Your level here, or somebody's: !level Ben"""
    who = person or ctx.sender
    points = _points(ctx, who)
    reached = _level(points)
    return ctx.t("level", name=ctx.name_of(who), level=reached, points=points, next=_points_for(reached + 1))


@command("levels")
def levels(ctx: ChatContext) -> str:
    """Who has the most points here? !levels"""
    people = [(_points(ctx, one), ctx.name_of(one)) for one in ctx.lookup.members() if not _is_own(ctx, one.id)]
    best = sorted((one for one in people if one[0]), key=lambda one: (-one[0], one[1]))[: ctx.settings.top]
    if not best:
        raise CommandError(ctx.t("unknown"))
    lines = [
        ctx.t("place", place=place, name=name, level=_level(points), count=points)
        for place, (points, name) in enumerate(best, 1)
    ]
    return "\n".join(lines)


def _level(points: int) -> int:
    """Each level takes ten points more than the one before: 10, 30, 60, 100 …"""
    return (isqrt(4 * (points // _STEP) + 1) - 1) // 2


def _points_for(reached: int) -> int:
    return _STEP * reached * (reached + 1)


def _points(ctx: ChatContext, person: Member | None) -> int:
    kept: dict[str, Any] = ctx.store.for_member(person.id).get("level", {}) if person is not None else {}
    return int(kept.get("points", 0))


def _is_own(ctx: ChatContext, user_id: str) -> bool:
    return user_id == ctx.api.get_current_user_id()
