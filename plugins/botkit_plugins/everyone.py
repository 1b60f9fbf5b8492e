"""Calls everybody in the group with a mention; for admins, and not too often."""

from typing import Any, Literal

from botkit import ChatContext, CommandError, Conversation, Duration, Field, Member, Rest, Settings, ask, command

_RANKS = ("mod", "admin", "owner")
_A_MESSAGE = 50
_MESSAGES = 5
_LONGEST = 2_000
_LONGEST_NAME = 60
_CALLED = "called_ms"
_LEFT_OUT = "left_out"


class EveryoneSettings(Settings):
    role: Literal["mod", "admin", "owner"] = "admin"
    """Who may call everybody: moderators and above, admins of the group and above, or owners of the bot alone."""
    pause: Duration = 3600
    """How long a group is left alone after a call."""
    sure_over: int = Field(default=20, ge=0)
    """Of a call to more people than this, one is asked first whether it is meant."""


@command("everyone", role="mod")
def everyone(ctx: ChatContext, text: Rest) -> Conversation:
    """Call everybody in this group: !everyone We leave in ten minutes.
    Whoever has said !everyone leave me out is not called."""
    _check(ctx, text)
    people = _people(ctx)
    if len(people) > ctx.settings.sure_over:
        yes, no = ctx.t("yes"), ctx.t("no")
        # Whatever else is said means no: people go on talking.
        said = yield ask(ctx.t("sure", count=len(people), yes=yes, no=no))
        if said.strip(" .!").casefold() not in (yes, "yes"):
            return ctx.t("not_called")
        # Somebody else may have called in the meantime, and people have come, gone, or asked to be left out.
        _check(ctx, text)
        people = _people(ctx)
    ctx.store.thread[_CALLED] = ctx.clock.time_ms()
    for start in range(0, len(people), _A_MESSAGE):
        ctx.reply(_call(ctx, f"📣 {text}" if start == 0 else "📣", people[start : start + _A_MESSAGE]))
    return None


@command("everyone leave me out", examples=[("!everyone leave me out", "I do not call you here any more …")])
def leave_out(ctx: ChatContext) -> str:
    """Not be called any more when everybody is, in this group: !everyone leave me out"""
    left_out = ctx.store.thread.setdefault(_LEFT_OUT, [])
    if ctx.sender_id not in left_out:
        left_out.append(ctx.sender_id)
    return ctx.t("left_out", prefix=ctx.prefix)


@command("everyone count me in", examples=[("!everyone count me in", "I call you here again.")])
def count_in(ctx: ChatContext) -> str:
    """Be called again when everybody is: !everyone count me in"""
    left_out = ctx.store.thread.get(_LEFT_OUT, [])
    if ctx.sender_id in left_out:
        left_out.remove(ctx.sender_id)
    return ctx.t("counted_in")


def _check(ctx: ChatContext, text: str) -> None:
    """Raises CommandError when a call is not allowed now."""
    needed = ctx.settings.role
    if ctx.role not in _RANKS[_RANKS.index(needed) :]:
        raise CommandError(ctx.t(f"role.{needed}"))
    if len(text) > _LONGEST:
        raise CommandError(ctx.t("long", most=_LONGEST))
    left_ms = ctx.store.thread.get(_CALLED, 0) + 1000 * ctx.settings.pause - ctx.clock.time_ms()
    # A clock that was set back must not make the pause longer.
    if 0 < left_ms <= 1000 * ctx.settings.pause:
        raise CommandError(ctx.t("pause", count=int(-(-left_ms // 60_000))))


def _people(ctx: ChatContext) -> list[Member]:
    """Who is called; those who want to be left out and are gone are forgotten. Raises CommandError."""
    thread = ctx.thread
    members = ctx.lookup.members()
    if thread is None or not members:
        raise CommandError(ctx.t("unknown"))
    if not thread.is_group:
        raise CommandError(ctx.t("groups_only"))
    left_out: list[str] = ctx.store.thread.get(_LEFT_OUT, [])
    left_out[:] = [user_id for user_id in left_out if user_id in thread.participant_ids]
    others = (ctx.api.get_current_user_id(), ctx.sender_id, *left_out)
    people = [one for one in members if one.id not in others]
    if not people:
        raise CommandError(ctx.t("nobody"))
    if len(people) > _A_MESSAGE * _MESSAGES:
        raise CommandError(ctx.t("too_many", most=_A_MESSAGE * _MESSAGES))
    return people


def _call(ctx: ChatContext, body: str, people: list[Member]) -> dict[str, Any]:
    """A message that has the people's names behind its text."""
    mentions = []
    for one in people:
        tag = f"@{ctx.name_of(one)[:_LONGEST_NAME]}"
        # The same may stand in the text, or in the name of somebody before, as well.
        mentions.append({"tag": tag, "id": one.id, "from_index": len(body)})
        body += f" {tag}"
    return {"body": body, "mentions": mentions}
