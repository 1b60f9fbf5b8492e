"""The code of a conversation at its open question: a generator, and the context that wakes with every turn."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import CodeType
from typing import Any

from botkit.context import ChatContext, Queued
from botkit.conversations import Ask, asked
from botkit.hookspecs import Stop
from botkit.logs import get_logger
from botkit.messenger.errors import PluginError
from botkit.outgoing import Handle
from botkit.runner.tape import Entry, Tape
from botkit.storage import Changes

log = get_logger(__name__)

NewContext = Callable[[Tape], ChatContext]
"""Makes the context of a turn, which is asked through the tape."""


@dataclass(frozen=True)
class Said:
    """What a turn has led to: the next question, or None when the conversation has ended; and what it leaves behind."""

    question: Ask | None
    changes: Changes
    queued: Queued
    reads: list[Entry] = field(repr=False)


class Dialogue:
    """Used by one thread at a time. Between turns its context is dead."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """`function` is the command's; nothing of it is run yet."""
        self.function = function
        self.tape = Tape(scope_of(function))
        self.question: Ask | None = None
        self._arguments = arguments
        self._ctx: ChatContext | None = None
        self._generator: Generator[Any, Any, Any] | None = None

    def go_on(self, new: NewContext, value: Any) -> Said:
        """Give the code the answer to its question, None at the start, and run it up to the next one. Raises what it
        raises."""
        self.tape.record()
        return self._run(new(self.tape), value)

    def replay(self, new: NewContext, value: Any, reads: list[Entry]) -> None:
        """The same with what was read then, and with nothing left of what the code does. Raises Astray when it does
        not ask for the same, or what it raises."""
        self.tape.play(reads)
        self._run(new(self.tape), value)

    def close(self) -> None:
        """Let the code end where it stands. Its context is dead, so its last words are of no account."""
        try:
            if self._generator is not None:
                self._generator.close()
        except BaseException as error:
            log.debug("what a conversation does at its end has failed", exc_info=error)

    def _run(self, fresh: ChatContext, value: Any) -> Said:
        ctx = self._awake(fresh)
        try:
            if self._generator is None:
                self._generator = self.function(ctx, *self._arguments)
            self.question, last = _advance(self._generator, value)
            text = self.question.question if self.question else last
            if text is not None:
                ctx.reply(text)
            changes = ctx.store.changes()
        finally:
            queued = ctx.end()
            reads = self.tape.stop()
        return Said(self.question, changes, queued, reads)

    def _awake(self, fresh: ChatContext) -> ChatContext:
        """The context that the code has known from its start, going on as that of the present turn."""
        if self._ctx is None:
            self._ctx = fresh
        elif self._ctx is not fresh:
            self._ctx.wake(fresh)
        return self._ctx


def _advance(generator: Generator[Any, Any, Any], value: Any) -> tuple[Ask | None, str | None]:
    """(the next question, the last text)"""
    try:
        found = generator.send(value)
    except StopIteration as end:
        return None, _last(end.value)
    try:
        return asked(found), None
    except PluginError as error:
        # Raised at the yield, so that the log names its line.
        generator.throw(error)
        raise


def _last(value: Any) -> str | None:
    if value is None or isinstance(value, Handle | Stop):
        return None
    if isinstance(value, str):
        return value
    raise PluginError(f"returned {type(value).__name__}; a conversation returns a text or None")


def scope_of(function: Callable[..., Any]) -> Mapping[str, Any]:
    """The global names of the module of a function."""
    found: Mapping[str, Any] = getattr(inspect.unwrap(function), "__globals__", {})
    return found


def digest_of(function: Callable[..., Any]) -> str:
    """The same for the same code, wherever in its file it stands."""
    plain = inspect.unwrap(getattr(function, "__func__", function))
    return sha256(repr(_essence(plain.__code__)).encode()).hexdigest()


def _essence(code: CodeType) -> tuple[Any, ...]:
    constants = [_essence(one) if isinstance(one, CodeType) else _told(one) for one in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, constants


def _told(constant: object) -> str:
    # The members of a set come in another order in another process.
    return repr(sorted(map(repr, constant))) if isinstance(constant, frozenset) else repr(constant)
