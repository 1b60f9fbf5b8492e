"""Answers with more than a message can have."""

from botkit import hookimpl


@hookimpl
def on_message(ctx, message):
    return "x" * 10_000_000
