"""What is told when a call has failed: the plugin's own place, and nothing of what people wrote."""

from __future__ import annotations

import inspect
import traceback

from botkit.logs import get_logger
from botkit.messenger.errors import BadArgument, BotkitError
from botkit.runner.loader import Handler

log = get_logger(__name__)


def summary(handler: Handler, error: BaseException | None) -> str | None:
    """A failure in one line: its class and the plugin's own line."""
    return None if error is None else f"{type(error).__name__} {place_of(handler, error)}"


def place_of(handler: Handler, error: BaseException) -> str:
    """Where in the plugin's own file it happened: `at FILE:LINE`, or `in FILE` when the file is not on the way."""
    own_file = inspect.unwrap(handler.function).__code__.co_filename
    frames = traceback.extract_tb(error.__traceback__)
    place = next((frame for frame in reversed(frames) if frame.filename == own_file), None)
    return f"at {own_file}:{place.lineno}" if place else f"in {own_file}"


def log_failure(handler: Handler, error: BaseException) -> None:
    """One line with the plugin's own place, without what people wrote; the traceback, which may quote it, only at debug
    level. botkit's own sentences hold no message, so they are told, but for those about what the plugin was given."""
    told = f": {error}" if isinstance(error, BotkitError) and not isinstance(error, BadArgument) else ""
    log.error(
        "plugin %s: %s failed %s with %s%s",
        handler.plugin.name,
        handler.id,
        place_of(handler, error),
        type(error).__name__,
        told,
        extra={"plugin": handler.plugin.name},
    )
    log.debug("plugin %s: traceback", handler.plugin.name, exc_info=error)
