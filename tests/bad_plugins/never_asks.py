"""A conversation that waits between two questions for something that never happens."""

import threading

from botkit import command


@command("wait")
def wait(ctx):
    """Wait for ever: !wait"""
    yield "And then?"
    ctx.clock.wait(threading.Event())
    yield "Nobody is asked this."
