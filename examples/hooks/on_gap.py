"""Asks people to repeat themselves where the bot may have missed something."""

from botkit import Context, Gap, Settings, hookimpl

SORRY = "I may have missed something. If I owe you an answer, please ask again."


class OnGapSettings(Settings):
    chat: str
    """The id of the chat that is told when it may be any."""


@hookimpl
def on_gap(ctx: Context, gap: Gap) -> None:
    ctx.send(gap.thread_id or ctx.settings.chat, SORRY)
