"""Counts what the holder of the bot's account has not read yet, on whichever device: `!unread`."""

from botkit import ChatContext, Message, Read, command, hookimpl


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> None:
    ctx.store.thread.increment("unread")


@hookimpl
def on_read(ctx: ChatContext, read: Read) -> None:
    ctx.store.thread["unread"] = 0


@command("unread")
def unread(ctx: ChatContext) -> str:
    """How many messages has the account's holder not read? !unread"""
    return f"{ctx.store.thread.get('unread', 0)} messages are not read."
