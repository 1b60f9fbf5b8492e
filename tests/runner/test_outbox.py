"""Messages wait in the outbox until the network has them."""

from __future__ import annotations

import threading

import pytest

from botkit.clock import SystemClock
from botkit.context import Outgoing
from botkit.messenger import NetworkError, NotLoggedIn, Refused, SentMessage
from botkit.runner import outbox
from botkit.runner.outbox import Sender

NOW_MS = 1767225600000
SOON_S = 5


class Network:
    """Takes messages as the client does; `answers` are raised or passed, one for each try."""

    def __init__(self):
        self.taken = []
        self.answers = []
        self.tried = threading.Semaphore(0)

    def send_message(self, message, thread_id, *, offline_threading_id=None):
        self.taken.append((thread_id, message, offline_threading_id))
        answer = self.answers.pop(0) if self.answers else None
        self.tried.release()
        if answer is not None:
            raise answer
        return SentMessage(thread_id, f"mid.${len(self.taken)}", NOW_MS)


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def queue(database):
    def put(*messages):
        outgoing = [Outgoing(thread, body) for thread, body in messages]
        return database.write(lambda c: outbox.add(c, "echo", outgoing, NOW_MS))

    return put


@pytest.fixture
def fatal():
    return []


@pytest.fixture
def sender(database, network, clock, fatal):
    made = Sender(database, network, clock, fatal.append)
    yield made
    made.stop(0)


def states(database):
    return [row[0] for row in database.read("SELECT state FROM outbox ORDER BY id")]


def wait(sender):
    """Until nothing waits, on the real clock: the sender's own stands still."""
    assert SystemClock().wait(sender._lanes._empty, SOON_S)


def test_a_row_gets_its_offline_threading_id_with_the_commit(queue, database):
    """The millisecond in the upper bits, the row's number below (dossier 1, section 9)."""
    assert queue(("t", "a"), ("t", "b")) == [(1, "t"), (2, "t")]
    ids = [int(row[0]) for row in database.read("SELECT offline_threading_id FROM outbox ORDER BY id")]
    assert ids == [(NOW_MS << 22) | 1, (NOW_MS << 22) | 2]


def test_rows_of_a_chat_are_sent_in_order_and_ticked_off(sender, queue, network, database):
    """With the message id that the network gave."""
    sender.start()
    sender.put(queue(*[("t", str(n)) for n in range(20)]))
    wait(sender)
    assert [body for _, body, _ in network.taken] == [str(n) for n in range(20)]
    assert set(states(database)) == {"sent"}
    assert database.read("SELECT message_id FROM outbox WHERE id = 1") == [("mid.$1",)]


def test_before_the_start_nothing_leaves(sender, queue, network):
    """Then what the last run left comes first."""
    queue(("t", "left over"))
    sender.put(queue(("t", "new")))
    assert network.taken == []
    sender.start()
    wait(sender)
    assert [body for _, body, _ in network.taken] == ["left over", "new"]


def test_a_row_that_was_ticked_off_meanwhile_is_not_sent(sender, queue, network, database):
    """Its echo came before its turn."""
    rows = queue(("t", "a"))
    database.write(lambda c: c.execute("UPDATE outbox SET state = 'sent'"))
    sender.start()
    sender.put(rows)
    wait(sender)
    assert network.taken == []


def test_a_lost_answer_is_followed_by_the_same_message_with_the_same_id(sender, queue, network, clock, database):
    """Until the network has it; later rows of the chat wait."""
    network.answers = [NetworkError("gone"), NetworkError("gone")]
    sender.start()
    sender.put(queue(("t", "a"), ("t", "b")))
    for _ in range(3):
        # The sender begins to wait a moment after its try, so the clock is moved until the next try comes.
        while not network.tried.acquire(timeout=0.01):
            clock.advance(1)
    wait(sender)
    assert [body for _, body, _ in network.taken] == ["a", "a", "a", "b"]
    assert len({otid for _, body, otid in network.taken if body == "a"}) == 1
    assert states(database) == ["sent", "sent"]


def test_a_refused_row_is_set_aside_and_the_next_is_sent(sender, queue, network, database, caplog):
    """The reason is kept and logged; the text is not."""
    network.answers = [Refused("chat t: thread disabled", reason="thread-disabled", code=1545116)]
    sender.start()
    sender.put(queue(("t", "very private"), ("t", "b")))
    wait(sender)
    assert states(database) == ["refused", "sent"]
    assert "thread disabled" in caplog.text
    assert "very private" not in caplog.text


def test_a_dead_session_is_told_and_the_row_stays(sender, queue, network, fatal, database):
    """Nothing is lost: the next login sends it."""
    network.answers = [NotLoggedIn("log in again")]
    sender.start()
    sender.put(queue(("t", "a")))
    wait(sender)
    assert [type(error) for error in fatal] == [NotLoggedIn]
    assert states(database) == ["open"]


def test_stop_leaves_what_is_not_sent_in_the_file(database, network, clock, queue):
    """The next start finds it."""
    network.answers = [NetworkError("gone")] * 9
    first = Sender(database, network, clock, lambda error: None)
    first.start()
    first.put(queue(("t", "a")))
    assert network.tried.acquire(timeout=SOON_S)
    first.stop(0)
    network.answers = []
    second = Sender(database, network, clock, lambda error: None)
    second.start()
    wait(second)
    second.stop(0)
    assert states(database) == ["sent"]
