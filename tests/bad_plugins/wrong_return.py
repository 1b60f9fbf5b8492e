"""Returns what is no answer."""

from botkit import hookimpl


@hookimpl
def on_message(ctx, message):
    return {"text": "hello"}
