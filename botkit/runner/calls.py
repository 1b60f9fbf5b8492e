"""One call: one event and one handler, run in a guard and committed as one transaction.

The call's store changes, its mark "done", its messages and its background work are committed together. What a handler
raises ends its own call and nothing else; one that does not come back is written off by the watch.
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger import Message
from botkit.messenger.errors import BotkitError, PluginError
from botkit.runner import journal_table, steps
from botkit.runner.awaited import Awaited
from botkit.runner.breaker import Breakers
from botkit.runner.call import Attempt, Call, Leavings, Result, answer_to
from botkit.runner.command_gates import CommandGates
from botkit.runner.commits import Commits, Written
from botkit.runner.contexts import Contexts, chat_of
from botkit.runner.conversations import Conversations, Outcome
from botkit.runner.effects import Effects
from botkit.runner.failures import log_failure, summary
from botkit.runner.handling import Handling
from botkit.runner.in_hand import InHand
from botkit.runner.loader import Handler
from botkit.runner.opinions import Asked, Failure, Opinions
from botkit.runner.outbox import OutboxRow
from botkit.runner.statistics import Statistics
from botkit.runner.turns import Turns
from botkit.runner.watch import Watch
from botkit.runner.whys import Step
from botkit.storage import Changes, Conflict
from botkit.store import Database

log = get_logger(__name__)

# After so many conflicts with other calls of its plugin a call is run with the plugin to itself.
_TRIES_TOGETHER = 3


@dataclass(frozen=True)
class Outlets:
    """Who is told what a call has committed; each returns at once."""

    outbox: Callable[[Sequence[OutboxRow]], None]
    work: Callable[[Sequence[int]], None]
    changes: Callable[[Sequence[Changes]], None]
    reload: Callable[[str, str | None], None]
    """(plugin, thread id of the chat that is told how it went)."""
    jobs: Callable[[list[tuple[int, str]]], None]
    """Jobs have been changed; [(row id, lane)] of the runs that were asked for."""


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
        gates: CommandGates,
        opinions: Opinions,
        conversations: Conversations,
        own_id: str,
        *,
        error_reply: str | None = None,
        shadow: bool = False,
        step: steps.Step = steps.no_step,
    ) -> None:
        """`error_reply` is what a chat is told when a call about one of its messages has raised; None: nothing."""
        self._database = database
        self._clock = clock
        self._effects = effects
        self._breakers = breakers
        self._watch = watch
        self._in_hand = in_hand
        self._statistics = statistics
        self._outlets = outlets
        self._opinions = opinions
        self._conversations = conversations
        self._handling = Handling(contexts, breakers, in_hand, gates, opinions, conversations, own_id, self._turn_alone)
        self._commits = Commits(clock, contexts, breakers, awaited, conversations, shadow=shadow)
        self._error_reply = error_reply
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
            attempt = Attempt(call, self._effects.of_call(name), slot, self._clock.monotonic(), call.handler, alone)
            try:
                return self._once(attempt)
            except Conflict:
                alone = attempt.handler.plugin.name if number >= _TRIES_TOGETHER else None
                if attempt.handler is not call.handler:
                    # A command asks its breaker anew.
                    self._breakers.undecided(attempt.handler.plugin.name)
                self._undecided(attempt.asked)
            except Exception:
                self._in_hand.leave(slot)
                self._breakers.undecided(attempt.handler.plugin.name)
                self._undecided(attempt.asked)
                raise
        raise AssertionError("unreachable: the loop ends by a return")

    def _undecided(self, asked: Asked) -> None:
        for plugin in asked.admitted:
            self._breakers.undecided(plugin)

    def _unnumbered_name(self, call: Call) -> str:
        return f"{self._clock.time_ms()}.{next(self._unnumbered)}:{call.handler.id}"

    def _pass_over(self, call: Call) -> Result:
        if call.row_id is not None and call.last:
            row_id = call.row_id
            self._database.submit(lambda c: journal_table.close_row(c, row_id))
        else:
            call.pending.append(call.handler.id)
        return Result(steps=(Step.of("paused", plugin=call.handler.plugin.name),))

    def _once(self, attempt: Attempt) -> Result:
        handler = attempt.call.handler
        self._turn_alone(attempt, handler)
        lease = self._watch.begin(attempt.describe, lambda: self._lose(attempt))
        try:
            left = self._looked_at(attempt, self._handling.run(attempt))
            if not self._watch.end(lease):
                return Result(is_lost=True)
            if any(left.all_changes) and attempt.turns is None:
                attempt.turns = self._turns_of(left.plugin)
                attempt.turns.enter(attempt, alone=False)
            return self._finish(attempt, left)
        finally:
            if attempt.turns is not None:
                attempt.turns.leave(attempt)
            if attempt.outcome is not None:
                self._conversations.settle(attempt.outcome)

    def _turn_alone(self, attempt: Attempt, handler: Handler) -> None:
        """Wait for a turn alone with the handler's plugin, if that is the one whose calls this one keeps losing to."""
        if attempt.alone == handler.plugin.name:
            attempt.turns = self._turns_of(handler.plugin.name)
            attempt.turns.enter(attempt, alone=True)

    def _lose(self, attempt: Attempt) -> None:
        """The call has not come back: decide its outcome without it. On the watch's thread."""
        call = attempt.call
        attempt.asked.is_over = True
        for ctx in attempt.contexts:
            ctx.end()
        if attempt.turns is not None:
            attempt.turns.leave(attempt)
        error = PluginError("did not come back in time, and was given up")
        log_failure(attempt.at_work, error)
        left = self._left_by_lost(attempt, error)
        try:
            result = self._finish(attempt, left, lost=True)
        except BotkitError as trouble:
            log.error("the outcome of a call that was given up cannot be kept: %s", trouble)
            result = Result(error=error, plugin=left.plugin)
        if call.on_lost is not None:
            call.on_lost(result)

    def _left_by_lost(self, attempt: Attempt, error: PluginError) -> Leavings:
        """What is to be committed for a call that did not come back. If it hangs in a plugin which was asked about it,
        that is its messages all the same, or no leave to run its command."""
        own, asked, handler = attempt.call.handler, attempt.asked, attempt.handler
        if asked.at_work is not None:
            plugin = asked.at_work.plugin.name
            asked.failures.append(Failure(plugin, error, summary(asked.at_work, error) or "", is_lost=True))
            done = attempt.done or Leavings(own.plugin.name, attempt.marks, stop=True)
            return self._with_opinions(done, asked)
        return Leavings(handler.plugin.name, attempt.marks or (handler.id,), stop=handler is not own, error=error)

    def _finish(self, attempt: Attempt, left: Leavings, *, lost: bool = False) -> Result:
        """Commit, and note how it went. Raises Conflict, and StoreError when nothing can be written."""
        call = attempt.call
        try:
            result = self._commit(call, left, lost)
        except Conflict:
            raise
        except Exception as error:
            # If the store itself is in trouble, the last try says so.
            if left.error is not None:
                raise
            return self._finish(attempt, _without_misfits(attempt, left, error), lost=lost)
        self._in_hand.leave(attempt.slot)
        took_s = self._clock.monotonic() - attempt.begun_s
        self._statistics.note(left.plugin, took_s, summary(attempt.handler, left.error))
        for failure in left.failures:
            self._statistics.note(failure.plugin, 0.0, failure.told)
        return result

    def _commit(self, call: Call, left: Leavings, lost: bool) -> Result:
        if left.outcome is None and call.answer is not None:
            # A turn that has come to no question ends its conversation.
            left = replace(left, outcome=Outcome(call.answer.opened.key))
        is_over = call.last or left.stop
        result = Result(is_over, left.error, left.plugin, steps=left.told, failures=left.failures)
        if left.is_void:
            self._breakers.undecided(left.plugin)
            self._commit_mark(call, left)
            return result
        if left.is_empty and not any(map(self._breakers.counts, (left.plugin, *left.asked))):
            self._commit_mark(call, left)
            return result
        if left.error is not None and self._error_reply and isinstance(call.event, Message):
            left = replace(left, outgoing=left.outgoing + answer_to(call.event, self._error_reply))
        pending = list(call.pending)

        def write(connection: sqlite3.Connection) -> Written:
            return self._commits.write(connection, call, left, pending, lost)

        written = self._database.write(write)
        if call.row_id is None:
            call.pending.extend(left.marks)
        else:
            call.pending.clear()
        self._step(steps.CALL_COMMITTED)
        if left.outcome is not None:
            self._conversations.committed(left.outcome)
        self._hand_over(call, left, written)
        return result

    def _hand_over(self, call: Call, left: Leavings, written: Written) -> None:
        if any(left.all_changes):
            self._outlets.changes(left.all_changes)
        if written.outbox:
            self._outlets.outbox(written.outbox)
        if written.work:
            self._outlets.work(written.work)
        if left.jobs:
            self._outlets.jobs(written.runs)
        for plugin in left.reloads:
            self._outlets.reload(plugin, chat_of(call.event)[0])

    def _commit_mark(self, call: Call, left: Leavings) -> None:
        """A call that leaves nothing is not worth a commit of its own, nor waiting for one: it may be run again."""
        row_id = call.row_id
        if row_id is not None and call.last:
            self._database.submit(lambda c: journal_table.close_row(c, row_id))
        else:
            call.pending.extend(left.marks)

    def _looked_at(self, attempt: Attempt, left: Leavings) -> Leavings:
        """What the plugins that are asked have left of what a call wants to send, and what they leave themselves."""
        asked = attempt.asked
        if not asked.admitted and not attempt.call.table.handlers("outgoing"):
            return left
        queued = (*asked.outgoing, *left.outgoing)
        asked.queued = tuple(replace(one, plugin=one.plugin or left.plugin) for one in queued)
        attempt.done = left
        asked.call_changes = left.changes
        self._opinions.outgoing(asked)
        return self._with_opinions(left, asked)

    def _with_opinions(self, left: Leavings, asked: Asked) -> Leavings:
        failed = {one.plugin for one in asked.failures}
        left = replace(left, outgoing=tuple(one for one in asked.queued if one is not None))
        return replace(
            left,
            steps=left.told + tuple(Step.of("vetoed", plugin=plugin) for plugin in dict.fromkeys(asked.vetoers)),
            work=left.work + asked.work,
            jobs=left.jobs + asked.jobs,
            asked=tuple(plugin for plugin in dict.fromkeys(asked.admitted) if plugin not in failed),
            asked_changes=tuple(asked.changes),
            failures=tuple(asked.failures),
        )

    def _turns_of(self, plugin: str) -> Turns:
        with self._lock:
            return self._turns.setdefault(plugin, Turns(self._clock))


def _without_misfits(attempt: Attempt, left: Leavings, error: Exception) -> Leavings:
    """What is left to commit when an operation did not fit the value that it met, such as an increment of a text: first
    without those of the plugins that were asked about the call, then nothing, for then it is the call's own fault."""
    plugins = {one.plugin for one in left.asked_changes if one.operations}
    if not plugins:
        log_failure(attempt.handler, error)
        return Leavings(left.plugin, left.marks, stop=left.stop, error=error)
    told = f"{type(error).__name__} when its store was written"
    for plugin in plugins:
        log.error("plugin %s: %s", plugin, told, extra={"plugin": plugin})
    return replace(
        left,
        asked=tuple(plugin for plugin in left.asked if plugin not in plugins),
        asked_changes=tuple(one for one in left.asked_changes if one.plugin not in plugins),
        failures=left.failures + tuple(Failure(plugin, error, told) for plugin in plugins),
    )
