"""Warns people, puts them out of a group or keeps them out, remembers why, and takes it back."""

from datetime import datetime
from typing import Any, Literal

from botkit import (
    ChatContext,
    CommandError,
    Duration,
    Field,
    Member,
    MessengerError,
    Rest,
    Settings,
    ThreadEvent,
    command,
    hookimpl,
)
from botkit_plugins._removing import add, is_here, may_remove

_MOST = 200
_MOST_SHOWN = 20
_LONGEST_WHY = 200
_LONGEST_NAME = 50
_DAY_MS = 86_400_000
_ACTS = "acts"
_BANNED = "banned"
_NAME = "name"
_TOLD = "told_no_rights"


class WarningsSettings(Settings):
    limit: int = Field(default=3, ge=1, le=20)
    """So many warnings are too many …"""
    within: Duration = 30 * 86_400
    """… within this time; older ones are only history."""
    then: Literal["nothing", "kick"] = "nothing"
    """What happens then: `nothing`, but that admins are told, or `kick`: the person is put out of the group."""


@command("warn", role="mod")
def warn(ctx: ChatContext, person: Member, why: Rest = "") -> str:
    """Warn somebody: !warn Ben please stay friendly"""
    _check(ctx, person, why)
    _note(ctx, "warn", person.id, why)
    count, limit, name = len(_valid(ctx, person.id)), ctx.settings.limit, _name(ctx, person.id)
    said = ctx.t("warned", name=name, number=count, limit=limit) + (f": {why}" if why else "")
    if count < limit:
        return said
    if ctx.settings.then == "nothing":
        return f"{said}\n{ctx.t('limit', name=name, prefix=ctx.prefix)}"
    try:
        return f"{said}\n{_put_out(ctx, person, 'kick', ctx.t('too_many'))}"
    except CommandError as trouble:
        return f"{said}\n{trouble}"


@command("unwarn", role="mod")
def unwarn(ctx: ChatContext, person: Member) -> str:
    """Take back the last warning of somebody else: !unwarn Ben"""
    if person.id == ctx.sender_id:
        raise CommandError(ctx.t("not_your_own"))
    valid = _valid(ctx, person.id)
    if not valid:
        raise CommandError(ctx.t("has_warnings", name=_name(ctx, person.id), count=0))
    valid[-1]["undone"] = True
    return ctx.t("unwarned", name=_name(ctx, person.id), count=len(valid) - 1)


@command("warnings")
def warnings(ctx: ChatContext, person: Member | None = None) -> str:
    """Which warnings are there? !warnings Ben
    Without a name your own. Those of others are shown to moderators and admins."""
    user_id = person.id if person is not None else str(ctx.sender_id)
    if user_id != ctx.sender_id and ctx.role == "member":
        raise CommandError(ctx.t("mods_only"))
    valid = _valid(ctx, user_id)
    return "\n".join([ctx.t("has_warnings", name=_name(ctx, user_id), count=len(valid)), *_lines(ctx, valid)])


@command("kick", role="admin", confirm=True)
def kick(ctx: ChatContext, person: Member, why: Rest = "") -> str:
    """Put somebody out of the group: !kick Ben spam"""
    return _put_out(ctx, person, "kick", why)


@command("ban", role="admin", confirm=True)
def ban(ctx: ChatContext, person: Member, why: Rest = "") -> str:
    """Put somebody out of the group and keep them out: !ban Ben spam"""
    banned = ctx.store.thread.setdefault(_BANNED, [])
    if len(banned) >= _MOST and person.id not in banned:
        raise CommandError(ctx.t("full", most=_MOST, prefix=ctx.prefix))
    done = _put_out(ctx, person, "ban", why)
    if person.id not in banned:
        banned.append(person.id)
    return done


@command("unban", role="admin")
def unban(ctx: ChatContext, who: Rest) -> str:
    """Let somebody in again who was banned: !unban Ben
    They are not added by that. Everybody who is banned is in the list of !history."""
    banned: list[str] = ctx.store.thread.get(_BANNED, [])
    names = {user_id: _name(ctx, user_id) for user_id in banned}
    found = [user_id for user_id, name in names.items() if who.casefold() in (user_id, name.casefold())]
    if len(found) != 1:
        known = ", ".join(f"{name} ({user_id})" for user_id, name in names.items())
        raise CommandError(ctx.t("which", names=known) if known else ctx.t("none_banned"))
    _let_in(ctx, found[0])
    return ctx.t("unbanned", name=names[found[0]])


@command("history", role="mod", examples=[("!history", "Nobody was warned or removed here.")])
def history(ctx: ChatContext) -> str:
    """Who was warned or removed here, when, why and by whom? !history
    The last 20 times, the latest first."""
    lines = _lines(ctx, ctx.store.thread.get(_ACTS, []))
    banned = ", ".join(_name(ctx, user_id) for user_id in ctx.store.thread.get(_BANNED, []))
    return "\n".join([*lines, *([ctx.t("are_banned", names=banned)] if banned else [])]) or ctx.t("nothing")


@command("undo", role="admin", examples=[("!undo", "There is nothing of the last day to take back. …")])
def undo(ctx: ChatContext) -> str:
    """Take back the last warning, kick or ban, if it is not older than a day: !undo
    Who was removed is added again, where the network lets the bot do that."""
    act = next((one for one in reversed(ctx.store.thread.get(_ACTS, [])) if not one["undone"]), None)
    if act is None or ctx.clock.time_ms() - act["at_ms"] > _DAY_MS:
        raise CommandError(ctx.t("nothing_to_undo", prefix=ctx.prefix))
    user_id, name = act["who"], _name(ctx, act["who"])
    if act["what"] == "warn":
        act["undone"] = True
        return ctx.t("unwarned", name=name, count=len(_valid(ctx, user_id)))
    if act["what"] == "ban":
        _let_in(ctx, user_id)
    if not add(ctx, user_id):
        return ctx.t("not_added", name=name)
    act["undone"] = True
    return ctx.t("added", name=name)


@hookimpl
def on_event(ctx: ChatContext, event: ThreadEvent) -> str | None:
    added = {str(one["userFbId"]) for one in event.log_message_data.get("addedParticipants", [])}
    back = [user_id for user_id in ctx.store.thread.get(_BANNED, []) if user_id in added]
    if not back:
        return None
    names = ", ".join(_name(ctx, user_id) for user_id in back)
    if event.author_id not in back and ctx.host.role_of(event.author_id) in ("admin", "owner"):
        for user_id in back:
            _let_in(ctx, user_id)
        return ctx.t("let_in", names=names)
    if not may_remove(ctx):
        is_told, ctx.store.thread[_TOLD] = _TOLD in ctx.store.thread, True
        return None if is_told else ctx.t("no_rights")
    ctx.store.thread.pop(_TOLD, None)
    for user_id in back:
        ctx.queue("remove_user_from_group", user_id)
    return ctx.t("stays_out", names=names, prefix=ctx.prefix)


def _check(ctx: ChatContext, person: Member, why: str) -> None:
    """Raises CommandError when the sender may not do that to the person; keeps the names of both, who may leave."""
    if ctx.thread is None or not ctx.thread.is_group:
        raise CommandError(ctx.t("unknown"))
    if person.id == ctx.api.get_current_user_id():
        raise CommandError(ctx.t("not_me"))
    if ctx.host.role_of(person.id) in ("owner", "admin", ctx.role):
        raise CommandError(ctx.t("not_them", name=_name(ctx, person.id)))
    if len(why) > _LONGEST_WHY:
        raise CommandError(ctx.t("long", most=_LONGEST_WHY))
    for user_id in (person.id, str(ctx.sender_id)):
        ctx.store.for_member(user_id)[_NAME] = _name(ctx, user_id)


def _note(ctx: ChatContext, what: str, user_id: str, why: str) -> None:
    act = {"what": what, "who": user_id, "by": ctx.sender_id, "at_ms": ctx.clock.time_ms(), "undone": False}
    act["why"] = " ".join(why.split())
    ctx.store.thread[_ACTS] = [*ctx.store.thread.get(_ACTS, []), act][-_MOST:]


def _valid(ctx: ChatContext, user_id: str) -> list[dict[str, Any]]:
    """The warnings of somebody that count: not too old, not taken back, and since they were removed last."""
    acts = [one for one in ctx.store.thread.get(_ACTS, []) if one["who"] == user_id and not one["undone"]]
    oldest_ms = ctx.clock.time_ms() - 1000 * ctx.settings.within
    since_ms = max([oldest_ms, *(one["at_ms"] for one in acts if one["what"] != "warn")])
    return [one for one in acts if one["what"] == "warn" and one["at_ms"] > since_ms]


def _put_out(ctx: ChatContext, person: Member, what: str, why: str) -> str:
    """Remove somebody at once, keep that, and tell it. Raises CommandError when it was not possible."""
    _check(ctx, person, why)
    if not may_remove(ctx):
        raise CommandError(ctx.t("no_rights"))
    try:
        # Whoever has left can be kept out as well.
        if is_here(ctx, person.id) and not _remove(ctx, person):
            raise CommandError(ctx.t("not_removed", name=_name(ctx, person.id)))
    except MessengerError as error:
        ctx.log.info("whether user %s was removed from chat %s is not known: %s", person.id, ctx.thread_id, error)
        raise CommandError(ctx.t("unclear", name=_name(ctx, person.id))) from error
    _note(ctx, what, person.id, why)
    ctx.log.info("user %s was removed from chat %s by %s", person.id, ctx.thread_id, ctx.sender_id)
    return ctx.t(f"done.{what}", name=_name(ctx, person.id), prefix=ctx.prefix)


def _remove(ctx: ChatContext, person: Member) -> bool:
    """Remove somebody; whether they are out. Raises MessengerError when nobody knows."""
    try:
        ctx.api.remove_user_from_group(person.id, ctx.thread_id)
    except MessengerError as error:
        ctx.log.info("user %s was not removed from chat %s: %s", person.id, ctx.thread_id, error)
        # The answer may have been lost, and not the request.
        return not is_here(ctx, person.id)
    return True


def _let_in(ctx: ChatContext, user_id: str) -> None:
    ctx.store.thread[_BANNED].remove(user_id)
    for act in ctx.store.thread.get(_ACTS, []):
        act["undone"] |= (act["who"], act["what"]) == (user_id, "ban")


def _lines(ctx: ChatContext, acts: list[dict[str, Any]]) -> list[str]:
    """The last acts, the latest first."""
    lines = []
    for act in reversed(acts[-_MOST_SHOWN:]):
        day = datetime.fromtimestamp(act["at_ms"] / 1000, ctx.lookup.now().tzinfo)
        who, by = _name(ctx, act["who"]), _name(ctx, act["by"])
        why = (f": {act['why']}" if act["why"] else "") + (f" ({ctx.t('taken_back')})" if act["undone"] else "")
        lines.append(ctx.t(f"line.{act['what']}", day=f"{day:%Y-%m-%d %H:%M}", name=who, by=by) + why)
    return lines


def _name(ctx: ChatContext, user_id: str) -> str:
    """The name of somebody who may be gone."""
    here = next((one.nickname or one.name for one in ctx.lookup.members() if one.id == user_id), None)
    return str(here or ctx.store.for_member(user_id).get(_NAME) or ctx.name_of(None))[:_LONGEST_NAME]
