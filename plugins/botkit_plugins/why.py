"""Tells people what became of their last message: which gate stopped it, or which plugin took it."""

from botkit import ChatContext, command


@command("why", examples=[("!why", "I remember no message of yours before this one.")])
def why(ctx: ChatContext) -> str:
    """What happened to my last message? !why"""
    return "\n".join(ctx.host.why()) or ctx.t("unknown")
