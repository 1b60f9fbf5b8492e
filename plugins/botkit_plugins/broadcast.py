"""Writes to all groups of the bot, after asking and slowly, so that it can be stopped and taken back; for owners."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from botkit import (
    ChatContext,
    CommandError,
    Conversation,
    Duration,
    Field,
    Message,
    MessengerError,
    Rest,
    Settings,
    Thread,
    ask,
    command,
)

_LONGEST = 5_000
_PAGE = 100
_MOST_CHATS = 500
_MOST_NAMES = 10
_KEPT = 10
# What became of a message is known for two weeks.
_KNOWN_MS = 13 * 86_400_000
_WITHIN = "7 days"
_OLD_MS = 7 * 86_400_000
_STEP, _LOOK = "step", "look"
_LAST = "last"
_BROADCAST = "broadcast."
_OFF = "off"


class BroadcastSettings(Settings):
    to: Literal["groups", "all"] = "groups"
    """Who gets it: the groups alone, or chats of two as well."""
    pause: Duration = Field(default=10, ge=1)
    """About how long it waits from one chat to the next."""


@command("broadcast", role="owner")
def broadcast(ctx: ChatContext, text: Rest) -> Conversation:
    """Write to all groups: !broadcast The bot rests tonight from ten to eleven.
    You are asked first. Left out are this chat, muted ones, and those with !broadcast receive off."""
    _check(ctx, text)
    chats, is_cut = _chats(ctx)
    if not chats:
        raise CommandError(ctx.t("nobody"))
    yes, no = ctx.t("yes"), ctx.t("no")
    names = _names(ctx, chats) + (f"\n{ctx.t('latest', count=_MOST_CHATS)}" if is_cut else "")
    question = ctx.t("sure", count=len(chats), chats=names, text=text, yes=yes, no=no)
    # Whatever else is said means no: people go on talking.
    if (yield ask(question)).strip(" .!").casefold() not in (yes, "yes"):
        return ctx.t("not_sent")
    # Another owner may have begun one in the meantime.
    _check(ctx, text)
    number = ctx.store.get(_LAST, 0) + 1
    ctx.store[_LAST] = number
    ctx.store[f"{_BROADCAST}{number}"] = {
        "text": text,
        "at_ms": ctx.clock.time_ms(),
        "chats": len(chats),
        "waiting": [one.thread_id for one in chats],
        "sent": {},
        "end": None,
    }
    ctx.store.pop(f"{_BROADCAST}{number - _KEPT}", None)
    ctx.schedule.after(ctx.settings.pause, go_on, number, name=_STEP, within=_WITHIN)
    ctx.schedule.every("1h", look_after, number, name=_LOOK)
    return ctx.t("begun", prefix=ctx.prefix)


@command("broadcast status", role="owner", examples=[("!broadcast status", "Nothing was broadcast lately.")])
def status(ctx: ChatContext) -> str:
    """How far have the last broadcasts come? !broadcast status"""
    return "\n".join(_line(ctx, kept) for kept in _lately(ctx)) or ctx.t("nothing")


@command("broadcast stop", role="owner")
def stop(ctx: ChatContext) -> str:
    """Send a broadcast to no further chat: !broadcast stop"""
    kept = _under_way(ctx)
    if kept is None:
        raise CommandError(ctx.t("not_under_way"))
    left = len(kept["waiting"])
    _end(ctx, kept, "stopped")
    return ctx.t("stopped", count=left)


@command("broadcast undo", role="owner")
def undo(ctx: ChatContext) -> str:
    """Stop the last broadcast, and take it back from the chats that have got it: !broadcast undo"""
    kept = next(_lately(ctx), None)
    if kept is None or (kept["end"] == "undone" and not kept["sent"]):
        raise CommandError(ctx.t("nothing"))
    _end(ctx, kept, "undone")
    came = {thread_id: message_id for thread_id, message_id in _came(ctx, kept) if message_id is not None}
    for thread_id, message_id in came.items():
        ctx.queue("unsend_message", message_id)
        del kept["sent"][thread_id]
    unknown = len(kept["sent"])
    return ctx.t("undone", count=len(came)) + (f" {ctx.t('unknown', count=unknown)}" if unknown else "")


@command("broadcast receive", examples=[("!broadcast receive off", "What is broadcast does not come here any more.")])
def receive(ctx: ChatContext, on: bool) -> str:
    """Have broadcasts come to this chat or not; in groups for admins: !broadcast receive off"""
    is_group = isinstance(ctx.event, Message) and ctx.event.is_group
    if is_group and ctx.role not in ("admin", "owner"):
        raise CommandError(ctx.t("admins_only"))
    off = ctx.store.setdefault(_OFF, [])
    if on and ctx.thread_id in off:
        off.remove(ctx.thread_id)
    if not on and ctx.thread_id not in off:
        off.append(ctx.thread_id)
    return ctx.t("on") if on else ctx.t("off")


def go_on(ctx: ChatContext, number: int) -> None:
    """The job: send to the next chat that may get it, and come again for the others."""
    kept = ctx.store.get(f"{_BROADCAST}{number}")
    while kept is not None and kept["waiting"]:
        thread_id = kept["waiting"].pop(0)
        if _may_get(ctx, thread_id):
            kept["sent"][thread_id] = ctx.send(thread_id, kept["text"])
            break
    if kept is not None and kept["waiting"]:
        pause_s = ctx.settings.pause * ctx.random.uniform(0.7, 1.3)
        ctx.schedule.after(pause_s, go_on, number, name=_STEP, within=_WITHIN)


def look_after(ctx: ChatContext, number: int) -> None:
    """The job of each hour: a step that did not come, as this chat was muted, comes now; after a week none does."""
    kept = ctx.store.get(f"{_BROADCAST}{number}")
    if kept is not None and kept["waiting"] and ctx.clock.time_ms() - kept["at_ms"] < _OLD_MS:
        ctx.schedule.after(ctx.settings.pause, go_on, number, name=_STEP, within=_WITHIN)
        return
    ctx.schedule.cancel(_LOOK)
    if kept is not None and kept["waiting"]:
        _end(ctx, kept, "stopped")


def _end(ctx: ChatContext, kept: dict[str, Any], end: str) -> None:
    kept.update(waiting=[], end=end)
    # Those of another chat find nothing left to do.
    for name in (_STEP, _LOOK):
        ctx.schedule.cancel(name)


def _check(ctx: ChatContext, text: str) -> None:
    """Raises CommandError when this cannot be broadcast now."""
    if len(text) > _LONGEST:
        raise CommandError(ctx.t("long", most=_LONGEST))
    if _under_way(ctx) is not None:
        raise CommandError(ctx.t("one_at_a_time", prefix=ctx.prefix))


def _chats(ctx: ChatContext) -> tuple[list[Thread], bool]:
    """The chats that would get it now, by their names; and whether there may be more than were looked at. Raises
    CommandError."""
    found: list[Thread] = []
    try:
        for start in range(0, _MOST_CHATS, _PAGE):
            page = ctx.api.get_thread_list(start, start + _PAGE)
            found += page
            if len(page) < _PAGE:
                break
    except MessengerError:
        raise CommandError(ctx.t("later")) from None
    own_id, is_for_all = ctx.api.get_current_user_id(), ctx.settings.to == "all"
    # One that moves up while the pages are read comes twice.
    wanted = {
        one.thread_id: one
        for one in found
        if one.thread_id != ctx.thread_id
        and one.can_reply
        and (own_id in one.participant_ids if one.is_group else is_for_all)
        and _may_get(ctx, one.thread_id)
    }
    return sorted(wanted.values(), key=lambda one: one.name.casefold()), len(found) >= _MOST_CHATS


def _may_get(ctx: ChatContext, thread_id: str) -> bool:
    """Whether a chat wants it, and the plugin may speak there."""
    is_on = not ctx.host.chat(thread_id).muted and ctx.host.is_enabled("broadcast", thread_id=thread_id)
    return is_on and thread_id not in ctx.store.get(_OFF, [])


def _lately(ctx: ChatContext) -> Iterator[dict[str, Any]]:
    """The broadcasts of which something is known, the newest first."""
    last = ctx.store.get(_LAST, 0)
    for number in range(last, max(0, last - _KEPT), -1):
        kept = ctx.store.get(f"{_BROADCAST}{number}")
        if kept is not None and ctx.clock.time_ms() - kept["at_ms"] < _KNOWN_MS:
            yield kept


def _under_way(ctx: ChatContext) -> dict[str, Any] | None:
    return next((kept for kept in _lately(ctx) if kept["waiting"]), None)


def _came(ctx: ChatContext, kept: dict[str, Any]) -> list[tuple[str, str | None]]:
    """(chat, id of the message there), None for one that is on its way or was refused."""
    return [(thread_id, ctx.sent(handle)) for thread_id, handle in kept["sent"].items()]


def _line(ctx: ChatContext, kept: dict[str, Any]) -> str:
    time = datetime.fromtimestamp(kept["at_ms"] / 1000, ctx.lookup.now().tzinfo)
    if kept["end"] == "undone":
        return ctx.t("line.undone", time=f"{time:%Y-%m-%d %H:%M}")
    came = sum(message_id is not None for _, message_id in _came(ctx, kept))
    line = ctx.t("line.came", time=f"{time:%Y-%m-%d %H:%M}", came=came, count=kept["chats"])
    if kept["end"] == "stopped":
        return f"{line} {ctx.t('line.stopped')}"
    return f"{line} {ctx.t('line.waiting', count=len(kept['waiting']))}" if kept["waiting"] else line


def _names(ctx: ChatContext, chats: list[Thread]) -> str:
    names = [one.name or ctx.t("unnamed") for one in chats[:_MOST_NAMES]]
    more = [ctx.t("more", count=len(chats) - _MOST_NAMES)] if len(chats) > _MOST_NAMES else []
    return ", ".join([*names, *more])
