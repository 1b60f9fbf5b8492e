"""Walks one event through the plugins that want it, each in a call of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger import Api, Event, Message, Read, ThreadEvent, Typing, Unparsed, parse, parse_transient
from botkit.runner.calls import Call, Calls, Result
from botkit.runner.journal import Journal
from botkit.runner.lanes import Lanes
from botkit.runner.loader import HookTable

log = get_logger(__name__)

_TRANSIENT_MS = 30_000
"""Typing and the like is dropped when it is older than this by the time its lane gets to it."""

_FULL_LANE = 100
"""Transient events for a lane that has so much to do already are dropped."""

_HOOKS: Mapping[type, str] = {Message: "on_message", ThreadEvent: "on_event", Typing: "on_typing"}


class Router:
    """Takes row numbers from the journal and transient events from the socket, and runs them in lanes."""

    def __init__(
        self,
        journal: Journal,
        calls: Calls,
        api: Api,
        own_id: str,
        clock: Clock,
        table: Callable[[], HookTable],
    ) -> None:
        """`table` gives the present hook table; an event asks for it once."""
        self._journal = journal
        self._calls = calls
        self._api = api
        self._own_id = own_id
        self._clock = clock
        self._table = table
        self._lanes: Lanes[int | tuple[Event, int]] = Lanes("lane", self._handle, clock)

    def put_rows(self, rows: list[tuple[int, str]]) -> None:
        """Have journal rows handled: [(row id, lane)]. Any thread."""
        for row_id, lane in rows:
            self._lanes.put(lane, row_id)

    def put_transient(self, topic: str, payload: Mapping[str, Any], received_ms: int) -> None:
        """Have something handled that is not journalled, if a plugin wants it and the lane is not full. Any thread."""
        table = self._table()
        for event in parse_transient(topic, payload, received_ms, self._own_id):
            if not table.handlers(_HOOKS.get(type(event), "")):
                continue
            lane = getattr(event, "thread_id", None) or ""
            if self._lanes.length(lane) < _FULL_LANE:
                self._lanes.put(lane, (event, received_ms))

    def run_hook(self, hook: str, event: Event | None = None) -> None:
        """Call every handler of a hook that has no chat, on the caller's thread."""
        table = self._table()
        for handler in table.handlers(hook):
            self._tell(self._calls.run(Call(handler, table, event)), table, event)

    def wait_empty(self, timeout_s: float | None = None) -> bool:
        """Block until everything in the lanes has been handled; False after `timeout_s` seconds."""
        return self._lanes.wait_empty(timeout_s)

    def stop(self, drain_s: float) -> bool:
        """Handle what waits for up to `drain_s` seconds more; the rest stays open in the journal."""
        return self._lanes.stop(drain_s)

    def _handle(self, _lane: str, item: int | tuple[Event, int]) -> None:
        if isinstance(item, int):
            self._handle_row(item)
        elif self._clock.time_ms() - item[1] <= _TRANSIENT_MS:
            self._walk(self._table(), item[0], None)

    def _handle_row(self, row_id: int) -> None:
        row = self._journal.read(row_id)
        if row is None:
            return
        event = parse(row.payload, self._own_id)
        if isinstance(event, Unparsed):
            log.warning("row %d: a %s could not be understood: %s", row_id, row.kind, event.reason)
        event = self._api.complete(event)
        _tell_log(row_id, event)
        self._walk(self._table(), event, row_id)

    def _walk(self, table: HookTable, event: Event, row_id: int | None) -> None:
        handlers = table.handlers(_HOOKS.get(type(event), ""))
        ended = self._journal.ended_calls(row_id) if row_id is not None else frozenset()
        left = [handler for handler in handlers if handler.id not in ended]
        if not left and row_id is not None:
            self._journal.close_row(row_id)
        for number, handler in enumerate(left, start=1):
            result = self._calls.run(Call(handler, table, event, row_id, last=number == len(left)))
            self._tell(result, table, event)
            if result.stop:
                return

    def _tell(self, result: Result, table: HookTable, event: Event | None) -> None:
        """Tell the other plugins that a call has failed; a failure of theirs is only logged."""
        if result.error is None:
            return
        for handler in table.handlers("on_plugin_error"):
            if handler.plugin.name != result.plugin:
                extra = {"plugin": result.plugin, "error": result.error}
                self._calls.run(Call(handler, table, event, extra=extra))


def _tell_log(row_id: int, event: Event) -> None:
    """One line an event: who and where; what was written only at debug level."""
    if isinstance(event, Message):
        where = f"in {event.thread_name or event.thread_id}" if event.is_group else "in a chat of two"
        log.info("message    %s %s: %d characters", event.sender_name or event.sender_id, where, len(event.body))
        log.debug("row %d: %r", row_id, event.body)
    elif isinstance(event, ThreadEvent):
        log.info("event      chat %s: %s by %s", event.thread_id, event.log_message_type, event.author_id)
    elif isinstance(event, Read):
        log.debug("read       chat %s, by this account", event.thread_id)
    else:
        log.info("%-10s chat %s", event.type, getattr(event, "thread_id", "unknown"))
