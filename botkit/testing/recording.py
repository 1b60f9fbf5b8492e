"""What the bot under test has logged, and which of it means that something in it has failed."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from botkit import logs

_ROOT = "botkit"
_PLUGINS = "botkit.plugin."
# It logs the traceback of a plugin's failure, which may quote what people wrote, at debug level only.
_RUNNER = "botkit.runner"


class Recording(logging.Handler):
    """Keeps the lines of level info and above, and the errors, from `with` to its end.

    `lines` are texts such as "WARNING plugin dice took 6 s"; `errors` are what plugins raised; `failures` are
    tracebacks, or lines of level error that came without one.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._lines: list[str] = []
        self.errors: list[BaseException] = []
        self.failures: list[str] = []
        self._is_paused = False

    def __enter__(self) -> Self:
        root, runner = logging.getLogger(_ROOT), logging.getLogger(_RUNNER)
        self._levels = (root.level, runner.level)
        if not root.isEnabledFor(logging.INFO):
            root.setLevel(logging.INFO)
        runner.setLevel(logging.DEBUG)
        root.addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        root, runner = logging.getLogger(_ROOT), logging.getLogger(_RUNNER)
        root.removeHandler(self)
        root.setLevel(self._levels[0])
        runner.setLevel(self._levels[1])
        self.close()

    @property
    def lines(self) -> list[str]:
        # Masked when they are asked for: few are, and it is not cheap.
        return [logs.mask(line) for line in self._lines]

    def emit(self, record: logging.LogRecord) -> None:
        """Any thread."""
        if self._is_paused:
            return
        if record.levelno >= logging.INFO:
            self._lines.append(f"{record.levelname} {record.getMessage()}")
        if record.name.startswith(_PLUGINS):
            # What a plugin itself thinks worth an error line is its own affair.
            return
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and record.getMessage().startswith("plugin "):
            self._keep(error)
        elif record.levelno >= logging.ERROR:
            self.failures.append(logs.mask(record.getMessage()))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """In the block nothing is kept."""
        was_paused, self._is_paused = self._is_paused, True
        try:
            yield
        finally:
            self._is_paused = was_paused

    def pause(self) -> None:
        """Keep nothing until `resume`. Any thread."""
        self._is_paused = True

    def resume(self) -> None:
        """Keep what comes again."""
        self._is_paused = False

    def _keep(self, error: BaseException) -> None:
        self.errors.append(error)
        lines = traceback.format_exception(type(error), error, _from_the_plugin_on(error.__traceback__))
        self.failures.append(logs.mask("".join(lines).rstrip()))


def _from_the_plugin_on(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without the host's own frames before the plugin's first one."""
    rest = trace
    while rest is not None and rest.tb_frame.f_globals.get("__name__", "").startswith(_RUNNER):
        rest = rest.tb_next
    return rest or trace
