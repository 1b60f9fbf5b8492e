"""Keeps the rules of a group, and shows them to whoever asks."""

from botkit import ChatContext, CommandError, Rest, Settings, ThreadEvent, command, hookimpl

_LONGEST = 5_000
_MOST_VERSIONS = 6
_NONE = ""
_PAUSE_MS = 10 * 60_000


class RulesSettings(Settings):
    on_join: bool = False
    """Whether the rules are shown when somebody comes into the group; once in ten minutes, however many come."""


@hookimpl
def on_event(ctx: ChatContext, event: ThreadEvent) -> str | None:
    if event.log_message_type != "log:subscribe" or not ctx.settings.on_join or not _current(ctx):
        return None
    added = {str(one["userFbId"]) for one in event.log_message_data["addedParticipants"]}
    lately_ms = ctx.clock.time_ms() - _PAUSE_MS
    # Who came long ago, while the bot was down, has read on.
    if added == {ctx.api.get_current_user_id()} or lately_ms > event.timestamp_ms:
        return None
    if ctx.store.thread.get("shown_ms", 0) > lately_ms:
        return None
    ctx.store.thread["shown_ms"] = ctx.clock.time_ms()
    return _current(ctx)


@command("rules", examples=[("!rules", "There are no rules here yet. Admins write them: !rules set Be kind.")])
def rules(ctx: ChatContext) -> str:
    """What are the rules here? !rules"""
    return _current(ctx) or ctx.t("none", prefix=ctx.prefix)


@command("rules set", role="admin", examples=[("!rules set Be kind.", "These are the rules now.")])
def set_(ctx: ChatContext, text: Rest) -> str:
    """Write the rules, in as many lines as you like: !rules set Be kind."""
    if len(text) > _LONGEST:
        raise CommandError(ctx.t("long", most=_LONGEST))
    had_some = bool(_current(ctx))
    _put(ctx, text)
    return ctx.t("changed", prefix=ctx.prefix) if had_some else ctx.t("set")


@command("rules clear", role="admin", confirm=True)
def clear(ctx: ChatContext) -> str:
    """Have no rules any more: !rules clear"""
    if not _current(ctx):
        raise CommandError(ctx.t("none", prefix=ctx.prefix))
    _put(ctx, _NONE)
    return ctx.t("cleared", prefix=ctx.prefix)


@command("rules undo", role="admin")
def undo(ctx: ChatContext) -> str:
    """Take back the last change of the rules: !rules undo
    The last five can be; then the newest rules come again."""
    *before, newest = _versions(ctx)
    if not before:
        raise CommandError(ctx.t("nothing_before"))
    ctx.store.thread["versions"] = [newest, *before]
    return rules(ctx)


def _versions(ctx: ChatContext) -> list[str]:
    """The texts that the rules have had; the last one holds now."""
    return list(ctx.store.thread.get("versions", [_NONE]))


def _current(ctx: ChatContext) -> str:
    return _versions(ctx)[-1]


def _put(ctx: ChatContext, text: str) -> None:
    ctx.store.thread["versions"] = [*_versions(ctx), text][-_MOST_VERSIONS:]
