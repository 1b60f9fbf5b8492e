"""Knows when the account's friends were there: `!lastseen 100000000000003`."""

from datetime import UTC, datetime

from botkit import ChatContext, Context, Presence, command, hookimpl


@hookimpl
def on_presence(ctx: Context, presence: Presence) -> None:
    if presence.timestamp_ms is not None:
        ctx.store[presence.user_id] = presence.timestamp_ms


@command("lastseen")
def last_seen(ctx: ChatContext, user_id: str) -> str:
    """When was a friend there? !lastseen 100000000000003"""
    seen_ms = ctx.store.get(user_id)
    if seen_ms is None:
        return "I have not seen that friend yet."
    return f"On {datetime.fromtimestamp(seen_ms / 1000, UTC):%d %B at %H:%M} UTC."
