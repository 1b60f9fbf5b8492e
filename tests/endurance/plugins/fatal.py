"""Ends the whole process on one message."""

import os

from botkit import hookimpl

FATAL = "now"
EXIT_CODE = 9


@hookimpl
def on_message(message):
    if message.body == FATAL:
        os._exit(EXIT_CODE)
