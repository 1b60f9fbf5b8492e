"""What one call is about, and what it leaves to be committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botkit.context import Context, Work
from botkit.jobs import JobChange
from botkit.messenger import Event
from botkit.outgoing import Outgoing
from botkit.runner.contexts import chat_of
from botkit.runner.conversations import Answer, Outcome
from botkit.runner.effects import Act
from botkit.runner.loader import Handler, HookTable
from botkit.runner.opinions import Asked, Failure
from botkit.runner.turns import Turns
from botkit.runner.whys import Step
from botkit.storage import Changes


@dataclass(frozen=True)
class Call:
    """What is to be run.

    row_id: the journal row, None for what is not journalled. last: closes the row in the same commit. ended: the
    handlers, commands too, that are not to get the row again. pending: marks of earlier calls about the same event that
    left nothing to commit; they go along with the next commit. on_lost: told, on the watch's thread, when the call does
    not come back; its worker is lost then. answer: the event answers a question of the handler's conversation.
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
    answer: Answer | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Result:
    """How a call ended.

    error: what it raised, already logged. is_over: the event needs no further handler. is_lost: the call was written
    off before it came back; whoever sees this has nothing to do with the event any more. steps: what is to be told to
    who asks what became of a message. failures: of the plugins that were asked about what the call did.
    """

    is_over: bool = False
    error: BaseException | None = None
    plugin: str = ""
    is_lost: bool = False
    steps: tuple[Step, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Leavings:
    """What is to be committed for a call. asked: the plugins that were asked about it and have not failed;
    asked_changes: what they and those that have leave in their stores."""

    plugin: str
    marks: tuple[str, ...]
    outgoing: tuple[Outgoing, ...] = ()
    work: tuple[tuple[str, Work], ...] = ()
    changes: Sequence[Changes] = ()
    stop: bool = False
    error: BaseException | None = None
    late: str | None = None
    reloads: tuple[str, ...] = ()
    jobs: tuple[JobChange, ...] = ()
    steps: tuple[Step, ...] = ()
    asked: tuple[str, ...] = ()
    asked_changes: Sequence[Changes] = ()
    failures: tuple[Failure, ...] = ()
    outcome: Outcome | None = None
    is_void: bool = False
    """The handler was not called, as its conditions did not fit: neither a success nor a failure of its plugin."""

    @property
    def all_changes(self) -> list[Changes]:
        """Those of the call and of the plugins that were asked about it."""
        return [*self.changes, *self.asked_changes]

    @property
    def is_empty(self) -> bool:
        """Nothing but the mark: the call may be run again without harm."""
        changed = any(changes or changes.relied or changes.listed for changes in self.all_changes)
        is_failed = self.error is not None or self.failures
        leaves = self.outgoing or self.work or self.late or self.reloads or self.jobs or self.outcome
        return not (leaves or changed or self.stop or is_failed)

    @property
    def told(self) -> tuple[Step, ...]:
        """What became of the event in this call."""
        if self.steps:
            return self.steps
        if self.error is not None:
            return (Step.of("failed", plugin=self.plugin),)
        if self.outgoing:
            return (Step.of("answered", plugin=self.plugin),)
        return (Step.of("stopped", plugin=self.plugin),) if self.stop else ()


@dataclass(eq=False)
class Attempt:
    """One run of a call, which the watch may take from its thread; `handler` and `marks` are what is at work in it.

    alone: the plugin that it is to have to itself. done: what the handler has left, while others are asked about it.
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
    asked: Asked = field(init=False)
    done: Leavings | None = None
    outcome: Outcome | None = None

    def __post_init__(self) -> None:
        self.asked = Asked(self.call.table, self.call.event, self.act, self.contexts)

    @property
    def at_work(self) -> Handler:
        """Whose code is at work at this moment: the handler's, the command's that it asked for, or that of a plugin
        which is asked about it."""
        return self.asked.at_work or self.handler

    def describe(self) -> str:
        """The same in words."""
        return f"plugin {self.at_work.plugin.name}: {self.at_work.id}"


def answer_to(event: Event | None, text: str) -> tuple[Outgoing, ...]:
    """A message to the chat of an event; none where there is no chat, or nothing to say."""
    thread_id, _ = chat_of(event)
    if thread_id is None or not text.strip():
        return ()
    return (Outgoing(thread_id, text),)
