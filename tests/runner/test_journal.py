"""What comes in is kept before it is handled."""

from __future__ import annotations

import json

import pytest

from botkit.messenger import Batch, ConnectionState, Position, raw_events
from botkit.messenger.errors import StoreError
from botkit.outgoing import Outgoing
from botkit.runner import outbox, steps
from botkit.runner.awaited import Awaited
from botkit.runner.in_hand import Note
from botkit.runner.journal import Journal, Listeners
from botkit.runner.journal_table import KEPT_MS

OWN, GROUP = "100000000000001", "7000000000000001"
NOW_MS = 1767225600000


@pytest.fixture
def told():
    return []


@pytest.fixture
def journal(database, clock, told, awaited):
    return make(database, clock, told, awaited)


def make(database, clock, told, awaited=None, **options):
    listeners = Listeners(
        rows=told.extend,
        transient=lambda *what: told.append(what),
        state=told.append,
        gap=told.append,
        queue_lost=told.append,
        caught_up=lambda: told.append("caught up"),
    )
    return Journal(database, OWN, clock, listeners, awaited or Awaited(database), **options)


def batch(*deltas, first=1):
    return Batch(first, tuple(deltas), 1767225600000), Position(OWN, "1", first + len(deltas) - 1)


def test_a_batch_is_kept_with_its_position_and_told_by_row(journal, delta, told):
    """The rows hold the raw delta; the lanes get row numbers with their chat."""
    journal.batch(*batch(delta("mid.$g1"), delta("mid.$g2", thread="8000000000000001")))
    assert told == [(1, GROUP), (2, "8000000000000001")]
    assert journal.last_position() == Position(OWN, "1", 2)
    row = journal.read(1)
    assert (row.thread_id, row.payload["body"], row.received_ms) == (GROUP, "hello", 1767225600000)
    assert journal.open_rows() == told


def test_what_came_before_is_dropped(journal, delta, told):
    """The same message id again is one row; its neighbours are kept."""
    journal.batch(*batch(delta("mid.$g1")))
    journal.batch(*batch(delta("mid.$g1"), delta("mid.$g2"), first=2))
    assert len(told) == 2
    assert len(journal.open_rows()) == 2


def test_own_messages_are_kept_for_their_key_only(journal, delta, told, database, clock):
    """They are not handled; with self_listen they are."""
    journal.batch(*batch(delta("mid.$g1", sender=OWN)))
    assert (told, journal.open_rows()) == ([], [])
    make(database, clock, told, keep_own=True).batch(*batch(delta("mid.$g2", sender=OWN), first=2))
    assert len(told) == 1


def test_the_echo_of_an_own_message_ticks_its_row_off(journal, delta, database, awaited):
    """By the offline threading id; the message id is kept."""
    database.write(lambda c: outbox.add(c, "echo", [Outgoing(GROUP, "hi")], 1767225600000, None, lambda: 1, awaited))
    ((otid,),) = database.read("SELECT offline_threading_id FROM outbox")
    journal.batch(*batch(delta("mid.$g9", sender=OWN, otid=otid)))
    assert database.read("SELECT state, message_id FROM outbox") == [("sent", "mid.$g9")]


def test_somebody_elses_message_with_our_id_ticks_nothing_off(journal, delta, database, awaited):
    """The id counts only together with the sender."""
    database.write(lambda c: outbox.add(c, "echo", [Outgoing(GROUP, "hi")], 1767225600000, None, lambda: 1, awaited))
    ((otid,),) = database.read("SELECT offline_threading_id FROM outbox")
    journal.batch(*batch(delta("mid.$g9", otid=otid)))
    assert database.read("SELECT state FROM outbox") == [("open",)]


def test_a_delta_that_means_nothing_moves_the_position_only(journal):
    """NoOp takes a number and makes no row."""
    journal.batch(*batch({"class": "NoOp"}))
    assert journal.open_rows() == []
    assert journal.last_position().cursor == 1


def test_a_new_queue_is_remembered(journal):
    """Token and cursor, without deltas."""
    assert journal.last_position() is None
    journal.position(Position(OWN, "7", 4321))
    assert journal.last_position() == Position(OWN, "7", 4321)


def test_when_it_cannot_write_the_batch_is_refused(journal, delta, database):
    """The listener then keeps its old position and comes back."""
    database.close()
    with pytest.raises(StoreError):
        journal.batch(*batch(delta("mid.$g1")))


def test_a_row_that_was_handled_is_closed_for_good(journal, delta):
    """Its marks go with it, and a repeat is still known."""
    journal.batch(*batch(delta("mid.$g1")))
    assert journal.read(1) is not None
    journal.close_row(1)
    assert journal.read(1) is None
    journal.batch(*batch(delta("mid.$g1"), first=2))
    assert journal.open_rows() == []


def test_keys_are_forgotten_after_fourteen_days(journal, delta, clock, database):
    """Open rows stay whatever their age."""
    journal.batch(*batch(delta("mid.$g1"), delta("mid.$g2")))
    journal.close_row(1)
    clock.advance(KEPT_MS / 1000)
    journal.prune()
    assert len(database.read("SELECT id FROM journal")) == 2
    clock.advance(1)
    journal.prune()
    assert database.read("SELECT id FROM journal") == [(2,)]


def states(journal, *wanted):
    return [(row.id, row.state) for row in journal.rows(wanted or ("open", "held", "dead", "late"))]


def test_the_socket_hears_the_moment_of_the_commit(database, clock, told, delta):
    """A test ends the process there: what is told later is told by the next start."""
    journal = make(database, clock, told, step=lambda name: told.append((name, len(journal.open_rows()))))
    journal.batch(*batch(delta("mid.$g1")))
    assert told == [(steps.JOURNAL_COMMITTED, 1), (1, GROUP)]


def test_what_is_not_journalled_goes_straight_through(journal, told, database):
    """Typing, states, gaps, and that the bot has caught up."""
    state = ConnectionState("live", "the queue has answered", 0)
    journal.transient("/thread_typing", {"state": 1}, 5)
    journal.state(state)
    journal.gap("numbers 5 to 7 are missing")
    journal.caught_up()
    assert told == [("/thread_typing", {"state": 1}, 5), state, "numbers 5 to 7 are missing", "caught up"]
    assert database.read("SELECT count(*) FROM journal") == [(0,)]


def test_own_deeds_and_raw_rows_are_told_on_the_way(database, clock, delta):
    """Own ones too, in order, and each once though it comes twice."""
    own, raw = [], []
    listeners = Listeners(
        rows=lambda rows: None,
        transient=lambda *what: None,
        state=lambda state: None,
        gap=lambda reason: None,
        queue_lost=lambda reason: None,
        caught_up=lambda: None,
        own=lambda event: own.append(event.text),
        raw=lambda event, received_ms: raw.append((event.key, received_ms)),
    )
    journal = Journal(database, OWN, clock, listeners, Awaited(database))
    journal.batch(*batch(delta("mid.$g1", "from Ann"), delta("mid.$g2", "from the bot", sender=OWN)))
    journal.batch(*batch(delta("mid.$g2", "from the bot", sender=OWN), first=2))
    assert own == ["from the bot"]
    assert raw == [("message:mid.$g1", 1767225600000), ("message:mid.$g2", 1767225600000)]


def test_the_echo_ends_an_effect_that_was_begun(database, clock, told, delta):
    """A send through ctx.api before a crash has arrived after all."""
    database.write(
        lambda c: c.execute(
            "INSERT INTO effects (call, number, digest, function, kind, offline_threading_id, begun_ms, result)"
            " VALUES ('1:p', 0, 'd', 'send_message', 'message', '42', 5, 'null')"
        )
    )
    make(database, clock, told).batch(*batch(delta("mid.$g9", sender=OWN, otid="42")))
    ((ended_ms, result),) = database.read("SELECT ended_ms, result FROM effects")
    assert ended_ms is not None
    assert json.loads(result)["sent"] == {"thread_id": GROUP, "message_id": "mid.$g9", "timestamp_ms": 1767225600000}


def test_more_rows_than_are_held_in_memory_can_all_be_read(journal, delta):
    """The others come from the file."""
    journal.batch(*batch(*(delta(f"mid.$g{number}") for number in range(1100))))
    assert [journal.read(row_id).payload["messageMetadata"]["messageId"] for row_id, _ in journal.open_rows()] == [
        f"mid.$g{number}" for number in range(1100)
    ]


def test_a_row_is_read_with_the_handlers_that_are_through(journal, delta, database):
    """After a crash they are left out."""
    journal.batch(*batch(delta("mid.$g1")))
    assert journal.read(1).ended == frozenset()
    database.write(lambda c: c.execute("INSERT INTO calls VALUES (1, 'p:on_message')"))
    assert journal.read(1).ended == {"p:on_message"}


def test_a_row_that_ends_the_process_three_times_is_set_aside(journal, delta):
    """It says in whose hand it was; other rows that were in hand by chance go on."""
    journal.batch(*batch(delta("mid.$g1"), delta("mid.$g2")))
    notes = [Note(1, "bad:on_message"), Note(2, "echo:on_message")]
    assert journal.count_starts(notes) == []
    assert journal.count_starts(notes[:1]) == []
    assert [row.starts for row in journal.rows(["open"])] == [2, 1]
    assert journal.count_starts(notes[:1]) == [(1, "bad:on_message")]
    journal.close_row(1)
    (dead,) = journal.rows(["dead"])
    assert (dead.id, dead.thread_id, dead.kind, dead.starts) == (1, GROUP, "message", 3)
    assert dead.note == "ended the process 3 times, in bad:on_message"
    assert journal.open_rows() == [(2, GROUP)]
    assert journal.counts() == {"dead": 1, "open": 1}


def test_a_handler_set_aside_gets_its_row_again_when_the_owner_asks(journal, delta, database, clock, told):
    """The other handlers get it without that; who was through with it does not get it twice."""
    journal.batch(*batch(delta("mid.$g1")))
    database.write(lambda c: c.execute("INSERT INTO calls VALUES (1, 'good:on_message')"))
    again = make(database, clock, told)
    for _ in range(3):
        again.count_starts([Note(1, "bad:on_message")])
    assert again.read(1).ended == {"good:on_message", "bad:on_message"}
    again.close_row(1)
    assert again.retry(1)
    assert again.read(1).ended == {"good:on_message"}


def test_a_row_that_was_through_meanwhile_is_not_counted(journal, delta):
    """It had been committed before the process ended."""
    journal.batch(*batch(delta("mid.$g1")))
    journal.close_row(1)
    for _ in range(3):
        assert journal.count_starts([Note(1, "p:on_message"), Note(99, "p:on_message")]) == []


@pytest.mark.parametrize("state", ["dead", "late"])
def test_a_row_set_aside_can_be_tried_again(journal, delta, told, database, state):
    """By its number, whatever its age; what other handlers have done already is not done again."""
    journal.batch(*batch(delta("mid.$g1")))
    journal.read(1)
    database.write(lambda c: c.execute("INSERT INTO calls VALUES (1, 'p:on_message')"))
    journal.close_row(1, state, "why")
    told.clear()
    assert journal.read(1) is None
    assert journal.retry(1)
    assert told == [(1, GROUP)]
    row = journal.read(1)
    assert (row.asked, row.ended) == (True, {"p:on_message"})
    assert [one.starts for one in journal.rows(["open"])] == [0]


def test_only_rows_set_aside_can_be_tried_again(journal, delta, told):
    """Not one that is done or open, and none that there is not."""
    journal.batch(*batch(delta("mid.$g1"), delta("mid.$g2")))
    journal.close_row(1)
    told.clear()
    assert [journal.retry(row_id) for row_id in (1, 2, 3)] == [False, False, False]
    assert told == []


def test_of_what_is_done_only_the_key_is_kept_after_a_day(journal, delta, clock, database):
    """What people wrote does not lie around; open rows and rows set aside keep it."""
    journal.batch(*batch(delta("mid.$g1"), delta("mid.$g2"), delta("mid.$g3")))
    journal.close_row(1)
    journal.close_row(2, "late", "why")
    clock.advance(24 * 3600)
    journal.prune()
    assert [payload == "" for (payload,) in database.read("SELECT payload FROM journal ORDER BY id")] == [False] * 3
    clock.advance(1)
    journal.prune()
    assert [payload == "" for (payload,) in database.read("SELECT payload FROM journal ORDER BY id")] == [
        True,
        False,
        False,
    ]
    assert journal.knows("message:mid.$g1")


def test_the_outbox_and_the_ledger_are_forgotten_with_the_keys(journal, clock, database, awaited):
    """What waits to be sent stays whatever its age."""
    rows = [Outgoing(GROUP, "sent", number=1), Outgoing(GROUP, "open", number=2)]
    now_ms = clock.time_ms()

    def fill(connection):
        outbox.add(connection, "p", rows, now_ms, None, lambda: 0, awaited)
        connection.execute("UPDATE outbox SET state = 'sent', ended_ms = ? WHERE id = 1", (now_ms,))
        connection.execute(
            "INSERT INTO effects (call, number, digest, function, kind, begun_ms, result)"
            " VALUES ('1:p', 0, 'd', 'set_title', 'change', ?, 'null')",
            (now_ms,),
        )

    database.write(fill)
    for seconds, left in ((KEPT_MS / 1000, (2, 1)), (1, (1, 0))):
        clock.advance(seconds)
        journal.prune()
        database.write(lambda c: None)
        counts = database.read("SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM effects)")
        assert counts == [left]


class Missed:
    """A journal whose queue was lost after one message, and what is live since."""

    def __init__(self, journal, delta, told):
        self.journal = journal
        self.delta = delta
        journal.position(Position(OWN, "1", 0))
        journal.batch(*batch(delta("mid.$g1", at_ms=NOW_MS + 1)))
        journal.close_row(1)
        journal.queue_lost(Position(OWN, "2", 0), "the server has lost the queue")
        told.clear()

    def live(self, *deltas):
        self.journal.batch(*batch(*deltas))

    def fetched(self, *deltas):
        return [event for one in deltas for event in raw_events(one)]


@pytest.fixture
def missed(journal, delta, told):
    return Missed(journal, delta, told)


def bodies(journal):
    return [journal.read(row_id).payload["body"] for row_id, _ in journal.open_rows()]


def test_after_a_lost_queue_what_is_live_is_held_back(missed, journal, delta, told):
    """The new position holds, and it is known since when something may be missing."""
    assert journal.last_position() == Position(OWN, "2", 0)
    missed.live(delta("mid.$g5", at_ms=NOW_MS + 5))
    assert told == []
    assert states(journal) == [(2, "held")]
    assert journal.missed_since_ms() == NOW_MS


def test_what_was_fetched_comes_before_what_was_held_back(missed, journal, delta, told):
    """By time; what was known before is dropped, and each row is told in its new place."""
    missed.live(delta("mid.$g5", "five", at_ms=NOW_MS + 5), delta("mid.$g4", "four", at_ms=NOW_MS + 4))
    fetched = missed.fetched(
        delta("mid.$g1", "one", at_ms=NOW_MS + 1),
        delta("mid.$g4", "four", at_ms=NOW_MS + 4),
        delta("mid.$g2", "two", at_ms=NOW_MS + 2),
        delta("mid.$g3", "three", at_ms=NOW_MS + 3),
    )
    assert journal.release(GROUP, fetched, journal.losses) == 2
    assert bodies(journal) == ["two", "three", "four", "five"]
    assert told == journal.open_rows()


def test_a_released_chat_is_live_again(missed, journal, delta, told):
    """The others are still held back."""
    journal.release(GROUP, [], journal.losses)
    missed.live(delta("mid.$g5"), delta("mid.$g6", thread="8000000000000001"))
    assert [thread for _, thread in told] == [GROUP]
    assert [state for _, state in states(journal)] == ["open", "held"]


def test_chats_in_which_nothing_is_missing_are_released_at_once(missed, journal, delta, told):
    """Those that the server does not name."""
    missed.live(delta("mid.$g5"), delta("mid.$g6", thread="8000000000000001"))
    journal.release_all_but({GROUP}, journal.losses)
    assert [thread for _, thread in told] == ["8000000000000001"]


def test_at_the_end_nothing_is_held_back_any_more(missed, journal, delta, told):
    """Whatever was forgotten comes then."""
    missed.live(delta("mid.$g5"))
    assert journal.end_of_missed(journal.losses)
    missed.live(delta("mid.$g6"))
    assert len(told) == 2
    assert journal.missed_since_ms() is None


def test_a_crash_in_the_midst_holds_back_anew(missed, journal, delta, told, database, clock):
    """The next process knows since when messages are missing, and what has been held."""
    missed.live(delta("mid.$g5", "five", at_ms=NOW_MS + 5))
    again = make(database, clock, told)
    assert again.missed_since_ms() == NOW_MS
    again.batch(*batch(delta("mid.$g6", "six", at_ms=NOW_MS + 6), first=2))
    assert told == []
    again.release(GROUP, missed.fetched(delta("mid.$g2", "two", at_ms=NOW_MS + 2)), again.losses)
    assert bodies(again) == ["two", "five", "six"]


def test_a_queue_that_is_lost_twice_is_missed_since_the_first_time(missed, journal, delta):
    """What has come in between is held and does not count."""
    missed.live(delta("mid.$g5", at_ms=NOW_MS + 5))
    before = journal.losses
    journal.queue_lost(Position(OWN, "3", 0), "again")
    assert journal.missed_since_ms() == NOW_MS
    assert journal.losses == before + 1


def test_what_was_begun_before_a_second_loss_counts_for_nothing(missed, journal, delta, told):
    """It has been fetched too early: everything stays held back for those who begin anew."""
    before = journal.losses
    missed.live(delta("mid.$g5"))
    journal.queue_lost(Position(OWN, "3", 0), "again")
    told.clear()
    assert journal.release(GROUP, missed.fetched(delta("mid.$g2")), before) == 0
    journal.release_all_but(set(), before)
    assert not journal.end_of_missed(before)
    assert told == []
    assert states(journal) == [(2, "held")]
    assert not journal.knows("message:mid.$g2")


def test_without_any_message_yet_the_first_start_is_where_it_begins(journal, clock):
    """Nothing is fetched from before the bot was there."""
    began_ms = clock.time_ms()
    journal.position(Position(OWN, "1", 0))
    clock.advance(60)
    journal.queue_lost(Position(OWN, "2", 0), "lost")
    assert journal.missed_since_ms() == began_ms


def test_never_further_back_than_keys_are_kept(journal, clock, delta):
    """Else something old would be taken for new."""
    journal.position(Position(OWN, "1", 0))
    clock.advance(KEPT_MS / 1000 + 100)
    journal.queue_lost(Position(OWN, "2", 0), "lost")
    assert journal.missed_since_ms() == clock.time_ms() - KEPT_MS


def test_an_own_message_among_the_fetched_ticks_its_row_off(missed, journal, delta, database, awaited):
    """It had arrived; it is not handled."""
    database.write(
        lambda c: outbox.add(c, "echo", [Outgoing(GROUP, "hi", number=1)], 1767225600000, None, lambda: 0, awaited)
    )
    ((otid,),) = database.read("SELECT offline_threading_id FROM outbox")
    journal.release(GROUP, missed.fetched(delta("mid.$g9", sender=OWN, otid=otid, at_ms=NOW_MS + 3)), journal.losses)
    assert database.read("SELECT state, message_id FROM outbox") == [("sent", "mid.$g9")]
    assert journal.open_rows() == []
