"""Slow work in the background: journalled with the call that asks for it, and run again after a crash.

A row of kind `work` names a function of the plugin and its arguments. It runs on a thread that no chat waits for; what
it returns becomes a row of its own, in the same commit that closes the work's, and comes to the plugin's
`on_background` in the lane of the chat.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import traceback
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from botkit.clock import Clock
from botkit.context import Work
from botkit.logs import get_logger
from botkit.messenger import Event
from botkit.messenger.errors import PluginError, StoreError
from botkit.own_events import BackgroundResult
from botkit.runner.contexts import chat_of
from botkit.runner.in_hand import InHand
from botkit.runner.journal import Journal
from botkit.runner.journal_table import WORK, Row, close_row
from botkit.runner.lanes import Lanes
from botkit.runner.loader import HookTable, Plugin
from botkit.runner.watch import Watch
from botkit.storage import to_json
from botkit.store import Database

log = get_logger(__name__)

RESULT = "background"
"""The kind of the rows that tell what has become of work."""

_TOPIC = "background"
_SOFT_S = 60.0
_HARD_S = 600.0
_WORKERS = 4
_RETRY_S = 5.0


def add(connection: sqlite3.Connection, plugin: str, work: Work, event: Event | None, now_ms: int) -> int:
    """Inside a commit: a row for work that a call of `plugin` about `event` asks for; its number."""
    thread_id, person_id = chat_of(event)
    payload = {
        "plugin": plugin,
        "function": work.function,
        "arguments": list(work.arguments),
        "thread_id": thread_id,
        "person_id": person_id,
    }
    return _insert(connection, thread_id, WORK, payload, now_ms)


def result_of(row: Row) -> tuple[str, BackgroundResult]:
    """(plugin, event) of a row that tells what has become of work."""
    found = row.payload
    result = BackgroundResult(
        found["function"],
        tuple(found["arguments"]),
        found["value"],
        found["error"],
        found["thread_id"],
        found["person_id"],
    )
    return found["plugin"], result


class Background:
    """Runs the rows of work, a few side by side."""

    def __init__(
        self,
        database: Database,
        rows: Journal,
        clock: Clock,
        in_hand: InHand,
        table: Callable[[], HookTable],
        on_result: Callable[[list[tuple[int, str]]], None],
    ) -> None:
        """`on_result` gets the row of a result: [(row id, lane)]; `table` gives the present hook table."""
        self._database = database
        self._journal = rows
        self._clock = clock
        self._in_hand = in_hand
        self._table = table
        self._on_result = on_result
        self._watch = Watch(clock, soft_s=_SOFT_S, hard_s=_HARD_S)
        self._lanes: Lanes[int] = Lanes("background", self._handle, clock, most_workers=_WORKERS)

    def put(self, row_ids: list[int]) -> None:
        """Have these rows of work run. Any thread."""
        for row_id in row_ids:
            self._lanes.put(str(row_id), row_id)

    def waiting(self) -> int:
        """How much work is waiting or being done."""
        return self._lanes.waiting()

    @property
    def is_at_work(self) -> bool:
        """Whether something is being done or could be."""
        return self._lanes.are_at_work

    def stop(self, drain_s: float) -> None:
        """Wait for up to `drain_s` seconds; what is not done is run again at the next start."""
        self._lanes.stop(drain_s)
        self._watch.stop()

    def _handle(self, lane: str, row_id: int) -> float | None:
        try:
            row = self._journal.read(row_id)
            if row is not None:
                self._run(lane, row)
        except StoreError as error:
            log.error("row %d: background work waits: %s", row_id, error)
            return _RETRY_S
        return None

    def _run(self, lane: str, row: Row) -> None:
        name = f"{row.payload['plugin']}:{row.payload['function']}"
        slot = self._in_hand.take(row.id, name)

        def lose() -> None:
            log.error("background work %s did not come back and is given up", name)
            self._in_hand.leave(slot)
            try:
                self._finish(row, None, "did not come back within 10 minutes")
            except StoreError as error:
                log.error("row %d: background work is run again: %s", row.id, error)
            self._lanes.give_up(lane)

        lease = self._watch.begin(lambda: f"background work {name}", lose)
        value, error = self._do(row.payload)
        if self._watch.end(lease):
            self._in_hand.leave(slot)
            self._finish(row, value, error)

    def _do(self, payload: Mapping[str, Any]) -> tuple[Any, str | None]:
        """(what the function returned, None) or (None, why it did not)."""
        try:
            plugin = next((one for one in self._table().plugins if one.name == payload["plugin"]), None)
            function = getattr(module_of(plugin), payload["function"], None) if plugin else None
            if function is None:
                raise PluginError(f"there is no function {payload['function']} any more")
            value = function(*payload["arguments"])
            to_json(value, f"{payload['function']}()")
        except BaseException as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            log.error(
                "plugin %s: background %s failed at %s:%s with %s",
                payload["plugin"],
                payload["function"],
                at.filename,
                at.lineno,
                type(error).__name__,
                extra={"plugin": payload["plugin"]},
            )
            log.debug("plugin %s: traceback", payload["plugin"], exc_info=error)
            return None, f"{type(error).__name__}: {error}"
        return value, None

    def _finish(self, row: Row, value: Any, error: str | None) -> None:
        payload = {**row.payload, "value": value, "error": error}
        now_ms = self._clock.time_ms()

        def write(connection: sqlite3.Connection) -> int:
            close_row(connection, row.id)
            return _insert(connection, row.payload["thread_id"], RESULT, payload, now_ms)

        self._on_result([(self._database.write(write), row.payload["thread_id"] or "")])


def module_of(plugin: Plugin) -> ModuleType | None:
    """Where the functions of a plugin are: the plugin itself, or of an object the module that it was made in."""
    return plugin.thing if isinstance(plugin.thing, ModuleType) else sys.modules.get(type(plugin.thing).__module__)


def _insert(
    connection: sqlite3.Connection, thread_id: str | None, kind: str, payload: Mapping[str, Any], now_ms: int
) -> int:
    (row_id,) = connection.execute(
        "INSERT INTO journal (thread_id, topic, kind, payload, received_ms) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (thread_id, _TOPIC, kind, json.dumps(payload, ensure_ascii=False), now_ms),
    ).fetchone()
    return int(row_id)
