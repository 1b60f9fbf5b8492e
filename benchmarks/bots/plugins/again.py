"""Says again whatever is said."""

from botkit import ChatContext, Message, hookimpl


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> str:
    return message.body
