"""Tells a chat how long the connection was lost, as soon as it is back."""

from botkit import ConnectionState, Context, Settings, hookimpl


class OnConnectionSettings(Settings):
    chat: str
    """The id of the chat that is told."""


@hookimpl
def on_connection(ctx: Context, state: ConnectionState) -> None:
    if state.name in ("backing_off", "stalled"):
        ctx.store.setdefault("lost_ms", state.since_ms)
    elif state.name == "live":
        lost_ms = ctx.store.pop("lost_ms", None)
        if lost_ms is not None:
            ctx.send(ctx.settings.chat, f"I was offline for {(state.since_ms - lost_ms) // 1000} seconds.")
