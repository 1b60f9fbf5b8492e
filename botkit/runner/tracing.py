"""`botkit run --trace-hooks`: a log line for each call of a plugin's function, and for each that was not called, why.

The functions in the hook table are wrapped for it, so a bot that does not trace pays nothing. No line holds what people
wrote or what a plugin answered.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import Any

from botkit.clock import Clock
from botkit.commands import Command, CommandTable, Invocation
from botkit.context import Context
from botkit.conversations import Conversation
from botkit.hookspecs import STOP
from botkit.jobs import Job
from botkit.logs import get_logger
from botkit.runner.loader import Handler, HookTable
from botkit.runner.reload import Renew
from botkit.runner.whys import Step
from botkit.texts import say

log = get_logger(__name__)

# What became of an event when its handler was called, which is told already.
_CALLED = ("answered", "failed", "ran", "stopped")


class Trace:
    """Any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def table(self, table: HookTable) -> HookTable:
        """The same table with functions that tell when they are called."""
        hooks = {hook: tuple(self.handler(one) for one in handlers) for hook, handlers in table.hooks.items()}
        commands = CommandTable.of(self._command(one) for one in table.commands.commands)
        return replace(table, hooks=hooks, commands=commands, jobs=tuple(self._job(one) for one in table.jobs))

    def renew(self, renew: Renew) -> Renew:
        """The same way to load a plugin's code anew, giving such tables."""
        return lambda name, table: self.table(renew(name, table))

    def closed(self, event: Any, reason: str) -> None:
        """The gates have kept an event from all plugins."""
        log.info("trace      %s: no plugin is called: %s", _event(event), reason)

    def not_called(self, handlers: Iterable[Handler], event: Any, reason: str) -> None:
        """These were not called for an event."""
        for handler in handlers:
            self._tell(handler.id, handler.plugin.name, event, f"not called: {reason}")

    def outcome(self, handler: Handler, event: Any, steps: Iterable[Step]) -> None:
        """What is known of a call when it is through, such as why a command was not run: as `!why` tells it."""
        for step in steps:
            if step.key not in _CALLED:
                sentence = say("en", f"why.{step.key}", **dict(step.values))
                self._tell(handler.id, handler.plugin.name, event, f"why: {sentence}")

    def handler(self, handler: Handler) -> Handler:
        """The same with a function that tells when it is called."""
        return replace(handler, function=self._traced(handler.function, handler.id, handler.plugin.name))

    def _command(self, command: Command) -> Command:
        name = f"{command.plugin}:!{command.name}"
        return replace(command, function=self._traced(command.function, name, command.plugin))

    def _job(self, job: Job) -> Job:
        return replace(job, function=self._traced(job.function, f"{job.plugin}:@{job.name}", job.plugin))

    def _traced(self, function: Callable[..., Any], name: str, plugin: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def called(*given: Any) -> Any:
            begun_s = self._clock.monotonic()
            try:
                value = function(*given)
            except BaseException as error:
                self._tell_call(name, plugin, given, begun_s, f"raised {type(error).__name__}")
                raise
            if inspect.isgenerator(value):
                return self._turns(value, name, plugin, given)
            self._tell_call(name, plugin, given, begun_s, f"returned {_kind(value)}")
            return value

        return called

    def _turns(self, inner: Generator[Any, Any, Any], name: str, plugin: str, given: tuple[Any, ...]) -> Conversation:
        """The same conversation, of which each turn is told."""
        go_on = functools.partial(inner.send, None)
        while True:
            begun_s = self._clock.monotonic()
            try:
                question = go_on()
            except StopIteration as end:
                self._tell_call(name, plugin, given, begun_s, f"returned {_kind(end.value)}")
                last: str | None = end.value
                return last
            except BaseException as error:
                self._tell_call(name, plugin, given, begun_s, f"raised {type(error).__name__}")
                raise
            self._tell_call(name, plugin, given, begun_s, "asked")
            try:
                go_on = functools.partial(inner.send, (yield question))
            except GeneratorExit:
                inner.close()
                raise
            except BaseException as error:
                go_on = functools.partial(inner.throw, error)

    def _tell_call(self, name: str, plugin: str, given: tuple[Any, ...], begun_s: float, end: str) -> None:
        took_ms = 1000 * (self._clock.monotonic() - begun_s)
        ctx = next((one for one in given if isinstance(one, Context)), None)
        event = ctx.event if ctx is not None else next(iter(given), None)
        self._tell(name, plugin, event, f"{took_ms:.1f} ms, {end}")

    def _tell(self, name: str, plugin: str, event: Any, what: str) -> None:
        extra = {"plugin": plugin}
        if (thread_id := getattr(event, "thread_id", None)) is not None:
            extra["thread_id"] = thread_id
        log.info("trace      %s: %s: %s", _event(event), name, what, extra=extra)


def _event(event: Any) -> str:
    """What has happened, in a word, and where."""
    if event is None:
        return "no event"
    thread_id = getattr(event, "thread_id", None)
    kind = type(event).__name__
    return kind if thread_id is None else f"{kind} in chat {thread_id}"


def _kind(value: Any) -> str:
    """What a function has returned, without what it says."""
    if isinstance(value, Invocation):
        return f"the command {value.command.name}"
    if isinstance(value, str):
        return "a text"
    return repr(value) if value is None or value is STOP or isinstance(value, bool) else type(value).__name__
