"""Messages wait in the outbox until the network has them."""

from __future__ import annotations

import itertools
import random

import pytest

from botkit.limits import KINDS, KindLimits, Rate
from botkit.messenger import (
    BadArgument,
    Checkpoint,
    NetworkError,
    NotLoggedIn,
    RateLimited,
    Refused,
    SentMessage,
    ServerError,
)
from botkit.outgoing import Outgoing
from botkit.runner import effects, outbox, steps
from botkit.runner.governor import Governor
from botkit.runner.outbox import Sender

NOW_MS = 1767225600000
GROUP = "7000000000000001"


class Network:
    """Takes messages as the client does; `answers` are raised, called or passed, one for each try."""

    def __init__(self, clock):
        self.taken = []
        self.reactions = []
        self.times = []
        self.answers = []
        self._clock = clock

    def send_message(self, message, thread_id, *, offline_threading_id=None):
        self.taken.append((thread_id, message, offline_threading_id))
        self._answer()
        return SentMessage(thread_id, f"mid.${len(self.taken)}", NOW_MS)

    def set_message_reaction(self, reaction, message_id, thread_id=None):
        self.reactions.append((reaction, message_id, thread_id))
        self._answer()

    def set_title(self, new_title, thread_id):
        self.taken.append((thread_id, f"title {new_title}", None))
        self._answer()

    def create_poll(self, question, thread_id, options):
        self.taken.append((thread_id, f"poll {question}", None))
        self._answer()

    def create_group(self, user_ids):
        self._answer()
        return "7000000000000009"

    def _answer(self):
        self.times.append(self._clock.monotonic())
        answer = self.answers.pop(0) if self.answers else None
        if callable(answer):
            answer()
        elif answer is not None:
            raise answer

    @property
    def texts(self):
        return [message for _, message, _ in self.taken]


@pytest.fixture
def network(virtual):
    return Network(virtual)


@pytest.fixture
def queue(database, awaited):
    numbers = itertools.count(1)

    def put(*messages):
        outgoing = [one if isinstance(one, Outgoing) else Outgoing(*one) for one in messages]
        return database.write(lambda c: outbox.add(c, "echo", outgoing, NOW_MS, 7, numbers.__next__, awaited))

    return put


@pytest.fixture
def fatal():
    return []


@pytest.fixture
def asked():
    return []


@pytest.fixture
def make_sender(database, network, virtual, fatal, asked, awaited):
    """Makes a sender whose limits for messages are given, or none."""
    made = []

    def make(message=None, *, store=database, change=None, **options):
        given = {"message": message, "change": change}
        limits = {kind: given.get(kind) or KindLimits() for kind in KINDS}
        governor = Governor(limits, virtual, lambda kind, since_ms: effects.spent(database, kind, since_ms))
        ask = lambda: asked.append(virtual.monotonic())  # noqa: E731
        chance = random.Random(1)
        ledger = effects.Effects(store, network, governor, virtual, chance, awaited, fatal.append)
        made.append(Sender(store, network, governor, virtual, fatal.append, awaited, ledger.do_row, ask=ask, **options))
        return made[-1]

    yield make
    for one in made:
        one.stop(0)


@pytest.fixture
def sender(make_sender):
    return make_sender()


def states(database):
    # What was sent is ticked off along with the next commit.
    database.flush()
    return [row[0] for row in database.read("SELECT state FROM outbox ORDER BY id")]


def echo(database, row_id=1):
    """The own message comes back on the socket."""
    database.write(lambda c: c.execute("UPDATE outbox SET state = 'sent' WHERE id = ?", (row_id,)))


def refused():
    return Refused("chat t: thread disabled", reason="thread-disabled", code=1545116)


def test_a_row_gets_its_offline_threading_id_with_the_commit(queue, database):
    """The millisecond in the upper bits, the row's number below (dossier 1, section 9)."""
    rows = queue(("t", "a"), ("t", "b"))
    assert [(row.id, row.thread_id, row.offline_threading_id) for row in rows] == [
        (1, "t", (NOW_MS << 22) | 1),
        (2, "t", (NOW_MS << 22) | 2),
    ]
    ids = [int(row[0]) for row in database.read("SELECT offline_threading_id FROM outbox ORDER BY id")]
    assert ids == [row.offline_threading_id for row in rows]


def test_a_row_keeps_the_number_that_was_promised_to_it(queue, database):
    """The plugin has a handle of it; and it remembers which event led to it."""
    queue(Outgoing("t", "a", number=41))
    assert database.read("SELECT id, row_id FROM outbox") == [(41, 7)]


def test_rows_of_a_chat_are_sent_in_order_and_ticked_off(sender, queue, network, database, virtual):
    """With the message id that the network gave."""
    sender.caught_up()
    sender.put(queue(*[("t", str(n)) for n in range(20)]))
    virtual.settle()
    assert network.texts == [str(n) for n in range(20)]
    assert set(states(database)) == {"sent"}
    assert database.read("SELECT message_id FROM outbox WHERE id = 1") == [("mid.$1",)]
    assert sender.waiting() == 0


def test_before_the_bot_has_caught_up_nothing_leaves(sender, queue, network, virtual):
    """Then what the last run left comes first."""
    queue(("t", "left over"))
    sender.put(queue(("t", "new")))
    virtual.settle()
    assert network.taken == []
    assert sender.waiting() == 2
    sender.caught_up()
    virtual.settle()
    assert network.texts == ["left over", "new"]


def test_a_row_that_is_committed_before_the_start_and_told_after_it_is_sent_once(sender, queue, network, virtual):
    """The start has found it in the file."""
    rows = queue(("t", "a"))
    sender.caught_up()
    sender.put(rows)
    virtual.settle()
    assert network.texts == ["a"]


def test_a_row_that_was_ticked_off_meanwhile_is_not_sent(sender, queue, network, database, virtual):
    """Its echo came before its turn."""
    queue(("t", "a"), ("t", "b"), ("t", "c"))
    network.answers = [lambda: echo(database, 2)]
    sender.caught_up()
    virtual.settle()
    assert network.texts == ["a", "c"]


def test_more_rows_than_are_held_in_memory_are_all_sent(sender, queue, network, virtual):
    """The others are read from the file, in the same order."""
    sender.caught_up()
    sender.put(queue(*[("t", str(n)) for n in range(1100)]))
    virtual.settle()
    assert network.texts == [str(n) for n in range(1100)]


def test_what_a_message_has_beside_its_body_is_sent_too(sender, queue, network, virtual, database):
    """Also when it is read from the file: attachments by path, mentions, the message that it answers."""
    extras = {"attachment": ["/tmp/cat.png"], "reply_to": "mid.$g1"}
    queue(Outgoing("t", "look", extras=extras))
    sender.caught_up()
    sender.put(queue(Outgoing("t", "again", extras=extras)))
    virtual.settle()
    assert network.texts == [{"body": "look", **extras}, {"body": "again", **extras}]


def test_a_reaction_is_a_row_in_its_chats_order(sender, queue, network, virtual, database):
    """An empty one takes a reaction back."""
    sender.caught_up()
    sender.put(
        queue(
            Outgoing("t", "❤", "reaction", {"message_id": "mid.$g1"}),
            Outgoing("t", "hi"),
            Outgoing("t", "", "reaction", {"message_id": "mid.$g1"}),
        )
    )
    virtual.settle()
    assert network.reactions == [("❤", "mid.$g1", "t"), ("", "mid.$g1", "t")]
    assert network.texts == ["hi"]
    assert states(database) == ["sent"] * 3


def test_a_lost_answer_is_followed_by_the_same_message_with_the_same_id(
    sender, queue, network, database, virtual, caplog
):
    """Until the network has it; later rows of the chat wait, other chats do not, and the log names the row."""
    network.answers = [NetworkError("gone"), None, ServerError("500", 500)]
    sender.caught_up()
    sender.put(queue(("t", "a"), ("t", "b")))
    virtual.settle()
    sender.put(queue(("u", "c")))
    virtual.settle()
    assert network.texts == ["a", "c"]
    assert states(database) == ["open", "open", "sent"]
    virtual.advance(2000)
    assert network.texts == ["a", "c", "a", "a", "b"]
    assert len({otid for _, body, otid in network.taken if body == "a"}) == 1
    assert states(database) == ["sent"] * 3
    assert caplog.text.count("row 1 for chat t is sent again: its first answer was lost") == 2


def test_before_a_row_is_sent_again_the_bot_hears_what_became_of_it(sender, queue, network, virtual, asked):
    """It asks for what has come, and goes on as soon as it has caught up."""
    network.answers = [NetworkError("time-out")]
    sender.caught_up()
    sender.put(queue(("t", "a")))
    virtual.advance(20)
    assert network.texts == ["a"]
    assert asked[0] == 0
    assert max(later - earlier for earlier, later in itertools.pairwise(asked)) <= 2
    sender.caught_up()
    virtual.advance(2)
    assert network.texts == ["a", "a"]


def test_an_echo_spares_the_second_try(sender, queue, network, virtual, database):
    """The network had the message after all; the next row follows at once."""
    network.answers = [NetworkError("time-out")]
    sender.caught_up()
    sender.put(queue(("t", "a"), ("t", "b")))
    virtual.settle()
    echo(database)
    sender.caught_up()
    virtual.advance(2)
    assert network.texts == ["a", "b"]
    assert states(database) == ["sent", "sent"]


class EchoWhileReading:
    """A store into which the echo comes right after a row has been read."""

    def __init__(self, database):
        self._database = database
        self.then = []

    def __getattr__(self, name):
        return getattr(self._database, name)

    def read(self, sql, parameters=()):
        rows = self._database.read(sql, parameters)
        if rows and parameters and self.then:
            self.then.pop(0)()
        return rows


def test_an_echo_at_the_last_moment_spares_the_second_try_too(make_sender, queue, network, virtual, database):
    """It comes between reading the row and looking whether the bot has caught up."""
    store = EchoWhileReading(database)
    sender = make_sender(store=store)
    network.answers = [NetworkError("time-out")]
    sender.caught_up()
    sender.put(queue(("t", "a")))
    virtual.settle()
    store.then = [lambda: (echo(database), sender.caught_up())]
    virtual.advance(30)
    assert network.texts == ["a"]


def test_without_any_news_a_row_is_sent_again_after_a_quarter_of_an_hour(sender, queue, network, virtual):
    """A connection that does not come back must not hold it for ever."""
    network.answers = [NetworkError("time-out")]
    sender.caught_up()
    sender.put(queue(("t", "a")))
    virtual.advance(899)
    assert network.texts == ["a"]
    virtual.advance(3)
    assert network.texts == ["a", "a"]


def test_being_too_fast_is_no_lost_answer(sender, queue, network, virtual, asked, caplog):
    """The network has refused to take it: it is held for as long as the network says, and nothing is asked."""
    network.answers = [RateLimited("429", retry_after_s=40.0)]
    sender.caught_up()
    sender.put(queue(("t", "a")))
    virtual.settle()
    sender.put(queue(("u", "b")))
    virtual.advance(39)
    assert len(network.taken) == 1
    virtual.advance(2)
    assert len(network.taken) == 3
    assert asked == []
    assert "sent again" not in caplog.text


def test_the_limits_are_kept(make_sender, queue, network, virtual):
    """The row waits on the clock, not the worker: another chat has its own pace, and order holds."""
    sender = make_sender(KindLimits(per_chat=Rate(2, 10.0)))
    sender.caught_up()
    sender.put(queue(*[("t", str(n)) for n in range(5)], ("u", "other")))
    virtual.settle()
    assert sorted(network.texts) == ["0", "1", "other"]
    virtual.advance(60)
    assert [text for text in network.texts if text != "other"] == list("01234")
    assert network.times[-3:] == [10, 10, 20]


def test_what_was_sent_before_a_restart_counts(make_sender, queue, network, virtual, database):
    """The outbox's own rows tell the governor."""
    first = make_sender(KindLimits(hourly=2))
    first.caught_up()
    first.put(queue(("t", "a"), ("t", "b")))
    virtual.settle()
    first.stop(0)
    database.flush()
    second = make_sender(KindLimits(hourly=2))
    second.caught_up()
    second.put(queue(("t", "c")))
    virtual.advance(3599)
    assert network.texts == ["a", "b"]
    virtual.advance(2)
    assert network.texts == ["a", "b", "c"]


def test_a_refused_row_is_set_aside_and_the_next_is_sent(sender, queue, network, database, virtual, caplog):
    """The reason is kept and logged; the text is not."""
    network.answers = [refused()]
    sender.caught_up()
    sender.put(queue(("t", "very private"), ("t", "b")))
    virtual.settle()
    assert states(database) == ["refused", "sent"]
    assert database.read("SELECT error FROM outbox WHERE id = 1") == [("chat t: thread disabled",)]
    assert "thread disabled" in caplog.text
    assert "very private" not in caplog.text


def test_what_the_client_itself_refuses_is_set_aside_too(sender, queue, network, database, virtual):
    """A file that is not there any more is no trouble of the network's."""
    network.answers = [BadArgument("attachment: there is no file cat.png")]
    sender.caught_up()
    sender.put(queue(("t", "a")))
    virtual.settle()
    assert states(database) == ["refused"]


@pytest.mark.parametrize("error", [NotLoggedIn("log in again"), Checkpoint("locked", "https://example.org")])
def test_a_dead_session_is_told_and_the_rows_stay(sender, queue, network, fatal, database, virtual, error):
    """Nothing is lost and nothing more is asked: the next login sends them."""
    network.answers = [error]
    sender.caught_up()
    sender.put(queue(("t", "a"), ("t", "b")))
    virtual.settle()
    sender.put(queue(("u", "c")))
    virtual.advance(100)
    assert fatal == [error]
    assert network.texts == ["a"]
    assert states(database) == ["open"] * 3


def test_after_the_end_nothing_leaves(sender, queue, network, virtual, database):
    """The listener has found the session dead."""
    sender.caught_up()
    sender.end()
    sender.put(queue(("t", "a")))
    virtual.settle()
    assert network.taken == []
    assert states(database) == ["open"]


def test_stop_leaves_what_is_not_sent_in_the_file(make_sender, network, queue, virtual, database):
    """The next start finds it; a row that waits for its next try does not hold the stop up."""
    network.answers = [NetworkError("gone")]
    first = make_sender()
    first.caught_up()
    first.put(queue(("t", "a")))
    virtual.settle()
    first.stop(1.0)
    assert virtual.monotonic() == 0
    second = make_sender()
    second.caught_up()
    virtual.settle()
    assert states(database) == ["sent"]


def test_a_store_that_cannot_be_written_loses_no_row(sender, queue, network, virtual, database, caplog):
    """A refusal that cannot be noted is tried again later, and the rest of the chat waits."""
    network.answers = [refused(), refused()]
    sender.caught_up()
    rows = queue(("t", "a"), ("t", "b"))
    database.write(lambda c: c.execute("PRAGMA query_only = 1"))
    sender.put(rows)
    virtual.settle()
    assert "row 1 waits, next try in 5 s: " in caplog.text
    database._writer._connection.execute("PRAGMA query_only = 0")
    virtual.advance(30)
    assert states(database) == ["refused", "sent"]


def test_a_sent_row_that_cannot_be_ticked_off_is_left_to_its_echo(
    sender, queue, network, virtual, database, awaited, caplog
):
    """It is said, and the row is not sent a second time."""
    sender.caught_up()
    (row,) = queue(("t", "a"))
    database.write(lambda c: c.execute("PRAGMA query_only = 1"))
    sender.put([row])
    virtual.settle()
    assert str(row.offline_threading_id) not in awaited
    database.flush()
    database._writer._connection.execute("PRAGMA query_only = 0")
    virtual.advance(100)
    assert network.texts == ["a"]
    assert "row 1 was sent, and that cannot be noted" in caplog.text
    assert str(row.offline_threading_id) in awaited


def test_its_moments_are_told_in_order(make_sender, queue, network, virtual, database):
    """The answer is there, then the row is ticked off."""
    told = []
    sender = make_sender(step=told.append)
    sender.caught_up()
    sender.put(queue(("t", "a")))
    virtual.settle()
    database.flush()
    assert told == [steps.ANSWER_READ, steps.ROW_TICKED_OFF]


TITLE = Outgoing(GROUP, "set_title", "call", {"new_title": "Lake", "thread_id": GROUP})
POLL = Outgoing(GROUP, "create_poll", "call", {"question": "Lunch?", "thread_id": GROUP, "options": ["a", "b"]})


class TestCalls:
    """Functions of the API that wait for their turn."""

    def test_they_are_done_in_their_chats_order(self, sender, queue, network, virtual, database):
        """Among the messages."""
        queue((GROUP, "one"), TITLE, (GROUP, "two"))
        sender.caught_up()
        virtual.settle()
        assert network.texts == ["one", "title Lake", "two"]
        assert states(database) == ["sent"] * 3

    def test_what_may_be_done_again_is_repeated(self, sender, queue, network, virtual, database):
        """When the network fails, until it is done."""
        network.answers = [NetworkError("cut"), NetworkError("cut")]
        queue(TITLE)
        sender.caught_up()
        for _ in range(4):
            virtual.advance(60)
            sender.caught_up()
        assert network.texts == ["title Lake"] * 3
        assert states(database) == ["sent"]

    def test_what_must_not_be_done_twice_is_left_when_its_answer_is_lost(
        self, sender, queue, network, virtual, database, caplog
    ):
        """The log says that nobody knows, and the next row goes on."""
        network.answers = [NetworkError("cut")]
        queue(POLL, (GROUP, "two"))
        sender.caught_up()
        virtual.advance(60)
        sender.caught_up()
        virtual.advance(1000)
        assert network.texts == ["poll Lunch?", "two"]
        assert states(database) == ["refused", "sent"]
        assert "not done: create_poll, chat 7000000000000001, plugin echo: create_poll: begun before" in caplog.text

    def test_nor_after_a_kill_in_its_midst(self, make_sender, queue, network, virtual, database, awaited, fatal):
        """It was begun, and its end is not known."""

        class Killed(BaseException):
            """The process has ended."""

        def kill():
            raise Killed

        [row] = queue(POLL)
        governor = Governor({kind: KindLimits() for kind in KINDS}, virtual, lambda kind, since_ms: [])
        step = lambda name: kill() if name == steps.ONCE_BEGUN else None  # noqa: E731
        ledger = effects.Effects(
            database, network, governor, virtual, random.Random(1), awaited, fatal.append, step=step
        )
        with pytest.raises(Killed):
            ledger.do_row(row.id, row.body, dict(row.extras))
        sender = make_sender()
        # What the bot knows when it has caught up.
        sender.caught_up()
        virtual.advance(60)
        assert (network.texts, states(database)) == ([], ["refused"])

    def test_what_must_not_be_done_twice_is_done_later_when_it_was_not_begun(self, sender, queue, network, virtual):
        """The network has asked for less haste: nothing has happened."""
        network.answers = [RateLimited("slow down", retry_after_s=5)]
        queue(POLL)
        sender.caught_up()
        virtual.advance(600)
        assert network.texts == ["poll Lunch?"] * 2

    def test_one_that_is_refused_is_set_aside(self, sender, queue, network, virtual, database, caplog):
        """And the next row goes on."""
        network.answers = [Refused("you are no admin", reason="not-allowed", code=1357031)]
        queue(TITLE, (GROUP, "two"))
        sender.caught_up()
        virtual.settle()
        assert states(database) == ["refused", "sent"]
        assert "not done: set_title, chat 7000000000000001, plugin echo: you are no admin" in caplog.text

    def test_they_keep_the_limits_of_their_kind(self, make_sender, queue, network, virtual, database):
        """Also those that the last start has used up."""
        changes = {"change": KindLimits(overall=Rate(1, 60.0))}
        sender = make_sender(**changes)
        queue(TITLE, TITLE)
        sender.caught_up()
        virtual.advance(59)
        assert len(network.taken) == 1
        sender.stop(0)
        database.flush()
        make_sender(**changes).caught_up()
        virtual.advance(0.5)
        assert len(network.taken) == 1
        virtual.advance(60)
        assert len(network.taken) == 2

    def test_a_group_that_was_made_is_known_by_its_row(self, sender, queue, virtual, database):
        """As the message of one that was sent."""
        queue(Outgoing(GROUP, "create_group", "call", {"user_ids": ["1", "2"]}))
        sender.caught_up()
        virtual.settle()
        database.flush()
        assert database.read("SELECT message_id FROM outbox") == [("7000000000000009",)]
