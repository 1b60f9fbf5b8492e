"""Asks the chat to vote: with a poll of Messenger's own, or by number where that is not to be had."""

import re
from datetime import datetime
from typing import Any, Literal

from botkit import (
    ChatContext,
    CommandError,
    Duration,
    Field,
    Message,
    MessengerError,
    OutcomeUnknown,
    Refused,
    Rest,
    Settings,
    command,
)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_SHORTEST_S = 60
_LONGEST_S = 90 * 86_400
# A job that was missed for longer finds no poll: one that is over by its time counts as closed.
_WITHIN = "30 days"
# After so long a poll of somebody who is away must not keep others from theirs.
_OWN_MS = 86_400_000
_MOST_OPTIONS = 10
_LONGEST_QUESTION = 300
_LONGEST_OPTION = 100
_MOST_NAMES = 10
_LENGTH = re.compile(r"(?:\d{1,9}[smhdw])+", re.ASCII)
_PIECE = re.compile(r"(\d+)([smhdw])", re.ASCII)
_POLL = "poll"


class PollSettings(Settings):
    native: Literal["auto", "yes", "no"] = "auto"
    """Whether polls are Messenger's own; auto: in groups, if it takes them and no time is given, and else by number."""
    open: Duration = Field(default=86_400, ge=_SHORTEST_S, le=_LONGEST_S)
    """When a poll by number closes that was given no time."""


@command("poll")
def poll(ctx: ChatContext, text: Rest = "") -> str | None:
    """Have the chat vote: !poll Pizza or pasta? | pizza | pasta | both
    With a time, results are told then: !poll 2h Pizza or pasta? | pizza | pasta
    A question that begins with the word close or results stands in quotes."""
    if not text:
        return results(ctx)
    length, question, options = _read(ctx, text)
    native = ctx.settings.native
    is_group = isinstance(ctx.event, Message) and ctx.event.is_group
    if native == "yes" and length:
        raise CommandError(ctx.t("native_time"))
    if (native == "yes" or (native == "auto" and is_group and not length)) and _make_native(ctx, question, options):
        return None
    return _begin(ctx, length, question, options)


@command("vote")
def vote(ctx: ChatContext, choice: Rest) -> None:
    """Vote in a poll by number, or change your vote: !vote 2"""
    open_ = _kept(ctx)
    if open_ is None or not _is_open(ctx, open_):
        raise CommandError(ctx.t("none", prefix=ctx.prefix))
    plain = [option.casefold() for option in open_["options"]]
    numbers = {str(number): number - 1 for number in range(1, len(plain) + 1)}
    place = numbers.get(choice, plain.index(choice.casefold()) if choice.casefold() in plain else None)
    if place is None:
        raise CommandError(ctx.t("which", most=len(plain), prefix=ctx.prefix))
    open_["votes"][ctx.sender_id] = place
    # A message for each vote would flood a large group.
    ctx.react("👍")


@command("poll results", examples=[("!poll results", "There is no poll here. !poll Pizza or pasta? | pizza | pasta …")])
def results(ctx: ChatContext) -> str:
    """How does the poll by number stand, or how has the last one ended? !poll results"""
    kept = _kept(ctx)
    if kept is None:
        raise CommandError(ctx.t("none", prefix=ctx.prefix))
    return _counted(ctx, kept)


@command("poll close")
def close(ctx: ChatContext) -> str:
    """Close the poll by number and tell its results: !poll close
    On its first day that is for who has begun it, and for moderators."""
    kept = _kept(ctx)
    if kept is None or not _is_open(ctx, kept):
        raise CommandError(ctx.t("none", prefix=ctx.prefix))
    is_new = ctx.clock.time_ms() < kept["begun_ms"] + _OWN_MS
    if is_new and kept["by"] != ctx.sender_id and ctx.role == "member":
        raise CommandError(ctx.t("not_yours"))
    ctx.schedule.cancel(_POLL)
    kept["is_open"] = False
    return _counted(ctx, kept)


def close_in_time(ctx: ChatContext, ends_ms: int) -> str | None:
    """The job: close the poll that ends then, unless somebody was faster."""
    kept = _kept(ctx)
    if kept is None or kept["ends_ms"] != ends_ms or not kept["is_open"]:
        return None
    kept["is_open"] = False
    return _counted(ctx, kept)


def _make_native(ctx: ChatContext, question: str, options: list[str]) -> bool:
    """Make a poll of Messenger's own, which shows itself; False where it takes none."""
    try:
        ctx.api.create_poll(question, ctx.thread_id, options)
    except OutcomeUnknown:
        raise CommandError(ctx.t("unknown")) from None
    except Refused as error:
        if ctx.settings.native == "yes":
            raise CommandError(ctx.t("refused")) from None
        ctx.log.info("a poll is made by number, as the network has refused one: %s", error)
        return False
    except MessengerError:
        raise CommandError(ctx.t("later")) from None
    return True


def _begin(ctx: ChatContext, length: str, question: str, options: list[str]) -> str:
    before = _kept(ctx)
    if before is not None and _is_open(ctx, before):
        raise CommandError(ctx.t("one_at_a_time", question=before["question"], prefix=ctx.prefix))
    length_s = _length_s(ctx, length)
    now_ms = ctx.clock.time_ms()
    ends_ms = now_ms + round(1000 * length_s)
    # One of the same name takes the place of the job of the poll before.
    ctx.schedule.after(length_s, close_in_time, ends_ms, name=_POLL, within=_WITHIN)
    ctx.store.thread[_POLL] = {
        "question": question,
        "options": options,
        "by": ctx.sender_id,
        "begun_ms": now_ms,
        "ends_ms": ends_ms,
        "is_open": True,
        "votes": {},
    }
    lines = [f"{number}. {option}" for number, option in enumerate(options, 1)]
    return "\n".join([f"📊 {question}", *lines, ctx.t("open", prefix=ctx.prefix, time=_time(ctx, ends_ms))])


def _length_s(ctx: ChatContext, text: str) -> float:
    """How long `2h30m` is; without a text as the settings say. Raises CommandError for too short or long a time."""
    if not text:
        return float(ctx.settings.open)
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _PIECE.findall(text))
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        raise CommandError(ctx.t("time"))
    return float(seconds)


def _read(ctx: ChatContext, text: str) -> tuple[str, str, list[str]]:
    """(how long, or nothing; the question; the options) of what was typed. Raises CommandError."""
    question, *options = (" ".join(part.split()) for part in text.split("|"))
    first, _, rest = question.partition(" ")
    length = first.lower() if _LENGTH.fullmatch(first.lower()) else ""
    question = (rest if length else question).strip(' "“”')
    options = [option for option in options if option]
    if not question or len(options) < 2 or len({option.casefold() for option in options}) < len(options):
        raise CommandError(ctx.t("how", prefix=ctx.prefix))
    if len(options) > _MOST_OPTIONS or len(question) > _LONGEST_QUESTION or max(map(len, options)) > _LONGEST_OPTION:
        raise CommandError(ctx.t("long", most=_MOST_OPTIONS, question=_LONGEST_QUESTION, option=_LONGEST_OPTION))
    return length, question, options


def _counted(ctx: ChatContext, kept: dict[str, Any]) -> str:
    """The results, most votes first. Those of people who have left do not count."""
    thread = ctx.thread
    members = {one.id: ctx.name_of(one) for one in ctx.lookup.members()}
    voters: dict[int, list[str]] = {place: [] for place in range(len(kept["options"]))}
    for user_id, place in kept["votes"].items():
        if thread is None or user_id in thread.participant_ids:
            voters[place].append(members.get(user_id) or ctx.name_of(None))
    lines = [
        f"{place + 1}. {kept['options'][place]} – {_told(ctx, names)}"
        for place, names in sorted(voters.items(), key=lambda one: -len(one[1]))
    ]
    end = ctx.t("open", prefix=ctx.prefix, time=_time(ctx, kept["ends_ms"])) if _is_open(ctx, kept) else ctx.t("closed")
    return "\n".join([f"📊 {kept['question']}", *lines, end])


def _told(ctx: ChatContext, names: list[str]) -> str:
    if not names:
        return ctx.t("no_votes")
    shown = ", ".join(names[:_MOST_NAMES])
    more = ctx.t("more", count=len(names) - _MOST_NAMES) if len(names) > _MOST_NAMES else ""
    return ctx.t("votes", count=len(names), names=f"{shown} {more}".strip())


def _kept(ctx: ChatContext) -> dict[str, Any] | None:
    """The poll by number of this chat that was begun last."""
    kept: dict[str, Any] | None = ctx.store.thread.get(_POLL)
    return kept


def _is_open(ctx: ChatContext, kept: dict[str, Any]) -> bool:
    """The job may not have come: the chat was muted, or the bot away for long."""
    return bool(kept["is_open"]) and ctx.clock.time_ms() < kept["ends_ms"]


def _time(ctx: ChatContext, time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, ctx.lookup.now().tzinfo):%Y-%m-%d %H:%M}"
