"""What the host puts into the context of a call."""

from __future__ import annotations

import random
import threading

import pytest

from botkit.context import ChatContext, Context
from botkit.host import ChatSettings
from botkit.messenger import Message, Reaction, Read, ThreadEvent
from botkit.outgoing import Outgoing
from botkit.runner import loader, outbox
from botkit.runner.awaited import Awaited
from botkit.runner.book import Book
from botkit.runner.contexts import Contexts, chat_of
from botkit.runner.lookups import Lookups
from botkit.runner.whys import Whys
from botkit.store import Database

ANN, GROUP = "100000000000002", "7000000000000001"
EVENT = Message(
    thread_id=GROUP, sender_id=ANN, message_id="mid.$g1", body="hello", timestamp_ms=1767225600000, is_group=True
)


@pytest.fixture
def make(clock, network):
    def contexts(database):
        owners = frozenset({ANN})
        book = Book(database, ChatSettings("!", "en", "UTC"))
        lookups = Lookups(network, clock, book, owners)
        return Contexts(database, clock, random.Random(1), book, lookups, Whys(), owners, lambda: "a status")

    return contexts


@pytest.fixture
def new(make, database, plugin):
    """A context of plugin p for an event."""
    contexts = make(database)
    table = loader.build([loader.plugin_of("p", plugin(on_message=lambda: None))])
    return lambda event=EVENT, act=None: contexts.new(table.plugin("p"), table, event, act)


def test_an_event_of_a_chat_makes_a_context_with_a_chat(new):
    """With its sender, and a store for both."""
    ctx = new()
    assert isinstance(ctx, ChatContext)
    assert (ctx.thread_id, ctx.sender_id, ctx.event) == (GROUP, ANN, EVENT)
    ctx.store.member["k"] = 1
    assert ("member:7000000000000001:100000000000002", "k") in ctx.store.changes().writes


def test_without_an_event_there_is_no_chat(new):
    """on_start and on_stop."""
    ctx = new(None)
    assert type(ctx) is Context
    assert ctx.event is None


def test_it_holds_the_bots_own_things(new, clock):
    """Clock, prefix, owners, status, and a logger under the plugin's name."""
    ctx = new()
    assert (ctx.clock, ctx.prefix, ctx.owners, ctx.status()) == (clock, "!", {ANN}, "a status")
    assert ctx.log.name == "botkit.plugin.p"


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (EVENT, (GROUP, ANN)),
        (
            ThreadEvent(
                thread_id=GROUP,
                author_id=ANN,
                log_message_type="log:thread-name",
                log_message_data={},
                log_message_body="",
                timestamp_ms=0,
                message_id="mid.$g2",
                is_group=True,
            ),
            (GROUP, ANN),
        ),
        (Read(thread_id=GROUP, time_ms=0), (GROUP, None)),
        (None, (None, None)),
    ],
)
def test_who_caused_an_event_and_where(event, found):
    """Each kind of event has its own name for the person."""
    assert chat_of(event) == found


def test_who_reacted_is_who_caused_it():
    """Not the writer of the message."""
    reaction = Reaction(GROUP, "mid.$g1", "❤", sender_id="100000000000003", user_id=ANN)
    assert chat_of(reaction) == (GROUP, ANN)


def test_numbers_of_rows_are_never_given_twice(make, database):
    """However many workers ask at the same moment."""
    contexts, given = make(database), []
    start = threading.Barrier(8)

    def ask():
        start.wait(5)
        for _ in range(200):
            given.append(contexts.next_row())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 1601))


def test_numbers_go_on_after_a_restart(make, tmp_path, clock):
    """Also when the rows themselves have been forgotten."""
    database = Database(tmp_path / "bot.db")
    contexts = make(database)
    ctx_rows = [Outgoing(GROUP, str(number)) for number in range(3)]
    awaited = Awaited(database)
    database.write(lambda c: outbox.add(c, "p", ctx_rows, clock.time_ms(), None, contexts.next_row, awaited))
    database.write(lambda c: c.execute("DELETE FROM outbox"))
    database.close()
    again = Database(tmp_path / "bot.db")
    assert make(again).next_row() == 4
    again.close()


def test_a_handle_tells_what_its_message_was_sent_as(new, database, clock, awaited):
    """None while it waits; in the store it is kept as its number."""
    handle = new().reply("hello")
    ctx = new()
    ctx.store["asked"] = handle
    kept = ctx.store["asked"]
    assert (type(kept), kept) == (int, handle)
    row = Outgoing(GROUP, "hello", number=handle)
    database.write(lambda c: outbox.add(c, "p", [row], clock.time_ms(), None, lambda: 0, awaited))
    assert new().sent(kept) is None
    database.write(lambda c: c.execute("UPDATE outbox SET state = 'sent', message_id = 'mid.$g9'"))
    assert new().sent(kept) == "mid.$g9"
    assert new().sent(99) is None
