"""Raises in the hooks that are asked about what others do."""

from botkit import hookimpl


@hookimpl
def outgoing(ctx, message):
    raise ValueError("bad day")
