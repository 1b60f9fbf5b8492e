"""One call: one event and one handler, run in a guard and committed as one transaction.

The call's store changes, its mark "done" and its messages are committed together. What a handler raises ends its own
call and nothing else.
"""

from __future__ import annotations

import inspect
import random as random_module
import sqlite3
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botkit.clock import Clock
from botkit.commands import Invocation
from botkit.context import ChatContext, Context, Outgoing, PluginApi, Services
from botkit.hookspecs import STOP, Stop
from botkit.logs import get_logger
from botkit.messenger import FUNCTION_CLASSES, Api, Event
from botkit.messenger.errors import BotkitError, CommandError, PluginError
from botkit.runner import journal, outbox
from botkit.runner.loader import Handler, HookTable, Plugin, command_handler
from botkit.storage import Changes, Conflict, apply, open_store
from botkit.store import Database

log = get_logger(__name__)

# After so many conflicts with other calls of its plugin a call is run with the plugin to itself.
_TRIES_TOGETHER = 3


@dataclass(frozen=True)
class Call:
    """What is to be run. `row_id` is None for what is not journalled; `last` closes the row in the same commit."""

    handler: Handler
    table: HookTable = field(repr=False)
    event: Event | None = None
    row_id: int | None = None
    last: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Result:
    """How a call ended. `error` is what it raised, already logged."""

    stop: bool = False
    error: BaseException | None = None
    plugin: str = ""


@dataclass(frozen=True)
class _Effects:
    """What is to be committed for a call."""

    plugin: str
    marks: tuple[str, ...]
    outgoing: tuple[Outgoing, ...] = ()
    changes: Sequence[Changes] = ()
    stop: bool = False
    error: BaseException | None = None


class Calls:
    """Runs calls. Used by the worker threads of the lanes; holds no state of a call."""

    def __init__(
        self,
        database: Database,
        api: Api,
        clock: Clock,
        random: random_module.Random,
        prefix: str,
        on_queued: Callable[[Sequence[tuple[int, str]]], None],
    ) -> None:
        """`on_queued` gets the committed outbox rows of a call: [(row id, thread id)]."""
        self._database = database
        self._api = api
        self._clock = clock
        self._random = random
        self._prefix = prefix
        self._on_queued = on_queued
        self._turns: dict[str, _Turns] = {}
        self._lock = threading.Lock()

    def run(self, call: Call) -> Result:
        """Run the handler and commit what it leaves, again if a shared value changed meanwhile. Raises StoreError
        when the commit is impossible; the row is open then."""
        turns = self._turns_of(call.handler.plugin.name)
        for _ in range(_TRIES_TOGETHER):
            with turns.together():
                try:
                    return self._once(call)
                except Conflict:
                    continue
        with turns.alone():
            return self._once(call)

    def _once(self, call: Call) -> Result:
        effects = self._attempt(call)
        try:
            rows = self._write(call, effects)
        except Conflict:
            raise
        except Exception as error:
            if effects.error is not None:
                raise
            # An operation did not fit the value that it met, such as an increment of a text: the call's own fault. If
            # the store itself is in trouble, the second try says so.
            _log_failure(call.handler, error)
            effects = _Effects(effects.plugin, effects.marks, stop=effects.stop, error=error)
            rows = self._write(call, effects)
        if rows:
            self._on_queued(rows)
        return Result(effects.stop, effects.error, effects.plugin)

    def _attempt(self, call: Call) -> _Effects:
        marks = (call.handler.id,)
        try:
            return self._invoke(call, call.handler, (), marks)
        except CommandError as error:
            return _Effects(call.handler.plugin.name, marks, _answer(call.event, str(error)))
        except BaseException as error:
            # SystemExit and KeyboardInterrupt too: left alone they would end the worker, and come again at each start.
            _log_failure(call.handler, error)
            return _Effects(call.handler.plugin.name, marks, error=error)

    def _invoke(self, call: Call, handler: Handler, arguments: tuple[Any, ...], marks: tuple[str, ...]) -> _Effects:
        ctx = self._context(handler.plugin, call)
        try:
            value = handler.function(*self._given(ctx, call, handler, arguments))
            if isinstance(value, str):
                ctx.reply(value)
        except BaseException:
            ctx.end()
            raise
        changes = ctx.store.changes()
        outgoing = ctx.end()
        own = _Effects(handler.plugin.name, marks, outgoing, [changes], stop=value is STOP)
        if value is None or isinstance(value, str | Stop):
            return own
        if isinstance(value, Invocation) and not arguments and handler is call.handler:
            return self._invoke_command(call, value, own)
        raise PluginError(f"returned {type(value).__name__}; a handler returns a text, STOP or None")

    def _invoke_command(self, call: Call, invocation: Invocation, own: _Effects) -> _Effects:
        """The command stands in the place of the call that asked for it: both are committed together, or neither."""
        handler = command_handler(invocation.command, call.table)
        marks = (*own.marks, handler.id)
        try:
            done = self._invoke(call, handler, invocation.arguments, marks)
        except CommandError as error:
            return _Effects(handler.plugin.name, marks, _answer(call.event, str(error)), stop=True)
        except BaseException as error:
            _log_failure(handler, error)
            return _Effects(handler.plugin.name, marks, stop=True, error=error)
        return _Effects(done.plugin, marks, own.outgoing + done.outgoing, [*own.changes, *done.changes], stop=True)

    def _given(self, ctx: Context, call: Call, handler: Handler, arguments: tuple[Any, ...]) -> Iterator[Any]:
        if handler is not call.handler:
            yield ctx
            yield from arguments
            return
        known = {"ctx": ctx, "message": call.event, "event": call.event, "typing": call.event, **call.extra}
        yield from (known[name] for name in handler.arguments)

    def _context(self, plugin: Plugin, call: Call) -> Context:
        services = Services(
            plugin=plugin.name,
            api=self._api,
            settings=plugin.settings,
            clock=self._clock,
            random=self._random,
            log=get_logger(f"plugin.{plugin.name}"),
            commands=call.table.commands,
            prefix=self._prefix,
        )
        thread_id, sender_id = chat_of(call.event)
        store = open_store(self._database.read, plugin.name, thread_id, sender_id)
        api = PluginApi(self._api, FUNCTION_CLASSES)
        if call.event is None or thread_id is None:
            return Context(services, api, store, call.event)
        return ChatContext(services, api, store, call.event, thread_id, sender_id)

    def _write(self, call: Call, effects: _Effects) -> list[tuple[int, str]]:
        return self._database.write(lambda connection: self._commit(connection, call, effects))

    def _commit(self, connection: sqlite3.Connection, call: Call, effects: _Effects) -> list[tuple[int, str]]:
        for changes in effects.changes:
            apply(connection, changes)
        rows = outbox.add(connection, effects.plugin, effects.outgoing, self._clock.time_ms())
        if call.row_id is not None:
            if call.last or effects.stop:
                journal.close_row(connection, call.row_id)
            else:
                marks = [(call.row_id, mark) for mark in effects.marks]
                connection.executemany("INSERT OR IGNORE INTO calls (row_id, handler) VALUES (?, ?)", marks)
        return rows

    def _turns_of(self, plugin: str) -> _Turns:
        with self._lock:
            return self._turns.setdefault(plugin, _Turns())


class _Turns:
    """Calls of one plugin run together; one that keeps losing to the others gets a turn alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._waiting_alone = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting_alone)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._waiting_alone += 1
            self._changed.wait_for(lambda: not self._running)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._waiting_alone -= 1
                self._running -= 1
                self._changed.notify_all()


def chat_of(event: Event | None) -> tuple[str | None, str | None]:
    """(thread id, id of the person who caused it) of an event; None for what it has not."""
    thread_id = getattr(event, "thread_id", None)
    for name in ("sender_id", "author_id", "user_id"):
        person = getattr(event, name, None)
        if person is not None:
            return thread_id, person
    return thread_id, None


def _answer(event: Event | None, text: str) -> tuple[Outgoing, ...]:
    thread_id, _ = chat_of(event)
    if thread_id is None or not text.strip():
        return ()
    return (Outgoing(thread_id, text),)


def _log_failure(handler: Handler, error: BaseException) -> None:
    """One line with the plugin's own place, without what people wrote; the traceback, which may quote it, only at debug
    level. botkit's own sentences hold no message, so they are told."""
    own_file = inspect.unwrap(handler.function).__code__.co_filename
    frames = traceback.extract_tb(error.__traceback__)
    place = next((frame for frame in reversed(frames) if frame.filename == own_file), None)
    where = f"at {own_file}:{place.lineno}" if place else f"in {own_file}"
    told = f": {error}" if isinstance(error, BotkitError) else ""
    log.error("plugin %s: %s failed %s with %s%s", handler.plugin.name, handler.id, where, type(error).__name__, told)
    log.debug("plugin %s: traceback", handler.plugin.name, exc_info=error)
