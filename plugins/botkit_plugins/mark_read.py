"""Marks a chat as read when somebody has written in it, so that people see that the bot has looked."""

from botkit import ChatContext, Message, hookimpl


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> None:
    ctx.api.mark_as_read(ctx.thread_id)
