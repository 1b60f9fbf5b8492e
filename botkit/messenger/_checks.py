"""Checks of arguments, before the network is touched. Pure."""

from __future__ import annotations

from botkit.messenger.errors import BadArgument


def text(value: object, what: str) -> str:
    """A text, which may be empty; `what` names the argument in the error."""
    if not isinstance(value, str):
        raise BadArgument(f"{what} must be a str, not {type(value).__name__}")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise BadArgument(f"{what} holds half a character (a lone surrogate)")
    return value


def truth(value: object, what: str) -> bool:
    """True or False, and nothing that is only like them."""
    if not isinstance(value, bool):
        raise BadArgument(f"{what} must be True or False, not {type(value).__name__}")
    return value


def whole(value: object, what: str, *, least: int = 0) -> int:
    """A whole number, not less than `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadArgument(f"{what} must be an int of at least {least}, not {value!r}")
    return value
