"""The sync queue: cursor, holes, errors and the proof of being caught up."""

from typing import Any

from botkit.messenger._queue import Position, SyncQueue

CREATE = "/messenger_sync_create_queue"
DIFFS = "/messenger_sync_get_diffs"


def resumed(cursor: int = 10) -> SyncQueue:
    return SyncQueue(Position("1", "t", cursor), fresh=False, resumable=True)


def batch(first: int, *bodies: str, last: int | None = None) -> dict[str, Any]:
    last = first + len(bodies) - 1 if last is None else last
    return {"deltas": [{"body": body} for body in bodies], "firstDeltaSeqId": first, "lastIssuedSeqId": last}


def take(queue: SyncQueue, payload: dict[str, Any]) -> Any:
    step = queue.take(payload, 5)
    if step.position is not None:
        queue.commit(step.position)
    return step


def bodies(step: Any) -> list[str]:
    return [] if step.batch is None else [delta["body"] for delta in step.batch.deltas]


def test_a_queue_with_a_token_is_resumed() -> None:
    """get_diffs with the last number and the token, as dossier 2, section 3.3."""
    topic, payload = resumed().opening()
    assert topic == DIFFS and '"last_seq_id":"10"' in payload and '"sync_token":"t"' in payload


def test_without_a_served_token_a_queue_is_made_from_the_cursor() -> None:
    """No token, or one that has not served a batch."""
    for token in (None, "t"):
        topic, payload = SyncQueue(Position("1", token, 10), fresh=False, resumable=False).opening()
        assert topic == CREATE and '"initial_titan_sequence_id":"10"' in payload


def test_the_answer_of_create_does_not_move_the_cursor() -> None:
    """Its number may mean the last seen or the next one."""
    queue = SyncQueue(Position("1", None, 10), fresh=True, resumable=False)
    step = take(queue, {"firstDeltaSeqId": 11, "syncToken": "1", "queueEntityId": 1})
    assert step.position == Position("1", "1", 10) and step.caught_up and step.ask is None


def test_a_batch_moves_the_cursor_by_its_deltas() -> None:
    """Not by lastIssuedSeqId, which may lie further on."""
    queue = resumed()
    step = take(queue, batch(11, "a", "b", last=20))
    assert bodies(step) == ["a", "b"] and step.batch.first == 11
    assert queue.position.cursor == 12 and not step.caught_up


def test_what_was_handed_on_is_cut_off() -> None:
    """A repeat overlaps; only the rest counts, with its own number."""
    queue = resumed()
    step = take(queue, batch(9, "old", "old", "new"))
    assert bodies(step) == ["new"] and step.batch.first == 11
    assert bodies(take(queue, batch(9, "old", "old", "new"))) == []


def test_numbers_may_be_texts_and_the_first_may_be_absent() -> None:
    """Then the last issued one counts back."""
    queue = resumed()
    assert bodies(take(queue, batch(11, "a") | {"firstDeltaSeqId": "11", "lastIssuedSeqId": "11"})) == ["a"]
    assert bodies(take(queue, {"deltas": [{"body": "b"}], "lastIssuedSeqId": 12})) == ["b"]


def test_a_hole_is_asked_about_twice_and_accepted_when_it_comes_again() -> None:
    """Nothing of it is handed on before; then with a gap."""
    queue = resumed()
    for _ in range(2):
        asked = take(queue, batch(13, "c"))
        assert asked.batch is None and asked.ask[0] == DIFFS and '"last_seq_id":"10"' in asked.ask[1]
    accepted = take(queue, batch(13, "c"))
    assert bodies(accepted) == ["c"] and "11 to 12" in accepted.gap
    assert queue.position.cursor == 13


def test_a_hole_that_is_filled_leaves_no_gap() -> None:
    """Reordered batches: all come, in order, once."""
    queue = resumed()
    assert take(queue, batch(12, "b")).ask is not None
    assert bodies(take(queue, batch(11, "a"))) == ["a"]
    assert bodies(take(queue, batch(11, "a", "b"))) == ["b"]


def test_a_repeat_of_the_batch_behind_a_hole_is_no_answer() -> None:
    """The network may bring it twice before what is missing comes."""
    queue = resumed()
    take(queue, batch(12, "b"))
    assert take(queue, batch(12, "b")).gap is None
    assert bodies(take(queue, batch(11, "a", "b"))) == ["a", "b"]


def test_more_behind_a_hole_waits_for_the_answer() -> None:
    """Another number while the answer is due is neither asked about nor accepted."""
    queue = resumed()
    take(queue, batch(13, "c"))
    later = take(queue, batch(14, "d"))
    assert later.batch is None and later.ask is None and queue.in_doubt


def test_an_answer_without_the_missing_deltas_ends_the_doubt() -> None:
    """An empty answer: whatever comes next is accepted with a gap."""
    queue = resumed()
    take(queue, batch(13, "c"))
    take(queue, batch(11, last=10))
    assert not queue.in_doubt
    assert take(queue, batch(14, "d")).gap is not None


def test_one_number_is_in_doubt_after_a_new_queue() -> None:
    """The first batch may start one later than the cursor says: that is asked about as well, but leaves no gap."""
    queue = SyncQueue(Position("1", None, 10), fresh=True, resumable=False)
    take(queue, {"firstDeltaSeqId": 11, "syncToken": "1"})
    for _ in range(2):
        assert take(queue, batch(12, "a")).ask is not None
    accepted = take(queue, batch(12, "a"))
    assert bodies(accepted) == ["a"] and accepted.gap is None
    assert take(queue, batch(14, "c")).ask is not None


def test_a_delta_that_is_lost_after_a_new_queue_comes_when_it_is_asked_for() -> None:
    """A batch that did not arrive is not taken for a number that never was."""
    queue = SyncQueue(Position("1", None, 10), fresh=True, resumable=False)
    take(queue, {"firstDeltaSeqId": 11, "syncToken": "1"})
    take(queue, batch(12, "b"))
    assert bodies(take(queue, batch(11, "a", "b"))) == ["a", "b"]


def test_errors_of_the_queue_mean_it_is_lost() -> None:
    """By name or as the number 100; others are only trouble."""
    for code in ("ERROR_QUEUE_OVERFLOW", "ERROR_QUEUE_NOT_FOUND", "ERROR_QUEUE_LOST", 100):
        assert resumed().take({"errorCode": code}, 5).lost is not None
    step = resumed().take({"errorCode": "FB_PAGES_INSUFFICIENT_PERMISSION"}, 5)
    assert step.lost is None and step.trouble is not None


def test_a_resumed_queue_is_caught_up_at_the_last_issued_number() -> None:
    """Said once; an empty answer counts."""
    queue = resumed()
    assert not take(queue, batch(11, "a", last=12)).caught_up
    assert take(queue, batch(12, "b")).caught_up
    assert not take(queue, batch(13, "c")).caught_up
    assert take(resumed(), batch(11, last=10)).caught_up


def test_a_new_queue_from_an_old_cursor_is_proved_by_a_barrier() -> None:
    """Batches of the queue itself prove nothing; the answer to the barrier, a repeat, does."""
    queue = SyncQueue(Position("1", None, 10), fresh=False, resumable=False)
    created = take(queue, {"firstDeltaSeqId": 10, "syncToken": "2"})
    assert created.ask[0] == DIFFS and '"last_seq_id":"10"' in created.ask[1] and not created.caught_up
    assert not take(queue, batch(11, "a", "b")).caught_up
    assert not take(queue, batch(13, "c")).caught_up
    answer = take(queue, batch(11, "a", "b", "c"))
    assert answer.caught_up and bodies(answer) == []


def test_an_empty_barrier_answer_proves_it_too() -> None:
    """Nothing had waited."""
    queue = SyncQueue(Position("1", None, 10), fresh=False, resumable=False)
    take(queue, {"firstDeltaSeqId": 10, "syncToken": "2"})
    assert take(queue, batch(11, last=10)).caught_up


def asked(queue: SyncQueue, *, wants_answer: bool = True) -> SyncQueue:
    queue.ask(wants_answer=wants_answer)
    return queue


def settled(cursor: int = 10) -> SyncQueue:
    """A queue whose first question has been answered."""
    queue = resumed(cursor)
    take(queue, batch(cursor + 1, last=cursor))
    return queue


def test_a_question_is_asked_at_the_cursor() -> None:
    """get_diffs; without a token the request for a queue, which is answered as well."""
    topic, payload = settled().ask(wants_answer=True)
    assert topic == DIFFS and '"last_seq_id":"10"' in payload
    assert SyncQueue(Position("1", None, 10), fresh=True, resumable=False).ask(wants_answer=True)[0] == CREATE


def test_an_empty_batch_is_an_answer() -> None:
    """Said once."""
    queue = asked(settled())
    assert take(queue, batch(11, last=10)).answered
    assert not take(queue, batch(11, last=10)).answered


def test_what_is_pushed_meanwhile_is_no_answer() -> None:
    """It was under way when the question was asked; the answer repeats it."""
    queue = asked(settled())
    assert not take(queue, batch(11, "a")).answered
    assert not take(queue, batch(12, "b")).answered
    assert take(queue, batch(11, "a", "b")).answered


def test_a_push_that_comes_twice_is_no_answer() -> None:
    """Unless it looks like one: where the question was asked, and with all that there is."""
    queue = asked(settled())
    take(queue, batch(11, "a"))
    take(queue, batch(12, "b"))
    assert not take(queue, batch(11, "a")).answered
    assert not take(queue, batch(12, "b")).answered
    assert not take(queue, batch(10, "z")).answered


def test_the_first_part_of_a_long_answer_is_none() -> None:
    """More is to come."""
    queue = asked(settled())
    take(queue, batch(11, "a"))
    assert not take(queue, batch(11, "a", last=500)).answered


def test_the_answer_to_an_earlier_question_is_not_that_to_a_later_one() -> None:
    """They come in order; one that nobody waits for says nothing."""
    queue = asked(asked(settled(), wants_answer=False))
    assert not take(queue, batch(11, last=10)).answered
    assert take(queue, batch(11, last=10)).answered


def test_a_later_answer_settles_earlier_questions() -> None:
    """Whose own answers were not recognised, as they were all new."""
    queue = asked(settled())
    take(queue, batch(11, "a"))
    asked(queue, wants_answer=False)
    assert take(queue, batch(12, last=11)).answered


def test_questions_without_answers_are_forgotten_in_the_end() -> None:
    """The newest hundred are remembered."""
    queue = settled()
    for _ in range(1000):
        asked(queue)
    assert sum(take(queue, batch(11, last=10)).answered for _ in range(1000)) == 100


def test_a_payload_that_is_no_batch_is_only_trouble() -> None:
    """The connection goes on."""
    odd_ones: list[dict[str, Any]] = [{}, {"deltas": "x", "firstDeltaSeqId": 1}, {"deltas": []}]
    for odd in odd_ones:
        step = resumed().take(odd, 5)
        assert step.trouble is not None and step.batch is None


def test_positions_hide_the_token() -> None:
    """A token never enters a repr."""
    assert "secret" not in repr(Position("1", "secret", 5))
