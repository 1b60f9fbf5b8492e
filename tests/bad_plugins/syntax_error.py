"""A line that is not Python."""

from botkit import hookimpl


@hookimpl
def on_message(ctx, message)
    return "hello"
