"""Loggers of botkit, where their lines go, and the mask that keeps secrets out of every one of them.

Modules take theirs from `get_logger`. Whoever learns a secret (a cookie, a token, a password) tells `hide` at once;
from then on no handler set up here prints it, not even inside a traceback.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Literal, TextIO
from urllib.parse import quote, quote_plus

Form = Literal["text", "json"]
"""How a line looks: for the eye, or one JSON object."""

_MASK = "[hidden]"
# Tokens are renewed during a long run; the oldest are dead by the time so many newer ones exist.
_MOST_SECRETS = 500
# Shorter texts are not secrets but words, and masking them would garble every line.
_SHORTEST_SECRET = 6
_FILE_SIZE = 10 * 2**20
_OLD_FILES = 4
_PLUGIN_LOGGER = "botkit.plugin."
# JSON key → the attribute by which a record carries it (`extra={"thread_id": …}`); logging itself uses `thread`.
_EXTRAS = {"thread": "thread_id", "row": "row_id", "plugin": "plugin"}

_renewed: OrderedDict[str, None] = OrderedDict()
_lasting: dict[str, None] = {}
_longest_first: list[str] = []
_lock = threading.Lock()


def get_logger(name: str) -> logging.Logger:
    """The logger of one part of botkit; `name` is the module's `__name__` or a plugin's `plugin.<name>`."""
    return logging.getLogger(name if name.split(".")[0] == "botkit" else f"botkit.{name}")


def hide(secret: str, *, lasting: bool = False) -> None:
    """Mask `secret`, also as it stands in a form or address, in every later log line; texts of under six characters
    are left alone. `lasting`: it is never renewed (a password), so newer secrets do not push it out."""
    if len(secret) < _SHORTEST_SECRET:
        return
    with _lock:
        for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
            if lasting:
                _lasting[form] = None
                continue
            _renewed[form] = None
            _renewed.move_to_end(form)
        while len(_renewed) > _MOST_SECRETS:
            _renewed.popitem(last=False)
        # One may begin with another, whose mask would leave its end to be read.
        _longest_first[:] = sorted({*_lasting, *_renewed}, key=len, reverse=True)


def mask(text: str) -> str:
    """The same text with every known secret replaced."""
    with _lock:
        known = [*_longest_first]
    for secret in known:
        if secret in text:
            text = text.replace(secret, _MASK)
    return text


class _TextFormatter(logging.Formatter):
    """Formats as usual, then masks, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


class _JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message; thread, row, plugin and traceback where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.name.startswith(_PLUGIN_LOGGER):
            line["plugin"] = record.name.removeprefix(_PLUGIN_LOGGER)
        line |= {key: getattr(record, name) for key, name in _EXTRAS.items() if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        # Masked before they are escaped: a secret with a quote in it would look different afterwards.
        masked = {key: value if isinstance(value, int) else mask(str(value)) for key, value in line.items()}
        return json.dumps(masked, ensure_ascii=False)


class _Handler(logging.Handler):
    """Says a line that cannot be written without showing it: logging's own complaint would hold it unmasked."""

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[0]
        with contextlib.suppress(Exception):
            name = error.__name__ if error else "no reason known"
            sys.stderr.write(f"botkit: a log line could not be written ({record.filename}:{record.lineno}, {name})\n")


class _Stream(_Handler, logging.StreamHandler[TextIO]):
    pass


class _File(_Handler, RotatingFileHandler):
    """Readable by its owner only, from the first byte of each new file."""

    def _open(self) -> Any:
        return open(self.baseFilename, self.mode, encoding="utf-8", errors="backslashreplace", opener=_open_private)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def set_up(
    level: str = "info", stream: TextIO | None = None, *, form: Form = "text", file: Path | None = None
) -> Sequence[logging.Handler]:
    """Send botkit's log lines at `level` (debug, info, warning, error) and above to `stream` (default: stderr).

    With `file` they go there as well: five files of at most 10 MiB, the older ones named FILE.1 to FILE.4; raises
    OSError when it cannot be written. Returns the handlers, for `tear_down`. Calling it again replaces the former ones.
    """
    handlers: list[_Handler] = [_Stream(stream or sys.stderr)]
    handlers[0].setFormatter(_formatter(form, "%H:%M:%S"))
    if file is not None:
        handlers.append(_File(file, maxBytes=_FILE_SIZE, backupCount=_OLD_FILES))
        handlers[1].setFormatter(_formatter(form, "%Y-%m-%d %H:%M:%S"))
    root = logging.getLogger("botkit")
    tear_down([old for old in root.handlers if isinstance(old, _Handler)])
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level.upper())
    root.propagate = False
    return handlers


def tear_down(handlers: Sequence[logging.Handler]) -> None:
    """Take back what `set_up` did."""
    root = logging.getLogger("botkit")
    for handler in handlers:
        root.removeHandler(handler)
        handler.close()
    root.propagate = True
    root.setLevel(logging.NOTSET)


def _formatter(form: Form, dates: str) -> logging.Formatter:
    if form == "json":
        return _JsonFormatter()
    return _TextFormatter("%(asctime)s %(levelname)-7s %(message)s", datefmt=dates)
