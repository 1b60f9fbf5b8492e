"""Tells a chat which plugin has failed, once an hour for each."""

from botkit import Context, Settings, hookimpl

HOUR_MS = 3_600_000


class OnPluginErrorSettings(Settings):
    chat: str
    """The id of the chat that is told."""


@hookimpl
def on_plugin_error(ctx: Context, plugin: str, error: BaseException) -> None:
    now_ms = ctx.clock.time_ms()
    if now_ms - ctx.store.get(plugin, 0) >= HOUR_MS:
        ctx.store[plugin] = now_ms
        ctx.send(ctx.settings.chat, f"The plugin {plugin} has failed with {type(error).__name__}; the log says where.")
