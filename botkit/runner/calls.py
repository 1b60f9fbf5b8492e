"""One call: one event and one handler, run in a guard and committed as one transaction.

The call's store changes, its mark "done", its messages and its background work are committed together. What a handler
raises ends its own call and nothing else; one that does not come back is written off by the watch.
"""

from __future__ import annotations

import inspect
import itertools
import sqlite3
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from botkit.clock import Clock
from botkit.commands import Command, Invocation
from botkit.context import Context, Handle, Outgoing, Work
from botkit.hookspecs import STOP, Stop
from botkit.logs import get_logger
from botkit.messenger import Event, Message
from botkit.messenger.errors import (
    BadArgument,
    BotkitError,
    Checkpoint,
    CommandError,
    NotLoggedIn,
    PluginError,
    RateLimited,
)
from botkit.runner import background, journal_table, outbox, steps
from botkit.runner.awaited import Awaited
from botkit.runner.breaker import Breakers
from botkit.runner.contexts import Contexts, chat_of
from botkit.runner.effects import Act, Effects
from botkit.runner.in_hand import InHand
from botkit.runner.loader import Handler, HookTable, command_handler
from botkit.runner.outbox import OutboxRow
from botkit.runner.statistics import Statistics
from botkit.runner.turns import Turns
from botkit.runner.watch import Watch
from botkit.storage import Changes, Conflict, apply
from botkit.store import Database

log = get_logger(__name__)

# After so many conflicts with other calls of its plugin a call is run with the plugin to itself.
_TRIES_TOGETHER = 3
# What a call may raise without the plugin being broken: the bot's pace, and the end of its session.
_NO_FAULT = (RateLimited, NotLoggedIn, Checkpoint)


@dataclass(frozen=True)
class Call:
    """What is to be run.

    row_id: the journal row, None for what is not journalled. last: closes the row in the same commit. ended: the
    handlers, commands too, that are not to get the row again. pending: marks of earlier calls about the same event that
    left nothing to commit; they go along with the next commit. on_lost: told, on the watch's thread, when the call does
    not come back; its worker is lost then.
    """

    handler: Handler
    table: HookTable = field(repr=False)
    event: Event | None = None
    row_id: int | None = None
    last: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    pending: list[str] = field(default_factory=list, repr=False)
    ended: frozenset[str] = frozenset()
    on_lost: Callable[[Result], None] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Result:
    """How a call ended.

    error: what it raised, already logged. is_over: the event needs no further handler. is_lost: the call was written
    off before it came back; whoever sees this has nothing to do with the event any more.
    """

    is_over: bool = False
    error: BaseException | None = None
    plugin: str = ""
    is_lost: bool = False


@dataclass(frozen=True)
class _Effects:
    """What is to be committed for a call."""

    plugin: str
    marks: tuple[str, ...]
    outgoing: tuple[Outgoing, ...] = ()
    work: tuple[tuple[str, Work], ...] = ()
    changes: Sequence[Changes] = ()
    stop: bool = False
    error: BaseException | None = None
    late: str | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing but the mark: the call may be run again without harm."""
        changed = any(changes or changes.relied or changes.listed for changes in self.changes)
        return not (self.outgoing or self.work or changed or self.stop or self.error or self.late)


@dataclass(eq=False)
class _Attempt:
    """One run of a call, which the watch may take from its thread; `handler` and `marks` are what is at work in it.

    alone: the plugin that it is to have to itself.
    """

    call: Call
    act: Act
    slot: int | None
    begun_s: float
    handler: Handler
    alone: str | None = None
    marks: tuple[str, ...] = ()
    contexts: list[Context] = field(default_factory=list)
    turns: Turns | None = None

    def describe(self) -> str:
        """Whose code is at work at this moment: the handler's, or the command's that it asked for."""
        return f"plugin {self.handler.plugin.name}: {self.handler.id}"


@dataclass(frozen=True)
class Outlets:
    """Who is told what a call has committed; each returns at once."""

    outbox: Callable[[Sequence[OutboxRow]], None]
    work: Callable[[Sequence[int]], None]


class Calls:
    """Runs calls. Used by the worker threads of the lanes; holds no state of a call."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        contexts: Contexts,
        effects: Effects,
        breakers: Breakers,
        watch: Watch,
        in_hand: InHand,
        statistics: Statistics,
        outlets: Outlets,
        awaited: Awaited,
        *,
        error_reply: str | None = None,
        shadow: bool = False,
        step: steps.Step = steps.no_step,
    ) -> None:
        """`error_reply` is what a chat is told when a call about one of its messages has raised; None: nothing."""
        self._database = database
        self._clock = clock
        self._contexts = contexts
        self._effects = effects
        self._breakers = breakers
        self._watch = watch
        self._in_hand = in_hand
        self._statistics = statistics
        self._outlets = outlets
        self._awaited = awaited
        self._error_reply = error_reply
        self._shadow = shadow
        self._step = step
        self._turns: dict[str, Turns] = {}
        self._lock = threading.Lock()
        self._unnumbered = itertools.count()

    def run(self, call: Call) -> Result:
        """Run the handler and commit what it leaves, again if a shared value changed meanwhile.

        A call of a paused plugin is passed over. Raises StoreError when the commit is impossible; the row is open then.
        """
        plugin = call.handler.plugin.name
        if not self._breakers.admits(plugin):
            return self._pass_over(call)
        # The same name in another run of the process; what is not journalled is never run again.
        name = f"{call.row_id}:{call.handler.id}" if call.row_id is not None else self._unnumbered_name(call)
        slot = None if call.row_id is None else self._in_hand.take(call.row_id, call.handler.id)
        self._step(steps.CALL_BEGUN)
        alone = None
        for number in itertools.count(1):
            attempt = _Attempt(call, self._effects.of_call(name), slot, self._clock.monotonic(), call.handler, alone)
            try:
                return self._once(attempt)
            except Conflict:
                alone = attempt.handler.plugin.name if number >= _TRIES_TOGETHER else None
                if attempt.handler is not call.handler:
                    # A command asks its breaker anew.
                    self._breakers.undecided(attempt.handler.plugin.name)
            except Exception:
                self._in_hand.leave(slot)
                self._breakers.undecided(attempt.handler.plugin.name)
                raise
        raise AssertionError("unreachable: the loop ends by a return")

    def _unnumbered_name(self, call: Call) -> str:
        return f"{self._clock.time_ms()}.{next(self._unnumbered)}:{call.handler.id}"

    def _pass_over(self, call: Call) -> Result:
        if call.row_id is not None and call.last:
            row_id = call.row_id
            self._database.submit(lambda c: journal_table.close_row(c, row_id))
        else:
            call.pending.append(call.handler.id)
        return Result()

    def _once(self, attempt: _Attempt) -> Result:
        handler = attempt.call.handler
        self._turn_alone(attempt, handler)
        lease = self._watch.begin(attempt.describe, lambda: self._lose(attempt))
        try:
            effects = self._attempt(attempt)
            if not self._watch.end(lease):
                return Result(is_lost=True)
            if any(effects.changes) and attempt.turns is None:
                attempt.turns = self._turns_of(effects.plugin)
                attempt.turns.enter(attempt, alone=False)
            return self._finish(attempt, effects)
        finally:
            if attempt.turns is not None:
                attempt.turns.leave(attempt)

    def _turn_alone(self, attempt: _Attempt, handler: Handler) -> None:
        """Wait for a turn alone with the handler's plugin, if that is the one whose calls this one keeps losing to."""
        if attempt.alone == handler.plugin.name:
            attempt.turns = self._turns_of(handler.plugin.name)
            attempt.turns.enter(attempt, alone=True)

    def _lose(self, attempt: _Attempt) -> None:
        """The call has not come back: decide its outcome without it. On the watch's thread."""
        call = attempt.call
        for ctx in attempt.contexts:
            ctx.end()
        if attempt.turns is not None:
            attempt.turns.leave(attempt)
        error = PluginError("did not come back in time, and was given up")
        handler = attempt.handler
        _log_failure(handler, error)
        is_command = handler is not call.handler
        effects = _Effects(handler.plugin.name, attempt.marks or (handler.id,), stop=is_command, error=error)
        try:
            result = self._finish(attempt, effects, lost=True)
        except BotkitError as trouble:
            log.error("the outcome of a call that was given up cannot be kept: %s", trouble)
            result = Result(error=error, plugin=effects.plugin)
        if call.on_lost is not None:
            call.on_lost(result)

    def _finish(self, attempt: _Attempt, effects: _Effects, *, lost: bool = False) -> Result:
        """Commit, and note how it went. Raises Conflict, and StoreError when nothing can be written."""
        call = attempt.call
        try:
            result = self._commit(call, effects, lost)
        except Conflict:
            raise
        except Exception as error:
            if effects.error is not None:
                raise
            # An operation did not fit the value that it met, such as an increment of a text: the call's own fault. If
            # the store itself is in trouble, the second try says so.
            _log_failure(attempt.handler, error)
            effects = _Effects(effects.plugin, effects.marks, stop=effects.stop, error=error)
            result = self._commit(call, effects, lost)
        self._in_hand.leave(attempt.slot)
        took_s = self._clock.monotonic() - attempt.begun_s
        self._statistics.note(effects.plugin, took_s, _summary(attempt.handler, effects.error))
        return result

    def _commit(self, call: Call, effects: _Effects, lost: bool) -> Result:
        result = Result(call.last or effects.stop, effects.error, effects.plugin)
        if effects.is_empty and not self._breakers.counts(effects.plugin):
            self._commit_mark(call, effects)
            return result
        if effects.error is not None and self._error_reply and isinstance(call.event, Message):
            effects = replace(effects, outgoing=_answer(call.event, self._error_reply))
        pending = list(call.pending)

        def write(connection: sqlite3.Connection) -> tuple[list[OutboxRow], list[int]]:
            return self._write(connection, call, effects, pending, lost)

        rows, work = self._database.write(write)
        if call.row_id is None:
            call.pending.extend(effects.marks)
        else:
            call.pending.clear()
        self._step(steps.CALL_COMMITTED)
        if rows:
            self._outlets.outbox(rows)
        if work:
            self._outlets.work(work)
        return result

    def _commit_mark(self, call: Call, effects: _Effects) -> None:
        """A call that leaves nothing is not worth a commit of its own, nor waiting for one: it may be run again."""
        row_id = call.row_id
        if row_id is not None and call.last:
            self._database.submit(lambda c: journal_table.close_row(c, row_id))
        else:
            call.pending.extend(effects.marks)

    def _write(
        self, connection: sqlite3.Connection, call: Call, effects: _Effects, pending: list[str], lost: bool
    ) -> tuple[list[OutboxRow], list[int]]:
        for changes in effects.changes:
            apply(connection, changes)
        if effects.error is None:
            self._breakers.succeeded(connection, effects.plugin)
        elif isinstance(effects.error, _NO_FAULT):
            self._breakers.undecided(effects.plugin)
        else:
            reason = "a call did not come back" if lost else f"it keeps failing ({type(effects.error).__name__})"
            self._breakers.failed(connection, effects.plugin, reason, lost=lost)
        now_ms = self._clock.time_ms()
        rows: list[OutboxRow] = []
        if self._shadow:
            _tell_shadow(effects)
        else:
            rows = outbox.add(
                connection,
                effects.plugin,
                effects.outgoing,
                now_ms,
                call.row_id,
                self._contexts.next_row,
                self._awaited,
            )
        work = [background.add(connection, plugin, one, call.event, now_ms) for plugin, one in effects.work]
        if call.row_id is not None:
            if effects.late is not None:
                # Who asks for the row after all asks for the command, not for what was done before it.
                _mark(connection, call.row_id, pending)
                journal_table.close_row(connection, call.row_id, "late", effects.late)
            elif call.last or effects.stop:
                journal_table.close_row(connection, call.row_id)
            else:
                _mark(connection, call.row_id, [*pending, *effects.marks])
        return rows, work

    def _attempt(self, attempt: _Attempt) -> _Effects:
        call = attempt.call
        marks = (call.handler.id,)
        try:
            return self._invoke(attempt, call.handler, (), marks)
        except CommandError as error:
            return _Effects(call.handler.plugin.name, marks, _answer(call.event, str(error)))
        except BaseException as error:
            # SystemExit and KeyboardInterrupt too: left alone they would end the worker, and come again at each start.
            _log_failure(call.handler, error)
            return _Effects(call.handler.plugin.name, marks, error=error)

    def _invoke(
        self, attempt: _Attempt, handler: Handler, arguments: tuple[Any, ...], marks: tuple[str, ...]
    ) -> _Effects:
        call = attempt.call
        attempt.handler, attempt.marks = handler, marks
        ctx = self._contexts.new(handler.plugin, call.table, call.event, attempt.act)
        attempt.contexts.append(ctx)
        try:
            value = handler.function(*self._given(ctx, call, handler, arguments))
            if isinstance(value, str):
                ctx.reply(value)
            changes = ctx.store.changes()
        finally:
            queued = ctx.end()
        work = tuple((handler.plugin.name, one) for one in queued.work)
        own = _Effects(handler.plugin.name, marks, queued.outgoing, work, [changes], stop=value is STOP)
        # A handle is what `return ctx.reply(…)` gives: said already.
        if value is None or isinstance(value, str | Stop | Handle):
            return own
        if isinstance(value, Invocation) and not arguments and handler is call.handler:
            return self._invoke_command(attempt, value, own)
        raise PluginError(f"returned {type(value).__name__}; a handler returns a text, STOP or None")

    def _invoke_command(self, attempt: _Attempt, invocation: Invocation, own: _Effects) -> _Effects:
        """The command stands in the place of the call that asked for it: both are committed together, or neither."""
        call, command = attempt.call, invocation.command
        handler = command_handler(command, call.table)
        marks = (*own.marks, handler.id)
        if getattr(call.event, "is_late", False):
            log.warning("row %s: !%s came too late and is not run", call.row_id, command.name)
            return replace(own, marks=marks, stop=True, late=f"command {command.name}: older than answer_within")
        if handler.id in call.ended:
            log.warning("row %s: !%s was set aside and is not run", call.row_id, command.name)
            return replace(own, marks=marks, stop=True)
        try:
            _check_role(command, call.event, self._contexts.owners)
        except CommandError as error:
            return _Effects(own.plugin, marks, _answer(call.event, str(error)), stop=True)
        if handler.plugin.name != own.plugin and not self._breakers.admits(handler.plugin.name):
            return replace(own, marks=marks, stop=True)
        if call.row_id is not None:
            self._in_hand.change(attempt.slot, call.row_id, handler.id)
        if handler.plugin.name != own.plugin:
            self._turn_alone(attempt, handler)
        try:
            done = self._invoke(attempt, handler, invocation.arguments, marks)
        except CommandError as error:
            return _Effects(handler.plugin.name, marks, _answer(call.event, str(error)), stop=True)
        except BaseException as error:
            _log_failure(handler, error)
            return _Effects(handler.plugin.name, marks, stop=True, error=error)
        return _Effects(
            done.plugin,
            marks,
            own.outgoing + done.outgoing,
            own.work + done.work,
            [*own.changes, *done.changes],
            stop=True,
        )

    def _given(self, ctx: Context, call: Call, handler: Handler, arguments: tuple[Any, ...]) -> Iterator[Any]:
        if handler is not call.handler:
            yield ctx
            yield from arguments
            return
        event = dict.fromkeys(("message", "event", "typing", "trouble", "result"), call.event)
        known = {"ctx": ctx, **event, **call.extra}
        yield from (known[name] for name in handler.arguments)

    def _turns_of(self, plugin: str) -> Turns:
        with self._lock:
            return self._turns.setdefault(plugin, Turns(self._clock))


def _mark(connection: sqlite3.Connection, row_id: int, handlers: Iterable[str]) -> None:
    marks = [(row_id, handler) for handler in handlers]
    connection.executemany("INSERT OR IGNORE INTO calls (row_id, handler) VALUES (?, ?)", marks)


def _answer(event: Event | None, text: str) -> tuple[Outgoing, ...]:
    thread_id, _ = chat_of(event)
    if thread_id is None or not text.strip():
        return ()
    return (Outgoing(thread_id, text),)


def _check_role(command: Command, event: Event | None, owners: frozenset[str]) -> None:
    """Raises CommandError when the command is not for the person who typed it."""
    if command.role == "owner" and chat_of(event)[1] not in owners:
        raise CommandError("Only an owner of this bot may do that.")


def _tell_shadow(effects: _Effects) -> None:
    for message in effects.outgoing:
        what = "react" if message.kind == "reaction" else f"send {len(message.body)} characters"
        log.info("shadow     plugin %s would %s in chat %s", effects.plugin, what, message.thread_id)
        log.debug("shadow     %r", message.body)


def _summary(handler: Handler, error: BaseException | None) -> str | None:
    """A failure in one line: its class and the plugin's own line."""
    return None if error is None else f"{type(error).__name__} {_place(handler, error)}"


def _place(handler: Handler, error: BaseException) -> str:
    own_file = inspect.unwrap(handler.function).__code__.co_filename
    frames = traceback.extract_tb(error.__traceback__)
    place = next((frame for frame in reversed(frames) if frame.filename == own_file), None)
    return f"at {own_file}:{place.lineno}" if place else f"in {own_file}"


def _log_failure(handler: Handler, error: BaseException) -> None:
    """One line with the plugin's own place, without what people wrote; the traceback, which may quote it, only at debug
    level. botkit's own sentences hold no message, so they are told, but for those about what the plugin was given."""
    told = f": {error}" if isinstance(error, BotkitError) and not isinstance(error, BadArgument) else ""
    log.error(
        "plugin %s: %s failed %s with %s%s",
        handler.plugin.name,
        handler.id,
        _place(handler, error),
        type(error).__name__,
        told,
        extra={"plugin": handler.plugin.name},
    )
    log.debug("plugin %s: traceback", handler.plugin.name, exc_info=error)
