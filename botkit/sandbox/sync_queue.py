"""One connection's window on its account's delta log: create, catch up, follow (dossier 2, sections 3 and 14)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from botkit.sandbox.audience import DeltaLogged
from botkit.sandbox.engine import Engine
from botkit.sandbox.line import Line
from botkit.sandbox.wire import compact

_NOT_FOUND = "ERROR_QUEUE_NOT_FOUND"
_OVERFLOW = "ERROR_QUEUE_OVERFLOW"
_MOST_BEHIND = 1000
_LARGEST_BATCH = 500


class SyncQueue:
    """Writes what goes on `/t_ms`, as JSON text. Silent until a queue was asked for."""

    def __init__(self, engine: Engine, account: str, line: Line) -> None:
        self._storage = engine.storage
        self._faults = engine.faults
        self._account = account
        self._line = line
        self._follows = False

    def create(self, request: dict[str, Any]) -> None:
        """Answer `/messenger_sync_create_queue`."""
        start = self._start(request, "initial_titan_sequence_id")
        if start is None:
            return
        if self._storage.last_sequence(self._account) - start > _count(request, "max_deltas_able_to_process"):
            self._fail(_OVERFLOW)
            return
        with self._storage.transaction():
            token = self._storage.new_sync_token(self._account)
        answer = {"firstDeltaSeqId": start, "queueEntityId": int(self._account), "syncToken": token}
        self._line.push(compact(answer))
        self._catch_up(start, request)

    def resume(self, request: dict[str, Any]) -> None:
        """Answer `/messenger_sync_get_diffs`, with nothing new by an empty batch: a client waits for some answer."""
        if self._is_lost():
            return
        if not self._storage.knows_sync_token(self._account, str(request.get("sync_token"))):
            self._fail(_NOT_FOUND)
            return
        start = self._start(request, "last_seq_id")
        if start is None:
            return
        if not self._catch_up(start, request):
            end = self._storage.last_sequence(self._account)
            self._line.push(self._batch(end, []))

    def follow(self, event: DeltaLogged) -> None:
        """Push one new delta, as a batch of one."""
        if self._follows and not self._is_lost():
            self._line.push_batch(self._batch(event.number - 1, [event.body]))

    def _is_lost(self) -> bool:
        """Whether the queue was lost on command: its error is told, and what made it lost is done to the log."""
        if not self._line.can_push:
            return False
        if self._faults.take(self._account, "overflow"):
            with self._storage.transaction():
                self._storage.truncate_log(self._account)
            self._fail(_OVERFLOW)
            return True
        if self._faults.take(self._account, "not_found"):
            with self._storage.transaction():
                self._storage.forget_sync_tokens(self._account)
            self._fail(_NOT_FOUND)
            return True
        return False

    def _start(self, request: dict[str, Any], name: str) -> int | None:
        """The position in a request, or None after an error was pushed."""
        text = str(request.get(name))
        start = int(text) if text.isascii() and text.isdecimal() else None
        own = str(request.get("entity_fbid", self._account)) == self._account
        if start is None or not own or start > self._storage.last_sequence(self._account):
            self._fail(_NOT_FOUND)
            return None
        if start < self._storage.oldest_position(self._account):
            self._fail(_OVERFLOW)
            return None
        return start

    def _fail(self, code: str) -> None:
        self._follows = False
        self._line.push(compact({"errorCode": code}))

    def _catch_up(self, position: int, request: dict[str, Any]) -> bool:
        """Push everything above `position`, then follow; whether there was anything."""
        size, start = min(_count(request, "delta_batch_size", _LARGEST_BATCH), _LARGEST_BATCH), position
        while found := self._storage.deltas(self._account, position, size):
            # A number that was lost on command stands between two batches.
            for _, run in groupby(enumerate(found), lambda entry: entry[1][0] - entry[0]):
                numbers, bodies = zip(*(delta for _, delta in run), strict=True)
                self._line.push_batch(self._batch(numbers[0] - 1, bodies))
            position = found[-1][0]
        self._follows = True
        return position > start

    def _batch(self, position: int, bodies: Sequence[str]) -> str:
        return (
            f'{{"deltas":[{",".join(bodies)}],"firstDeltaSeqId":{position + 1},'
            f'"lastIssuedSeqId":{position + len(bodies)},"queueEntityId":{self._account}}}'
        )


def _count(request: dict[str, Any], name: str, default: int = _MOST_BEHIND) -> int:
    text = str(request.get(name))
    return int(text) if text.isascii() and text.isdecimal() and int(text) > 0 else default
