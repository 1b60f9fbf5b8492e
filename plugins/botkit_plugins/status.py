"""Tells the bot's owners how it is doing: connection, work that waits, plugins, budgets."""

from botkit import ChatContext, command


@command("status", role="owner")
def status(ctx: ChatContext) -> str:
    """How is the bot doing? !status"""
    return ctx.status().describe(ctx.clock.time_ms())
