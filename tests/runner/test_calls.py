"""One call: guarded, and committed whole or not at all."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from botkit import STOP, CommandError, Invocation, command, hookimpl
from botkit.messenger import Message, Typing
from botkit.messenger.errors import ContextError, PluginError, StoreError
from botkit.runner import loader
from botkit.runner.call import Call
from botkit.storage import apply, open_store

ANN, GROUP = "100000000000002", "7000000000000001"
EVENT = Message(
    thread_id=GROUP, sender_id=ANN, message_id="mid.$g1", body="hello", timestamp_ms=1767225600000, is_group=True
)


@pytest.fixture
def rows(database):
    """Two journal rows."""
    for _ in range(2):
        database.write(
            lambda c: c.execute(
                "INSERT INTO journal (topic, kind, payload, received_ms) VALUES ('/t_ms', 'message', '{}', 0)"
            )
        )


@pytest.fixture
def run(host, rows, plugin):
    """Runs `function` as on_message of plugin p for journal row 1."""

    def call(function, *, on=host, row_id=1, last=False, event=EVENT, others=(), name="p", pending=None):
        table = loader.build([loader.plugin_of(name, plugin(on_message=function)), *others])
        handler = table.handlers("on_message")[0]
        return on.calls.run(Call(handler, table, event, row_id, last, pending=[] if pending is None else pending))

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


def test_messages_store_changes_and_mark_are_committed_together(run, outbox, stored, database, host):
    """And the sender is told of the rows."""

    def handler(ctx, message):
        ctx.reply("one")
        ctx.send("8000000000000001", "two")
        ctx.store["seen"] = message.body
        return "three"

    result = run(handler)
    assert (result.error, result.is_over) == (None, False)
    assert outbox() == [(GROUP, "p", "one"), ("8000000000000001", "p", "two"), (GROUP, "p", "three")]
    assert stored() == {"seen": "hello"}
    assert marks(database) == ["p:on_message"]
    assert [(row.id, row.thread_id) for row in host.sent] == [(1, GROUP), (2, "8000000000000001"), (3, GROUP)]


def test_the_last_call_closes_the_row(run, database):
    """In the same commit."""
    run(lambda ctx: "one")
    assert (row_state(database), marks(database)) == ("open", ["p:on_message"])
    run(lambda ctx: "two", last=True, name="q")
    assert row_state(database) == "done"


def test_stop_closes_the_row_too(run, database):
    """After a crash no later plugin sees the event either."""
    assert run(lambda ctx: STOP).is_over
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


def test_a_shared_value_that_changed_meanwhile_runs_the_call_again(run, stored, outbox):
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


def test_a_call_that_keeps_losing_gets_a_turn_alone(run, stored, database):
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


def test_a_command_that_keeps_losing_gets_its_own_plugin_alone(run, host, stored, database):
    """It is the command's plugin whose other calls it loses to, not the router's."""
    tries = []

    def add(ctx, number):
        ctx.store["n"] = ctx.store.get("n", 0) + number

    class Counter:
        @command("count")
        def count(self, ctx):
            tries.append(ctx.store.get("n", 0))
            rival = threading.Thread(target=lambda: host.calls.run(Call(table.handlers("on_message")[0], table, EVENT)))
            rivals.append(rival)
            rival.start()
            rival.join(0.05 if len(tries) > 3 else 5)
            add(ctx, 100)

        @hookimpl
        def on_message(self, ctx):
            add(ctx, 1)

    rivals, counter = [], loader.plugin_of("counter", Counter())
    table = loader.build([counter])
    assert run(lambda ctx: Invocation(ctx.commands.find("count")), others=[counter]).error is None
    rivals[-1].join(5)
    assert (tries, stored("counter")) == ([0, 1, 2, 3], {"n": 104})


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


def test_the_api_of_a_ctx_has_no_session_functions(run, outbox, network):
    """logout and the like belong to the bot."""
    result = run(lambda ctx: ctx.api.logout())
    assert isinstance(result.error, ContextError)
    assert "the session belongs to the bot" in str(result.error)
    assert isinstance(run(lambda ctx: ctx.api.nonsense(), row_id=None).error, AttributeError)
    network.answers = ["read 7"]
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

    def sends(ctx):
        ctx.send(GROUP, "there")

    assert run(sends, event=None, row_id=None).error is None


def test_an_invocation_runs_the_command_of_its_own_plugin(run, outbox, stored, database):
    """With that plugin's store and name; both marks come with one commit, and the row is closed."""

    class Dice:
        @command("roll")
        def roll(self, ctx, sides: int = 6):
            ctx.store["sides"] = sides
            return f"rolled {sides}"

    dice = loader.plugin_of("dice", Dice())
    result = run(lambda ctx: Invocation(ctx.commands.find("roll"), (20,)), others=[dice])
    assert (result.is_over, result.error) == (True, None)
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


def texts(outbox):
    return [body for _, _, body in outbox()]


class Dice:
    """A plugin with commands."""

    @command("roll")
    def roll(self, ctx, sides: int = 6):
        return f"rolled {sides}"

    @command("reset", role="owner")
    def reset(self, ctx):
        return "done"

    @command("load")
    def load(self, ctx):
        raise CommandError("Not today.")


@pytest.fixture
def dice():
    return loader.plugin_of("dice", Dice())


@pytest.fixture
def run_command(run, dice):
    """Has plugin p ask for a command of plugin dice."""

    def call(name, arguments=(), **options):
        return run(lambda ctx: Invocation(ctx.commands.find(name), arguments), others=[dice], **options)

    return call


def fail(host, database, plugin, times):
    for _ in range(times):
        database.write(lambda c: host.breakers.failed(c, plugin, "ValueError", lost=False))


def test_a_call_that_leaves_nothing_makes_no_commit(run, database, rows):
    """Its mark goes along with the next commit; until then it may be run again without harm."""
    statements, pending = [], []
    database.write(lambda c: c.set_trace_callback(statements.append))
    statements.clear()
    run(lambda ctx: None, pending=pending)
    assert (statements, marks(database), pending) == ([], [], ["p:on_message"])
    run(lambda ctx: "hi", pending=pending, name="q")
    assert (marks(database), pending) == (["p:on_message", "q:on_message"], [])


def test_a_last_call_that_leaves_nothing_closes_the_row(run, database):
    """Without being waited for."""
    run(lambda ctx: None, last=True)
    database.write(lambda c: None)
    assert row_state(database) == "done"


def test_a_call_that_has_read_a_shared_value_is_checked_though_it_leaves_nothing(run, stored, database):
    """What it has decided on may not be so any more."""
    tries = []

    def handler(ctx):
        tries.append(ctx.store.get("n", 0))
        if len(tries) == 1:
            other = open_store(database.read, "p", None, None)
            other["n"] = 5
            changes = other.changes()
            database.write(lambda c: apply(c, changes))

    run(handler)
    assert tries == [0, 5]


def test_an_error_is_told_to_the_chat_in_one_fixed_sentence(make_host, run, outbox):
    """If the bot file has one; what the call had queued is dropped all the same."""

    def handler(ctx):
        ctx.reply("half")
        raise ValueError

    host = make_host(error_reply="Something went wrong.")
    run(handler, on=host)
    assert outbox() == [(GROUP, "p", "Something went wrong.")]
    run(handler, on=host, event=None, row_id=None)
    assert len(outbox()) == 1


def test_the_sentence_follows_messages_only(make_host, run, outbox):
    """Nobody in the chat has asked for anything when a typing handler fails."""

    def handler(ctx):
        raise ValueError

    run(handler, on=make_host(error_reply="Oh."), event=Typing(GROUP, ANN, True), row_id=None)
    assert outbox() == []


def test_a_commands_error_is_told_to_the_chat_too(make_host, run, outbox):
    """It is the command's plugin that has failed."""

    class Bad:
        @command("bad")
        def bad(self, ctx):
            raise ValueError

    bad = loader.plugin_of("bad", Bad())
    result = run(
        lambda ctx: Invocation(ctx.commands.find("bad")),
        on=make_host(error_reply="Something went wrong."),
        others=[bad],
    )
    assert result.plugin == "bad"
    assert outbox() == [(GROUP, "bad", "Something went wrong.")]


def test_a_command_says_no_by_a_command_error(run_command, outbox):
    """In the name of its plugin; the walk is over."""
    result = run_command("load")
    assert (result.error, result.is_over) == (None, True)
    assert outbox() == [(GROUP, "dice", "Not today.")]


def test_an_owners_command_is_refused_to_others(run_command, outbox):
    """Ann is an owner, Ben is not."""
    run_command("reset")
    run_command("reset", event=replace(EVENT, sender_id="100000000000003"), row_id=2)
    assert texts(outbox) == ["done", "Only an owner of this bot may do that."]


def test_a_late_command_is_not_run(run_command, outbox, database, caplog):
    """Its row says why it still stands there, and so does the log."""
    result = run_command("roll", event=replace(EVENT, is_late=True), pending=["first:on_message"])
    assert (result.error, result.is_over) == (None, True)
    assert outbox() == []
    assert database.read("SELECT state, note FROM journal WHERE id = 1") == [
        ("late", "command roll: older than answer_within")
    ]
    assert "row 1: a command is not run: command roll: older than answer_within" in caplog.text


def test_the_marks_of_a_late_row_stay(run_command, database):
    """Who asks for the command after all does not ask for what the other plugins have done already."""
    run_command("roll", event=replace(EVENT, is_late=True), pending=["first:on_message"])
    assert marks(database) == ["first:on_message"]


def test_a_paused_plugin_is_passed_over(run, host, database, outbox):
    """The event is through for it, and is counted as missed."""
    fail(host, database, "p", 5)
    pending = []
    assert run(lambda ctx: "hi", pending=pending).error is None
    assert (outbox(), pending) == ([], ["p:on_message"])
    assert host.breakers.pause_of("p").missed == 1
    run(lambda ctx: "hi", last=True)
    database.write(lambda c: None)
    assert row_state(database) == "done"


def test_five_failures_pause_a_plugin(run, host, outbox):
    """Counted in the commit of each call."""

    def handler(ctx):
        raise ValueError

    for _ in range(5):
        run(handler, row_id=None)
    assert [pause.reason for pause in host.pauses] == ["it keeps failing (ValueError)"]
    run(lambda ctx: "hi", row_id=None)
    assert outbox() == []


def test_a_call_that_leaves_nothing_is_a_success_too(run, host):
    """It ends a row of failures."""

    def handler(ctx):
        raise ValueError

    for _ in range(4):
        run(handler, row_id=None)
    run(lambda ctx: None, row_id=None)
    for _ in range(4):
        run(handler, row_id=None)
    assert host.pauses == []


def test_a_command_of_a_paused_plugin_is_passed_over(run_command, host, database, outbox):
    """It is its plugin that counts, not the router."""
    fail(host, database, "dice", 5)
    assert run_command("roll").is_over
    assert outbox() == []
    assert host.breakers.pause_of("dice").missed == 1


@pytest.mark.parametrize("name", ["roll", "load"])
def test_a_command_on_trial_that_ends_well_closes_the_breaker(run_command, host, database, clock, name):
    """Saying no is ending well."""
    fail(host, database, "dice", 5)
    clock.advance(60)
    run_command(name)
    assert host.breakers.pause_of("dice") is None


def test_who_may_not_run_a_command_is_no_trial_of_it(run_command, host, database, clock, outbox):
    """Nothing of the plugin has run."""
    fail(host, database, "dice", 5)
    clock.advance(60)
    run_command("reset", event=replace(EVENT, sender_id="100000000000003"))
    assert host.breakers.pause_of("dice") is not None
    run_command("reset", row_id=2)
    assert host.breakers.pause_of("dice") is None


def test_a_command_on_trial_is_run_again_after_a_conflict(run, host, database, clock, outbox):
    """It is still the one on trial."""

    class Counter:
        tries = 0

        @command("count")
        def count(self, ctx):
            found = ctx.store.get("n", 0)
            self.tries += 1
            if self.tries == 1:
                other = open_store(database.read, "counter", None, None)
                other["n"] = 5
                changes = other.changes()
                database.write(lambda c: apply(c, changes))
            ctx.store["n"] = found + 1
            return str(found + 1)

    fail(host, database, "counter", 5)
    clock.advance(60)
    run(lambda ctx: Invocation(ctx.commands.find("count")), others=[loader.plugin_of("counter", Counter())])
    assert texts(outbox) == ["6"]
    assert host.breakers.pause_of("counter") is None


def test_a_call_whose_outcome_cannot_be_kept_leaves_the_trial_to_the_next(run, host, database, clock):
    """Else the plugin would be paused for good."""
    fail(host, database, "p", 5)
    clock.advance(60)

    def handler(ctx):
        database.write(lambda c: c.execute("PRAGMA query_only = 1"))
        return "hi"

    with pytest.raises(StoreError):
        run(handler)
    database._writer._connection.execute("PRAGMA query_only = 0")
    assert run(lambda ctx: "hi").error is None
    assert host.breakers.pause_of("p") is None


def test_what_a_call_costs_is_counted(run, run_command, host, clock):
    """For the plugin that did the work, with its last error in one line."""

    def handler(ctx):
        clock.advance(2)
        raise ValueError

    run(handler, row_id=None)
    run(lambda ctx: None, row_id=None)
    figures = host.statistics.of("p")
    assert (figures.calls, figures.errors, figures.total_s, figures.slowest_s) == (2, 1, 2.0, 2.0)
    assert figures.last_error == f"ValueError at {__file__}:{handler.__code__.co_firstlineno + 2}"
    run_command("roll", row_id=None)
    assert (host.statistics.of("dice").calls, host.statistics.of("p").calls) == (1, 2)


def test_a_call_is_in_hand_while_it_runs(run, host, tmp_path):
    """The next process finds the row and the handler; afterwards nothing."""
    found = []
    run(lambda ctx: found.append((tmp_path / "in-hand").read_bytes()))
    assert b"p:on_message" in found[0]
    assert not any((tmp_path / "in-hand").read_bytes())


def test_a_command_is_in_hand_under_its_own_name(run, tmp_path):
    """It, and not the router, is what ends the process."""
    found = []

    class Dice:
        @command("roll")
        def roll(self, ctx):
            found.append((tmp_path / "in-hand").read_bytes())

    run(lambda ctx: Invocation(ctx.commands.find("roll")), others=[loader.plugin_of("dice", Dice())])
    assert b"dice:!roll" in found[0]


def test_its_moments_are_told_in_order(run, host, network):
    """A test ends the process at one of them."""
    network.answers = ["made"]

    def handler(ctx):
        ctx.api.create_poll("Lunch?", GROUP, ["yes"])
        return "hi"

    run(handler)
    assert host.steps == ["call begun", "call committed"]


def test_in_shadow_nothing_is_queued(make_host, run, outbox, stored, host, caplog):
    """The store's changes are kept, and what would have been sent is a line without its text."""
    caplog.set_level("INFO", logger="botkit")

    def handler(ctx):
        ctx.reply("very private")
        ctx.react("❤")
        ctx.store["seen"] = 1

    shadow = make_host(shadow=True)
    run(handler, on=shadow)
    assert (outbox(), shadow.sent, stored()) == ([], [], {"seen": 1})
    assert f"plugin p would send 12 characters in chat {GROUP}" in caplog.text
    assert f"plugin p would react in chat {GROUP}" in caplog.text
    assert "very private" not in caplog.text


def test_background_work_is_committed_with_the_call(run, host, database):
    """And told to who does it; a call that raises leaves none."""

    def handler(ctx):
        ctx.background(slow_work, 3)

    def bad(ctx):
        ctx.background(slow_work, 4)
        raise ValueError

    run(handler)
    run(bad, name="q")
    found = database.read("SELECT id, kind, payload FROM journal WHERE kind = 'work'")
    assert [row[0] for row in found] == host.work
    assert [(row[1], json.loads(row[2])["arguments"]) for row in found] == [("work", [3])]


def slow_work(number):
    """What plugins of these tests put into the background."""
    return number * 2
