"""Answers, so that people can see that the bot is there, and how long a message took to reach it."""

from botkit import ChatContext, Message, command


@command("ping")
def ping(ctx: ChatContext) -> str:
    """Is the bot there? !ping"""
    if isinstance(ctx.event, Message):
        return f"pong ({max(0, ctx.clock.time_ms() - ctx.event.timestamp_ms)} ms)"
    return "pong"
