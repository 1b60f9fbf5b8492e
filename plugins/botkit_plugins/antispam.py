"""Asks people who write too much at once to slow down, and tells admins, or removes them, when they go on."""

import hashlib
from typing import Literal

from botkit import ChatContext, Duration, Field, Message, Settings, command, hookimpl
from botkit_plugins._removing import add_again, is_exempt, may_remove, remove_sender, removed_names

_MINUTE_MS = 60_000
_CALM_MS = 600_000
_MOST_KEPT = 60
_RECENT = "recent"
_WARNED = "warned"


class AntispamSettings(Settings):
    messages: int = Field(default=8, ge=2, le=50)
    """More messages than this …"""
    within: Duration = 10
    """… within this time by one person are too many; stickers and pictures count."""
    repeats: int = Field(default=4, ge=2, le=50)
    """So often within a minute nobody may write the same text, or send the same sticker."""
    then: Literal["warn", "remove"] = "warn"
    """What is done about who goes on within ten minutes after being asked to slow down: `warn` tells the admins,
    `remove` puts them out of the group, which admins can take back. Owners, admins and moderators are left alone."""


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> str | None:
    # What was written while the bot was away is over.
    if not message.is_group or message.is_late:
        return None
    now_ms, longest_ms = message.timestamp_ms, max(_MINUTE_MS, 1000 * ctx.settings.within)
    before = [(at_ms, mark) for at_ms, mark in ctx.store.member.get(_RECENT, []) if now_ms - at_ms < longest_ms]
    recent = [*before, (now_ms, _mark(message))][-_MOST_KEPT:]
    ctx.store.member[_RECENT] = [list(one) for one in recent]
    if not _is_spam(ctx, recent) or is_exempt(ctx):
        return None
    # Who goes on is whoever does it all again.
    ctx.store.member[_RECENT] = []
    return _answer(ctx, now_ms)


@command("antispam", role="mod")
def antispam(ctx: ChatContext) -> str:
    """What is too much here, and who was removed for it? !antispam"""
    own = ctx.settings
    rule = ctx.t("rule", messages=own.messages, seconds=f"{own.within:g}", repeats=own.repeats)
    removed = removed_names(ctx)
    return "\n".join([rule, ctx.t("were_removed", names=", ".join(removed))]) if removed else rule


@command("antispam undo", role="admin", examples=[("!antispam undo", "I have removed nobody here.")])
def undo(ctx: ChatContext) -> str:
    """Add whom it has removed last again: !antispam undo"""
    return add_again(ctx)


def _is_spam(ctx: ChatContext, recent: list[tuple[int, str]]) -> bool:
    now_ms, mark = recent[-1]
    at_once = [at_ms for at_ms, _ in recent if now_ms - at_ms < 1000 * ctx.settings.within]
    same = [at_ms for at_ms, other in recent if other == mark and now_ms - at_ms < _MINUTE_MS]
    return len(at_once) > ctx.settings.messages or (mark != "" and len(same) >= ctx.settings.repeats)


def _mark(message: Message) -> str:
    """By which the same text or sticker is known again, without keeping what people write; "" for other things."""
    stickers = [str(one.id) for one in message.attachments if one.type == "sticker"]
    said = " ".join([*message.body.casefold().split(), *stickers])
    return hashlib.blake2b(said.encode(), digest_size=6).hexdigest() if said else ""


def _answer(ctx: ChatContext, now_ms: int) -> str | None:
    """A sentence to whoever is at it for the first time in ten minutes, and one about whoever goes on."""
    warned = ctx.store.member.get(_WARNED)
    if warned is None or now_ms - warned["at_ms"] >= _CALM_MS:
        ctx.store.member[_WARNED] = {"at_ms": now_ms, "is_told": False}
        return ctx.t("slow_down", name=ctx.name_of(ctx.sender))
    if warned["is_told"]:
        return None
    warned["is_told"] = True
    if ctx.settings.then == "warn":
        return ctx.t("goes_on", name=ctx.name_of(ctx.sender))
    if not may_remove(ctx):
        return ctx.t("no_rights", name=ctx.name_of(ctx.sender))
    return remove_sender(ctx, "writing too much")
