"""Keeps what cannot be kept."""

from botkit import hookimpl


@hookimpl
def on_message(ctx, message):
    ctx.store["self"] = object()
