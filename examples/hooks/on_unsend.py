"""Quotes: `!quote TEXT` keeps one, `!quotes` shows them; who takes the message back takes the quote back."""

from botkit import ChatContext, Rest, Unsend, command, hookimpl


@command("quote")
def quote(ctx: ChatContext, text: Rest) -> str:
    """Keep something well said: !quote We will be done by noon."""
    ctx.store.thread[ctx.event.message_id] = text
    return "Kept."


@command("quotes")
def quotes(ctx: ChatContext) -> str:
    """What was well said? !quotes"""
    return "\n".join(ctx.store.thread.values()) or "Nobody has said anything yet."


@hookimpl
def on_unsend(ctx: ChatContext, unsend: Unsend) -> str | None:
    return "Forgotten." if ctx.store.thread.pop(unsend.message_id, None) is not None else None
