"""A conversation that asks for ever."""

from botkit import command


@command("again")
def again(ctx):
    """Ask for ever: !again"""
    while True:
        yield "And then?"
