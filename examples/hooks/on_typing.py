"""Encourages: who begins to write three times and sends nothing is asked what it is about."""

from botkit import ChatContext, Message, Typing, hookimpl

PATIENCE = 3


@hookimpl
def on_typing(ctx: ChatContext, typing: Typing) -> str | None:
    if not typing.is_typing:
        return None
    begun = ctx.store.member.get("begun", 0) + 1
    ctx.store.member["begun"] = begun % PATIENCE
    return "Just say it!" if begun == PATIENCE else None


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> None:
    ctx.store.member["begun"] = 0
