"""Keeps the connection: runs the listener, says what state it is in, and saves the session when it has changed."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botkit.logs import get_logger
from botkit.messenger import Api, ConnectionState, Listener, MessengerError, Position, Sink

log = get_logger(__name__)

_GOODBYE_S = 0.5
"""How long a stop waits for the listener: a part of the two seconds that Ctrl+C may take."""


class Supervisor:
    """One listener in one thread of its own."""

    def __init__(self, api: Api, app_state_file: Path, on_end: Callable[[Exception], None]) -> None:
        """`on_end` is told, on the listener's thread, why it ended by itself: a dead session or a checkpoint."""
        self._api = api
        self._file = app_state_file
        self._on_end = on_end
        self._listener: Listener | None = None
        self._saved: Any = None

    def start(self, sink: Sink, position: Position | None) -> None:
        """Listen from `position` (None: from now) in a thread of its own."""
        self.save_session()
        self._listener = self._api.listener(sink, position)
        threading.Thread(target=self._run, args=(self._listener,), name="botkit-listener", daemon=True).start()

    def stop(self) -> None:
        """Close the socket and save the session; idempotent."""
        if self._listener is not None:
            self._listener.stop(_GOODBYE_S)
        self.save_session()

    def state_changed(self, state: ConnectionState) -> None:
        """Say a new state of the connection in the log; save the session once it is live."""
        level = log.warning if state.name == "backing_off" else log.info
        reason = f": {state.reason}" if state.reason not in ("", state.name) else ""
        level("connection %s%s", state.name, reason)
        if state.name == "live":
            self.save_session()

    def save_session(self) -> None:
        """Write the app state if it has changed (atomically, mode 0600); a failure is logged, the bot goes on."""
        app_state = [{k: v for k, v in one.items() if k != "lastAccessed"} for one in self._api.get_app_state()]
        if app_state == self._saved:
            return
        try:
            write_private(self._file, json.dumps(app_state, indent=1))
        except OSError as error:
            log.error("%s: the session cannot be saved: %s", self._file, error)
        else:
            self._saved = app_state

    def _run(self, listener: Listener) -> None:
        try:
            listener.run()
        except MessengerError as error:
            self._on_end(error)
        except Exception as error:
            log.exception("the listener ended unexpectedly")
            self._on_end(error)


def write_private(path: Path, text: str) -> None:
    """Replace a file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
