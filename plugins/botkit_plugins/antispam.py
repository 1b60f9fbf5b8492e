"""Asks people who write too much at once to slow down, and tells admins, or removes them, when they go on."""

import hashlib
from typing import Literal

from botkit import ChatContext, CommandError, Duration, Field, Message, MessengerError, Settings, command, hookimpl

_EXEMPT = ("owner", "admin", "mod")
_MINUTE_MS = 60_000
_CALM_MS = 600_000
_MOST_KEPT = 60
_MOST_REMOVED = 20
_RECENT = "recent"
_WARNED = "warned"
_REMOVED = "removed"
_NAME = "name"


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
    if not _is_spam(ctx, recent) or _is_exempt(ctx):
        return None
    # Who goes on is whoever does it all again.
    ctx.store.member[_RECENT] = []
    return _answer(ctx, now_ms)


@command("antispam", role="mod")
def antispam(ctx: ChatContext) -> str:
    """What is too much here, and who was removed for it? !antispam"""
    own = ctx.settings
    rule = ctx.t("rule", messages=own.messages, seconds=f"{own.within:g}", repeats=own.repeats)
    removed = [_name_of(ctx, user_id) for user_id in ctx.store.thread.get(_REMOVED, [])]
    return "\n".join([rule, ctx.t("were_removed", names=", ".join(removed))]) if removed else rule


@command("antispam undo", role="admin", examples=[("!antispam undo", "I have removed nobody here.")])
def undo(ctx: ChatContext) -> str:
    """Add whom it has removed last again: !antispam undo"""
    removed: list[str] = ctx.store.thread.get(_REMOVED, [])
    if not removed:
        raise CommandError(ctx.t("nobody"))
    user_id = removed.pop()
    name = _name_of(ctx, user_id)
    try:
        # Asked afresh: ctx.thread may not know yet what the bot itself has done.
        if user_id not in ctx.api.get_thread_info(ctx.thread_id).participant_ids:
            ctx.api.add_user_to_group(user_id, ctx.thread_id)
    except MessengerError as error:
        ctx.log.info("user %s was not added to chat %s again: %s", user_id, ctx.thread_id, error)
        raise CommandError(ctx.t("not_added", name=name)) from error
    ctx.store.for_member(user_id).clear()
    return ctx.t("added", name=name)


def _is_exempt(ctx: ChatContext) -> bool:
    return ctx.role in _EXEMPT or ctx.sender_id == ctx.api.get_current_user_id()


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
        return ctx.t("slow_down", name=_name(ctx))
    if warned["is_told"]:
        return None
    warned["is_told"] = True
    if ctx.settings.then == "warn":
        return ctx.t("goes_on", name=_name(ctx))
    return _remove(ctx)


def _remove(ctx: ChatContext) -> str:
    """Put the person out, or say that the bot must not. In a group without an admin everybody may do that."""
    thread, user_id = ctx.thread, str(ctx.sender_id)
    if thread is None or (thread.admin_ids and ctx.api.get_current_user_id() not in thread.admin_ids):
        return ctx.t("no_rights", name=_name(ctx))
    removed = [one for one in ctx.store.thread.get(_REMOVED, []) if one != user_id]
    for forgotten in removed[: 1 - _MOST_REMOVED]:
        ctx.store.for_member(forgotten).clear()
    ctx.store.thread[_REMOVED] = [*removed[1 - _MOST_REMOVED :], user_id]
    ctx.store.member[_NAME] = _name(ctx)
    ctx.queue("remove_user_from_group", user_id)
    ctx.log.info("user %s is removed from chat %s for writing too much", user_id, ctx.thread_id)
    return ctx.t("removed", name=_name(ctx), prefix=ctx.prefix)


def _name(ctx: ChatContext) -> str:
    sender = ctx.sender
    return (sender and (sender.nickname or sender.name)) or ctx.t("somebody")


def _name_of(ctx: ChatContext, user_id: str) -> str:
    """The name of somebody who was removed."""
    return str(ctx.store.for_member(user_id).get(_NAME) or ctx.t("somebody"))
