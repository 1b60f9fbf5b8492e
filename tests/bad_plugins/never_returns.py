"""Waits for something that never happens."""

import threading

from botkit import hookimpl


@hookimpl
def on_message(ctx, message):
    ctx.clock.wait(threading.Event())
