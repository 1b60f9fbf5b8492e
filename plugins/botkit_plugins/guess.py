"""A game for everybody in the chat: guess the number."""

from typing import Any

from botkit import ChatContext, CommandError, Cooldown, Duration, Field, Message, Settings, command, matches

_ROUND = "round"
_END = "end"
_WITHIN = "5m"


class GuessSettings(Settings):
    most: int = Field(default=100, ge=10, le=1_000_000)
    """The number to guess is one from 1 to this."""
    ends_after: Duration = Field(default=600, ge=60, le=86_400)
    """A round is over when nobody has guessed for so long."""
    top: int = Field(default=10, ge=3, le=50)
    """How many people `!guess scores` lists."""


@command("guess", cooldown=Cooldown(10, per="chat"))
def guess(ctx: ChatContext) -> str:
    """Begin a round of guess the number: !guess
    Everybody guesses by writing a number, and nothing else, into the chat. ⬆️ on it means that mine is higher, ⬇️ that
    it is lower. Numbers that are ruled out already are left alone."""
    kept = _round(ctx)
    if kept is not None:
        raise CommandError(ctx.t("open", low=kept["low"], high=kept["high"]))
    most = ctx.settings.most
    number = ctx.random.randint(1, most)
    ctx.store.thread[_ROUND] = {"number": number, "low": 1, "high": most, "guesses": 0, "by": ctx.sender_id}
    _wait(ctx, ctx.store.thread[_ROUND])
    return ctx.t("begun", most=most)


@matches(r"\A\s*\d{1,7}\s*\Z")
def hear(ctx: ChatContext, message: Message) -> str | None:
    """A message that is nothing but a number."""
    kept = _round(ctx)
    number = int(message.body)
    if kept is None or message.sender_id == ctx.api.get_current_user_id():
        return None
    if not kept["low"] <= number <= kept["high"]:
        return None
    kept["guesses"] += 1
    if number == kept["number"]:
        return _won(ctx, kept)
    # A message for each guess would flood the chat.
    if number < kept["number"]:
        kept["low"] = number + 1
        ctx.react("⬆️")
    else:
        kept["high"] = number - 1
        ctx.react("⬇️")
    _wait(ctx, kept)
    return None


@command("guess stop")
def stop(ctx: ChatContext) -> str:
    """End the round; for who has begun it, and for moderators: !guess stop"""
    kept = _round(ctx)
    if kept is None:
        raise CommandError(ctx.t("none", prefix=ctx.prefix))
    if kept["by"] != ctx.sender_id and ctx.role == "member":
        raise CommandError(ctx.t("not_yours"))
    return _over(ctx, "stopped", number=kept["number"])


@command("guess scores", examples=[("!guess scores", "Nobody has found a number here yet. !guess begins a round.")])
def scores(ctx: ChatContext) -> str:
    """Who has found the most numbers here? !guess scores"""
    people = ctx.lookup.members()
    if not people:
        raise CommandError(ctx.t("unknown"))
    found = [(ctx.store.for_member(one.id).get("wins", 0), ctx.name_of(one)) for one in people]
    best = sorted((one for one in found if one[0]), key=lambda one: (-one[0], one[1]))[: ctx.settings.top]
    if not best:
        raise CommandError(ctx.t("no_scores", prefix=ctx.prefix))
    return "\n".join(f"{place}. {name}: {wins}" for place, (wins, name) in enumerate(best, 1))


def end(ctx: ChatContext, ends_ms: int) -> str | None:
    """The job: end the round that nobody has guessed in, unless it is another one by now."""
    kept = ctx.store.thread.get(_ROUND)
    if kept is None or kept["ends_ms"] != ends_ms:
        return None
    return _over(ctx, "ended", number=kept["number"])


def _round(ctx: ChatContext) -> dict[str, Any] | None:
    """The round that is open; one whose end nobody heard, in a chat that was muted, is none."""
    kept: dict[str, Any] | None = ctx.store.thread.get(_ROUND)
    return kept if kept is not None and ctx.clock.time_ms() < kept["ends_ms"] else None


def _wait(ctx: ChatContext, kept: dict[str, Any]) -> None:
    """Have the round end later than it was to."""
    kept["ends_ms"] = ctx.clock.time_ms() + round(1000 * ctx.settings.ends_after)
    ctx.schedule.after(ctx.settings.ends_after, end, kept["ends_ms"], name=_END, within=_WITHIN)


def _won(ctx: ChatContext, kept: dict[str, Any]) -> str:
    ctx.store.member.increment("wins")
    return _over(ctx, "won", number=kept["number"], name=ctx.name_of(ctx.sender), count=kept["guesses"])


def _over(ctx: ChatContext, key: str, **values: Any) -> str:
    del ctx.store.thread[_ROUND]
    ctx.schedule.cancel(_END)
    return ctx.t(key, **values)
