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

_MOST = 200
_MOST_SHOWN = 20
_LONGEST_WHY = 200
_LONGEST_NAME = 50
_ACTS = "acts"
_BANNED = "banned"
_NAME = "name"


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
    """Take back the last warning of somebody: !unwarn Ben"""
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
    if len(banned) >= _MOST:
        raise CommandError(ctx.t("full", most=_MOST, prefix=ctx.prefix))
    if person.id not in banned:
        banned.append(person.id)
    return _put_out(ctx, person, "ban", why)


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


@command("undo", role="admin", examples=[("!undo", "There is nothing to take back.")])
def undo(ctx: ChatContext) -> str:
    """Take back the last warning, kick or ban: !undo
    Who was removed is added again, where the network lets the bot do that."""
    act = next((one for one in reversed(ctx.store.thread.get(_ACTS, [])) if not one["undone"]), None)
    if act is None:
        raise CommandError(ctx.t("nothing_to_undo"))
    act["undone"] = True
    user_id, name = act["who"], _name(ctx, act["who"])
    if act["what"] == "warn":
        return ctx.t("unwarned", name=name, count=len(_valid(ctx, user_id)))
    if act["what"] == "ban":
        _let_in(ctx, user_id)
    try:
        # Asked afresh: ctx.thread may not know yet what the bot itself has done.
        if user_id not in ctx.api.get_thread_info(ctx.thread_id).participant_ids:
            ctx.api.add_user_to_group(user_id, ctx.thread_id)
    except MessengerError as error:
        ctx.log.info("user %s was not added to chat %s again: %s", user_id, ctx.thread_id, error)
        return ctx.t("not_added", name=name)
    return ctx.t("added", name=name)


@hookimpl
def on_event(ctx: ChatContext, event: ThreadEvent) -> str | None:
    added = {str(one["userFbId"]) for one in event.log_message_data.get("addedParticipants", [])}
    back = [user_id for user_id in ctx.store.thread.get(_BANNED, []) if user_id in added]
    if not back or not _may_remove(ctx):
        return ctx.t("no_rights") if back else None
    for user_id in back:
        ctx.queue("remove_user_from_group", user_id)
    return ctx.t("stays_out", names=", ".join(_name(ctx, user_id) for user_id in back), prefix=ctx.prefix)


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
    if not _may_remove(ctx):
        raise CommandError(ctx.t("no_rights"))
    try:
        # Whoever has left can be kept out as well.
        if person.id in ctx.api.get_thread_info(ctx.thread_id).participant_ids:
            ctx.api.remove_user_from_group(person.id, ctx.thread_id)
    except MessengerError as error:
        ctx.log.info("user %s was not removed from chat %s: %s", person.id, ctx.thread_id, error)
        raise CommandError(ctx.t("not_removed", name=_name(ctx, person.id))) from error
    _note(ctx, what, person.id, why)
    ctx.log.info("user %s was removed from chat %s by %s", person.id, ctx.thread_id, ctx.sender_id)
    return ctx.t(f"done.{what}", name=_name(ctx, person.id), prefix=ctx.prefix)


def _may_remove(ctx: ChatContext) -> bool:
    thread = ctx.thread
    return thread is not None and (not thread.admin_ids or ctx.api.get_current_user_id() in thread.admin_ids)


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
    return str(here or ctx.store.for_member(user_id).get(_NAME) or ctx.t("somebody"))[:_LONGEST_NAME]
