"""The bot: joins plugins, journal, lanes, sender and connection, and stops them in good order."""

from __future__ import annotations

import json
import os
import random as random_module
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from botkit.clock import Clock, Timer
from botkit.logs import get_logger
from botkit.messenger import Api
from botkit.messenger.errors import AlreadyRunning, StoreError
from botkit.runner.calls import Calls
from botkit.runner.journal import Journal, Listeners
from botkit.runner.loader import HookTable
from botkit.runner.outbox import Sender
from botkit.runner.router import Router
from botkit.runner.supervisor import Supervisor, write_private
from botkit.store import Database

log = get_logger(__name__)

DRAIN_S = 1.5
"""How long a stop waits for what is in hand. Ctrl+C is to be through within two seconds."""

_PRUNE_EVERY_S = 3600.0


class Bot:
    """A bot with its plugins, on a session that is logged in.

    `start` returns at once; `wait` blocks until `stop` was called or the session died. Everything that the bot keeps
    is in `folder`.
    """

    def __init__(
        self,
        api: Api,
        table: HookTable,
        folder: Path,
        clock: Clock,
        random: random_module.Random,
        prefix: str = "!",
    ) -> None:
        self.api = api
        self._clock = clock
        self._table = table
        self._live = threading.Event()
        self._ended = threading.Event()
        self._failure: Exception | None = None
        self._stopped = False
        self._stop_lock = threading.Lock()
        self._pruning: Timer | None = None
        self._database = Database(folder / "bot.db")
        self._sender = Sender(self._database, api, clock, self._fail)
        self._calls = Calls(self._database, api, clock, random, prefix, self._sender.put)
        self._supervisor = Supervisor(api, folder / "appstate.json", self._fail)
        self._journal = self._new_journal(api)
        self._router = Router(self._journal, self._calls, api, own_id_of(api), clock, lambda: self._table)

    def start(self) -> None:
        """Start: `on_start`, then what the last run left open, then what comes in."""
        self._prune()
        self._router.run_hook("on_start")
        self._router.put_rows(self._journal.open_rows())
        self._supervisor.start(self._journal, self._journal.last_position())

    def wait_live(self, timeout_s: float | None = None) -> bool:
        """Block until the bot listens and what had waited for it is in; False after `timeout_s` seconds."""
        return self._clock.wait(self._live, timeout_s)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Block until the bot is to end, at most `timeout_s` seconds; say whether it is. Raises what ended it: a dead
        session or a checkpoint."""
        ended = self._clock.wait(self._ended, timeout_s)
        if self._failure is not None:
            raise self._failure
        return ended

    def request_stop(self) -> None:
        """Make `wait` return. Any thread, but not a signal handler: those interrupt the very thread that waits."""
        self._ended.set()

    def stop(self) -> None:
        """Stop reading, let what is in hand come to an end for at most 1.5 s, call `on_stop`, close; idempotent.

        What is not through by then waits in the journal and the outbox for the next start.
        """
        with self._stop_lock:
            if self._stopped:
                return
            self._stopped = True
        self._ended.set()
        if self._pruning is not None:
            self._pruning.cancel()
        until = self._clock.monotonic() + DRAIN_S
        self._supervisor.stop()
        drained = self._router.stop(max(0.0, until - self._clock.monotonic()))
        if drained:
            self._router.run_hook("on_stop")
        else:
            log.warning("a handler was still at work; its event is handled again at the next start")
        self._sender.stop(max(0.0, until - self._clock.monotonic()))
        self._database.close()

    def _new_journal(self, api: Api) -> Journal:
        # The router and the sender are told on the socket's thread; both only put rows into queues.
        listeners = Listeners(
            rows=lambda rows: self._router.put_rows(rows),
            transient=lambda *what: self._router.put_transient(*what),
            state=self._supervisor.state_changed,
            gap=lambda reason: log.warning(
                "gap: %s; joins, titles and reactions of that time cannot be fetched", reason
            ),
            caught_up=self._caught_up,
        )
        return Journal(self._database, own_id_of(api), self._clock, listeners, keep_own=api.options.self_listen)

    def _caught_up(self) -> None:
        self._sender.start()
        self._live.set()

    def _prune(self) -> None:
        if self._ended.is_set():
            return
        self._journal.prune()
        self._pruning = self._clock.call_later(_PRUNE_EVERY_S, self._prune)

    def _fail(self, error: Exception) -> None:
        self._failure = self._failure or error
        self._ended.set()


def own_id_of(api: Api) -> str:
    """Who writes when the bot does: the page that it acts as, or the account."""
    return api.options.page_id or api.get_current_user_id()


@contextmanager
def data_lock(data: Path, name: str) -> Iterator[None]:
    """Hold the data directory; raises AlreadyRunning, naming who holds it, when another bot does."""
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{data}: cannot be used as data directory: {error}") from error
    # The lock is the operating system's and goes with the process; the note beside it only says whose it is.
    note = data / "bot.json"
    lock = FileLock(data / "bot.lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyRunning(f"{data}: another bot runs on this data: {_holder(note)}; stop it first") from None
    try:
        write_private(note, json.dumps({"pid": os.getpid(), "bot": name}))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _holder(note: Path) -> str:
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
        return f"{known['bot']}, process {known['pid']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "its name is not written down"
