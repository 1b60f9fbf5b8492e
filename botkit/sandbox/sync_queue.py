"""One connection's window on its account's delta log: create, catch up, follow (dossier 2, sections 3 and 14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botkit.sandbox.audience import DeltaLogged
from botkit.sandbox.engine import Engine
from botkit.sandbox.wire import compact

_NOT_FOUND = "ERROR_QUEUE_NOT_FOUND"
_OVERFLOW = "ERROR_QUEUE_OVERFLOW"
_MOST_BEHIND = 1000
_LARGEST_BATCH = 500


class SyncQueue:
    """Writes what goes on `/t_ms` to `push`, as JSON text. Silent until a queue was asked for."""

    def __init__(self, engine: Engine, account: str, push: Callable[[str], None]) -> None:
        self._storage = engine.storage
        self._account = account
        self._push = push
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
        self._push(compact(answer))
        self._catch_up(start, request)

    def resume(self, request: dict[str, Any]) -> None:
        """Answer `/messenger_sync_get_diffs`, with nothing new by an empty batch: a client waits for some answer."""
        if not self._storage.knows_sync_token(self._account, str(request.get("sync_token"))):
            self._fail(_NOT_FOUND)
            return
        start = self._start(request, "last_seq_id")
        if start is None:
            return
        if start == self._storage.last_sequence(self._account):
            self._push_batch(start, [])
        self._catch_up(start, request)

    def follow(self, event: DeltaLogged) -> None:
        """Push one new delta, as a batch of one."""
        if self._follows:
            self._push_batch(event.number - 1, [event.body])

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
        self._push(compact({"errorCode": code}))

    def _catch_up(self, position: int, request: dict[str, Any]) -> None:
        """Push everything above `position`, then follow."""
        size = min(_count(request, "delta_batch_size", _LARGEST_BATCH), _LARGEST_BATCH)
        while bodies := self._storage.deltas(self._account, position, size):
            self._push_batch(position, bodies)
            position += len(bodies)
        self._follows = True

    def _push_batch(self, position: int, bodies: list[str]) -> None:
        self._push(
            f'{{"deltas":[{",".join(bodies)}],"firstDeltaSeqId":{position + 1},'
            f'"lastIssuedSeqId":{position + len(bodies)},"queueEntityId":{self._account}}}'
        )


def _count(request: dict[str, Any], name: str, default: int = _MOST_BEHIND) -> int:
    text = str(request.get(name))
    return int(text) if text.isascii() and text.isdecimal() and int(text) > 0 else default
