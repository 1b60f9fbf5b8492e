"""An argument with a default, which pluggy would never fill."""

from botkit import hookimpl


@hookimpl
def on_message(ctx, message=None):
    return "hello"
