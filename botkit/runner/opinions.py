"""Asks the plugins about what others do: `allow` before a command runs, `outgoing` for what a call wants to send.

They are asked inside the call that it is about, and what they store is committed with it. One that fails has its say
taken as the contract says, and counts as a failure of its own plugin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botkit.commands import Command
from botkit.context import Context, Queued, Work
from botkit.hookspecs import STOP
from botkit.jobs import JobChange
from botkit.logs import get_logger
from botkit.messenger import Event
from botkit.messenger.errors import CommandError, PluginError
from botkit.outgoing import CALL, Outgoing, rewritten
from botkit.runner.book import Book
from botkit.runner.breaker import Breakers
from botkit.runner.contexts import Contexts, chat_of
from botkit.runner.effects import Act
from botkit.runner.failures import log_failure, summary
from botkit.runner.loader import Handler, HookTable
from botkit.storage import Changes

log = get_logger(__name__)


@dataclass(frozen=True)
class Failure:
    """A plugin that was asked has failed. `told` is that in one line; `is_lost`: it has not come back."""

    plugin: str
    error: BaseException
    told: str
    is_lost: bool = False


@dataclass(eq=False)
class Asked:
    """The call about which plugins are asked, and what they leave behind.

    at_work: whose code is at work at this moment, None for nobody's. admitted: the plugins that were asked. queued:
    what the call wants to send, as far as it was looked at; None stands for what was vetoed, by one of `vetoers`.
    call_changes: what the call itself leaves, once it is through. is_over: the call was given up, so nobody else is
    asked if it comes back after all.
    """

    table: HookTable
    event: Event | None
    act: Act
    contexts: list[Context]
    at_work: Handler | None = None
    admitted: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    outgoing: tuple[Outgoing, ...] = ()
    work: tuple[tuple[str, Work], ...] = ()
    jobs: tuple[JobChange, ...] = ()
    changes: list[Changes] = field(default_factory=list)
    call_changes: Sequence[Changes] = ()
    queued: tuple[Outgoing | None, ...] = ()
    vetoers: list[str] = field(default_factory=list)
    is_over: bool = False

    def so_far(self, plugin: str) -> Changes | None:
        """What the call and those who were asked about it leave in the store of a plugin, up to now."""
        every = [*self.call_changes, *self.changes]
        return next((one for one in reversed(every) if one.plugin == plugin), None)


class Opinions:
    """Used by the calls, on their threads; holds nothing of a call."""

    def __init__(self, contexts: Contexts, breakers: Breakers, book: Book) -> None:
        self._contexts = contexts
        self._breakers = breakers
        self._book = book

    def allow(self, asked: Asked, command: Command) -> str | bool | None:
        """What the plugins say to a command: the first objection, a sentence or False; None without any."""
        for handler in self._handlers(asked, "allow", chat_of(asked.event)[0]):
            try:
                value, left = self._call(asked, handler, {"command": command}, may_queue=True)
            except CommandError as error:
                return self._contexts.worded(error, asked.event)
            except BaseException as error:
                self._fail(asked, handler, error)
                return False
            asked.outgoing += left.outgoing
            asked.work += tuple((handler.plugin.name, one) for one in left.work)
            asked.jobs += left.jobs
            if value is not None and value is not True:
                return value if isinstance(value, str) else False
        return None

    def outgoing(self, asked: Asked) -> None:
        """Have the plugins look at the messages and reactions in `asked.queued`, which is left as they want it."""
        for number, message in enumerate(asked.queued):
            if message is not None and message.kind != CALL:
                self._look_at(asked, number, message)

    def _look_at(self, asked: Asked, number: int, message: Outgoing) -> None:
        for handler in self._handlers(asked, "outgoing", message.thread_id):
            try:
                value, _ = self._call(asked, handler, {"message": message}, may_queue=False)
                changed = _changed(message, value)
            except BaseException as error:
                self._fail(asked, handler, error)
                continue
            # At once: if a later plugin does not come back, this holds all the same.
            asked.queued = (*asked.queued[:number], changed, *asked.queued[number + 1 :])
            if changed is None:
                asked.vetoers.append(handler.plugin.name)
                _tell_veto(handler, message)
                return
            message = changed

    def _handlers(self, asked: Asked, hook: str, thread_id: str | None) -> Iterator[Handler]:
        for handler in asked.table.handlers(hook):
            if asked.is_over:
                return
            plugin = handler.plugin.name
            is_on = thread_id is None or self._book.is_enabled(plugin, thread_id)
            if is_on and self._breakers.admits(plugin):
                asked.admitted.append(plugin)
                yield handler

    def _call(self, asked: Asked, handler: Handler, given: Mapping[str, Any], *, may_queue: bool) -> tuple[Any, Queued]:
        """(what the hook returned, what it has queued); its store changes are kept. Raises what it raises."""
        after = asked.so_far(handler.plugin.name)
        ctx = self._contexts.new(handler.plugin, asked.table, asked.event, asked.act, after=after)
        if not may_queue:
            ctx.close_outbox()
        asked.contexts.append(ctx)
        asked.at_work = handler
        try:
            known = {"ctx": ctx, **given}
            value = handler.function(*(known[name] for name in handler.arguments))
            changes = ctx.store.changes()
        finally:
            asked.at_work = None
            left = ctx.end()
        asked.changes += [changes, *left.host]
        return value, left

    def _fail(self, asked: Asked, handler: Handler, error: BaseException) -> None:
        log_failure(handler, error)
        asked.failures.append(Failure(handler.plugin.name, error, summary(handler, error) or ""))


def _changed(message: Outgoing, value: Any) -> Outgoing | None:
    """A message as the return of an `outgoing` hook wants it, None to veto it. Raises BadArgument and PluginError."""
    if value is None:
        return message
    if value is STOP:
        return None
    if not isinstance(value, str):
        raise PluginError(f"returned {type(value).__name__}; outgoing returns a text, STOP or None")
    return rewritten(message, value)


def _tell_veto(handler: Handler, message: Outgoing) -> None:
    plugin = handler.plugin.name
    log.info(
        "vetoed     chat %s: %d characters by %s, by plugin %s",
        message.thread_id,
        len(message.body),
        message.plugin,
        plugin,
        extra={"thread_id": message.thread_id, "plugin": plugin},
    )
