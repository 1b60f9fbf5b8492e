"""Calls the handler of a call, and the command or the conversation that it leads to, in a guard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from botkit.commands import Invocation
from botkit.context import ChatContext, Context, Queued
from botkit.hookspecs import STOP, Stop
from botkit.logs import get_logger
from botkit.messenger import Event, Message
from botkit.messenger.errors import CommandError, PluginError
from botkit.outgoing import Handle
from botkit.runner.breaker import Breakers
from botkit.runner.call import Attempt, Call, Leavings, answer_to
from botkit.runner.command_gates import CommandGates, Refusal
from botkit.runner.contexts import Contexts
from botkit.runner.conversations import Answer, Conversations, New, Outcome, Unfinished
from botkit.runner.failures import log_failure
from botkit.runner.in_hand import InHand
from botkit.runner.loader import Handler, command_handler
from botkit.runner.opinions import Opinions
from botkit.runner.tape import Tape
from botkit.runner.whys import Step
from botkit.storage import Changes

log = get_logger(__name__)

# The names under which hooks ask for what has happened.
_EVENT_ARGUMENTS = (
    "message",
    "event",
    "typing",
    "trouble",
    "result",
    "reaction",
    "unsend",
    "read",
    "receipt",
    "presence",
    "state",
    "gap",
)


class Handling:
    """Used by the calls, on their threads; holds nothing of a call."""

    def __init__(
        self,
        contexts: Contexts,
        breakers: Breakers,
        in_hand: InHand,
        gates: CommandGates,
        opinions: Opinions,
        conversations: Conversations,
        own_id: str,
        turn_alone: Callable[[Attempt, Handler], None],
    ) -> None:
        """`turn_alone` waits for a turn alone with a handler's plugin, if the attempt is to have one."""
        self._contexts = contexts
        self._breakers = breakers
        self._in_hand = in_hand
        self._gates = gates
        self._opinions = opinions
        self._conversations = conversations
        self._own_id = own_id
        self._turn_alone = turn_alone

    def run(self, attempt: Attempt) -> Leavings:
        """What the handler leaves to be committed; whatever it raises is a part of that. Raises nothing of its own."""
        call = attempt.call
        marks = (call.handler.id,)
        try:
            found = self._found(call)
            if found is None:
                return Leavings(call.handler.plugin.name, marks, is_void=True)
            if call.answer is not None:
                return self._answered(attempt, call.answer, marks)
            return self._invoke(attempt, call.handler, (), marks, found)
        except CommandError as error:
            return Leavings(
                call.handler.plugin.name, marks, answer_to(call.event, self._contexts.worded(error, call.event))
            )
        except BaseException as error:
            # SystemExit and KeyboardInterrupt too: left alone they would end the worker, and come again at each start.
            log_failure(call.handler, error)
            return Leavings(call.handler.plugin.name, marks, error=error)

    def _found(self, call: Call) -> Mapping[str, Any] | None:
        """What the handler's conditions have found in the event, or None when none of them fits."""
        if not call.handler.matchers or call.event is None:
            return {}
        tried = (one.find(call.event, self._own_id) for one in call.handler.matchers)
        return next((found for found in tried if found is not None), None)

    def _invoke(
        self,
        attempt: Attempt,
        handler: Handler,
        arguments: tuple[Any, ...],
        marks: tuple[str, ...],
        found: Mapping[str, Any],
    ) -> Leavings:
        call = attempt.call
        attempt.handler, attempt.marks = handler, marks
        after = attempt.asked.so_far(handler.plugin.name)
        ctx = self._contexts.new(handler.plugin, call.table, call.event, attempt.act, after=after)
        attempt.contexts.append(ctx)
        try:
            value = handler.function(*self._given(ctx, call, handler, arguments, found))
            if isinstance(value, str):
                ctx.reply(value)
            changes = ctx.store.changes()
        finally:
            queued = ctx.end()
        own = left_by(handler, marks, queued, changes, stop=value is STOP)
        # A handle is what `return ctx.reply(…)` gives: said already.
        if value is None or isinstance(value, str | Stop | Handle):
            return own
        if isinstance(value, Invocation) and not arguments and handler is call.handler:
            return self._invoke_command(attempt, value, own)
        raise PluginError(f"returned {type(value).__name__}; a handler returns a text, STOP or None")

    def _invoke_command(self, attempt: Attempt, invocation: Invocation, own: Leavings) -> Leavings:
        """The command stands in the place of the call that asked for it: both are committed together, or neither."""
        call, command = attempt.call, invocation.command
        handler = command_handler(command, call.table)
        marks = (*own.marks, handler.id)
        if handler.id in call.ended:
            log.warning("row %s: !%s was set aside and is not run", call.row_id, command.name)
            return replace(own, marks=marks, stop=True, steps=(Step.of("set_aside", command=command.name),))
        verdict = self._gates.ask(invocation, call.event, lambda one: self._opinions.allow(attempt.asked, one))
        if isinstance(verdict, Refusal):
            return self._refused(call, command.name, verdict, replace(own, marks=marks))
        kept = verdict.changes
        if handler.plugin.name != own.plugin and not self._breakers.admits(handler.plugin.name):
            return replace(own, marks=marks, stop=True, steps=(Step.of("paused", plugin=handler.plugin.name),))
        if call.row_id is not None:
            self._in_hand.change(attempt.slot, call.row_id, handler.id)
        if handler.plugin.name != own.plugin:
            self._turn_alone(attempt, handler)
        try:
            if command.is_conversation:
                done = self._begun(attempt, handler, invocation, marks)
            else:
                done = self._invoke(attempt, handler, invocation.arguments, marks, {})
        except CommandError as error:
            return Leavings(
                handler.plugin.name,
                marks,
                answer_to(call.event, self._contexts.worded(error, call.event)),
                changes=kept,
                stop=True,
            )
        except BaseException as error:
            log_failure(handler, error)
            return Leavings(handler.plugin.name, marks, changes=kept, stop=True, error=error)
        return Leavings(
            done.plugin,
            marks,
            own.outgoing + done.outgoing,
            own.work + done.work,
            [*own.changes, *kept, *done.changes],
            stop=True,
            reloads=own.reloads + done.reloads,
            jobs=own.jobs + done.jobs,
            steps=(Step.of("ran", command=command.name, plugin=done.plugin),),
            outcome=done.outcome,
        )

    def _begun(self, attempt: Attempt, handler: Handler, invocation: Invocation, marks: tuple[str, ...]) -> Leavings:
        """The first turn of a conversation."""
        event = attempt.call.event
        if event is None:
            raise PluginError(f"command {invocation.command.name}: a conversation needs somebody to ask")
        return self._converse(
            attempt,
            handler,
            marks,
            lambda new: self._conversations.begin(invocation.command, event, invocation.arguments, new),
        )

    def _answered(self, attempt: Attempt, answer: Answer, marks: tuple[str, ...]) -> Leavings:
        """A turn of a conversation that an answer leads to."""
        handler, event = attempt.call.handler, attempt.call.event
        assert isinstance(event, Message)
        try:
            done = self._converse(attempt, handler, marks, lambda new: self._conversations.answer(answer, event, new))
        except Unfinished as end:
            if end.error is not None:
                log_failure(handler, end.error)
            return Leavings(handler.plugin.name, marks, answer_to(event, end.sentence), error=end.error)
        return replace(done, steps=(Step.of("answer", command=answer.command.name),))

    def _converse(
        self, attempt: Attempt, handler: Handler, marks: tuple[str, ...], turn: Callable[[New], Outcome]
    ) -> Leavings:
        attempt.handler, attempt.marks = handler, marks

        def new(event: Event, tape: Tape) -> ChatContext:
            ctx = self._contexts.new(handler.plugin, attempt.call.table, event, attempt.act, tape)
            attempt.contexts.append(ctx)
            assert isinstance(ctx, ChatContext)
            return ctx

        outcome = attempt.outcome = turn(new)
        own, said = Leavings(handler.plugin.name, marks), outcome.said
        if said is not None:
            own = left_by(handler, marks, said.queued, said.changes)
        before = answer_to(attempt.call.event, outcome.sentence)
        return replace(own, outgoing=before + own.outgoing, outcome=outcome)

    def _refused(self, call: Call, command: str, refusal: Refusal, own: Leavings) -> Leavings:
        log.info(
            "row %s: a command is not run: %s", call.row_id, refusal.late or f"command {command}: {refusal.step.key}"
        )
        return replace(
            own,
            outgoing=own.outgoing + answer_to(call.event, refusal.sentence or ""),
            changes=[*own.changes, *refusal.changes],
            stop=True,
            late=refusal.late,
            steps=(refusal.step,),
        )

    def _given(
        self, ctx: Context, call: Call, handler: Handler, arguments: tuple[Any, ...], found: Mapping[str, Any]
    ) -> Iterator[Any]:
        if handler is not call.handler:
            yield ctx
            yield from arguments
            return
        known = {"ctx": ctx, **dict.fromkeys(_EVENT_ARGUMENTS, call.event), **call.extra, **found}
        yield from (known[name] for name in handler.arguments)


def left_by(
    handler: Handler, marks: tuple[str, ...], queued: Queued, changes: Changes, *, stop: bool = False
) -> Leavings:
    """What a handler has left in its context."""
    return Leavings(
        handler.plugin.name,
        marks,
        queued.outgoing,
        tuple((handler.plugin.name, one) for one in queued.work),
        [changes, *queued.host],
        stop=stop,
        reloads=queued.reloads,
        jobs=queued.jobs,
    )
