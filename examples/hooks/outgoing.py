"""Minds the bot's manners: some words are starred out, and nothing but reactions goes to the chats that want quiet."""

import re

from botkit import STOP, Context, Outgoing, Settings, hookimpl


class OutgoingSettings(Settings):
    words: tuple[str, ...] = ()
    """What is starred out, in small and capital letters alike."""
    quiet: tuple[str, ...] = ()
    """The ids of chats to which no message goes."""


@hookimpl
def outgoing(ctx: Context, message: Outgoing) -> object:
    if message.kind != "message":
        return None
    if message.thread_id in ctx.settings.quiet:
        return STOP
    body = message.body
    for word in ctx.settings.words:
        body = re.sub(re.escape(word), "*" * len(word), body, flags=re.IGNORECASE)
    return body if body != message.body else None
