"""Answers everything."""

from botkit import hookimpl


@hookimpl
def on_message(message):
    return f"good: {message.body}"
