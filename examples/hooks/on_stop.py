"""Says goodbye to a chat when the bot is stopped."""

from botkit import Context, Settings, hookimpl


class OnStopSettings(Settings):
    chat: str
    """The id of the chat that is told."""


@hookimpl
def on_stop(ctx: Context) -> None:
    ctx.send(ctx.settings.chat, "I have to go. See you!")
