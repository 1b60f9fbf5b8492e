"""Tells a chat that the bot is back, and how often it has been started."""

from botkit import Context, Settings, hookimpl


class OnStartSettings(Settings):
    chat: str
    """The id of the chat that is told."""


@hookimpl
def on_start(ctx: Context) -> None:
    starts = ctx.store.get("starts", 0) + 1
    ctx.store["starts"] = starts
    ctx.send(ctx.settings.chat, f"I am here. This is start number {starts}.")
