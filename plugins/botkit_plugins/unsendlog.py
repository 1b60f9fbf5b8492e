"""Keeps what people take back for some hours, where an admin wants it and the group was told.

Only text is kept: a picture or a file that is taken back is not. What `botkit data erase` has deleted is skipped.
"""

from datetime import datetime
from math import inf
from typing import Any

from botkit import ChatContext, CommandError, Duration, Field, Message, Settings, ThreadEvent, Unsend, command, hookimpl

# So many messages of a chat are remembered, and so many of those that were taken back.
_RECENT = 500
_UNSENT = 50
_SHOWN = 10
_LONGEST = 1000
# The group is told when newcomers have joined, but not more often than this.
_DAY_MS = 86_400_000


class UnsendlogSettings(Settings):
    keep: Duration = Field(default=86_400, ge=3600, le=604_800)
    """How long messages are kept, an hour to a week; it holds from the next `!unsendlog on`, which tells the group."""


@command("unsendlog", role="admin", examples=[("!unsendlog", "Messages that are taken back are not kept here.")])
def unsendlog(ctx: ChatContext) -> str:
    """What has been taken back here? !unsendlog"""
    log = _log(ctx)
    names = {one.id: one.nickname or one.name for one in ctx.lookup.members()}
    found = [
        (person, ctx.store.for_member(person).get(f"unsent.{message_id}")) for person, message_id, _ in log["unsent"]
    ]
    lines = [
        ctx.t(
            "line", name=names.get(person) or ctx.t("somebody"), time=_time(ctx, kept["unsent_ms"]), text=kept["text"]
        )
        for person, kept in found
        if kept is not None and kept["at_ms"] > _oldest_ms(ctx, log)
    ]
    return "\n".join(lines[-_SHOWN:]) or ctx.t("nothing")


@command("unsendlog on", role="admin")
def on(ctx: ChatContext) -> str:
    """Keep what people take back from now on; the group is told: !unsendlog on"""
    log = ctx.store.thread.setdefault("log", {"next": 0, "unsent": []})
    log.update(keep_s=ctx.settings.keep, told_ms=ctx.clock.time_ms())
    ctx.schedule.every("1h", tidy, name="tidy")
    return ctx.t("on", count=_hours(log), prefix=ctx.prefix)


@command("unsendlog off", role="admin")
def off(ctx: ChatContext) -> str:
    """Keep nothing any more, and delete all that was kept here: !unsendlog off"""
    _drop(ctx, _log(ctx), inf)
    for person in ctx.lookup.members():
        ctx.store.for_member(person.id).pop("joined_ms", None)
    ctx.store.thread.clear()
    ctx.schedule.cancel("tidy")
    ctx.schedule.cancel("tell")
    return ctx.t("off")


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> None:
    log = ctx.store.thread.get("log")
    if log is None or not message.body or message.sender_id == ctx.api.get_current_user_id():
        return
    if ctx.store.member.get("joined_ms", 0) > log["told_ms"]:
        return
    # A ring: the newest takes the place of the oldest.
    slot = f"recent.{log['next'] % _RECENT}"
    log["next"] += 1
    if slot in ctx.store.thread:
        _forget(ctx, "text", *ctx.store.thread[slot])
    ctx.store.thread[slot] = [message.sender_id, message.message_id, message.timestamp_ms]
    kept = {"text": _short(message.body), "at_ms": message.timestamp_ms}
    ctx.store.member[f"text.{message.message_id}"] = kept


@hookimpl
def on_unsend(ctx: ChatContext, unsend: Unsend) -> None:
    kept = ctx.store.member.pop(f"text.{unsend.message_id}", None)
    if kept is None:
        return
    ctx.store.member[f"unsent.{unsend.message_id}"] = {**kept, "unsent_ms": unsend.timestamp_ms}
    unsent = ctx.store.thread["log"]["unsent"]
    unsent.append([unsend.sender_id, unsend.message_id, kept["at_ms"]])
    for one in unsent[:-_UNSENT]:
        _forget(ctx, "unsent", *one)
    del unsent[:-_UNSENT]


@hookimpl
def on_event(ctx: ChatContext, event: ThreadEvent) -> None:
    log, data = ctx.store.thread.get("log"), event.log_message_data
    if log is None:
        return
    if event.log_message_type == "log:unsubscribe":
        ctx.store.for_member(str(data["leftParticipantFbId"])).pop("joined_ms", None)
    elif event.log_message_type == "log:subscribe":
        now_ms = ctx.clock.time_ms()
        for person in data["addedParticipants"]:
            ctx.store.for_member(str(person["userFbId"]))["joined_ms"] = now_ms
        left_ms = log["told_ms"] + _DAY_MS - now_ms
        if left_ms <= 0:
            tell(ctx)
        else:
            ctx.schedule.after(left_ms / 1000, tell, name="tell", within="7 days")


def tell(ctx: ChatContext) -> None:
    """Tell newcomers, once a day at most; until they are told nothing of theirs is kept. A job, too."""
    log = _log(ctx)
    log["told_ms"] = ctx.clock.time_ms()
    ctx.reply(ctx.t("newcomers", count=_hours(log)))


def tidy(ctx: ChatContext) -> None:
    """The job: forget what is too old."""
    log = _log(ctx)
    _drop(ctx, log, _oldest_ms(ctx, log))


def _drop(ctx: ChatContext, log: dict[str, Any], until_ms: float) -> None:
    """Forget what was written up to a time."""
    recent = {slot: kept for slot, kept in ctx.store.thread.items() if slot != "log" and kept[2] <= until_ms}
    for slot, kept in recent.items():
        _forget(ctx, "text", *kept)
        del ctx.store.thread[slot]
    for kept in log["unsent"]:
        if kept[2] <= until_ms:
            _forget(ctx, "unsent", *kept)
    log["unsent"] = [kept for kept in log["unsent"] if kept[2] > until_ms]


def _forget(ctx: ChatContext, kind: str, person: str, message_id: str, _at_ms: int) -> None:
    ctx.store.for_member(person).pop(f"{kind}.{message_id}", None)


def _log(ctx: ChatContext) -> dict[str, Any]:
    """How long this chat keeps things (`keep_s`), when it was told so last, and what was taken back."""
    log: dict[str, Any] | None = ctx.store.thread.get("log")
    if log is None:
        raise CommandError(ctx.t("is_off"))
    return log


def _oldest_ms(ctx: ChatContext, log: dict[str, Any]) -> float:
    return float(ctx.clock.time_ms() - 1000 * log["keep_s"])


def _hours(log: dict[str, Any]) -> int:
    return int(log["keep_s"] // 3600)


def _time(ctx: ChatContext, time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, ctx.lookup.now().tzinfo):%Y-%m-%d %H:%M}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
