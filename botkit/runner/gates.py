"""The gates for an event: whether the plugins are asked about it at all.

Own messages are stopped before this, in the journal, which keeps them for their key. A gate that raises counts as no.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger import Event, Message, RawEvent
from botkit.runner.loop_guard import LoopGuard

log = get_logger(__name__)


class Gates:
    """Decides about events as they are handled, on the threads of the lanes."""

    def __init__(self, clock: Clock, own_id: str, answer_within_s: float, on_loop: Callable[[str, str], None]) -> None:
        """`on_loop` is told (thread id, account) when an account is answered no more for a while."""
        self._clock = clock
        self._own_id = own_id
        self._answer_within_ms = round(answer_within_s * 1000)
        self._loops = LoopGuard(clock, on_loop)

    def own(self, event: RawEvent) -> None:
        """The account itself has written; on the socket's thread."""
        if event.text is not None and event.thread_id is not None and event.timestamp_ms is not None:
            self._loops.own(event.thread_id, event.text, event.timestamp_ms)

    def closed_to(self, event: Event) -> str | None:
        """Why an event is not for the plugins, or None when it is."""
        if not isinstance(event, Message) or event.sender_id == self._own_id:
            return None
        try:
            quiet = self._loops.other(event.thread_id, event.sender_id, event.body, event.timestamp_ms)
        except Exception:
            log.exception("the loop guard failed on message %s, which is left alone", event.message_id)
            return "the loop guard failed"
        return "loop guard: the bot is quiet towards this account" if quiet else None

    def with_age(self, event: Event) -> Event:
        """A message that is older than the bot answers says so itself."""
        if isinstance(event, Message) and self._clock.time_ms() - event.timestamp_ms > self._answer_within_ms:
            return replace(event, is_late=True)
        return event
