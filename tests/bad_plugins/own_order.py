"""Wants to be asked before or around the others, whatever the bot file says."""

from botkit import hookimpl


@hookimpl(tryfirst=True)
def on_message(ctx, message):
    return "me first"


@hookimpl(trylast=True)
def on_event(ctx, event):
    return "me last"


@hookimpl(wrapper=True)
def on_reaction(ctx, reaction):
    return (yield)


@hookimpl(hookwrapper=True)
def on_unsend(ctx, unsend):
    yield
