"""Wants to end the process, in a hook."""

import sys

from botkit import hookimpl


@hookimpl
def on_message(ctx, message):
    sys.exit(3)
