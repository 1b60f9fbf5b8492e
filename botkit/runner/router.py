"""Walks one event through the plugins that want it, each in a call of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botkit.clock import Clock
from botkit.host import ROUTER
from botkit.logs import get_logger
from botkit.messenger import (
    Api,
    ConnectionState,
    Event,
    ForcedFetch,
    Message,
    Presence,
    Reaction,
    Read,
    ReadReceipt,
    ThreadEvent,
    Typing,
    Unparsed,
    Unsend,
    parse,
    parse_transient,
)
from botkit.messenger.errors import PluginError, StoreError
from botkit.runner import background, job_rows
from botkit.runner.call import Call, Result
from botkit.runner.calls import Calls
from botkit.runner.contexts import chat_of
from botkit.runner.conversation_rows import TIMEOUT, Opened
from botkit.runner.conversations import Answer, Conversations
from botkit.runner.effects import Effects
from botkit.runner.gates import OPEN, Gates
from botkit.runner.job_handlers import handler_of
from botkit.runner.journal import Journal
from botkit.runner.journal_table import Row
from botkit.runner.lanes import Lanes
from botkit.runner.loader import Handler, HookTable, Plugin, command_handler
from botkit.runner.tables import Tables
from botkit.runner.tracing import Trace
from botkit.runner.whys import Step, Whys

log = get_logger(__name__)

_TRANSIENT_MS = 30_000
"""Typing and the like is dropped when it is older than this by the time its lane gets to it."""

_FULL_LANE = 100
"""Transient events for a lane that has so much to do already are dropped."""

MOST_LOST = 32
"""So many workers may be lost to handlers that do not come back; then the bot ends."""

_ALONE_S = 5.0
# How often a row looks whether it is known by now what became of what it had begun.
_SETTLE_LOOK_S = 0.25
_STORE_RETRY_FIRST_S = 1.0
_STORE_RETRY_MOST_S = 30.0
# The chat waits so long, and so often, for a message that has to be fetched; it may have been taken back.
_FETCH_RESTS_S = (2.0, 8.0)

_HOOKS: Mapping[type, str] = {
    Message: "on_message",
    ThreadEvent: "on_event",
    Reaction: "on_reaction",
    Unsend: "on_unsend",
    Read: "on_read",
    ReadReceipt: "on_read_receipt",
    Typing: "on_typing",
    Presence: "on_presence",
}


@dataclass
class _Passing:
    """An event that is not journalled, dropped when its turn comes after `until_ms` (None: never); `pending` are the
    handlers that are through with it. not_for: the plugin that is not told. only_for: the one that is.
    table: that of a plugin that is not in force any more."""

    hook: str
    event: Any
    until_ms: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    not_for: str | None = None
    only_for: Plugin | None = None
    table: HookTable | None = None
    done: threading.Event | None = None


class _NotFetched(Exception):
    """A message that has to be fetched cannot be had at the moment."""

    def __init__(self, message: str, rest_s: float) -> None:
        super().__init__(message)
        self.rest_s = rest_s


class Router:
    """Takes row numbers from the journal and transient events from the socket, and runs them in lanes."""

    def __init__(
        self,
        journal: Journal,
        calls: Calls,
        gates: Gates,
        effects: Effects,
        api: Api,
        own_id: str,
        clock: Clock,
        tables: Tables,
        note: Callable[[Event], None],
        whys: Whys,
        conversations: Conversations,
        on_too_many_lost: Callable[[int], None],
        trace: Trace | None = None,
    ) -> None:
        """`note` is told of each event that has come, on the thread of its lane. `on_too_many_lost` is told, on the
        watch's thread, when 32 workers have been lost. `trace` is told which handlers are not called, and why."""
        self._journal = journal
        self._calls = calls
        self._gates = gates
        self._effects = effects
        self._api = api
        self._own_id = own_id
        self._clock = clock
        self._tables = tables
        self._note = note
        self._whys = whys
        self._conversations = conversations
        self._on_too_many_lost = on_too_many_lost
        self._trace = trace
        self._lost = 0
        self._store_trouble: dict[str, int] = {}
        self._fetches: dict[str, int] = {}
        self._unsettled = effects.unsettled_rows()
        self._lanes: Lanes[int | _Passing] = Lanes("lane", self._handle, clock)

    @property
    def lost_workers(self) -> int:
        """How many threads are held by handlers that did not come back."""
        return self._lost

    def waiting(self) -> int:
        """How many events wait in the lanes, those in hand included."""
        return self._lanes.waiting()

    @property
    def is_at_work(self) -> bool:
        """Whether an event is being handled or could be."""
        return self._lanes.are_at_work

    def put_rows(self, rows: list[tuple[int, str]]) -> None:
        """Have journal rows handled: [(row id, lane)]. Any thread."""
        for row_id, lane in rows:
            self._lanes.put(lane, row_id)

    def put_alone(self, rows: list[tuple[int, str]]) -> None:
        """Have rows handled one by one, so that one that ends the process is known by it. Blocks, up to 5 s a row."""
        for row_id, lane in rows:
            if row_id not in self._unsettled:
                self._lanes.put(lane, row_id)
                self._lanes.wait_empty(_ALONE_S)

    def put_transient(self, topic: str, payload: Mapping[str, Any], received_ms: int) -> None:
        """Have something handled that is not journalled, if a plugin wants it and the lane is not full. Any thread."""
        for event in parse_transient(topic, payload, received_ms, self._own_id):
            self.put_passing(_HOOKS.get(type(event), ""), event, received_ms + _TRANSIENT_MS)

    def put_state(self, state: ConnectionState) -> None:
        """Have a new state of the connection handled, as what is transient is. Any thread."""
        self.put_passing("on_connection", state, state.since_ms + _TRANSIENT_MS)

    def put_passing(self, hook: str, event: Any, until_ms: int | None = None) -> None:
        """Have something handled that is not journalled, if a plugin wants it. One that is dropped after `until_ms` is
        dropped when its lane is full, too. Any thread."""
        if not self._tables.current().handlers(hook):
            return
        lane = getattr(event, "thread_id", None) or ""
        if until_ms is None or self._lanes.length(lane) < _FULL_LANE:
            self._lanes.put(lane, _Passing(hook, event, until_ms))

    def run_hook(self, hook: str, event: Any = None, timeout_s: float | None = None) -> bool:
        """Have every handler of a hook that has no chat called, and wait for it; False after `timeout_s` seconds."""
        if not self._tables.current().handlers(hook):
            return True
        done = threading.Event()
        self._lanes.put("", _Passing(hook, event, done=done))
        return self._clock.wait(done, timeout_s)

    def tell_plugin(self, hook: str, plugin: Plugin, table: HookTable, done: threading.Event | None = None) -> None:
        """Have one plugin's handler of a hook that has no chat called, out of a table that may not be in force any
        more; `done` is set when it is through. Does not wait."""
        self._lanes.put("", _Passing(hook, None, only_for=plugin, table=table, done=done))

    def wait_empty(self, timeout_s: float | None = None) -> bool:
        """Block until everything in the lanes has been handled; False after `timeout_s` seconds."""
        return self._lanes.wait_empty(timeout_s)

    def stop(self, drain_s: float) -> bool:
        """Handle what waits for up to `drain_s` seconds more; the rest stays open in the journal."""
        return self._lanes.stop(drain_s)

    def _handle(self, lane: str, item: int | _Passing) -> float | None:
        if isinstance(item, _Passing):
            self._handle_passing(lane, item)
            return None
        if item in self._unsettled and not self._effects.is_settled:
            return _SETTLE_LOOK_S
        try:
            self._handle_row(lane, item)
        except StoreError as error:
            return self._store_fails(lane, item, error)
        except _NotFetched as error:
            log.info("row %d waits, next try in %.0f s: %s", item, error.rest_s, error)
            return error.rest_s
        self._store_trouble.pop(lane, None)
        self._fetches.pop(lane, None)
        return None

    def _store_fails(self, lane: str, row_id: int, error: StoreError) -> float:
        """The row stays open, and the lane rests: nothing of this chat can be kept at the moment."""
        tries = self._store_trouble[lane] = self._store_trouble.get(lane, 0) + 1
        rest_s = float(min(_STORE_RETRY_FIRST_S * 2 ** (tries - 1), _STORE_RETRY_MOST_S))
        log.error("row %d waits, next try in %.0f s: %s", row_id, rest_s, error)
        return rest_s

    def _handle_passing(self, lane: str, item: _Passing) -> None:
        try:
            if item.until_ms is None or self._clock.time_ms() <= item.until_ms:
                with self._tables.hold() as table:
                    self._walk_passing(lane, table, item)
        except StoreError as error:
            log.error("%s is not handled: %s", item.hook, error)
        finally:
            if item.done is not None:
                item.done.set()

    def _walk_passing(self, lane: str, table: HookTable, item: _Passing) -> None:
        table = item.table or table
        handlers = [one for one in table.handlers(item.hook) if one.plugin.name != item.not_for]
        if item.only_for is not None:
            handlers = [one for one in handlers if one.plugin is item.only_for]
        if item.event is not None and self._gates.verdict(item.event, is_resumed=True) != OPEN:
            return
        handlers = self._wanting(handlers, item.event)
        self._walk(lane, table, handlers, item.event, None, frozenset(), item.pending, item.extra)

    def _handle_row(self, lane: str, row_id: int) -> None:
        row = self._journal.read(row_id)
        if row is not None:
            with self._tables.hold() as table:
                self._handle_read_row(lane, table, row)

    def _handle_read_row(self, lane: str, table: HookTable, row: Row) -> None:
        if row.kind == background.RESULT:
            plugin, result = background.result_of(row)
            handlers = [one for one in table.handlers("on_background") if one.plugin.name == plugin]
            closed = self._gates.verdict(result, is_resumed=True).closed
            if closed is not None:
                self._journal.close_row(row.id, note=closed)
            else:
                self._walk_row(lane, table, self._wanting(handlers, result), result, row)
            return
        if row.kind == TIMEOUT:
            self._conversations.time_out(row)
            return
        if row.kind == job_rows.KIND:
            self._handle_job(lane, table, row)
            return
        event = parse(row.payload, self._own_id)
        if isinstance(event, Unparsed):
            log.warning("row %d: a %s could not be understood: %s", row.id, row.kind, event.reason)
        if isinstance(event, ForcedFetch):
            event = self._fetched(lane, event)
        if isinstance(event, ForcedFetch):
            note = f"message {event.message_id} could not be fetched"
            log.warning("row %d is set aside: %s", row.id, note)
            self._journal.close_row(row.id, "dead", note)
            return
        self._note(event)
        if not self._api.options.self_listen and chat_of(event)[1] == self._own_id:
            # The journal lets through what does not tell by itself whose it is.
            self._journal.close_row(row.id)
            return
        self._whys.begin(event, is_resumed=bool(row.ended))
        verdict = self._gates.verdict(event, is_resumed=bool(row.ended))
        # With self_listen plugins hear the bot itself; it gives itself no commands and no answers.
        is_own = isinstance(event, Message) and event.sender_id == self._own_id
        opened = None if is_own else self._conversations.waiting_for(event)
        if verdict.commands_only and opened is None and not self._gates.is_command(event):
            verdict = self._gates.muted
        if verdict.closed is not None:
            self._close(row, event, verdict.closed, verdict.step)
            return
        event = self._api.complete(event if row.asked else self._gates.with_age(event))
        _tell_log(row.id, event)
        if opened is not None:
            self._handle_answer(lane, table, opened, event, row)
            return
        handlers = list(table.handlers(_HOOKS.get(type(event), "")))
        if is_own:
            handlers = [one for one in handlers if one.plugin.name != ROUTER]
        if verdict.commands_only:
            others = [one for one in handlers if one.plugin.name != ROUTER]
            handlers = [one for one in handlers if one.plugin.name == ROUTER]
            if self._trace is not None:
                self._trace.not_called(others, event, "the chat is muted")
        self._walk_row(lane, table, self._wanting(handlers, event), event, row)

    def _fetched(self, lane: str, event: ForcedFetch) -> Event:
        """What is to be fetched, since the message alone tells what it is, and of whom. Raises _NotFetched while it is
        worth trying again."""
        found, tries = self._api.complete(event), self._fetches.get(lane, 0)
        if isinstance(found, ForcedFetch) and tries < len(_FETCH_RESTS_S):
            self._fetches[lane] = tries + 1
            raise _NotFetched(f"message {event.message_id} could not be fetched", _FETCH_RESTS_S[tries])
        return found

    def _close(self, row: Row, event: Event, closed: str, step: Step | None) -> None:
        """A gate is closed to the event."""
        self._whys.note(event, [step] if step else [])
        if self._trace is not None:
            self._trace.closed(event, closed)
        self._journal.close_row(row.id, note=closed)

    def _handle_job(self, lane: str, table: HookTable, row: Row) -> None:
        run = job_rows.run_of(row)
        try:
            handler, arguments = handler_of(run, table)
        except PluginError as error:
            log.error("row %d is not run: %s", row.id, error)
            self._journal.close_row(row.id, note=str(error))
            return
        if self._trace is not None and run.function is not None:
            # One with a marker is in the table, where it is traced already.
            handler = self._trace.handler(handler)
        obstacle = self._obstacle(handler, run)
        if obstacle is None and run.thread_id is not None and not run.is_asked and self._gates.is_muted(run.thread_id):
            obstacle = "the chat is muted"
        if obstacle is not None:
            log.info("job        %s in chat %s is not run: %s", run.job, run.thread_id, obstacle)
            self._journal.close_row(row.id, note=obstacle)
        elif handler.id in row.ended:
            self._journal.close_row(row.id)
        else:
            log.info("job        %s in %s", run.job, f"chat {run.thread_id}" if run.thread_id else "no chat")
            self._walk(lane, table, [handler], run, row.id, row.ended, [], arguments)

    def _handle_answer(self, lane: str, table: HookTable, opened: Opened, event: Any, row: Row) -> None:
        """A message that is for nobody but the command that has asked for it."""
        answer = self._conversations.answer_of(opened, event, table, row.id)
        if answer is None:
            self._whys.note(event, [Step.of("answer", command=opened.command)])
        else:
            self._walk_row(lane, table, [command_handler(answer.command, table)], event, row, answer)

    def _wanting(self, handlers: list[Handler], event: Any) -> list[Handler]:
        """The handlers whose plugin is on in the chat of the event, and whose conditions it may fit."""
        if self._trace is not None:
            for one in handlers:
                if (obstacle := self._obstacle(one, event)) is not None:
                    self._trace.not_called([one], event, obstacle)
        return [one for one in handlers if self._obstacle(one, event) is None]

    def _obstacle(self, handler: Handler, event: Any) -> str | None:
        """Why an event is not for a handler, or None when it may be."""
        if not self._gates.is_enabled(handler.plugin.name, event):
            return "the plugin is off in this chat"
        if not handler.matchers or any(one.may_be_slow for one in handler.matchers):
            return None
        fits = any(one.find(event, self._own_id) is not None for one in handler.matchers)
        return None if fits else "its conditions do not fit"

    def _walk_row(
        self,
        lane: str,
        table: HookTable,
        handlers: list[Handler],
        event: Any,
        row: Row,
        answer: Answer | None = None,
    ) -> None:
        left = [handler for handler in handlers if handler.id not in row.ended]
        if left:
            self._walk(lane, table, left, event, row.id, row.ended, [], {}, answer)
        else:
            self._journal.close_row(row.id)

    def _walk(
        self,
        lane: str,
        table: HookTable,
        handlers: list[Handler],
        event: Any,
        row_id: int | None,
        ended: frozenset[str],
        pending: list[str],
        extra: Mapping[str, Any],
        answer: Answer | None = None,
    ) -> None:
        left = [handler for handler in handlers if handler.id not in pending]
        for number, handler in enumerate(left, start=1):
            call = Call(
                handler,
                table,
                event,
                row_id,
                last=number == len(left),
                extra=extra,
                pending=pending,
                ended=ended,
                on_lost=lambda result: self._lose(lane, result, event),
                answer=answer,
            )
            result = self._calls.run(call)
            if result.is_lost:
                return
            self._whys.note(event, result.steps)
            if self._trace is not None:
                self._trace.outcome(handler, event, result.steps)
                if result.is_over:
                    self._trace.not_called(left[number:], event, f"{handler.id} has ended the walk")
            if "error" not in extra:
                self._tell(lane, result, event)
            if result.is_over:
                return

    def _tell(self, lane: str, result: Result, event: Any) -> None:
        """Have the other plugins told that a call has failed; a failure of theirs on being told is only logged."""
        if not self._tables.current().handlers("on_plugin_error"):
            return
        own = [] if result.error is None else [(result.plugin, result.error)]
        for plugin, error in [*own, *((one.plugin, one.error) for one in result.failures)]:
            extra = {"plugin": plugin, "error": error}
            self._lanes.put(lane, _Passing("on_plugin_error", event, extra=extra, not_for=plugin))

    def _lose(self, lane: str, result: Result, event: Any) -> None:
        """A worker is lost to a handler that did not come back. On the watch's thread."""
        self._lost += 1
        self._whys.note(event, result.steps)
        self._lanes.give_up(lane)
        self._tell(lane, result, event)
        if self._lost >= MOST_LOST:
            self._on_too_many_lost(self._lost)


def _tell_log(row_id: int, event: Event) -> None:
    """One line an event: who and where; what was written only at debug level."""
    if isinstance(event, Message):
        where = f"in {event.thread_name or event.thread_id}" if event.is_group else "in a chat of two"
        known = {"thread_id": event.thread_id, "row_id": row_id}
        who = event.sender_name or event.sender_id
        log.info("message    %s %s: %d characters", who, where, len(event.body), extra=known)
        log.debug("row %d: %r", row_id, event.body)
    elif isinstance(event, ThreadEvent):
        known = {"thread_id": event.thread_id, "row_id": row_id}
        log.info("event      chat %s: %s by %s", event.thread_id, event.log_message_type, event.author_id, extra=known)
    elif isinstance(event, Read):
        log.debug("read       chat %s, by this account", event.thread_id)
    else:
        log.info("%-10s chat %s", event.type, getattr(event, "thread_id", "unknown"))
