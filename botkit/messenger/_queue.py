"""The sync queue as a state machine: what to ask, what to hand on, and where the cursor stands. Pure.

Deltas have consecutive numbers; the cursor is the last one handed on (dossier 2, sections 3.4 and 3.5). One
`SyncQueue` serves one connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from botkit.messenger._raw_events import RawEvent, raw_events
from botkit.messenger._socket import create_queue, get_diffs
from botkit.messenger._wire import int_of

# The batch behind a hole may come twice by itself, which is no answer yet.
_QUESTIONS_ABOUT_A_HOLE = 2
_OVERFLOW_NUMBER = 100
# More than so many questions without a recognisable answer are not remembered.
_MOST_QUESTIONS = 100


@dataclass(frozen=True)
class Batch:
    """Deltas in order: number `first` + i belongs to `deltas[i]`; those handed on before are cut off."""

    first: int
    deltas: tuple[Mapping[str, Any], ...] = field(repr=False)
    received_ms: int

    @cached_property
    def events(self) -> tuple[RawEvent, ...]:
        """What the deltas tell of, in order."""
        return tuple(event for delta in self.deltas for event in raw_events(delta))


@dataclass(frozen=True)
class Position:
    """Where a listener stands in the account's log: kept by the host, given back after a restart.

    `sync_token` is None while the server has no queue for it; `cursor` is the number of the last delta handed on.
    """

    entity_id: str
    sync_token: str | None = field(repr=False)
    cursor: int


@dataclass(frozen=True)
class Step:
    """What follows from one payload. `position` holds once `batch`, or without one the step itself, is taken.

    caught_up: all that had waited for the connection is in; said once. answered: all is in that had come when
    `SyncQueue.ask` was called.
    """

    batch: Batch | None = None
    position: Position | None = None
    ask: tuple[str, str] | None = None
    gap: str | None = None
    caught_up: bool = False
    answered: bool = False
    lost: str | None = None
    trouble: str | None = None


class SyncQueue:
    """The queue of one connection, from a position on.

    fresh: the position is "now", so nothing can have waited.
    resumable: the position's token has served a batch, so the server may be asked for what came after it.
    is_page: the account acts as a page; batches of other queues, such as the account's own, are passed over.
    """

    def __init__(self, position: Position, *, fresh: bool, resumable: bool, is_page: bool = False) -> None:
        self.position = position
        self._is_page = is_page
        self.resumable = resumable and position.sync_token is not None
        self._fresh = fresh
        self._created = False
        self._hole: _Hole | None = None
        self._caught_up = False
        # A new queue pushes what had waited without saying where it ends: a question sent after it (the barrier, asked
        # at this cursor) is answered last, and so proves the end.
        self._end_unproven = not self.resumable
        self._barrier: int | None = None
        # In the order in which the server answers them.
        self._questions: list[_Question] = []

    @property
    def in_doubt(self) -> bool:
        """Whether an answer about a hole is still owed."""
        return self._hole is not None and not self._hole.answered

    def opening(self) -> tuple[str, str]:
        """The first request of the connection: the old queue where possible, else a new one."""
        if self.resumable:
            return self._diffs()
        return create_queue(self.position.entity_id, self.position.cursor)

    def ask(self, *, wants_answer: bool) -> tuple[str, str]:
        """A request that a living queue answers, at least with an empty batch; a step says so if that is wanted."""
        return self.opening() if self.position.sync_token is None else self._diffs(wants_answer=wants_answer)

    def take(self, payload: Mapping[str, Any], received_ms: int) -> Step:
        """What to do about a payload of `/t_ms`. Call `commit` with the step's position when it is done."""
        if (code := payload.get("errorCode")) is not None:
            return _error(code)
        if "deltas" not in payload and payload.get("syncToken") is not None:
            return self._new_queue(str(payload["syncToken"]))
        if self._is_page and str(payload.get("queueEntityId", self.position.entity_id)) != self.position.entity_id:
            return Step()
        try:
            deltas = payload["deltas"]
            first = _first_number(payload, len(deltas))
            last_issued = _last_issued(payload, first + len(deltas) - 1)
        except (KeyError, TypeError, ValueError):
            return Step(trouble="a payload of /t_ms is no batch")
        if not isinstance(deltas, list):
            return Step(trouble="the deltas of a payload of /t_ms are no list")
        return self._batch(first, deltas, last_issued, received_ms)

    def commit(self, position: Position) -> None:
        """The host has taken everything up to `position`."""
        self.resumable = self.resumable or position.cursor > self.position.cursor
        self.position = position

    def _new_queue(self, token: str) -> Step:
        # The number in the answer is not used: the sources do not settle what it means (dossier 2, section 3.4).
        self._created = True
        position = replace(self.position, sync_token=token)
        if self._fresh:
            return Step(position=position, caught_up=self._first_time())
        self._barrier = position.cursor
        self._note_question(position.cursor)
        return Step(position=position, ask=get_diffs(position.entity_id, position.cursor, token))

    def _batch(self, first: int, deltas: list[Mapping[str, Any]], last_issued: int, received_ms: int) -> Step:
        cursor = self.position.cursor
        gap = None
        if first > cursor + 1:
            if not self._accepts_hole(first):
                return self._ask_about(first)
            if first > cursor + 1 + self._doubt():
                gap = f"deltas {cursor + 1} to {first - 1} are missing on the server"
        elif self._hole is not None and self._hole.cursor == cursor:
            self._hole.answered = True
        last = first + len(deltas) - 1
        caught_up = self._reaches_end(first, last, last_issued)
        answered = last >= max(cursor, last_issued) and self._answers(first, last)
        fresh_deltas = tuple(deltas[max(0, cursor + 1 - first) :])
        if not fresh_deltas:
            return Step(gap=gap, caught_up=caught_up, answered=answered)
        batch = Batch(max(first, cursor + 1), fresh_deltas, received_ms)
        return Step(batch, replace(self.position, cursor=last), gap=gap, caught_up=caught_up, answered=answered)

    def _doubt(self) -> int:
        """One number is in doubt right after a queue was created: perhaps there never was a delta of that number."""
        return 1 if self._created and not self.resumable else 0

    def _accepts_hole(self, first: int) -> bool:
        hole = self._hole
        if hole is None or hole.cursor != self.position.cursor:
            return False
        return hole.answered or (hole.first == first and hole.questions == _QUESTIONS_ABOUT_A_HOLE)

    def _ask_about(self, first: int) -> Step:
        hole = self._hole
        if hole is not None and hole.cursor == self.position.cursor:
            if hole.first != first:
                return Step()
            hole.questions += 1
            return Step(ask=self._diffs())
        if self.position.sync_token is None:
            return Step(trouble=f"a batch starts at {first}, before the queue was made")
        self._hole = _Hole(self.position.cursor, first)
        return Step(ask=self._diffs())

    def _reaches_end(self, first: int, last: int, last_issued: int) -> bool:
        """Whether nothing that had waited is still to come; says so once."""
        if self._is_barrier_answer(first, last):
            self._barrier, self._end_unproven = None, False
        if self._end_unproven or last < last_issued:
            return False
        return self._first_time()

    def _is_barrier_answer(self, first: int, last: int) -> bool:
        """The barrier's answer starts where it asked, and repeats what the new queue had pushed or is empty."""
        if self._barrier is None or first > self._barrier + 1:
            return False
        return last < first or first <= self.position.cursor

    def _answers(self, first: int, last: int) -> bool:
        """Whether a batch is the answer to a question that wants one.

        It starts where the question was asked, and is empty or repeats what was pushed meanwhile. What is new at that
        place may just as well have been pushed: then the answer follows. Each answer settles the questions before it.
        """
        if first <= last and first > self.position.cursor:
            return False
        for index, question in enumerate(self._questions[:]):
            if question.cursor + 1 == first:
                settled = self._questions[: index + 1]
                del self._questions[: index + 1]
                return any(one.wants_answer for one in settled)
        return False

    def _first_time(self) -> bool:
        first, self._caught_up = not self._caught_up, True
        return first

    def _diffs(self, *, wants_answer: bool = False) -> tuple[str, str]:
        position = self.position
        assert position.sync_token is not None
        self._note_question(position.cursor, wants_answer=wants_answer)
        return get_diffs(position.entity_id, position.cursor, position.sync_token)

    def _note_question(self, cursor: int, *, wants_answer: bool = False) -> None:
        self._questions.append(_Question(cursor, wants_answer))
        del self._questions[:-_MOST_QUESTIONS]


@dataclass(frozen=True)
class _Question:
    """What came after `cursor` was asked for."""

    cursor: int
    wants_answer: bool


@dataclass
class _Hole:
    """A batch that started beyond the next number, while the cursor stood at `cursor`."""

    cursor: int
    first: int
    answered: bool = False
    questions: int = 1


def _error(code: object) -> Step:
    if code == _OVERFLOW_NUMBER or str(code).startswith("ERROR_QUEUE"):
        return Step(lost=f"the server lost the queue ({code})")
    return Step(trouble=f"the server reports {code} on the queue")


def _first_number(payload: Mapping[str, Any], count: int) -> int:
    """The number of the first delta, counted back from the last where the server does not say. Raises ValueError."""
    first = payload.get("firstDeltaSeqId")
    return int_of(payload.get("lastIssuedSeqId")) - count + 1 if first is None else int_of(first)


def _last_issued(payload: Mapping[str, Any], otherwise: int) -> int:
    value = payload.get("lastIssuedSeqId")
    return otherwise if value is None else int_of(value)
