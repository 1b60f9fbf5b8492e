"""Marks what is not a function."""

from botkit import hookimpl


@hookimpl
class on_message:  # noqa: N801
    pass
