"""Registers what is no command."""

from botkit import hookimpl


def plain(ctx):
    return "hello"


@hookimpl
def register_commands():
    return [plain]
