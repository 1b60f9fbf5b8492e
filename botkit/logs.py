"""Loggers of botkit and the mask that keeps secrets out of every line they write.

Modules take theirs from `get_logger`. Whoever learns a secret (a cookie, a token, a password) tells `hide` at once;
from then on no handler set up here prints it, not even inside a traceback.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import OrderedDict
from typing import TextIO

_MASK = "[hidden]"
# Tokens are renewed during a long run; the oldest are dead by the time so many newer ones exist.
_MOST_SECRETS = 500
# Shorter texts are not secrets but words, and masking them would garble every line.
_SHORTEST_SECRET = 6

_secrets: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()


def get_logger(name: str) -> logging.Logger:
    """The logger of one part of botkit; `name` is the module's `__name__` or a plugin's `plugin.<name>`."""
    return logging.getLogger(name if name.split(".")[0] == "botkit" else f"botkit.{name}")


def hide(secret: str) -> None:
    """Mask `secret` in every later log line; texts of under six characters are left alone."""
    if len(secret) < _SHORTEST_SECRET:
        return
    with _lock:
        _secrets[secret] = None
        _secrets.move_to_end(secret)
        while len(_secrets) > _MOST_SECRETS:
            _secrets.popitem(last=False)


def mask(text: str) -> str:
    """The same text with every known secret replaced."""
    with _lock:
        known = list(_secrets)
    for secret in known:
        if secret in text:
            text = text.replace(secret, _MASK)
    return text


class _MaskingFormatter(logging.Formatter):
    """Formats as usual, then masks, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def set_up(level: str = "info", stream: TextIO | None = None) -> logging.Handler:
    """Send botkit's log lines at `level` (debug, info, warning, error) and above to `stream` (default: stderr).

    Returns the handler, for `tear_down`. Calling it again replaces the former handler.
    """
    root = logging.getLogger("botkit")
    for old in [h for h in root.handlers if isinstance(h.formatter, _MaskingFormatter)]:
        tear_down(old)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_MaskingFormatter("%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S"))
    root.addHandler(handler)
    root.setLevel(level.upper())
    root.propagate = False
    return handler


def tear_down(handler: logging.Handler) -> None:
    """Take back what `set_up` did."""
    root = logging.getLogger("botkit")
    root.removeHandler(handler)
    root.propagate = True
    root.setLevel(logging.NOTSET)
