"""Hears every message and says nothing."""

from botkit import ChatContext, Message, hookimpl


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> None:
    ctx.log.debug("heard message %s", message.message_id)
