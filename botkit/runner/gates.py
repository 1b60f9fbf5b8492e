"""The gates for an event: whether the plugins are asked about it at all.

In this order: own message (stopped before this, in the journal, which keeps it for its key, unless the bot is to hear
itself), a person who is ignored, a muted chat, the loop guard. A gate that raises counts as no; only when the store
cannot be read the event waits. The gates for a command are in `command_gates`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger import Event, Message, RawEvent
from botkit.messenger.errors import StoreError
from botkit.own_events import BackgroundResult
from botkit.runner.book import Book
from botkit.runner.contexts import chat_of
from botkit.runner.loop_guard import LoopGuard
from botkit.runner.whys import Step

log = get_logger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What the gates say. closed: why the event is not for the plugins, for the journal, or None. step: the same for
    the person. commands_only: it is an owner's in a muted chat, so it may be a command, or an answer to a
    question, and nothing else."""

    closed: str | None = None
    step: Step | None = None
    commands_only: bool = False


OPEN = Verdict()


class Gates:
    """Decides about events as they are handled, on the threads of the lanes."""

    def __init__(
        self,
        clock: Clock,
        own_id: str,
        answer_within_s: float,
        book: Book,
        owners: frozenset[str],
        on_loop: Callable[[str, str], None],
    ) -> None:
        """`on_loop` is told (thread id, account) when an account is answered no more for a while."""
        self._clock = clock
        self._own_id = own_id
        self._answer_within_ms = round(answer_within_s * 1000)
        self._book = book
        self._owners = owners
        self._loops = LoopGuard(clock, on_loop)

    def own(self, event: RawEvent) -> None:
        """The account itself has written; on the socket's thread."""
        if event.text is not None and event.thread_id is not None and event.timestamp_ms is not None:
            self._loops.own(event.thread_id, event.text, event.timestamp_ms)

    def verdict(self, event: Event | BackgroundResult, *, is_resumed: bool = False) -> Verdict:
        """Whether an event is for the plugins; the loop guard has counted one that is resumed already."""
        try:
            closed = self._ignored(event) or self._muted(event)
            return closed or (None if is_resumed else self._loop(event)) or OPEN
        except StoreError:
            # What is kept cannot be read at the moment: the event waits, as for any other store trouble.
            raise
        except Exception:
            log.exception("a gate failed on an event of type %s, which is left alone", type(event).__name__)
            return Verdict("a gate failed", Step("gate_failed"))

    @property
    def muted(self) -> Verdict:
        """What is said of an event in a muted chat."""
        return Verdict("muted: the bot is silent in this chat", Step("muted"))

    def is_command(self, event: Event) -> bool:
        """Whether a message begins as a command does in its chat."""
        return isinstance(event, Message) and event.body.startswith(self._book.chat(event.thread_id).prefix)

    def is_muted(self, thread_id: str) -> bool:
        """Whether the bot is silent in a chat."""
        return self._book.is_muted(thread_id)

    def is_enabled(self, plugin: str, event: Event | None) -> bool:
        """Whether a plugin is on in the chat of an event; one that fails counts as no."""
        thread_id, _ = chat_of(event)
        if thread_id is None:
            return True
        try:
            return self._book.is_enabled(plugin, thread_id)
        except Exception:
            log.exception("whether plugin %s is on in chat %s is not known; it is left out", plugin, thread_id)
            return False

    def with_age(self, event: Event) -> Event:
        """A message that is older than the bot answers says so itself."""
        if isinstance(event, Message) and self._clock.time_ms() - event.timestamp_ms > self._answer_within_ms:
            return replace(event, is_late=True)
        return event

    def _ignored(self, event: Event | BackgroundResult) -> Verdict | None:
        _, person_id = chat_of(event)
        if person_id is None or person_id in self._owners or not self._book.is_ignored(person_id):
            return None
        return Verdict("banned: the bot ignores this person", Step("ignored"))

    def _muted(self, event: Event | BackgroundResult) -> Verdict | None:
        thread_id, person_id = chat_of(event)
        if thread_id is None or not self._book.is_muted(thread_id):
            return None
        if isinstance(event, Message) and person_id in self._owners:
            return Verdict(commands_only=True)
        return self.muted

    def _loop(self, event: Event | BackgroundResult) -> Verdict | None:
        if not isinstance(event, Message) or event.sender_id == self._own_id:
            return None
        said = (event.thread_id, event.sender_id, event.body, event.timestamp_ms)
        if self._loops.other(*said, is_command=self.is_command(event)):
            return Verdict("loop guard: the bot is quiet towards this account", Step("loop"))
        return None
