"""Options of pluggy that would hide what a function is."""

from botkit import hookimpl


@hookimpl(specname="on_message")
def answer(ctx, message):
    return "hello"


@hookimpl(optionalhook=True)
def on_rain(ctx):
    return "hello"
