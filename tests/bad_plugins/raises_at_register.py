"""Fails while its commands are asked for."""

from botkit import hookimpl


@hookimpl
def register_commands():
    raise SystemExit("no commands today")
