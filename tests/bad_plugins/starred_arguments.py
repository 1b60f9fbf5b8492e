"""Arguments that have no names, and some that can only be given by theirs."""

from botkit import hookimpl


@hookimpl
def on_message(*args):
    return "hello"


@hookimpl
def on_event(**kwargs):
    return "hello"


@hookimpl
def on_reaction(ctx, *, reaction):
    return "hello"
