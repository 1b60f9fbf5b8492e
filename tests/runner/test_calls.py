"""One call: guarded, and committed whole or not at all."""

from __future__ import annotations

import random
import threading

import pytest

from botkit import STOP, CommandError, Invocation, command, hookimpl
from botkit.messenger import Message
from botkit.messenger.errors import ContextError, PluginError, StoreError
from botkit.runner import loader
from botkit.runner.calls import Call, Calls
from botkit.storage import apply, open_store

ANN, GROUP = "100000000000002", "7000000000000001"
EVENT = Message(
    thread_id=GROUP, sender_id=ANN, message_id="mid.$g1", body="hello", timestamp_ms=1767225600000, is_group=True
)


class Api:
    """Stands for the client; only who asks it learns that it is none."""

    def mark_as_read(self, thread_id):
        return f"read {thread_id}"


@pytest.fixture
def queued():
    return []


@pytest.fixture
def calls(database, clock, queued):
    return Calls(database, Api(), clock, random.Random(1), "!", queued.extend)


@pytest.fixture
def run(calls, database):
    """Runs `function` as on_message of plugin p for journal row 1."""

    def call(function, *, row_id=1, last=False, event=EVENT, others=(), name="p"):
        thing = type("Plugin", (), {"on_message": staticmethod(hookimpl(function))})()
        table = loader.build([loader.plugin_of(name, thing), *others])
        return calls.run(Call(table.handlers("on_message")[0], table, event, row_id, last))

    database.write(
        lambda c: c.execute("INSERT INTO journal (kind, payload, received_ms) VALUES ('NewMessage', '{}', 0)")
    )
    return call


@pytest.fixture
def outbox(database):
    return lambda: database.read("SELECT thread_id, plugin, body FROM outbox ORDER BY id")


@pytest.fixture
def stored(database):
    return lambda plugin="p": dict(open_store(database.read, plugin, None, None))


def marks(database):
    return [row[0] for row in database.read("SELECT handler FROM calls")]


def row_state(database):
    return database.read("SELECT state FROM journal")[0][0]


def test_messages_store_changes_and_mark_are_committed_together(run, outbox, stored, database, queued):
    """And the sender is told of the rows."""

    def handler(ctx, message):
        ctx.reply("one")
        ctx.send("8000000000000001", "two")
        ctx.store["seen"] = message.body
        return "three"

    result = run(handler)
    assert (result.error, result.stop) == (None, False)
    assert outbox() == [(GROUP, "p", "one"), ("8000000000000001", "p", "two"), (GROUP, "p", "three")]
    assert stored() == {"seen": "hello"}
    assert marks(database) == ["p:on_message"]
    assert queued == [(1, GROUP), (2, "8000000000000001"), (3, GROUP)]


def test_the_last_call_closes_the_row(run, database):
    """In the same commit; the marks go."""
    run(lambda ctx: None)
    run(lambda ctx: None, last=True, name="q")
    assert (row_state(database), marks(database)) == ("done", [])


def test_stop_closes_the_row_too(run, database):
    """After a crash no later plugin sees the event either."""
    assert run(lambda ctx: STOP).stop
    assert row_state(database) == "done"


def test_a_call_that_raises_says_and_keeps_nothing(run, outbox, stored, database, caplog):
    """It is marked as through, and logged without what was written."""

    def handler(ctx, message):
        ctx.reply("half")
        ctx.store["half"] = True
        raise ValueError(message.body)

    result = run(handler)
    assert isinstance(result.error, ValueError)
    assert (outbox(), stored(), marks(database)) == ([], {}, ["p:on_message"])
    assert "plugin p: p:on_message failed at" in caplog.text
    assert "ValueError" in caplog.text
    assert "hello" not in "".join(record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_handler_that_wants_to_end_the_process_only_ends_its_call(run, error, database, caplog):
    """Left alone it would end the worker, and come again at each start."""

    def handler():
        raise error

    assert isinstance(run(handler).error, error)
    assert marks(database) == ["p:on_message"]
    assert f"test_calls.py:{handler.__code__.co_firstlineno + 1} with {error.__name__}" in caplog.text


def test_a_failure_is_told_with_the_plugins_own_line_and_botkits_reason(run, caplog):
    """Not with a line of botkit's."""

    def handler(ctx):
        ctx.store["k"] = {1, 2}

    run(handler)
    line = handler.__code__.co_firstlineno + 1
    assert f"test_calls.py:{line} with StoreError: store key 'k': set is not JSON" in caplog.text


def test_a_command_error_is_an_answer(run, outbox, stored):
    """Its text goes to the chat; the rest is dropped and nothing is reported."""

    def handler(ctx):
        ctx.reply("half")
        ctx.store["half"] = True
        raise CommandError("There are 1, 2 and 3.")

    assert run(handler).error is None
    assert outbox() == [(GROUP, "p", "There are 1, 2 and 3.")]
    assert stored() == {}


@pytest.mark.parametrize("value", [5, b"x", ["a"], True])
def test_another_return_value_is_a_fault_of_the_plugin(run, value, outbox):
    """A text, STOP or None."""
    result = run(lambda ctx: value)
    assert isinstance(result.error, PluginError)
    assert type(value).__name__ in str(result.error)
    assert outbox() == []


def test_a_shared_value_that_changed_meanwhile_runs_the_call_again(run, stored, outbox, calls):
    """The loser starts afresh and says nothing twice."""
    barrier = threading.Barrier(2)
    tries = []

    def handler(ctx):
        number = ctx.store.get("n", 0)
        tries.append(number)
        if len(tries) <= 2:
            barrier.wait(5)
        ctx.store["n"] = number + 1
        return str(number + 1)

    threads = [threading.Thread(target=lambda: run(handler, row_id=None)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored() == {"n": 2}
    assert sorted(body for _, _, body in outbox()) == ["1", "2"]
    assert sorted(tries) == [0, 0, 1]


def test_a_call_that_keeps_losing_gets_a_turn_alone(run, stored, calls, database):
    """Three times together, then with the plugin to itself."""
    tries = []

    def rival():
        store = open_store(database.read, "p", None, None)
        store["n"] = store.get("n", 0) + 1
        changes = store.changes()
        database.write(lambda c: apply(c, changes))

    def handler(ctx):
        number = ctx.store.get("n", 0)
        tries.append(number)
        if len(tries) <= 3:
            rival()
        ctx.store["n"] = number + 100

    assert run(handler).error is None
    assert tries == [0, 1, 2, 3]
    assert stored() == {"n": 103}


def test_a_ctx_is_dead_after_its_call(run):
    """Everything on it raises, the api too."""
    kept = []
    run(lambda ctx: kept.extend([ctx, ctx.api, ctx.store]))
    ctx, api, store = kept
    for use in (
        lambda: ctx.reply("late"),
        lambda: ctx.send(GROUP, "late"),
        lambda: ctx.api,
        lambda: ctx.thread_id,
        lambda: ctx.settings,
        lambda: api.mark_as_read(GROUP),
        lambda: store["x"],
    ):
        with pytest.raises(ContextError):
            use()


def test_the_api_of_a_ctx_has_no_session_functions(run, outbox):
    """logout and the like belong to the bot."""
    result = run(lambda ctx: ctx.api.logout())
    assert isinstance(result.error, ContextError)
    assert "the session belongs to the bot" in str(result.error)
    assert isinstance(run(lambda ctx: ctx.api.nonsense(), row_id=None).error, AttributeError)
    assert run(lambda ctx: ctx.api.mark_as_read("7"), row_id=None).error is None
    assert outbox() == [(GROUP, "p", "read 7")]


@pytest.mark.parametrize("text", ["", "  ", 5, "x" * 20_001, "half \ud800"])
def test_what_cannot_be_a_message_is_refused_where_it_is_queued(run, text):
    """The plugin's line is on the stack, not the sender's."""
    assert run(lambda ctx: ctx.reply(text)).error is not None


def test_a_call_without_a_chat_cannot_reply(run):
    """But it can send."""
    result = run(lambda ctx: ctx.reply("where?"), event=None, row_id=None)
    assert isinstance(result.error, ContextError)
    assert run(lambda ctx: ctx.send(GROUP, "there"), event=None, row_id=None).error is None


def test_an_invocation_runs_the_command_of_its_own_plugin(run, outbox, stored, database):
    """With that plugin's store and name; both marks come with one commit, and the row is closed."""

    class Dice:
        @command("roll")
        def roll(self, ctx, sides: int = 6):
            ctx.store["sides"] = sides
            return f"rolled {sides}"

    dice = loader.plugin_of("dice", Dice())
    result = run(lambda ctx: Invocation(ctx.commands.find("roll"), (20,)), others=[dice])
    assert (result.stop, result.error) == (True, None)
    assert outbox() == [(GROUP, "dice", "rolled 20")]
    assert (stored("dice"), stored()) == ({"sides": 20}, {})
    assert row_state(database) == "done"


def test_a_command_that_raises_is_its_own_plugins_failure(run, outbox):
    """Not the router's."""

    class Dice:
        @command("roll")
        def roll(self, ctx):
            raise ValueError

    result = run(lambda ctx: Invocation(ctx.commands.find("roll")), others=[loader.plugin_of("dice", Dice())])
    assert (result.plugin, type(result.error)) == ("dice", ValueError)
    assert outbox() == []


def test_an_operation_that_meets_a_wrong_value_fails_the_call_only(run, stored, outbox, database):
    """The commit goes through without it."""
    run(lambda ctx: ctx.store.update(n="many"), row_id=None)

    def handler(ctx):
        ctx.store.increment("n")
        return "raised"

    result = run(handler)
    assert isinstance(result.error, StoreError)
    assert (stored(), outbox(), marks(database)) == ({"n": "many"}, [], ["p:on_message"])


def test_when_the_store_cannot_write_the_row_stays_open(run, database):
    """Nothing is said, and the next start handles it."""

    def handler(ctx):
        database.close()
        return "lost?"

    with pytest.raises(StoreError):
        run(handler)
