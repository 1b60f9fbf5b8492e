"""Keeps the connection: runs the listener, says what state it is in, and saves the session when it has changed."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botkit.clock import Clock, start_thread
from botkit.logs import get_logger
from botkit.messenger import PROBE_AFTER_S, Api, ConnectionState, Listener, MessengerError, Position, Sink

log = get_logger(__name__)

_GOODBYE_S = 0.5
"""How long a stop waits for the listener: a part of the two seconds that Ctrl+C may take."""
_SAVE_S = 1.0
_PASSING = frozenset({"lastAccessed", "creation", "expires", "expirationDate"})


class Supervisor:
    """One listener in one thread of its own."""

    def __init__(
        self,
        api: Api,
        app_state_file: Path,
        clock: Clock,
        on_end: Callable[[Exception], None],
        *,
        probe_after_s: float = PROBE_AFTER_S,
    ) -> None:
        """`on_end` is told, on the listener's thread, why it ended by itself: a dead session or a checkpoint. After
        `probe_after_s` silent seconds the queue is asked whether it still is."""
        self._api = api
        self._file = app_state_file
        self._clock = clock
        self._on_end = on_end
        self._probe_after_s = probe_after_s
        self._listener: Listener | None = None
        self._state = ConnectionState("stopped", "not started", clock.time_ms())
        self._saving = threading.Lock()
        self._saved: Any = None
        self._save_due = False

    @property
    def state(self) -> ConnectionState:
        """How the connection stands, and since when."""
        return self._state

    @property
    def position(self) -> Position | None:
        """Up to where everything that came was taken; None before the first connection."""
        return self._listener.position if self._listener is not None else None

    def start(self, sink: Sink, position: Position | None) -> None:
        """Listen from `position` (None: from now) in a thread of its own."""
        self.save_session()
        self._api.on_session_change(self.save_soon)
        listener = self._listener = self._api.listener(sink, position, probe_after_s=self._probe_after_s)
        start_thread(self._clock, lambda: self._run(listener), "botkit-listener")

    def ask(self) -> None:
        """Ask the server what has come; `Sink.caught_up` follows. Does nothing while there is no connection."""
        if self._listener is not None:
            self._listener.ask()

    def stop(self) -> None:
        """Close the socket and save the session; idempotent."""
        if self._listener is not None:
            self._listener.stop(_GOODBYE_S)
        self.save_session()

    def state_changed(self, state: ConnectionState) -> None:
        """Say a new state of the connection in the log; save the session once it is live."""
        self._state = state
        level = log.warning if state.name in ("backing_off", "stalled", "logged_out", "checkpoint") else log.info
        reason = f": {state.reason}" if state.reason not in ("", state.name) else ""
        level("connection %s%s", state.name.replace("_", " "), reason)
        if state.name == "live":
            self.save_session()

    def save_soon(self) -> None:
        """The session has changed: write it in a moment, once for all that changes until then. Any thread."""
        with self._saving:
            if self._save_due:
                return
            self._save_due = True
        self._clock.call_later(_SAVE_S, self._save_apart)

    def _save_apart(self) -> None:
        start_thread(self._clock, self.save_session, "botkit-save")

    def save_session(self) -> None:
        """Write the app state if it has changed (atomically, mode 0600); a failure is logged, the bot goes on."""
        with self._saving:
            self._save_due = False
            app_state = self._api.get_app_state()
            # What only lives longer than before is not worth a file: servers say so with every answer.
            known = [{k: v for k, v in one.items() if k not in _PASSING} for one in app_state]
            if known == self._saved:
                return
            try:
                write_private(self._file, json.dumps(app_state, indent=1))
            except OSError as error:
                log.error("%s: the session cannot be saved: %s", self._file, error)
            else:
                self._saved = known

    def _run(self, listener: Listener) -> None:
        try:
            listener.run()
        except MessengerError as error:
            self._on_end(error)
        except Exception as error:
            log.exception("the listener ended unexpectedly")
            self._on_end(error)


def write_private(path: Path, text: str) -> None:
    """Replace a file whole or not at all, readable by its owner only. One thread at a time for each path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Always the same name: what a killed process has left half written goes, and does not lie about.
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
