"""Tells the bot's owners how it is doing: connection, work that waits, plugins that rest, limits that are reached."""

from collections.abc import Iterator

from botkit import ChatContext, command

UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


@command("status", role="owner")
def status(ctx: ChatContext) -> str:
    """How is the bot doing? !status"""
    now = ctx.status()
    # The row of this very command is still open.
    events = max(0, now.open_rows - 1)
    lines = [
        ctx.t("connection", state=ctx.t(f"state.{now.state}"), time=_since(ctx, now.since_ms)),
        ctx.t("started", time=_since(ctx, now.started_ms)),
        ctx.t("waiting", events=events, messages=now.outbox_waiting, work=now.background_waiting),
    ]
    if now.dead_rows:
        lines.append(ctx.t("set_aside", count=now.dead_rows))
    return "\n".join([*lines, *_troubles(ctx)])


@command("uptime", role="owner")
def uptime(ctx: ChatContext) -> str:
    """How long has the bot been running? !uptime"""
    return ctx.t("uptime", time=_since(ctx, ctx.status().started_ms))


def _troubles(ctx: ChatContext) -> Iterator[str]:
    """A line for each plugin that rests or has failed, and for each limit that is reached."""
    now, time_ms = ctx.status(), ctx.clock.time_ms()
    for plugin in now.plugins:
        if plugin.paused_until_ms is not None and plugin.is_paused(time_ms):
            yield ctx.t("paused", plugin=plugin.name, time=_length(ctx, plugin.paused_until_ms - time_ms))
        elif plugin.errors:
            yield ctx.t("errors", plugin=plugin.name, count=plugin.errors)
    for budget in now.budgets:
        if budget.until_ms is not None and budget.until_ms > time_ms:
            time = _length(ctx, budget.until_ms - time_ms)
            yield ctx.t("full", kind=budget.kind, limit=budget.limit, used=budget.used, time=time)


def _since(ctx: ChatContext, moment_ms: int | None) -> str:
    return _length(ctx, ctx.clock.time_ms() - moment_ms if moment_ms is not None else 0)


def _length(ctx: ChatContext, length_ms: int) -> str:
    """A length of time in its two largest units."""
    left = max(0, length_ms // 1000)
    parts: list[str] = []
    for unit, seconds in UNITS:
        count, left = divmod(left, seconds)
        if count or parts or unit == "seconds":
            parts.append(ctx.t(unit, count=count))
    return " ".join(parts[:2])
