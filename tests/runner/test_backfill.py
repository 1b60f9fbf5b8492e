"""After a lost queue the messages that came meanwhile are fetched and put in their places."""

from __future__ import annotations

import threading

import pytest

from botkit.messenger import Batch, NetworkError, Position, raw_events
from botkit.runner.backfill import Backfill
from botkit.runner.journal import Journal, Listeners

OWN, GROUP, OTHER = "100000000000001", "7000000000000001", "8000000000000001"


@pytest.fixture
def ann(stage):
    return stage.person("Ann")


@pytest.fixture
def start(stage, plugin):
    """Starts a bot that answers everything."""
    return lambda: stage.start_bot(things={"say": plugin(on_message=lambda message: f"re: {message.body}")})


def lose(stage, kind="not_found"):
    """The server loses the queue; the bot learns it when it comes back."""
    stage.fault(kind)
    stage.fault("cut")


def texts(person):
    return [text for _, text in person.heard()]


@pytest.mark.parametrize("kind", ["not_found", "overflow"])
def test_what_came_while_the_queue_was_lost_is_answered(stage, ann, start, caplog, kind):
    """In order, each once, also what comes live meanwhile; that something may be missing is said."""
    bot = start()
    ann.says("Friends", "one")
    assert texts(ann) == ["re: one"]
    lose(stage, kind)
    for text in ("two", "three"):
        ann.says("Friends", text)
        ann.says("Stand-up", text.upper())
    stage.advance(5)
    ann.says("Friends", "four")
    stage.advance(60)
    said = texts(ann)
    assert [text for text in said if text.islower()] == ["re: two", "re: three", "re: four"]
    assert [text for text in said if not text.islower()] == ["re: TWO", "re: THREE"]
    assert "joins, titles and reactions of that time cannot be fetched back" in caplog.text
    assert bot.status().open_rows == 0


def test_what_came_while_the_bot_was_away_and_the_queue_was_lost_is_answered(stage, ann, start):
    """From the last that it knows of."""
    start().stop()
    ann.says("Friends", "one")
    stage.fault("not_found")
    start()
    stage.advance(5)
    assert texts(ann) == ["re: one"]


class Histories:
    """The part of the client that fetches; `waits` is how long each answer takes, `broken` is what it fails with."""

    def __init__(self, clock):
        self._clock = clock
        self.chats = {GROUP: 5}
        self.events = []
        self.waits_s = 0.0
        self.broken = {}

    def threads_since(self, since_ms):
        self._answer("list")
        return list(self.chats.items())

    def missed_messages(self, thread_id, since_ms, known, timeout_s):
        self._answer(thread_id)
        return self.events

    def _answer(self, name):
        self._clock.wait(threading.Event(), self.waits_s)
        if name in self.broken:
            raise self.broken[name]


@pytest.fixture
def histories(virtual):
    return Histories(virtual)


@pytest.fixture
def told():
    return []


@pytest.fixture
def missing(database, virtual, awaited, delta, told):
    """A journal that holds back a live message of each of two chats."""
    listeners = Listeners(
        rows=lambda rows: told.extend(thread_id for _, thread_id in rows),
        transient=lambda *what: None,
        state=lambda state: None,
        gap=lambda reason: None,
        queue_lost=lambda reason: None,
        caught_up=lambda: None,
    )
    journal = Journal(database, OWN, virtual, listeners, awaited)
    journal.position(Position(OWN, "1", 0))
    journal.queue_lost(Position(OWN, "2", 0), "lost")
    live = (delta("mid.$g5", "live"), delta("mid.$g6", "elsewhere", thread=OTHER))
    journal.batch(Batch(1, live, virtual.time_ms()), Position(OWN, "2", 2))
    return journal


@pytest.fixture
def backfill(missing, histories, virtual, told):
    made = Backfill(missing, histories, virtual, lambda *gap: told.append(gap), lambda: told.append("done"))
    yield made
    made.stop()


def test_what_was_fetched_is_merged_and_chats_without_news_are_released(
    backfill, missing, histories, told, delta, virtual
):
    """Then all is good."""
    histories.events = list(raw_events(delta("mid.$g4", "missed")))
    backfill.start()
    virtual.settle()
    assert told == [OTHER, GROUP, GROUP, "done"]
    bodies = {row_id: missing.read(row_id).payload["body"] for row_id, lane in missing.open_rows() if lane == GROUP}
    assert [body for _, body in sorted(bodies.items())] == ["missed", "live"]
    assert missing.missed_since_ms() is None


def test_without_a_loss_there_is_nothing_to_do(database, virtual, histories, told, missing, awaited):
    """It is asked at each start."""
    missing.end_of_missed(missing.losses)
    told.clear()
    Backfill(missing, histories, virtual, lambda *gap: told.append(gap), lambda: told.append("done")).start()
    virtual.settle()
    assert told == []


@pytest.mark.parametrize(
    ("broken", "reason", "chat"),
    [("list", "the list of chats cannot be fetched", None), (GROUP, f"chat {GROUP} cannot be fetched", GROUP)],
)
def test_what_cannot_be_fetched_is_told_and_released(backfill, histories, told, virtual, broken, reason, chat):
    """The gap names it; what is live there goes on."""
    histories.broken[broken] = NetworkError("time-out")
    backfill.start()
    virtual.settle()
    (gap,) = [one for one in told if isinstance(one, tuple)]
    assert gap[0].startswith(f"{reason} (time-out)")
    assert gap[1] == chat
    assert sorted(one for one in told if one != gap) == sorted([GROUP, OTHER, "done"])


def test_a_stop_in_the_midst_leaves_the_rest_to_the_next_start(backfill, missing, histories, told, virtual):
    """It is not taken for good, and nothing is released that was not fetched."""
    histories.waits_s = 1_000.0
    backfill.start()
    virtual.advance(1_001)
    backfill.stop()
    virtual.advance(100)
    assert told == [OTHER]
    assert missing.missed_since_ms() is not None


def test_a_queue_that_is_lost_again_meanwhile_begins_anew(backfill, missing, histories, told, virtual):
    """What was fetched for the first loss counts for nothing."""
    histories.waits_s = 30.0
    backfill.start()
    virtual.advance(31)
    missing.queue_lost(Position(OWN, "3", 0), "again")
    backfill.start()
    virtual.advance(300)
    assert told.count("done") == 1
    assert told.count(GROUP) == 1
    assert missing.missed_since_ms() is None


def test_while_the_store_cannot_be_written_a_chat_stays_held_back(backfill, database, histories, told, virtual, caplog):
    """It is tried again."""
    histories.waits_s = 30.0
    backfill.start()
    virtual.advance(31)
    database.write(lambda c: c.execute("PRAGMA query_only = 1"))
    virtual.advance(30)
    assert f"chat {GROUP} is still held back" in caplog.text
    database._writer._connection.execute("PRAGMA query_only = 0")
    virtual.advance(60)
    assert told == [OTHER, GROUP, "done"]
