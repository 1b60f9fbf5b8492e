"""What antilink, antispam, badwords and warnings share: removing people so that it can be taken back.

The sentences `please`, `removed`, `nobody`, `added` and `not_added` are in the texts of the plugin that it is done for.
"""

from botkit import ChatContext, CommandError, MessengerError

_EXEMPT = ("owner", "admin", "mod")
_MOST = 20
_CALM_MS = 600_000
_DAY_MS = 86_400_000
_REMOVED = "removed"
_NAME = "name"
_FOUND = "found"
_SAID = "said_ms"
_OUT = "out_ms"


def is_exempt(ctx: ChatContext) -> bool:
    """Whether the sender is left alone, as owners, admins, moderators and the bot itself are."""
    return ctx.role in _EXEMPT or ctx.sender_id == ctx.api.get_current_user_id()


def may_remove(ctx: ChatContext) -> bool:
    """Whether the bot may remove people here; in a group without an admin everybody may."""
    thread = ctx.thread
    return thread is not None and (not thread.admin_ids or ctx.api.get_current_user_id() in thread.admin_ids)


def ask_or_remove(ctx: ChatContext, now_ms: int, why: str) -> str | None:
    """Ask the sender of an unwelcome message of `now_ms` for others, once in ten minutes; or, where the settings say
    so, remove them at the `remove_after`th within a day. Then they begin anew, should somebody add them."""
    member = ctx.store.member
    # Written before they were out, and heard after.
    if now_ms <= member.get(_OUT, 0):
        return None
    if ctx.settings.then == "remove":
        found = [at_ms for at_ms in member.get(_FOUND, []) if now_ms - at_ms < _DAY_MS]
        member[_FOUND] = [*found, now_ms][-ctx.settings.remove_after :]
        if len(found) + 1 >= ctx.settings.remove_after and may_remove(ctx):
            member.update({_FOUND: [], _SAID: now_ms, _OUT: ctx.clock.time_ms()})
            return remove_sender(ctx, why)
    if now_ms - member.get(_SAID, 0) < _CALM_MS:
        return None
    member[_SAID] = now_ms
    return ctx.t("please", name=ctx.name_of(ctx.sender))


def remove_sender(ctx: ChatContext, why: str) -> str:
    """Remove who has written, and say so; the last twenty are kept for `add_again`. `why` is for the log."""
    user_id, name = str(ctx.sender_id), ctx.name_of(ctx.sender)
    removed = [one for one in ctx.store.thread.get(_REMOVED, []) if one != user_id]
    for forgotten in removed[: 1 - _MOST]:
        ctx.store.for_member(forgotten).clear()
    ctx.store.thread[_REMOVED] = [*removed[1 - _MOST :], user_id]
    ctx.store.member[_NAME] = name
    ctx.queue("remove_user_from_group", user_id)
    ctx.log.info("user %s is removed from chat %s for %s", user_id, ctx.thread_id, why)
    return ctx.t("removed", name=name, prefix=ctx.prefix)


def removed_names(ctx: ChatContext) -> list[str]:
    """Who was removed here last, the latest last."""
    return [_name(ctx, user_id) for user_id in ctx.store.thread.get(_REMOVED, [])]


def add_again(ctx: ChatContext) -> str:
    """Add whom the plugin has removed last, who begins anew. Raises CommandError when that is not possible."""
    removed: list[str] = ctx.store.thread.get(_REMOVED, [])
    if not removed:
        raise CommandError(ctx.t("nobody"))
    user_id = removed.pop()
    name = _name(ctx, user_id)
    if not add(ctx, user_id):
        raise CommandError(ctx.t("not_added", name=name))
    ctx.store.for_member(user_id).clear()
    return ctx.t("added", name=name)


def is_here(ctx: ChatContext, user_id: str) -> bool:
    """Whether somebody is in the group; asked afresh, as `ctx.thread` may not know yet what the bot itself has done.
    Raises MessengerError."""
    return user_id in ctx.api.get_thread_info(ctx.thread_id).participant_ids


def add(ctx: ChatContext, user_id: str) -> bool:
    """Whether somebody is in the group, and else could be added."""
    try:
        if not is_here(ctx, user_id):
            ctx.api.add_user_to_group(user_id, ctx.thread_id)
    except MessengerError as error:
        ctx.log.info("user %s was not added to chat %s again: %s", user_id, ctx.thread_id, error)
        return False
    return True


def _name(ctx: ChatContext, user_id: str) -> str:
    """The name of somebody who was removed."""
    return str(ctx.store.for_member(user_id).get(_NAME) or ctx.name_of(None))
