"""Hooks and arguments that there are not."""

from botkit import hookimpl


@hookimpl
def on_mesage(ctx, message):
    return "hello"


@hookimpl
def when_it_rains(ctx):
    return "hello"


@hookimpl
def on_reaction(ctx, reacton):
    return reacton.reaction
