"""A hook that asks: only commands can be conversations."""

from botkit import hookimpl


@hookimpl
def on_message(ctx, message):
    answer = yield "How are you?"
    return answer
