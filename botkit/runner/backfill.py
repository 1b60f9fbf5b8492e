"""After a lost queue: the messages that came meanwhile are fetched from the chats' histories, and put in their places.

The journal holds back what is live, chat by chat, until what came before it in that chat is there. A chat that cannot
be fetched in 60 s is released with a gap that names it. A crash in the midst begins anew at the next start.
"""

from __future__ import annotations

from collections.abc import Callable

from botkit.clock import Clock, start_thread
from botkit.logs import get_logger
from botkit.messenger import Api, MessengerError, RawEvent
from botkit.messenger.errors import StoreError
from botkit.runner.journal import Journal
from botkit.runner.lanes import Lanes

log = get_logger(__name__)

_CHAT_S = 60.0
_WORKERS = 4
_STORE_RETRY_S = 5.0


class Backfill:
    """Makes lost queues good, on threads of its own; when one is lost again meanwhile, it all begins anew."""

    def __init__(
        self,
        journal: Journal,
        api: Api,
        clock: Clock,
        on_gap: Callable[[str, str | None], None],
        on_done: Callable[[], None],
    ) -> None:
        """`on_gap` is told what may be missing for good, and in which chat (None: any), `on_done` when all chats are
        released."""
        self._journal = journal
        self._api = api
        self._clock = clock
        self._on_gap = on_gap
        self._on_done = on_done
        self._lanes: Lanes[tuple[int, int]] = Lanes("backfill", self._fetch, clock, most_workers=_WORKERS)
        self._stopped = False

    def start(self) -> None:
        """Begin, if the journal holds something back. Any thread; returns at once."""
        if self._journal.missed_since_ms() is not None:
            start_thread(self._clock, self._run, "botkit-backfill")

    def stop(self) -> None:
        """Leave off; the next start begins anew."""
        self._stopped = True
        self._lanes.stop(0.0)

    def _run(self) -> None:
        try:
            self._make_good()
        except StoreError as error:
            log.error("a lost queue is made good at the next start: %s", error)

    def _make_good(self) -> None:
        loss, since_ms = self._journal.losses, self._journal.missed_since_ms()
        if since_ms is None:
            return
        try:
            chats = dict(self._api.threads_since(since_ms))
        except MessengerError as error:
            self._on_gap(
                f"the list of chats cannot be fetched ({error}), so messages may be missing in any of them", None
            )
            chats = {}
        self._journal.release_all_but(set(chats), loss)
        for thread_id in chats:
            self._lanes.put(thread_id, (since_ms, loss))
        self._lanes.wait_empty()
        # The lanes are empty too when a stop has dropped what was still to be fetched.
        if not self._stopped and self._journal.end_of_missed(loss):
            self._on_done()

    def _fetch(self, thread_id: str, missed: tuple[int, int]) -> float | None:
        since_ms, loss = missed
        found: list[RawEvent] = []
        try:
            found = self._api.missed_messages(thread_id, since_ms, known=self._journal.knows, timeout_s=_CHAT_S)
        except MessengerError as error:
            self._on_gap(f"chat {thread_id} cannot be fetched ({error}), so messages may be missing there", thread_id)
        try:
            kept = self._journal.release(thread_id, found, loss)
        except StoreError as error:
            log.error("chat %s is still held back: %s", thread_id, error)
            return _STORE_RETRY_S
        if kept:
            log.info("chat %s: %d messages fetched that came while the queue was lost", thread_id, kept)
        return None
